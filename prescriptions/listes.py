"""Les listes de la demande d’entrée : statuts, motifs, verdicts, et la table des transitions (2-domaine)."""

from django.db import models

from comptes.models import Role

CHIFFRES_DU_NUMERO = 4  # « P-2026-0318 » ; au-delà de 9 999, le numéro s’allonge


class StatutPrescription(models.TextChoices):
    ORIENTEE = "orientee", "Orientée"
    EN_INSTRUCTION = "en_instruction", "En instruction"
    A_COMPLETER = "a_completer", "À compléter"
    TRANSMISE = "transmise", "Transmise"
    A_CONTROLER = "a_controler", "Au contrôle"
    ACCORDEE = "accordee", "Accordée"
    ENTREE_ACTEE = "entree_actee", "Entrée actée"
    REFUSEE = "refusee", "Refusée"
    SANS_SUITE = "sans_suite", "Sans suite"


S = StatutPrescription
TRANSITIONS = {
    S.ORIENTEE: {S.EN_INSTRUCTION, S.SANS_SUITE},
    S.EN_INSTRUCTION: {S.TRANSMISE, S.A_CONTROLER, S.SANS_SUITE},
    S.A_COMPLETER: {S.TRANSMISE, S.A_CONTROLER, S.SANS_SUITE},
    S.TRANSMISE: {S.A_CONTROLER, S.A_COMPLETER, S.REFUSEE, S.SANS_SUITE},
    S.A_CONTROLER: {S.ACCORDEE, S.A_COMPLETER, S.REFUSEE, S.SANS_SUITE},
    S.ACCORDEE: {S.ENTREE_ACTEE, S.A_CONTROLER, S.SANS_SUITE},
    S.ENTREE_ACTEE: set(),
    S.REFUSEE: set(),
    S.SANS_SUITE: set(),
}
# À qui le tour, dans chaque état ouvert.
TOUR = {
    S.ORIENTEE: Role.CONSEILLER,
    S.EN_INSTRUCTION: Role.CONSEILLER,
    S.A_COMPLETER: Role.CONSEILLER,
    S.TRANSMISE: Role.RESPONSABLE,
    S.A_CONTROLER: Role.STATISTIQUES,
    S.ACCORDEE: Role.ANIMATION,
}
INSTRUCTION = frozenset({S.EN_INSTRUCTION, S.A_COMPLETER})
FINIES = frozenset({S.ENTREE_ACTEE, S.REFUSEE, S.SANS_SUITE})
OUVERTES = frozenset(S) - FINIES
ATTENDENT_DES_PIECES = OUVERTES - {S.ACCORDEE}


class MotifOrientation(models.TextChoices):
    REPRENDRE_PIED = "reprendre_pied", "Reprendre pied"
    CHOISIR = "choisir", "Choisir un métier"
    SE_FORMER = "se_former", "Se former"
    EMPLOI = "emploi", "Trouver un emploi"


class MoyenAccord(models.TextChoices):
    SIGNE = "signe", "Elle signe ici"
    PAPIER = "papier", "Papier signé, joint"
    VIVE_VOIX = "vive_voix", "De vive voix"


class MotifRefus(models.TextChoices):
    HORS_TERRITOIRE = "hors_territoire", "Habite hors du territoire"
    CRITERES = "criteres", "Ne répond pas aux critères"
    AUTRE_ACCOMPAGNEMENT = "autre_accompagnement", "Un autre accompagnement convient mieux"
    PROCHE_EMPLOI = "proche_emploi", "Proche de l’emploi, sans besoin d’un accompagnement renforcé"
    DROIT_TRAVAIL = "droit_travail", "Pas de droit de travailler"
    AUTRE = "autre", "Autre raison"


class MotifSansSuite(models.TextChoices):
    PAS_INTERESSE = "pas_interesse", "N’est pas intéressée"
    INJOIGNABLE = "injoignable", "Injoignable"
    DEMENAGEMENT = "demenagement", "A déménagé"
    DOUBLON = "doublon", "Demande en double"
    EMPLOI = "emploi", "A retrouvé un emploi"
    AUTRE = "autre", "Autre raison"


class Verdict(models.TextChoices):
    A_CONTROLER = "a_controler", "à contrôler"
    CONFORME = "conforme", "conforme"
    NON_CONFORME = "non_conforme", "non conforme"
    MANQUANTE = "manquante", "manquante"


class MotifPiece(models.TextChoices):
    ILLISIBLE = "illisible", "illisible"
    EXPIREE = "expiree", "expirée"
    MAUVAIS_NOM = "mauvais_nom", "pas au nom de la personne"
    INCOMPLETE = "incomplete", "incomplète"
    MAUVAISE_PIECE = "mauvaise_piece", "ce n’est pas la bonne pièce"
    ABSENTE = "absente", "absente"


class SensAvis(models.TextChoices):
    FAVORABLE = "favorable", "Avis favorable"
    RESERVE = "reserve", "Avis réservé"
    DEFAVORABLE = "defavorable", "Avis défavorable"


class MotifRetour(models.TextChoices):
    """Pourquoi une demande revient, hors pièces."""

    AVIS = "avis", "L’avis est à préciser"
    PROJET = "projet", "Le projet est à préciser"
    AUTRE_ACCOMPAGNEMENT = "autre_accompagnement", "Un autre accompagnement est en cours : lequel ?"
    COORDONNEES = "coordonnees", "Les coordonnées sont à vérifier"
    PIECES = "pieces", "Des pièces sont à fournir"
