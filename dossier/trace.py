"""Qui a fait, changé et lu quoi dans un dossier : le journal, avec les valeurs d’avant et d’après pour qui peut les lire."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import FileField, ForeignKey
from django.utils import timezone
from django.utils.text import capfirst

from documents.production import TACHE as FABRIQUE
from dossier.trace_noms import nommer
from journal.models import Acte, Ligne
from plie.pages import apres
from plie.templatetags.interface import heure, jour_mois

PAGE = 50
LONGUEUR = 90  # caractères montrés d’une valeur
MUETS = frozenset({"id", "version", "sha256"})
TRACES = frozenset({"trace", "accord_trace"})  # un dessin ne se lit pas comme un texte
ICONES = {
    Acte.CREATION: ("plus", "ok"),
    Acte.MODIFICATION: ("pencil", "info"),
    Acte.LECTURE: ("eye", "neutre"),
    Acte.TELECHARGEMENT: ("download", "neutre"),
    Acte.EXPORT: ("file-export", "attention"),
}
FILTRES = {
    "lectures": ("Lectures", (Acte.LECTURE, Acte.TELECHARGEMENT, Acte.EXPORT)),
    "ecritures": ("Écritures", (Acte.CREATION, Acte.MODIFICATION)),
}


@dataclass
class Trace:
    ligne: Ligne
    changements: list = field(default_factory=list)
    nom: str = ""
    pareilles: list = field(default_factory=list)  # la même chose relue juste avant, le même jour

    @property
    def auteur(self):
        tache = self.ligne.tache
        if not tache:
            return str(self.ligne.auteur)
        return "Le logiciel" if "." in tache else capfirst(tache)

    @property
    def acte(self):
        return "fabrication du PDF" if self.ligne.tache == FABRIQUE else self.ligne.get_acte_display()

    @property
    def fois(self):
        return 1 + len(self.pareilles)

    @property
    def quoi(self):
        return self.nom or nom_du_modele(self.ligne.objet_type)

    @property
    def icone(self):
        return ICONES.get(self.ligne.acte, ("circle-dashed", "neutre"))

    @property
    def champs(self):
        """Noms français des champs touchés, quand les valeurs ne se montrent pas."""
        modele = _modele(self.ligne.objet_type) if self.ligne.tache != FABRIQUE else None
        return [_nom(modele, c) for c in self.ligne.champs if modele and c not in MUETS and c != "*"]


def page(participant_id, *, filtre="", auteur=None, avant=None, avec_valeurs=False):
    """(traces, suite) : une page du journal de la personne, et la clé d’où reprendre (None à la fin).

    Relire la même chose plusieurs fois de suite le même jour ne fait qu’une trace.
    """
    lignes = Ligne.objects.sur(participant_id)
    if filtre in FILTRES:
        lignes = lignes.filter(acte__in=FILTRES[filtre][1])
    if auteur:
        lignes = lignes.filter(auteur=auteur)
    if borne := avant and Ligne.objects.filter(pk=avant, participant_id=participant_id).first():
        lignes = lignes.filter(apres(["-le", "-id"], [borne.le, borne.pk]))
    trouvees = list(lignes[: PAGE + 1])
    traces = _grouper([Trace(ligne) for ligne in trouvees[:PAGE]])
    if avec_valeurs:
        _ajouter_les_valeurs(traces)
        noms = nommer(trace.ligne for trace in traces)
        for trace in traces:
            trace.nom = noms.get((trace.ligne.objet_type, trace.ligne.objet_id), "")
    return traces, trouvees[PAGE - 1].pk if len(trouvees) > PAGE else None


def _grouper(traces):
    groupees = []
    for trace in traces:
        if groupees and trace.ligne.acte == Acte.LECTURE and _lecture(groupees[-1].ligne) == _lecture(trace.ligne):
            groupees[-1].pareilles.append(trace.ligne)
        else:
            groupees.append(trace)
    return groupees


def _lecture(ligne):
    return ligne.acte, ligne.auteur_id, ligne.objet_id, ligne.motif, timezone.localdate(ligne.le)


def nom_du_modele(objet_type):
    if objet_type == "participants.participant":
        return "dossier"  # le mot des écrans ; « participant » est celui d’un parcours ouvert
    modele = _modele(objet_type)
    return str(modele._meta.verbose_name) if modele else objet_type


def _ajouter_les_valeurs(traces):
    """Rapproche chaque modification de la version que l’historique en a gardée : une requête par sorte d’objet."""
    par_modele = defaultdict(list)
    for trace in traces:
        if trace.ligne.tache == FABRIQUE:
            continue
        if trace.ligne.acte == Acte.MODIFICATION and hasattr(_modele(trace.ligne.objet_type), "history"):
            par_modele[_modele(trace.ligne.objet_type)].append(trace)
    for modele, siennes in par_modele.items():
        versions = defaultdict(list)
        cles = {trace.ligne.objet_id for trace in siennes}
        for version in modele.history.filter(id__in=cles).order_by("history_date", "history_id"):
            versions[version.id].append(version)
        for trace in siennes:
            trace.changements = _changements(modele, trace.ligne, versions[trace.ligne.objet_id])


def _changements(modele, ligne, versions):
    rang = bisect_right([v.history_date for v in versions], ligne.le) - 1
    if rang < 1:
        return []
    avant, apres = versions[rang - 1], versions[rang]
    champs = [c for c in modele._meta.concrete_fields if c.attname in ligne.champs and c.name not in MUETS]
    return [(capfirst(c.verbose_name), _valeur(c, avant), _valeur(c, apres)) for c in champs]


def _valeur(champ, version):
    valeur = getattr(version, champ.attname, None)
    if valeur in (None, "", [], {}):
        return "vide"
    if isinstance(champ, FileField):
        return "gardé"
    if isinstance(champ, ForeignKey) or champ.name in TRACES or isinstance(valeur, dict):
        return "renseigné"
    if champ.choices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if hasattr(valeur, "hour"):
        locale = timezone.localtime(valeur)
        return f"{jour_mois(locale)} à {heure(locale)}"
    if hasattr(valeur, "year"):
        return jour_mois(valeur)
    texte = ", ".join(map(str, valeur)) if isinstance(valeur, list) else str(valeur)
    return texte if len(texte) <= LONGUEUR else texte[:LONGUEUR].rstrip() + "…"


def _modele(objet_type):
    try:
        return apps.get_model(objet_type)
    except (LookupError, ValueError):
        return None


def _nom(modele, attname):
    for champ in modele._meta.concrete_fields:
        if attname in (champ.attname, champ.name):
            return str(champ.verbose_name)
    return attname
