"""Les délais que l’adresse demande, page par page : ceux qui courent, ceux qui sont finis."""

import datetime
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, DateField, UUIDField, Value, When
from django.utils import timezone

from comptes.models import Utilisateur
from delais.acces import finies_de, siennes
from delais.bilans import ROMPUE, TENUE, premier_mois, terminer
from delais.lignes import TOUT, Ligne, decrire
from horloges.registre import BIENTOT, DEFINITIONS, URGENT, reunir
from plie.historique import lire_cle
from plie.instants import dans
from plie.pages import PAGE, Compte, apres
from plie.requetes import gardee

LOT = 1000


@dataclass(frozen=True)
class Vue:
    code: str
    nom: str
    icone: str
    etat: str = ""

    @property
    def finie(self):
        return self.code in ("tenues", "rompues")


VUES = {
    vue.code: vue
    for vue in (
        Vue("a_tenir", "À tenir sous 14 jours", "clock-exclamation", "attention"),
        Vue("urgents", "Sous 7 jours ou en retard", "bolt", "retard"),
        Vue("en_retard", "En retard", "circle-x", "retard"),
        Vue("en_cours", "En cours", "hourglass"),
        Vue("arretees", "Arrêtées", "clock-pause"),
        Vue("tenues", "Tenues", "circle-check", "ok"),
        Vue("rompues", "Rompues", "ban"),
    )
}


class Filtre:
    """Les critères lus dans l’adresse ; ce qui ne se comprend pas est laissé de côté."""

    def __init__(self, parametres, utilisateur):
        self.utilisateur = utilisateur
        self.vue = VUES.get(parametres.get("vue", ""), VUES["a_tenir"])
        self.horloge = parametres.get("horloge") if parametres.get("horloge") in DEFINITIONS else ""
        self.antenne, self.conseiller = lire_cle(parametres.get("antenne")), lire_cle(parametres.get("conseiller"))
        self.mois = _mois(parametres.get("mois", "")) if self.vue.finie else None
        self.curseur = _curseur(parametres.get("apres", ""))
        rang = parametres.get("rang", "")
        self.rang = int(rang) if self.curseur and rang.isdecimal() and len(rang) < 8 else 1

    @cached_property
    def valeurs(self):
        valeurs = {
            "vue": self.vue.code,
            "horloge": self.horloge,
            "antenne": self.antenne,
            "conseiller": self.conseiller,
            "mois": f"{self.mois:%Y-%m}" if self.mois else "",
        }
        return {nom: str(valeur) for nom, valeur in valeurs.items() if valeur}

    def url(self, **changements):
        valeurs = {nom: valeur for nom, valeur in (self.valeurs | changements).items() if valeur}
        return "?" + urlencode(valeurs)

    @property
    def portee(self):
        """Ce dont dépend la forme des requêtes ; les valeurs du curseur n’en sont pas."""
        return self.utilisateur.portee, bool(self.curseur), *sorted(self.valeurs.items())

    @property
    def definitions(self):
        return [d for code, d in DEFINITIONS.items() if self.horloge in ("", code)]

    @property
    def ordre(self):
        return ["-terme_le", "-objet_id"] if self.vue.finie else ["echeance", "objet_id"]

    def horloges(self, definition, vue=None):
        """Le QuerySet chronométré que la vue désigne pour une définition."""
        vue = vue or self.vue
        if vue.finie:
            horloges = terminer(definition, finies_de(self.utilisateur, definition), premier_mois())
            horloges = definition.chronometrer(horloges).filter(TENUE if vue.code == "tenues" else ROMPUE)
            if self.mois:
                horloges = horloges.filter(terme_le__gte=self.mois, terme_le__lt=_mois_suivant(self.mois))
        else:
            horloges = siennes(self.utilisateur, definition, _de_la_vue(definition, vue.code))
        return self._restreindre(horloges, definition)

    def _restreindre(self, horloges, definition):
        if self.antenne:
            horloges = horloges.filter(definition.de_l_antenne(self.antenne))
        if self.conseiller:
            horloges = horloges.filter(conseiller_id=self.conseiller)
        return horloges

    def lignes(self, nombre):
        """Les `nombre` premières lignes à partir du curseur, dans l’ordre de la vue. Une requête."""
        jour, objet = self.curseur or (None, None)
        return [Ligne(valeurs) for valeurs in _premieres(self, nombre, jour=jour, objet=objet)]

    def toutes(self):
        """Toutes les lignes de la vue, lues par lots (pour l’export)."""
        return map(Ligne, self.en_valeurs().iterator(chunk_size=LOT))

    def en_valeurs(self, curseur=None):
        """Les valeurs que lit `Ligne`, à partir de `curseur` (date, clé), dans l’ordre de la vue."""
        requetes = []
        for definition in self.definitions:
            horloges = self.horloges(definition)
            if curseur:
                horloges = horloges.filter(apres(self.ordre, curseur))
            requetes.append(decrire(definition, horloges, *TOUT, *(["terme_le"] if self.vue.finie else [])))
        return reunir(requetes, self.ordre)

    def compter(self):
        """{code de vue: nombre} des vues qui courent, en une requête ; et le total d’une vue finie, en une autre."""
        nombres = Counter()
        for ligne in _urgences(self):
            nombres[ligne["urgence"]] += ligne["n"]
        totaux = {code: sum(nombres[u] for u in urgences) for code, urgences in URGENCES.items()}
        if self.vue.finie:
            (finies,) = _finies(self)
            totaux[self.vue.code] = sum(finies.values())
        return totaux

    def en_urgences(self):
        """Une ligne par horloge et par urgence, avec son nombre `n`."""
        requetes = []
        for definition in self.definitions:
            horloges = siennes(self.utilisateur, definition, definition.courantes()).annotate(
                code_=Value(definition.code, CharField()), urgence=_urgence()
            )
            horloges = self._restreindre(horloges, definition).order_by()
            requetes.append(horloges.values("code_", "urgence").annotate(n=Count("pk")))
        premiere, *autres = requetes
        return premiere.union(*autres, all=True) if autres else premiere


@gardee(jour=DateField(), objet=UUIDField())
def _premieres(filtre, nombre, jour, objet):
    return filtre.en_valeurs((jour, objet) if filtre.curseur else None)[:nombre]


@gardee()
def _urgences(filtre):
    return filtre.en_urgences()


@gardee()
def _finies(filtre):
    comptes = {d.code: Compte(filtre.horloges(d)) for d in filtre.definitions}
    return Utilisateur.objects.filter(pk=filtre.utilisateur.pk).order_by().values(**comptes)


class Page:
    def __init__(self, filtre, nombre=PAGE):
        self.filtre = filtre
        lignes = filtre.lignes(nombre + 1)
        self.encore, self.lignes = len(lignes) > nombre, lignes[:nombre]

    @property
    def suivante(self):
        if not self.encore:
            return None
        derniere, rang = self.lignes[-1], self.filtre.rang + PAGE
        date = derniere.terme_le if self.filtre.vue.finie else derniere.valeurs["echeance"]
        url = self.filtre.url(apres=f"{date.isoformat()}_{derniere.objet_id}", rang=rang)
        return {"url": url, "texte": f"Page suivante, à partir de la {rang}e"}

    @property
    def precedente(self):
        return {"url": self.filtre.url(), "texte": "Revenir au début"} if self.filtre.curseur else None


# Ce que chaque vue rassemble : une horloge qui court n’est comptée que dans une urgence.
URGENCES = {
    "a_tenir": ("sept", "quatorze"),
    "urgents": ("retard", "sept"),
    "en_retard": ("retard",),
    "en_cours": ("loin", "quatorze", "sept", "retard", "arretee"),
    "arretees": ("arretee",),
}


def _urgence():
    return Case(
        When(arretee=True, then=Value("arretee")),
        When(echeance__gt=dans(BIENTOT), then=Value("loin")),
        When(echeance__gt=dans(URGENT), then=Value("quatorze")),
        When(echeance__gte=dans(0), then=Value("sept")),
        default=Value("retard"),
        output_field=CharField(),
    )


def _de_la_vue(definition, vue):
    """Les horloges qui courent que la vue montre."""
    if vue == "a_tenir":
        return definition.bientot()
    if vue == "urgents":
        return definition.avant(dans(URGENT))
    if vue == "en_retard":
        return definition.en_retard()
    return definition.courantes().filter(arretee=True) if vue == "arretees" else definition.courantes()


def _mois(texte):
    """Le premier jour d’un des douze mois montrés, ou None : d’un autre, il n’y a rien à lire."""
    try:
        mois = datetime.date.fromisoformat(f"{texte}-01")
    except ValueError:
        return None
    return mois if premier_mois() <= mois <= timezone.localdate() else None


def _mois_suivant(mois):
    return (mois + datetime.timedelta(32)).replace(day=1)


def _curseur(texte):
    """(date, clé) d’un curseur de page, ou None."""
    date, _, objet = texte.partition("_")
    try:
        return datetime.date.fromisoformat(date), uuid.UUID(objet)
    except ValueError:
        return None
