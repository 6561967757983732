"""Les réponses possibles aux caractéristiques d’une personne ; les codes se gardent, les libellés se montrent."""

from django.db import models


class Situation(models.TextChoices):
    """Situation d’emploi, dans les mots du FSE+ [F]."""

    CHOMEUR = "chomeur", "Au chômage depuis moins d’un an"
    CHOMEUR_LONGUE_DUREE = "chomeur_longue_duree", "Au chômage depuis plus d’un an"
    INACTIF = "inactif", "Sans emploi, sans en chercher"
    EN_FORMATION = "en_formation", "En formation ou en études"
    EN_EMPLOI = "en_emploi", "En emploi"


class SansEmploiDepuis(models.TextChoices):
    MOINS_DE_6_MOIS = "moins_6_mois", "moins de 6 mois"
    DE_6_A_12_MOIS = "6_a_12_mois", "6 à 12 mois"
    DE_1_A_2_ANS = "1_a_2_ans", "1 à 2 ans"
    PLUS_DE_2_ANS = "plus_2_ans", "plus de 2 ans"
    JAMAIS = "jamais", "n’a jamais travaillé"


class Niveau(models.TextChoices):
    """Niveaux français de 1 à 8 ; la CITE s’en déduit (2-domaine, listes)."""

    SANS = "1", "Sans diplôme"
    BREVET = "2", "Brevet, CFG"
    CAP = "3", "CAP, BEP"
    BAC = "4", "Bac"
    BAC_2 = "5", "Bac + 2"
    BAC_3 = "6", "Licence, bac + 3 ou 4"
    BAC_5 = "7", "Master, bac + 5"
    BAC_8 = "8", "Doctorat"


class Ressources(models.TextChoices):
    """Sans l’AAH : c’est une donnée de santé, elle ne s’écrit pas ici."""

    SALAIRE = "salaire", "Salaire"
    ARE = "are", "Allocation chômage"
    ASS = "ass", "ASS"
    RSA = "rsa", "RSA"
    AUTRES = "autres", "Autres ressources"
    SANS = "sans", "Sans ressources"


class MomentPourJoindre(models.TextChoices):
    """Ce que l’on propose à la saisie ; le champ garde la phrase."""

    MATIN = "Le matin", "Le matin"
    APRES_MIDI = "L’après-midi", "L’après-midi"
    SOIR = "Après 17 h", "Après 17 h"
    SMS = "Par SMS d’abord", "Par SMS d’abord"
    MATIN_SMS = "Le matin, par SMS d’abord", "Le matin, par SMS d’abord"
    COURRIEL = "Par e-mail", "Par e-mail"
    SERVICE = "Par le service qui l’oriente", "Par le service qui l’oriente"


# Les réponses de chaque genre de caractéristique ; un genre absent d’ici se tape librement (les langues).
REPONSES = {
    "situation": Situation,
    "sans_emploi_depuis": SansEmploiDepuis,
    "niveau": Niveau,
    "ressources": Ressources,
}
