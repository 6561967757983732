"""Chaque formulaire devant un envoi hostile, cassé ou répété : une réponse, rien d’exécuté, rien de perdu (IN1)."""

import html

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.envois import ENVOIS
from tests.test_acces import ACCES

pytestmark = pytest.mark.django_db
BIBLIOTHEQUES = ("account_", "mfa_", "style")  # les formulaires d’allauth, et la page des composants
BALISE = "\"'><script>alert(1)</script>&amp;"
HOSTILES = [
    "", "x\0y", BALISE, "é" * 30_000, "9" * 5_000, "-1", "99999999999999999999", "0001-01-01", "9999-12-31",
    "pas-un-uuid", "٣", "1895-02-29", "23:59", "\u202e\u200b", "2 88 03 59 123 456 78",
]  # fmt: skip
# Les formulaires où un texte se tape à côté d’un champ qui peut être refusé.
AVEC_TEXTE = [
    "dossier:modifier", "entretiens:rendez_vous", "entretiens:demarche_nouvelle", "entretiens:detail", "entretiens:clore",
    "entretiens:signer", "entretiens:corriger", "orientations:nouvelle", "prescriptions:nouvelle",
    "prescriptions:controle", "prescriptions:avis", "prescriptions:entree", "prescriptions:renvoyer",
    "prescriptions:refuser",
]  # fmt: skip
noms = pytest.mark.parametrize("nom", ENVOIS)


def test_chaque_adresse_qui_se_poste_a_son_envoi():
    assert set(ENVOIS) == {n for n, methode in ACCES if methode == "POST" and not n.startswith(BIBLIOTHEQUES)}


@pytest.fixture
def poster(db):
    """poster(prêt, données) : la réponse ; ce que l’envoi a écrit est défait."""

    def _poster(pret, donnees):
        client = Client(raise_request_exception=True)
        client.force_login(pret.compte)
        for fichier in donnees.values():
            if hasattr(fichier, "seek"):
                fichier.seek(0)
        with transaction.atomic():
            reponse = client.post(pret.ou, donnees)
            transaction.set_rollback(True)
        return reponse

    return _poster


@noms
def test_un_envoi_complet_est_accepte(poster, nom):
    pret = ENVOIS[nom]()
    reponse = poster(pret, pret.donnees)
    assert reponse.status_code in (200, 302), reponse.content.decode()[:3000]
    if reponse.status_code == 200:
        assert "brouillon" in nom


@pytest.fixture
def repond(poster):
    """repond(prêt, données) : vérifie que la page a répondu, sans rien exécuter de ce qui lui revient."""

    def _repond(pret, donnees):
        reponse = poster(pret, donnees)
        assert reponse.status_code < 500
        assert "<script>alert(1)" not in reponse.content.decode()
        return reponse

    return _repond


@noms
def test_in1_aucune_valeur_d_aucun_champ_ne_fait_tomber_la_page(repond, nom):
    """Chaque valeur à son tour dans un champ, le reste étant bon ; puis tous les champs à la fois ; puis aucun."""
    pret = ENVOIS[nom]()
    champs = [champ for champ, valeur in pret.donnees.items() if not hasattr(valeur, "seek")]
    for rang, valeur in enumerate(HOSTILES):
        repond(pret, pret.donnees | {champs[rang % len(champs)]: valeur})
    for debut in (0, 7):
        repond(pret, {champ: HOSTILES[(debut + i) % len(HOSTILES)] for i, champ in enumerate(champs)})
    repond(pret, {})
    repond(pret, {champ: [pret.donnees[champ], BALISE] for champ in champs} | {"inconnu": BALISE, "revue-x": "y"})


@noms
def test_in1_ce_qui_ne_ressemble_a_rien_recoit_une_reponse(repond, nom):
    pret = ENVOIS[nom]()
    champs = [champ for champ, valeur in pret.donnees.items() if not hasattr(valeur, "seek")]
    textes = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    valeurs = st.one_of(
        textes, st.integers().map(str), st.dates().map(str), st.uuids().map(str), st.sampled_from(HOSTILES)
    )

    @settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({}, optional={champ: valeurs for champ in champs}))
    def envoyer(donnees):
        repond(pret, pret.donnees | donnees)

    envoyer()


@pytest.mark.parametrize("nom", AVEC_TEXTE)
def test_in1_ce_qui_est_tape_revient_echappe_quand_autre_chose_est_refuse(repond, nom):
    pret = ENVOIS[nom]()
    tapes = {champ: f"Zq{rang} <b>l’à</b> & {chr(34)}œ{chr(34)}" for rang, champ in enumerate(pret.textes)}
    page = repond(pret, pret.donnees | tapes | pret.faux).content.decode()
    for texte in tapes.values():
        assert html.escape(texte, quote=False).replace(chr(34), "&quot;") in page
    assert "<b>l’à</b>" not in page
