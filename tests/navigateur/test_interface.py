"""Le cadre et les composants, à la souris, au clavier, au téléphone et sans script."""

import pytest

from comptes.models import Role
from tests.factories import UtilisateurFactory
from tests.navigateur.accessibilite import accessible

pytestmark = [pytest.mark.navigateur, pytest.mark.une_fois, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def claire():
    return UtilisateurFactory(prenom="Claire", nom="Vandamme")


def sans_debordement(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("taille", ["ordinateur", "telephone"])
def test_les_composants_sont_accessibles_et_tiennent_dans_l_ecran(ouvrir, claire, taille):
    page = ouvrir("/style/", par=claire, taille=taille)
    accessible(page)
    assert sans_debordement(page)


@pytest.mark.parametrize("taille", ["ordinateur", "telephone"])
def test_la_connexion_est_accessible_et_dit_ses_erreurs(ouvrir, taille):
    page = ouvrir("/compte/connexion/", taille=taille)
    accessible(page)
    page.get_by_label("Adresse e-mail").fill("personne@plie.example")
    page.get_by_label("Mot de passe", exact=True).fill("inconnu")
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("alert").wait_for()
    accessible(page)
    assert sans_debordement(page)


def test_le_mot_de_passe_peut_se_voir(ouvrir):
    page = ouvrir("/compte/connexion/")
    champ = page.get_by_label("Mot de passe", exact=True)
    champ.fill("secret")
    page.get_by_role("button", name="Voir").click()
    assert champ.get_attribute("type") == "text"
    page.get_by_role("button", name="Cacher").click()
    assert champ.get_attribute("type") == "password"


def test_la_barre_oblique_mene_a_la_recherche_jamais_pendant_la_saisie(ouvrir):
    page = ouvrir("/style/", par=UtilisateurFactory(role=Role.RESPONSABLE))
    page.keyboard.press("/")
    recherche = page.get_by_role("searchbox", name="Rechercher une personne")
    assert recherche.evaluate("e => e === document.activeElement")
    page.keyboard.type("vander/?c")
    assert recherche.input_value() == "vander/?c"


def test_le_point_d_interrogation_liste_les_raccourcis_et_permet_de_les_couper(ouvrir, claire):
    page = ouvrir("/style/", par=claire)
    page.keyboard.press("?")
    dialogue = page.get_by_role("dialog", name="Raccourcis de cette page")
    assert dialogue.get_by_text("Clore").is_visible()
    accessible(page)
    dialogue.get_by_label("Raccourcis d’une seule touche").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "recherche"


def test_une_confirmation_s_ouvre_en_dialogue_et_rend_la_main(ouvrir, claire):
    page = ouvrir("/style/", par=claire)
    page.get_by_text("Classer sans suite…").click()
    dialogue = page.get_by_role("dialog")
    dialogue.get_by_text("Classer la demande sans suite").wait_for()
    accessible(page)
    dialogue.get_by_role("button", name="Revenir").click()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_une_confirmation_qui_revient_avec_une_erreur_s_ouvre_une_seule_fois(ouvrir, claire):
    """Servie dépliée, elle s’ouvrait deux fois : la fenêtre s’enfermait dans la seconde, haute de 34 px."""
    page = ouvrir("/style/", par=claire)
    pli = page.locator("details[data-confirmer]", has_text="Classer sans suite…").first
    page.route(page.url, lambda route: route.fulfill(response=(r := route.fetch()), body=_depliee(r.text())))
    page.reload()
    dialogue = page.get_by_role("dialog")
    dialogue.wait_for()
    # Le navigateur annonce l’ouverture avant ou après le script : les deux ordres se valent.
    pli.evaluate("pli => pli.dispatchEvent(new Event('toggle'))")
    assert page.locator("dialog[open]").count() == 1
    assert dialogue.get_by_role("button", name="Classer sans suite", exact=True).is_visible()
    assert dialogue.bounding_box()["height"] > 120
    dialogue.get_by_role("button", name="Revenir").click()
    assert pli.get_attribute("open") is None


def _depliee(html):
    avant, apres = html.split("Classer sans suite…", 1)
    i = avant.rindex("<details")
    return avant[:i] + "<details open" + avant[i + len("<details") :] + "Classer sans suite…" + apres


def test_sans_script_le_menu_du_telephone_et_les_confirmations_s_ouvrent(ouvrir, claire):
    page = ouvrir("/style/", par=claire, taille="telephone", javascript=False)
    page.get_by_role("button", name="Ouvrir le menu").click()
    assert page.get_by_role("navigation", name="Menu principal").is_visible()
    page.get_by_role("button", name="Fermer le menu").click()
    page.get_by_text("Classer sans suite…").click()
    assert page.get_by_role("button", name="Classer sans suite", exact=True).is_visible()


def test_le_menu_du_telephone_est_accessible(ouvrir, claire):
    page = ouvrir("/style/", par=claire, taille="telephone")
    page.get_by_role("button", name="Ouvrir le menu").click()
    accessible(page)


def test_un_fichier_refuse_se_dit_sans_partir(ouvrir, claire):
    page = ouvrir("/style/", par=claire)
    champ = page.locator("#pieces_essai")
    champ.set_input_files(
        [
            {"name": "cni.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 2000},
            {"name": "lettre.exe", "mimeType": "application/octet-stream", "buffer": b"x"},
        ]
    )
    champ.set_input_files([{"name": "avis.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}])
    assert champ.evaluate("e => [...e.files].map(f => f.name)") == ["cni.jpg", "avis.pdf"]
    assert page.get_by_text("format refusé").is_visible()
    assert page.get_by_label("Type de cni.jpg").is_visible()
    page.get_by_role("button", name="Retirer cni.jpg").click()
    assert champ.evaluate("e => e.files.length") == 1
    accessible(page)


def test_une_signature_garde_son_trace_quand_l_ecran_change(ouvrir, claire):
    page = ouvrir("/style/", par=claire)
    toile = page.locator("canvas")
    toile.scroll_into_view_if_needed()
    cadre = toile.bounding_box()
    page.mouse.move(cadre["x"] + 30, cadre["y"] + 60)
    page.mouse.down()
    for pas in range(1, 12):
        page.mouse.move(cadre["x"] + 30 + 10 * pas, cadre["y"] + 60 + (20 if pas % 2 else -20))
    page.mouse.up()
    trace = page.locator("[name=signature_essai_trace]")
    pose = trace.input_value()
    assert pose.startswith("M")
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_timeout(200)
    assert trace.input_value() == pose
    page.get_by_role("button", name="Effacer").click()
    assert trace.input_value() == ""


def test_on_peut_taper_son_nom_au_lieu_de_signer(ouvrir, claire):
    page = ouvrir("/style/", par=claire)
    page.get_by_role("button", name="Taper mon nom").click()
    page.get_by_label("Nom de la personne qui signe").fill("Claire Vandamme")
    accessible(page)
    page.get_by_role("button", name="Signer à la main").click()
    assert page.locator("[name=signature_essai_nom]").input_value() == ""
