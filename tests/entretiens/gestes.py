"""Gestes des tests d’entretien : un dossier prêt, ce qu’envoie l’écran, un entretien clos jusqu’à sa synthèse."""

import datetime
import io
import uuid

import pypdf
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role
from entretiens import actions
from entretiens.cockpit import Cockpit
from entretiens.models import Entretien
from tests.factories import (
    AffectationFactory,
    EntretienFactory,
    ParcoursFactory,
    ParticipantFactory,
    UtilisateurFactory,
)

LUNDI = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.UTC)  # 9:00 à Paris
TRACE = "M60 190Q80 80 120.5 30Q130 120 150 140L400 200M96 210h.1"


def conseillere(antenne, prenom="Claire", nom="Vandamme"):
    return UtilisateurFactory(
        role=Role.CONSEILLER, antenne=antenne, prenom=prenom, nom=nom, telephone="03 53 01 00 12"
    )


def dossier(**champs):
    """Une participante en phase 1, suivie par sa conseillère."""
    participant = ParticipantFactory(prenom="Nadège", nom="Boutoille", sexe="femme", **champs)
    referente = conseillere(participant.antenne)
    AffectationFactory(participant=participant, conseiller=referente)
    ParcoursFactory(participant=participant)
    return participant, referente


def ouvert(participant=None, conseiller=None, **champs):
    """Un entretien de suivi en cours, sur un dossier prêt."""
    if participant is None:
        participant, conseiller = dossier()
    return EntretienFactory(participant=participant, conseiller=conseiller, **champs)


def envoi(entretien, **champs):
    """Ce qu’envoie l’écran d’un entretien prêt à clore ; `champs` remplace ou, à None, retire. `__` vaut un tiret."""
    donnees = {
        "jeton": str(uuid.uuid4()),
        "version": str(entretien.version),
        "objectif": "Choisir deux pistes de métier",
        "point": "Les certificats de travail sont retrouvés.",
        "synthese": "Nadège cherche un poste en journée, entre 9 h et 16 h.",
        "notes": "",
        "demarche-0-quoi": "Visiter la cuisine de l’école Jean-Bart",
        "demarche-0-qui": "personne",
        "demarche-0-pour_le": (timezone.localdate() + datetime.timedelta(11)).isoformat(),
        "rdv": "aucun",
        "sans_suite_rdv": "Elle rappellera en rentrant de vacances.",
    }
    donnees |= {nom.replace("__", "-"): valeur for nom, valeur in champs.items()}
    return {nom: valeur for nom, valeur in donnees.items() if valeur is not None}


def clore(entretien, **champs):
    """Clôt `entretien` par l’action de l’application. Rend la synthèse."""
    entretien = Entretien.objects.avec_dossier().get(pk=entretien.pk)
    donnees = envoi(entretien, **champs)
    form = Cockpit(entretien, entretien.conseiller, donnees=donnees).lier(donnees)
    assert form.is_valid(), (form.errors, form.demarches.errors)
    return actions.clore(entretien, form, par=entretien.conseiller, version=entretien.version)


def sous_les_yeux(entretien):
    """La version que montre l’écran de signature : le champ caché de ses trois formulaires."""
    return {"document": str(entretien.syntheses.values_list("document", flat=True).first())}


def creneau(jours=21, heure=14):
    """Un créneau ouvré à environ `jours` jours, dans la forme que l’écran envoie."""
    jour = timezone.localdate() + datetime.timedelta(jours)
    while jour.weekday() >= 5 or (jour.day, jour.month) in {
        (25, 12),
        (1, 1),
        (11, 11),
        (1, 5),
        (8, 5),
        (14, 7),
        (15, 8),
    }:
        jour += datetime.timedelta(1)
    return f"{jour:%Y-%m-%d}T{heure:02d}:00"


def url(nom, objet, **parametres):
    return reverse(f"entretiens:{nom}", args=[objet.pk], **parametres)


def page_numerisee(largeur=200):
    """Un PDF d’une page, comme le rend un copieur."""
    redacteur, sortie = pypdf.PdfWriter(), io.BytesIO()
    redacteur.add_blank_page(width=largeur, height=280)
    redacteur.write(sortie)
    return sortie.getvalue()


def posee(role, **champs):
    champs = {"accord": "oui", "mot": "", "trace": TRACE, "nom": ""} | champs
    return {f"{role}_{nom}": valeur for nom, valeur in champs.items() if valeur is not None}


def signer(client, entretien, donnees, **options):
    """Envoie ce que porte l’écran de signature ouvert à l’instant."""
    return client.post(url("signer", entretien), sous_les_yeux(entretien) | donnees, **options)


DEUX = posee("personne", mot="Je voudrais aussi essayer le périscolaire.") | posee("conseiller")


def saisie_de_rendez_vous(participant, **champs):
    """Ce qu’envoie l’écran où l’on pose ou déplace un rendez-vous."""
    return {
        "jeton": str(uuid.uuid4()),
        "jour": "2026-12-09",
        "heure": "14:00",
        "duree": "60",
        "moyen": "sur_place",
        "antenne": participant.antenne_id,
        "lieu": "bureau 3",
        "objet": "point d’étape",
    } | champs
