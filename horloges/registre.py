"""Les horloges déclarées par les apps, dans leur module `horloges.py`, trouvées au démarrage."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import CharField, UUIDField, Value
from django.utils import timezone

from horloges.calcul import Etat, Mesure, etat_courant
from horloges.sql import chronometrer, limiter
from plie.instants import dans
from plie.requetes import DEPENDANCES, gardee
from reglages.lecture import paliers

BIENTOT, URGENT = 14, 7  # jours : ce que les listes appellent « sous 14 jours », et le menu « à faire »
DEFINITIONS = {}
COLONNES = (
    "participant_id",
    "objet_id",
    "debut_le",
    "fin_le",
    "abandon_le",
    "conseiller_id",
    "antenne_id",
    "limite",
    "arretes",
    "arretee",
    "echeance",
)


@dataclass(frozen=True)
class Definition:
    """Une horloge. Ses trois sources rendent un QuerySet portant participant_id, objet_id, debut_le, fin_le,
    abandon_le (dates), conseiller_id (à qui elle appartient, ou None) et antenne_id :

    `faits(participants)` : toutes celles de ces personnes (clés) ; `en_cours()` : celles qui courent ;
    `finies()` : celles qui ont abouti, ou que l’on a cessé d’attendre.
    `court` : son nom dans un graphique ; `rang` : son ordre dans les listes.
    `du_conseiller(cle, antennes)` et `de_l_antenne(cle)` : filtres (Q) qui s’appuient sur les index.
    """

    code: str
    libelle: str
    court: str
    rang: int
    reglage: str
    faits: Callable
    en_cours: Callable
    finies: Callable
    du_conseiller: Callable
    de_l_antenne: Callable

    def chronometrer(self, horloges, le=None):
        """Ajoute limite, arretes, arretee, echeance (voir horloges.sql)."""
        return chronometrer(horloges, self.code, self.reglage, le or timezone.localdate())

    def limiter(self, horloges):
        """Ajoute la seule limite, en jours."""
        return limiter(horloges, self.reglage)

    def courantes(self, le=None):
        return self.chronometrer(self.en_cours(), le)

    def avant(self, jour, le=None):
        """Celles qui courent, non arrêtées, dont l’échéance tombe le `jour` ou avant.

        La condition sur le début, nécessaire et bien moins chère, écarte d’abord presque toutes les autres.
        """
        debut = jour - datetime.timedelta(min(jours for _, jours in paliers(self.reglage)))
        return self.courantes(le).filter(debut_le__lte=debut, arretee=False, echeance__lte=jour)

    def en_retard(self):
        """Celles dont le dernier jour est passé."""
        return self.avant(dans(-1))

    def bientot(self, jours=BIENTOT):
        """Celles, encore tenables, dont le dernier jour tombe dans `jours` jours au plus."""
        return self.avant(dans(jours)).filter(echeance__gte=dans(0))

    def du_dossier(self, participants, le=None):
        return self.chronometrer(self.faits(participants), le)


def declarer(definition):
    DEFINITIONS[definition.code] = definition
    for code in sorted(DEFINITIONS, key=lambda code: DEFINITIONS[code].rang):
        DEFINITIONS[code] = DEFINITIONS.pop(code)
    return definition


def echelles():
    """Les limites successives de chaque horloge : ce que lisent les réglages quand une requête se compose."""
    return tuple(tuple(paliers(definition.reglage)) for definition in DEFINITIONS.values())


DEPENDANCES.append(echelles)


def reunir(requetes, ordre):
    """Une seule requête de valeurs pour les horloges de plusieurs définitions, dans l’ordre des champs `ordre`."""
    premiere, *autres = (requete.order_by() for requete in requetes)
    return premiere.union(*autres, all=True).order_by(*ordre) if autres else premiere.order_by(*ordre)


def en_valeurs(definition, horloges, *colonnes):
    """Les valeurs que `mesure_de` lit, avec le `code` de leur définition et d’autres colonnes."""
    return horloges.annotate(code=Value(definition.code, CharField())).values(*COLONNES, "code", *colonnes)


def des_dossiers(cles):
    """Toutes les horloges de ces personnes (clés), les plus anciennes d’abord : liste de dictionnaires. Une requête."""
    return _des_dossiers(cles=list(cles)) if cles else []


@gardee(cles=[UUIDField()])
def _des_dossiers(cles):
    return reunir([en_valeurs(d, d.du_dossier(cles)) for d in DEFINITIONS.values()], ["debut_le", "objet_id"])


def mesure_de(horloge, le=None):
    """La Mesure d’une ligne chronométrée (dict de COLONNES, ou objet qui les porte)."""
    lire = horloge.get if isinstance(horloge, dict) else lambda nom: getattr(horloge, nom)
    debut, fin, limite, arretes = lire("debut_le"), lire("fin_le"), lire("limite"), lire("arretes")
    borne = fin or lire("abandon_le") or le or timezone.localdate()
    ecoules = (borne - debut).days
    if fin and fin < debut:
        return Mesure(debut, fin, limite, ecoules, ecoules, debut + datetime.timedelta(limite), Etat.INCOHERENTE)
    echeance = None if lire("arretee") else lire("echeance")
    etat = etat_courant(fin, bool(fin or lire("abandon_le")), ecoules, limite, echeance, borne)
    return Mesure(debut, fin, limite, ecoules, ecoules - min(arretes, max(ecoules, 0)), echeance, etat)


def du_dossier(participant):
    """Toutes les horloges d’une personne : liste de (definition, ligne, Mesure), dans l’ordre de leur début."""
    return [(DEFINITIONS[ligne["code"]], ligne, mesure_de(ligne)) for ligne in des_dossiers([participant.pk])]
