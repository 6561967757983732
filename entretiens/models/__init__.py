"""Rendez-vous, entretiens, synthèses et démarches."""

from entretiens.models.demarches import Demarche, EtatDemarche, QuiFait, ReponseRevue, RevueDemarche
from entretiens.models.entretien import (
    Entretien,
    GenreEntretien,
    StatutEntretien,
    Synthese,
    premier_contact,
)
from entretiens.models.perimetre import du_portefeuille, suit
from entretiens.models.rendez_vous import PRESENCES, MoyenRendezVous, RendezVous, StatutRendezVous

__all__ = [
    "PRESENCES",
    "Demarche",
    "Entretien",
    "EtatDemarche",
    "GenreEntretien",
    "MoyenRendezVous",
    "QuiFait",
    "RendezVous",
    "ReponseRevue",
    "RevueDemarche",
    "StatutEntretien",
    "StatutRendezVous",
    "Synthese",
    "du_portefeuille",
    "premier_contact",
    "suit",
]
