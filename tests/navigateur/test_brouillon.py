"""Ce qui se tape s’enregistre seul, et rien ne se perd quand le serveur ne répond plus (RE2).

La page et les réponses sont jouées ici : seul le script est vrai.
"""

import json

import pytest

pytestmark = [pytest.mark.navigateur, pytest.mark.une_fois, pytest.mark.django_db(transaction=True)]

PAGE = """<!doctype html><html lang="fr"><head><title>Essai</title><meta name="plie-compte" content="c1">
<meta name="plie-heure" content="10.5">
<meta name="plie-connexion" content="/compte/connexion/"><script type="module" src="/static/js/brouillon.js"></script></head>
<body><form id="f" method="post" action="/essai/envoi/" data-brouillon="/essai/brouillon/">
<input type="hidden" name="csrfmiddlewaretoken" value="ancien"><input type="hidden" name="version" value="1">
<input type="hidden" name="jeton" value="j1"><span data-brouillon-etat><span data-brouillon-texte>Rien</span></span>
<textarea name="texte" aria-label="Texte"></textarea><button>Envoyer</button></form></body></html>"""
GARDE = {"status": 200, "json": {"enregistre_a": "14:32", "version": 2}}
PANNE = {"status": 500, "body": ""}


@pytest.fixture
def essai(contexte):
    """essai() → (page, reçus, répondre) : `répondre(réponse)` fixe la réponse du serveur."""

    def _essai():
        reponse, recus = [GARDE], []
        page = contexte().new_page()

        def brouillon(route):
            recus.append({"entetes": route.request.headers, "champs": route.request.post_data})
            route.abort() if reponse[0] is None else route.fulfill(**reponse[0])

        page.route("**/essai/", lambda route: route.fulfill(body=PAGE, content_type="text/html; charset=utf-8"))
        page.route("**/essai/brouillon/", brouillon)
        page.goto("/essai/")
        return page, recus, lambda suite: reponse.__setitem__(0, suite)

    return _essai


def attendre(page, texte, delai=9000):
    page.wait_for_function(
        "t => document.querySelector('[data-brouillon-texte]').textContent.includes(t)", arg=texte, timeout=delai
    )


def test_re2_une_frappe_est_gardee_en_moins_de_cinq_secondes_et_la_version_suit(essai):
    page, recus, _ = essai()
    page.get_by_label("Texte").fill("Bonjour")
    attendre(page, "Enregistré à 14:32", 5000)
    assert "texte=Bonjour" in recus[0]["champs"]
    assert "x-plie-automatique" not in recus[0]["entetes"]
    assert page.locator("[name=version]").input_value() == "2"


def test_re2_une_panne_se_dit_et_le_texte_repart_seul_avec_le_meme_jeton(essai, incidents):
    incidents.attendre("status of 500")
    page, recus, repondre = essai()
    repondre(PANNE)
    page.get_by_label("Texte").fill("Pas perdu")
    attendre(page, "Pas encore enregistré")
    assert page.get_by_text("votre texte est gardé dans cette page").is_visible()
    repondre(GARDE)
    attendre(page, "Enregistré à 14:32")
    assert "texte=Pas+perdu" in recus[-1]["champs"]
    assert all("jeton=j1" in recu["champs"] for recu in recus)
    assert not page.get_by_role("alert").count()


def test_re2_hors_ligne_rien_ne_part_et_rien_ne_se_perd(essai, incidents):
    incidents.attendre("ERR_")
    page, recus, repondre = essai()
    repondre(None)
    page.get_by_label("Texte").fill("Dans le train")
    attendre(page, "Pas encore enregistré")
    page.get_by_role("button", name="Envoyer").click()
    assert page.url.endswith("/essai/")  # l’envoi aurait perdu le texte : il est retenu
    repondre(GARDE)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    attendre(page, "Enregistré à 14:32")


def test_re2_on_est_retenu_seulement_tant_que_ce_n_est_pas_garde(essai, incidents):
    incidents.attendre("status of 500")
    page, _, repondre = essai()
    retenus = []
    page.on("dialog", lambda dialogue: (retenus.append(dialogue.type), dialogue.dismiss()))
    page.get_by_label("Texte").click()
    page.keyboard.type("Un")
    attendre(page, "Enregistré")
    repondre(PANNE)
    page.keyboard.type(" deux")
    attendre(page, "Pas encore enregistré")
    page.evaluate("setTimeout(() => location.assign('/essai/?autre'))")
    page.wait_for_timeout(500)
    assert retenus == ["beforeunload"]
    repondre(GARDE)
    attendre(page, "Enregistré")
    page.evaluate("location.assign('about:blank')")
    page.wait_for_url("about:blank")
    assert retenus == ["beforeunload"]


def test_re2_une_session_fermee_propose_de_se_reconnecter_a_cote(essai):
    page, _, repondre = essai()
    repondre({"status": 302, "headers": {"Location": "/compte/connexion/?next=/essai/"}})
    page.get_by_label("Texte").fill("Encore là")
    lien = page.get_by_role("link", name="Se connecter dans un nouvel onglet")
    lien.wait_for()
    assert lien.get_attribute("target") == "_blank"
    assert "next=%2Fessai%2F" in lien.get_attribute("href")
    repondre(GARDE)
    attendre(page, "Enregistré à 14:32")


@pytest.mark.parametrize(("compte", "repart"), [("c1", True), ("c2", False)])
def test_re2_apres_reconnexion_le_jeton_se_renouvelle_pour_le_meme_compte_seulement(essai, incidents, compte, repart):
    incidents.attendre("status of 403")
    page, recus, repondre = essai()
    accueil = f'<meta name="plie-compte" content="{compte}"><input name="csrfmiddlewaretoken" value="neuf">'
    page.route(page.url.replace("/essai/", "/"), lambda route: route.fulfill(body=accueil, content_type="text/html"))

    def brouillon(route):
        recus.append(route.request.post_data)
        route.fulfill(**(GARDE if "=neuf" in route.request.post_data else {"status": 403, "body": ""}))

    page.route("**/essai/brouillon/", brouillon)
    page.get_by_label("Texte").fill("Revenue")
    attendre(page, "Enregistré à 14:32" if repart else "Pas encore enregistré")
    assert page.locator("[name=csrfmiddlewaretoken]").input_value() == ("neuf" if repart else "ancien")
    if not repart:
        assert page.get_by_text("Copiez-le avant de quitter").is_visible()


def test_re1_un_conflit_garde_les_deux_textes_et_mene_a_la_comparaison(essai, incidents):
    incidents.attendre("status of 409")
    page, _, repondre = essai()
    corps = json.dumps({"conflit": "/essai/versions/", "enregistre_a": "14:33"})
    repondre({"status": 409, "body": corps, "content_type": "application/json"})
    page.get_by_label("Texte").fill("À deux")
    lien = page.get_by_role("link", name="Comparer les deux versions")
    lien.wait_for()
    assert lien.get_attribute("href") == "/essai/versions/"
    attendre(page, "Enregistré à 14:33")


def test_re2_la_derniere_frappe_part_des_que_la_page_se_cache(essai):
    page, recus, _ = essai()
    page.get_by_label("Texte").fill("Dernier mot")
    with page.expect_request("**/essai/brouillon/", timeout=1000):  # sans attendre le délai ordinaire
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    attendre(page, "Enregistré")
    assert "Dernier+mot" in recus[0]["champs"]


def test_re2_deux_onglets_de_la_meme_personne_ne_se_recouvrent_pas(essai, incidents):
    incidents.attendre("status of 409")
    page, recus, repondre = essai()
    repondre({"status": 409, "json": {"ailleurs": "13:12"}})
    page.get_by_label("Texte").fill("Le mien")
    attendre(page, "Pas encore enregistré")
    assert recus[0]["entetes"]["x-plie-lu"] == "10.5"
    assert "dans un autre onglet, à 13:12" in page.get_by_role("alert").text_content()
    repondre({"status": 200, "json": {"enregistre_a": "13:14", "lu": 12.5}})
    page.get_by_role("button", name="Garder celui-ci").click()
    attendre(page, "Enregistré à 13:14")
    assert "x-plie-lu" not in recus[1]["entetes"]
    assert "texte=Le+mien" in recus[1]["champs"]
