"""Qui a fait, changé et lu quoi dans un dossier : le journal, avec les valeurs d’avant et d’après pour qui peut les lire."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import ForeignKey
from django.utils import timezone
from django.utils.text import capfirst

from journal.models import Acte, Ligne
from plie.pages import apres
from plie.templatetags.interface import heure, jour_mois

PAGE = 50
LONGUEUR = 90  # caractères montrés d’une valeur
MUETS = frozenset({"id", "version"})
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

    @property
    def auteur(self):
        return self.ligne.tache or str(self.ligne.auteur)

    @property
    def quoi(self):
        return nom_du_modele(self.ligne.objet_type)

    @property
    def icone(self):
        return ICONES.get(self.ligne.acte, ("circle-dashed", "neutre"))

    @property
    def champs(self):
        """Noms français des champs touchés, quand les valeurs ne se montrent pas."""
        modele = _modele(self.ligne.objet_type)
        return [_nom(modele, c) for c in self.ligne.champs if modele and c not in MUETS and c != "*"]


def page(participant_id, *, filtre="", auteur=None, avant=None, avec_valeurs=False):
    """(traces, suite) : une page du journal de la personne, et la clé d’où reprendre (None à la fin)."""
    lignes = Ligne.objects.sur(participant_id)
    if filtre in FILTRES:
        lignes = lignes.filter(acte__in=FILTRES[filtre][1])
    if auteur:
        lignes = lignes.filter(auteur=auteur)
    if borne := avant and Ligne.objects.filter(pk=avant, participant_id=participant_id).first():
        lignes = lignes.filter(apres(["-le", "-id"], [borne.le, borne.pk]))
    trouvees = list(lignes[: PAGE + 1])
    traces = [Trace(ligne) for ligne in trouvees[:PAGE]]
    if avec_valeurs:
        _ajouter_les_valeurs(traces)
    return traces, trouvees[PAGE - 1].pk if len(trouvees) > PAGE else None


def nom_du_modele(objet_type):
    modele = _modele(objet_type)
    return str(modele._meta.verbose_name) if modele else objet_type


def _ajouter_les_valeurs(traces):
    """Rapproche chaque modification de la version que l’historique en a gardée : une requête par sorte d’objet."""
    par_modele = defaultdict(list)
    for trace in traces:
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
