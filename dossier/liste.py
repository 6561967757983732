"""La liste des participants : ce que l’adresse demande, page par page, sans compter au-delà de ce qui se montre."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import CharField, DateTimeField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from comptes.models import Role, Utilisateur
from delais.lignes import Ligne
from entretiens.models import Entretien, RendezVous
from horloges.registre import DEFINITIONS, des_dossiers
from parcours.models import Affectation, Parcours, PassageDePhase, Phase
from participants.models import Participant
from participants.recherche import chercher
from plie.historique import lire_cle
from plie.pages import PAGE, Compte, apres, inverser
from plie.requetes import SANS_LENDEMAIN, gardee

TROUVES = 200
JAMAIS = Value(datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC), DateTimeField())
TRIS = {
    "nom": ["nom", "prenom", "pk"],
    "-nom": ["-nom", "-prenom", "-pk"],
    "rdv": ["rdv_tri", "pk"],
    "-rdv": ["-rdv_tri", "-pk"],
    "recent": ["-cree_le", "-pk"],
    "-recent": ["cree_le", "pk"],
}
SITUATIONS = {"parcours": "En parcours", "candidat": "Candidats", "sorti": "Sortis"}
DELAIS = {"depasse": "Délai dépassé", "bientot": "Délai sous 14 jours"}


@dataclass(frozen=True)
class Vue:
    """Une vue toute faite : des critères qui s’écrivent dans l’adresse."""

    code: str
    nom: str
    icone: str
    criteres: dict


VUES = {
    vue.code: vue
    for vue in (
        Vue("ma_file", "Ma file active", "users", {"referent": "moi", "situation": "parcours"}),
        Vue("sans_rdv", "Sans RDV", "calendar-off", {"referent": "moi", "situation": "parcours", "rdv": "sans"}),
        Vue("pas_vus", "Pas vus à temps", "user-exclamation", {"referent": "moi", "delai": "depasse"}),
        Vue("bientot", "Délais sous 14 jours", "clock-exclamation", {"referent": "moi", "delai": "bientot"}),
        Vue("candidats", "Mes candidats", "inbox", {"referent": "moi", "situation": "candidat"}),
        Vue("tous", "Tous les dossiers", "folder-open", {}),
    )
}
SANS_PORTEFEUILLE = {
    vue.code: vue
    for vue in (
        Vue("tous", "Tous les dossiers", "folder-open", {}),
        Vue("en_parcours", "En parcours", "route", {"situation": "parcours"}),
        Vue("candidats", "Candidats", "inbox", {"situation": "candidat"}),
        Vue("sans_referent", "Sans référent", "user-off", {"referent": "sans", "situation": "candidat"}),
        Vue("sortis", "Sortis", "door-exit", {"situation": "sorti"}),
    )
}


class Filtre:
    """Les critères lus dans l’adresse ; ce qui ne se comprend pas est laissé de côté. Le texte cherché n’est jamais gardé."""

    CLES = ("referent", "antenne", "phase", "commune", "rdv", "delai", "situation")

    def __init__(self, parametres, utilisateur):
        self.utilisateur = utilisateur
        self.conseiller = utilisateur.a_role(Role.CONSEILLER)
        self.vues = VUES if self.conseiller else SANS_PORTEFEUILLE
        self.q = " ".join(parametres.get("q", "").split())[:80]
        vue = self.vues.get(parametres.get("vue", ""))
        lus = {nom: parametres.get(nom, "") for nom in self.CLES}
        if vue or not (any(lus.values()) or self.q):
            lus |= (vue or next(iter(self.vues.values()))).criteres
        self.criteres = {nom: valeur for nom, valeur in lus.items() if valeur and self._compris(nom, valeur)}
        self.tri = parametres.get("tri") if parametres.get("tri") in TRIS else "nom"
        self.apres, self.avant = lire_cle(parametres.get("apres")), lire_cle(parametres.get("avant"))
        rang = parametres.get("rang", "")
        self.rang = int(rang) if (self.apres or self.avant) and rang.isdecimal() and len(rang) < 8 else 1

    @staticmethod
    def _compris(nom, valeur):
        connus = {
            "phase": Phase.values,
            "rdv": ("sans", "avec"),
            "delai": DELAIS,
            "situation": SITUATIONS,
            "referent": ("moi", "sans"),
        }
        return valeur in connus.get(nom, ()) or (
            nom in ("referent", "antenne", "commune") and lire_cle(valeur) is not None
        )

    @property
    def portee(self):
        """Ce dont dépend la forme des requêtes ; SANS_LENDEMAIN pour un nom cherché, ou au-delà de la première page."""
        if self.q or self.apres or self.avant:
            return SANS_LENDEMAIN
        return self.utilisateur.portee, self.tri, *sorted(self.criteres.items())

    @property
    def vue_active(self):
        if self.q:
            return ""
        return next((code for code, vue in self.vues.items() if vue.criteres == self.criteres), "")

    def url(self, **changements):
        """L’adresse de la liste avec ces critères changés (None retire)."""
        valeurs = self.criteres | ({"q": self.q} if self.q else {}) | {"tri": self.tri} | changements
        if valeurs.get("tri") == "nom":
            valeurs["tri"] = None
        retenus = {nom: valeur for nom, valeur in valeurs.items() if valeur}
        return "?" + urlencode(retenus or {"vue": "tous"})

    # Les personnes

    @cached_property
    def personnes(self):
        return self.restreindre(self.criteres, self.q)

    def restreindre(self, criteres, q=""):
        """Les personnes visibles qui répondent aux critères ; les siennes sont une part de son portefeuille."""
        personnes = Participant.objects.visibles_par(self.utilisateur)
        if self.conseiller and criteres.get("referent") == "moi":
            personnes = Participant.objects.suivies_par(self.utilisateur)
        for nom, valeur in criteres.items():
            personnes = getattr(self, f"_{nom}")(personnes, valeur)
        if q:
            visibles = Participant.objects.visibles_par(self.utilisateur)
            trouves = chercher(q, par=self.utilisateur, visibles=visibles, limite=TROUVES)
            personnes = personnes.filter(pk__in=[p.pk for p in trouves])
        return personnes

    def _referent(self, personnes, valeur):
        ouvertes = Affectation.objects.filter(au=None)
        if valeur == "sans":
            return personnes.filter(~Exists(ouvertes.filter(participant=OuterRef("pk"))))
        conseiller = self.utilisateur.pk if valeur == "moi" else lire_cle(valeur)
        return personnes.filter(pk__in=ouvertes.filter(conseiller=conseiller).values("participant"))

    def _antenne(self, personnes, valeur):
        return personnes.filter(antenne=lire_cle(valeur))

    def _commune(self, personnes, valeur):
        return personnes.filter(commune=lire_cle(valeur))

    def _phase(self, personnes, valeur):
        passages = PassageDePhase.objects.filter(parcours__participant=OuterRef("pk"), au=None, phase=valeur)
        return personnes.filter(Exists(passages))

    def _rdv(self, personnes, valeur):
        a_venir = Exists(RendezVous.objects.attendus().filter(participant=OuterRef("pk")))
        return personnes.filter(a_venir if valeur == "avec" else ~a_venir)

    def _situation(self, personnes, valeur):
        parcours = Parcours.objects.filter(participant=OuterRef("pk"))
        ouvert = Exists(parcours.exclude(statut="sorti"))
        if valeur == "parcours":
            return personnes.filter(ouvert)
        if valeur == "sorti":
            return personnes.filter(~ouvert, Exists(parcours))
        return personnes.filter(~Exists(parcours))

    def _delai(self, personnes, valeur):
        bientot, condition = valeur == "bientot", Q(pk=None)
        for definition in DEFINITIONS.values():
            horloges = definition.bientot() if bientot else definition.en_retard()
            condition |= Q(Exists(horloges.filter(participant=OuterRef("pk"))))
        return personnes.filter(condition)

    # La page

    def lignes(self, cles):
        """Les personnes de la page, après ou avant les valeurs `cles` du curseur. Une requête."""
        ordre = inverser(TRIS[self.tri]) if self.avant else TRIS[self.tri]
        trouvees = _lire(self, tuple(ordre), cles and tuple(cles))
        self.encore, trouvees = len(trouvees) > PAGE, trouvees[:PAGE]
        return trouvees[::-1] if self.avant else trouvees

    def toutes(self):
        return decrire_personnes(self.personnes).order_by(*TRIS[self.tri])

    def compter(self):
        """Le total de la liste, ceux des vues d’un conseiller, et la place du curseur. Une requête."""
        (comptes,) = _compter(self)
        return comptes

    def comptes(self):
        """{nom: expression} de ce que `compter` rend."""
        visibles = Participant.objects.visibles_par(self.utilisateur)
        comptes = {"total": Compte(self.personnes)}
        for code, vue in self.vues.items() if self.conseiller else ():
            if vue.criteres.get("referent") == "moi" and "delai" not in vue.criteres:
                comptes[f"vue_{code}"] = Compte(self.restreindre(vue.criteres))
        if curseur := self.apres or self.avant:
            personne = avec_tris(visibles).filter(pk=curseur).order_by()
            for rang, champ in enumerate(TRIS[self.tri]):
                comptes[f"cle_{rang}"] = Subquery(personne.values(champ.lstrip("-"))[:1])
        return comptes

    def cles(self, comptes):
        """Les valeurs de tri de la personne du curseur, ou None si elle n’est plus visible."""
        if not (self.apres or self.avant):
            return None
        valeurs = [comptes[f"cle_{rang}"] for rang in range(len(TRIS[self.tri]))]
        return valeurs if None not in valeurs else None


@gardee()
def _lire(filtre, ordre, cles):
    personnes = decrire_personnes(filtre.personnes)
    if cles:
        personnes = personnes.filter(apres(ordre, cles))
    return personnes.order_by(*ordre)[: PAGE + 1]


@gardee()
def _compter(filtre):
    return Utilisateur.objects.filter(pk=filtre.utilisateur.pk).order_by().values(**filtre.comptes())


def avec_tris(personnes):
    rendez_vous = RendezVous.objects.attendus().filter(participant=OuterRef("pk"))
    prochain = Subquery(rendez_vous.values("debut")[:1])
    return personnes.annotate(prochain_rdv=prochain, rdv_tri=Coalesce(prochain, JAMAIS))


def decrire_personnes(personnes):
    """Ce qu’une ligne montre, hors délais."""
    referent = Affectation.objects.filter(participant=OuterRef("pk"), au=None)
    nom = Concat("conseiller__prenom", Value(" "), "conseiller__nom", output_field=CharField())
    passage = PassageDePhase.objects.filter(parcours__participant=OuterRef("pk"), au=None).order_by("-du")
    dernier = Entretien.objects.clos().filter(participant=OuterRef("pk")).order_by("-jour")
    return (
        avec_tris(personnes)
        .select_related("commune", "antenne")
        .annotate(
            referent_nom=Subquery(referent.values(n=nom)[:1]),
            phase=Subquery(passage.values("phase")[:1]),
            phase_du=Subquery(passage.values("du")[:1]),
            vu_le=Subquery(dernier.values("jour")[:1]),
        )
    )


def horloges_de(personnes):
    """{clé de la personne: {code: Ligne}} : la dernière de chaque sorte, en une requête."""
    trouvees = {}
    for valeurs in des_dossiers([p.pk for p in personnes]):
        ligne = Ligne(valeurs)
        trouvees.setdefault(ligne.participant_id, {})[ligne.code] = ligne
    return trouvees
