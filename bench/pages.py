"""Choisit les pages à mesurer dans la base en place, compte leurs requêtes, et les imprime en JSON."""

import json
import os
import re
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")
import django  # noqa: E402

django.setup()
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from comptes.models import Utilisateur  # noqa: E402
from entretiens.models import Demarche, Entretien  # noqa: E402
from participants.models import Participant  # noqa: E402
from prescriptions.models import Prescription  # noqa: E402

CSRF = "a" * 32
SUIVANTE = re.compile(r'rel="next" href="(\?[^"]*)"')


def session(role):
    """Un client connecté sous le compte de démonstration `role`, et son cookie."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(Utilisateur.objects.get(email=f"{role}@plie.example"))
    client.cookies[settings.CSRF_COOKIE_NAME] = CSRF
    return client, "; ".join(f"{nom}={morceau.value}" for nom, morceau in client.cookies.items())


def plan():
    conseiller = Utilisateur.objects.get(email="conseiller@plie.example")
    ancien = (
        Participant.objects.filter(affectations__conseiller=conseiller, affectations__au=None)
        .annotate(n=Count("entretiens"))
        .order_by("-n")
        .first()
    )
    antenne = conseiller.attributions.first().antenne
    a_controler = Prescription.objects.filter(statut="a_controler").first()
    suivie = Prescription.objects.filter(statut="en_instruction", antenne=antenne).first() or a_controler
    brouillon = Entretien.objects.filter(conseiller=conseiller, statut="brouillon").first()
    yield "Ma journée, conseiller", "conseiller", reverse("dossier:journee"), "A4"
    yield "Ma journée, responsable", "responsable", reverse("dossier:journee"), "A4"
    yield "Ma journée, statistiques", "statistiques", reverse("dossier:journee"), "A4"
    yield "Ma journée, animation", "animation", reverse("dossier:journee"), "A4"
    yield "Recherche, un nom mal écrit", "responsable", reverse("dossier:recherche") + "?q=wandam+claire", "A4"
    yield "Recherche, un téléphone", "responsable", reverse("dossier:recherche") + "?q=06+39+98", "A4"
    yield "Participants, ma file active", "conseiller", reverse("dossier:participants"), "B2"
    yield "Participants, tous", "responsable", reverse("dossier:participants"), "B2"
    yield "Participants, dernière page", "responsable", reverse("dossier:participants"), "B2"
    yield "Dossier d’un participant", "conseiller", reverse("dossier:participant", args=[ancien.pk]), "A5"
    yield "Historique d’un dossier", "responsable", reverse("dossier:historique", args=[ancien.pk]), "A5"
    yield "File des demandes", "responsable", reverse("prescriptions:liste"), "B2"
    yield "File du contrôle", "statistiques", reverse("prescriptions:liste"), "B2"
    yield "Entrées actées, dernière page", "responsable", reverse("prescriptions:liste") + "?etat=entree_actee", "B2"
    yield "Une demande", "conseiller", reverse("prescriptions:detail", args=[suivie.pk]), "A5"
    yield "Contrôle d’une demande", "statistiques", reverse("prescriptions:controle", args=[a_controler.pk]), "A5"
    yield "Mes orientations", "prescripteur", reverse("orientations:liste"), "B2"
    yield "Orienter une personne", "prescripteur", reverse("orientations:nouvelle"), "A4"
    if brouillon:
        yield "Un entretien", "conseiller", reverse("entretiens:detail", args=[brouillon.pk]), "A5"
    yield "Délais", "responsable", reverse("delais:liste"), "B2"
    yield "Délais en cours, dernière page", "responsable", reverse("delais:liste") + "?vue=en_cours", "B2"
    yield "Alertes", "conseiller", reverse("notifications:alertes"), "B2"


def derniere_page(client, chemin):
    """L’adresse de la dernière page d’une liste, en suivant « Page suivante » ; deux cents pages au plus."""
    for _ in range(200):
        suivante = SUIVANTE.search(client.get(chemin).content.decode())
        if suivante is None:
            break
        chemin = chemin.partition("?")[0] + suivante[1].replace("&amp;", "&")
    return chemin


def main():
    pages = []
    for nom, role, chemin, objectif in plan():
        client, cookie = session(role)
        if nom.endswith("dernière page"):
            chemin = derniere_page(client, chemin)
        client.get(chemin)
        with CaptureQueriesContext(connection) as requetes:
            client.get(chemin)
        pages.append({"nom": nom, "chemin": chemin, "cookie": cookie, "objectif": objectif, "requetes": len(requetes)})
    pages.append(bascule())
    print(json.dumps(pages))


def bascule():
    """Un POST à transition, répété : une démarche réglée, avec historique et journal."""
    conseiller = Utilisateur.objects.get(email="conseiller@plie.example")
    demarche = Demarche.objects.filter(conseiller=conseiller, etat="a_faire").first()
    client, cookie = session("conseiller")
    chemin, etats = reverse("entretiens:demarche", args=[demarche.pk]), ["faite", "a_faire"]
    client.post(chemin, {"etat": etats[1]})
    with CaptureQueriesContext(connection) as requetes:
        client.post(chemin, {"etat": etats[0]})
        nombre = len(requetes)
    client.post(chemin, {"etat": etats[1]})
    return {
        "nom": "Régler une démarche (POST)",
        "chemin": chemin,
        "cookie": cookie,
        "csrf": CSRF,
        "corps": [urlencode({"etat": etat}) for etat in etats],
        "objectif": "P5",
        "requetes": nombre,
    }


if __name__ == "__main__":
    main()
