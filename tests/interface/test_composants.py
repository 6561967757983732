"""Les règles de l’interface, vérifiées sur les fichiers : elles valent pour tous les écrans."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

from outils.icones import NOMS

RACINE = Path(settings.BASE_DIR)
GABARITS = sorted(p for p in (RACINE / "templates").rglob("*.html") if "documents" not in p.parts)
COMPOSANTS = sorted((RACINE / "templates/components").glob("*.html"))
SCRIPTS = sorted((RACINE / "static/js").glob("*.js"))
FEUILLES = sorted((RACINE / "static/css").glob("*.css"))


def chemin(fichier):
    return str(fichier.relative_to(RACINE))


@pytest.mark.parametrize("gabarit", GABARITS, ids=chemin)
def test_un_gabarit_n_a_ni_style_ni_script_dans_la_page(gabarit):
    texte = gabarit.read_text()
    assert not re.search(r"\sstyle\s*=", texte)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", texte)
    assert not re.search(r"<script(?![^>]*(?:src=|type=\"application/json\"))", texte)
    assert "<style" not in texte


@pytest.mark.parametrize("gabarit", GABARITS, ids=chemin)
def test_un_gabarit_tient_en_120_lignes(gabarit):
    assert len(gabarit.read_text().splitlines()) <= 120


@pytest.mark.parametrize("gabarit", GABARITS, ids=chemin)
def test_une_icone_citee_est_dans_le_fichier_d_icones(gabarit):
    citees = set(re.findall(r"{%\s*icone\s+[\"']([\w-]+)[\"']", gabarit.read_text()))
    assert citees <= set(NOMS)


@pytest.mark.parametrize("composant", COMPOSANTS, ids=chemin)
def test_un_composant_dit_en_tete_ce_qu_il_attend(composant):
    if composant.name != "nom_structure.html":
        assert composant.read_text().startswith("{#")


@pytest.mark.parametrize("feuille", FEUILLES, ids=chemin)
def test_une_feuille_tient_en_400_lignes_et_ne_demande_rien_a_un_tiers(feuille):
    texte = feuille.read_text()
    assert len(texte.splitlines()) <= 400
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", texte)


@pytest.mark.parametrize("script", SCRIPTS, ids=chemin)
def test_un_script_n_evalue_rien_et_ne_garde_aucun_texte_sur_le_poste(script):
    texte = script.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|\.style\.", texte)
    assert "sessionStorage" not in texte
    if script.name != "raccourcis.js":  # une préférence de clavier, rien de personnel
        assert "localStorage" not in texte


def test_chaque_icone_d_etat_existe():
    from plie.templatetags.interface import ICONE_PAR_ETAT

    assert set(ICONE_PAR_ETAT.values()) <= set(NOMS)


def test_l_erreur_500_ne_depend_ni_d_une_requete_ni_de_la_liste_des_fichiers():
    assert not re.search(r"{%|{{", (RACINE / "templates/errors/500.html").read_text())
    assert "Le logiciel n’a pas pu répondre" in render_to_string("500.html")


def test_l_annulation_d_un_message_est_un_formulaire(rf):
    html = render_to_string(
        "components/message.html",
        {"texte": "Démarche retirée.", "etat": "ok", "annuler": "/x/", "csrf_token": "jeton"},
    )
    assert '<form method="post" action="/x/">' in html
    assert "jeton" in html


def test_l_adresse_d_annulation_se_lit_dans_les_etiquettes_du_message():
    from plie.templatetags.interface import annulation

    assert annulation(Message(25, "Fait", extra_tags="autre annuler=/demarches/1/annuler/")) == "/demarches/1/annuler/"
    assert annulation(Message(25, "Fait")) == ""


@pytest.mark.django_db
def test_la_page_des_composants_se_montre_entiere(connexion, django_user_model):
    utilisateur = django_user_model.objects.create_user(
        "claire@plie.example", "demonstration", prenom="Claire", nom="V"
    )
    reponse = connexion(utilisateur).get("/style/")
    assert reponse.status_code == 200
    assert not list(get_messages(reponse.wsgi_request))
    for titre in ("Couleurs et textes", "États", "Liste avec filtres", "Signature"):
        assert titre in reponse.content.decode()


@pytest.mark.django_db
def test_la_connexion_porte_les_mots_convenus(client):
    texte = client.get("/compte/connexion/").content.decode().replace("\u00a0", " ")
    for mot in ("Adresse e-mail", "Mot de passe", "Se connecter", "Mot de passe oublié ?", "Cofinancé par"):
        assert mot in texte


@pytest.mark.django_db
def test_une_session_fermee_se_dit_avec_son_heure(client):
    session = client.session
    session["fermee_a"] = 1795433400  # 12:30 à Paris, le 23 novembre 2026
    session.save()
    assert (
        "Votre session s’est fermée à 12:30. Votre brouillon est gardé"
        in client.get("/compte/connexion/").content.decode()
    )
