"""Vingt à la fois, sur de vraies transactions : un formulaire répété n’a qu’un effet (RE3), un texte ne se perd pas (RE1)."""

import html
import re
from collections import Counter, namedtuple

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from dossier.forms import CoordonneesForm
from entretiens.forms import CorrectionForm, EntretienForm, RendezVousForm
from entretiens.models import Entretien, RendezVous
from participants.models import Participant
from plie.administration import FormeVersionnee
from prescriptions.forms import AvecVersion, AvisForm, EntreeForm, VerdictForm
from prescriptions.models import Avis, LignePiece, Prescription
from territoire.models import Antenne
from tests.entretiens.gestes import conseillere
from tests.envois import ENVOIS, Pret
from tests.factories import AntenneFactory
from tests.parallele import en_parallele
from tests.prescriptions.dossiers import agent

pytestmark = pytest.mark.django_db(transaction=True)
VINGT = 20
METIER = [
    m for m in apps.get_models()
    if (settings.BASE_DIR / m._meta.app_label).is_dir() and m._meta.label not in ("journal.Ligne", "journal.Bloc")
]  # fmt: skip


def compter():
    """Combien de lignes chaque table métier contient, historique compris."""
    return Counter({m._meta.label: m._base_manager.count() for m in METIER})


def signe(compte):
    client = Client()
    client.force_login(compte)
    return client


def effet(avant):
    return +(compter() - avant)


def envoyer(client, pret, **champs):
    for fichier in pret.donnees.values():
        if hasattr(fichier, "seek"):
            fichier.seek(0)
    return client.post(pret.ou, pret.donnees | champs)


# Ce que ces envois font ne se compte pas en lignes : une marque de lecture ; un geste annulé, gardé par la session.
SANS_LIGNE = {"notifications:lue", "notifications:lues", "notifications:renvoyer", "prescriptions:annuler"}


@pytest.mark.parametrize("nom", [n for n in ENVOIS if n not in SANS_LIGNE])
def test_re3_le_meme_formulaire_envoye_a_plusieurs_reprises_n_a_qu_un_effet(nom):
    pret = ENVOIS[nom]()
    # Ce qui crée s’essaie à vingt ; un verbe, que sa transition protège déjà, au double clic de deux personnes.
    nombre = VINGT if "jeton" in pret.donnees else 4
    avant, clients = compter(), [signe(pret.compte) for _ in range(nombre)]
    with transaction.atomic():
        envoyer(signe(pret.compte), pret)
        un_seul = effet(avant)
        transaction.set_rollback(True)
    assert un_seul
    prets = [pret._replace(donnees={n: _copie(v) for n, v in pret.donnees.items()}) for _ in clients]
    reponses = en_parallele(nombre, lambda rang: envoyer(clients[rang], prets[rang]))
    pannes = [r for r in reponses if isinstance(r, Exception) or r.status_code >= 500]
    assert not pannes
    assert effet(avant) == un_seul


def _copie(valeur):
    if not hasattr(valeur, "seek"):
        return valeur
    valeur.seek(0)
    return type(valeur)(valeur.name, valeur.read(), content_type=valeur.content_type)


# RE1 --------------------------------------------------------------------------------------------------------------


def _fiche_d_administration():
    antenne = AntenneFactory()
    donnees = {"nom": antenne.nom, "adresse": "", "version_lue": antenne.version}
    return Pret(None, reverse("admin:territoire_antenne_change", args=[antenne.pk]), donnees)


# Chaque formulaire qui modifie : d’où il part, qui l’envoie, le texte que chacun écrit, où il s’enregistre.
# `deux` : l’écran du perdant montre les deux textes ; l’administration garde le sien et renvoie à l’historique.
Edition = namedtuple("Edition", "depart ecrivain champ modele statut deux", defaults=(409, True))
EDITIONS = {
    CoordonneesForm: Edition(ENVOIS["dossier:modifier"], Role.CONSEILLER, "joindre", Participant),
    EntretienForm: Edition(ENVOIS["entretiens:detail"], Role.CONSEILLER, "synthese", Entretien),
    CorrectionForm: Edition(ENVOIS["entretiens:corriger"], Role.CONSEILLER, "synthese", Entretien),
    RendezVousForm: Edition(ENVOIS["entretiens:deplacer"], Role.CONSEILLER, "objet", RendezVous),
    AvisForm: Edition(ENVOIS["prescriptions:avis"], Role.CONSEILLER, "motivation", Avis),
    EntreeForm: Edition(ENVOIS["prescriptions:entree"], Role.CONSEILLER, "referent_motif", Prescription),
    VerdictForm: Edition(ENVOIS["prescriptions:controle"], Role.STATISTIQUES, "accepte", LignePiece),
    FormeVersionnee: Edition(_fiche_d_administration, Role.ADMINISTRATEUR, "adresse", Antenne, 200, False),
}
SOCLES = {AvecVersion}
COLONNES = {"accepte": "accepte_a_la_place"}


def _formulaires(classe=forms.BaseForm):
    for fille in classe.__subclasses__():
        yield fille
        yield from _formulaires(fille)


def test_chaque_formulaire_qui_porte_une_version_est_essaye_a_vingt():
    admin.autodiscover()
    portent = {
        f for f in _formulaires()
        if {"version", "version_lue"} & set(getattr(f, "base_fields", ())) and not f.__module__.startswith("tests")
    }  # fmt: skip
    # Les formulaires de l’administration héritent tous du même refus.
    assert {FormeVersionnee if issubclass(f, FormeVersionnee) else f for f in portent} - SOCLES == set(EDITIONS)


@pytest.mark.parametrize("formulaire", EDITIONS, ids=lambda f: f.__name__)
def test_re1_vingt_a_la_fois_un_seul_gagne_et_chaque_perdant_a_les_deux_textes(formulaire):
    edition = EDITIONS[formulaire]
    pret = edition.depart()
    antenne = pret.compte.antenne if pret.compte else None
    auteurs = [
        conseillere(antenne, f"Prénom{n}", f"Autrice{n}") if edition.ecrivain == Role.CONSEILLER else agent(edition.ecrivain)
        for n in range(VINGT)
    ]  # fmt: skip
    clients = [signe(auteur) for auteur in auteurs]
    jetons = {"jeton": None} if "jeton" in pret.donnees else {}

    def ecrire(rang):
        propre = {nom: nouveau_jeton() for nom in jetons}
        return envoyer(clients[rang], pret, **{edition.champ: f"Texte{rang}."}, **propre)

    reponses = en_parallele(VINGT, ecrire)
    statuts = [getattr(r, "status_code", r) for r in reponses]
    assert Counter(statuts) == {302: 1, edition.statut: VINGT - 1}
    gagnant = statuts.index(302)
    colonne = COLONNES.get(edition.champ, edition.champ)
    assert edition.modele.objects.filter(**{colonne: f"Texte{gagnant}."}).count() == 1
    assert (
        not edition.modele.history.filter(**{f"{colonne}__startswith": "Texte"})
        .exclude(**{colonne: f"Texte{gagnant}."})
        .exists()
    )
    for rang, reponse in enumerate(reponses):
        page = html.unescape(re.sub("</?(ins|del|mark)>", "", reponse.content.decode()))
        assert rang == gagnant or f"Texte{rang}." in page
        assert rang == gagnant or not edition.deux or f"Texte{gagnant}." in page
