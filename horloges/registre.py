"""Les horloges déclarées par les apps, dans leur module `horloges.py`, trouvées au démarrage."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from horloges.calcul import mesurer
from reglages.lecture import valeur

DEFINITIONS = {}


@dataclass(frozen=True)
class Definition:
    """Une horloge.

    `faits(participants=None)` rend un QuerySet de valeurs : participant_id, objet_id, debut, fin (None si elle court),
    conseiller_id (à qui elle appartient, ou None) et antenne_id ; `participants` restreint à ces clés.
    `en_cours()` rend le même QuerySet, limité aux horloges qui courent : c’est lui que lisent les listes et les rappels.
    """

    code: str
    libelle: str
    reglage: str
    faits: Callable
    en_cours: Callable
    lien: Callable

    @property
    def limite(self):
        return valeur(self.reglage)


def declarer(definition):
    DEFINITIONS[definition.code] = definition
    return definition


def mesurer_fait(definition, fait, arrets=(), le=None):
    """Mesure un fait rendu par `faits()` ; `arrets` : objets Arret de la personne."""
    couples = [(a.du, a.au) for a in arrets if a.horloge == definition.code]
    return mesurer(fait["debut"], fait["fin"], definition.limite, couples, le=le or timezone.localdate())


def du_dossier(participant, arrets=None):
    """Toutes les horloges d’une personne : liste de (definition, fait, Mesure), dans l’ordre de leur début."""
    arrets = list(participant.arrets.all()) if arrets is None else arrets
    mesures = [
        (definition, fait, mesurer_fait(definition, fait, arrets))
        for definition in DEFINITIONS.values()
        for fait in definition.faits([participant.pk])
    ]
    return sorted(mesures, key=lambda m: m[2].debut)
