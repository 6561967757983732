"""Les horloges déclarées par les apps, dans leur module `horloges.py`, trouvées au démarrage."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from horloges.calcul import Etat, Mesure, etat_courant
from horloges.sql import chronometrer, limiter
from reglages.lecture import paliers

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

    def du_dossier(self, participants, le=None):
        return self.chronometrer(self.faits(participants), le)


def declarer(definition):
    DEFINITIONS[definition.code] = definition
    for code in sorted(DEFINITIONS, key=lambda code: DEFINITIONS[code].rang):
        DEFINITIONS[code] = DEFINITIONS.pop(code)
    return definition


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


def du_dossier(participant, le=None):
    """Toutes les horloges d’une personne : liste de (definition, ligne, Mesure), dans l’ordre de leur début."""
    mesures = [
        (definition, ligne, mesure_de(ligne, le))
        for definition in DEFINITIONS.values()
        for ligne in definition.du_dossier([participant.pk], le).values(*COLONNES)
    ]
    return sorted(mesures, key=lambda m: m[2].debut)
