"""L’écran du prescripteur tient en place : rien ne saute, rien n’est coupé, la console reste muette."""

import pytest

from comptes import brouillons
from participants.models import TypePiece
from prescriptions.referentiels import charger
from tests import faux_fichiers
from tests.navigateur.accessibilite import accessible
from tests.navigateur.conftest import TAILLES
from tests.prescriptions.orientations import Decor

pytestmark = [pytest.mark.navigateur, pytest.mark.une_fois, pytest.mark.django_db(transaction=True)]
PAGE = "/orientations/nouvelle/"


@pytest.fixture
def decor():
    decor = Decor()
    charger()
    return decor


def est_entier(champ):
    """Le texte du champ n’y est pas coupé."""
    return champ.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("taille", TAILLES)
def test_un_avis_d_enregistrement_se_pose_au_dessus_sans_deplacer_le_formulaire(ouvrir, decor, taille):
    page = ouvrir(PAGE, par=decor.agent, taille=taille)
    formulaire = page.locator("form.orienter")
    avant = formulaire.bounding_box()
    page.get_by_label("En une phrase, ce qu’elle attend").fill("Son n° est 1 85 05 59 183 042 77")
    avis = page.locator(".avis", has_text="numéro de sécurité sociale")
    avis.wait_for()
    assert avis.evaluate("a => a.getBoundingClientRect().top >= 0")  # on écrit plus bas : il suit la page
    page.evaluate("scrollTo(0, 0)")
    apres, pose = formulaire.bounding_box(), avis.bounding_box()
    assert (apres["x"], apres["width"]) == (avant["x"], avant["width"])
    assert pose["y"] + pose["height"] <= apres["y"]


@pytest.mark.parametrize("taille", TAILLES)
def test_une_date_en_erreur_se_lit_entiere(ouvrir, decor, taille):
    page = ouvrir(PAGE, par=decor.agent, taille=taille)
    for champ, date in (("accord_le", "25/12/2030"), ("premier_contact_le", "01/01/2030")):
        page.fill(f"[name={champ}]", date)
    page.get_by_role("button", name="Envoyer l’orientation").click()
    page.get_by_text("réponses à corriger").wait_for()
    for champ in ("accord_le", "premier_contact_le"):
        assert "is-invalid" in page.locator(f"[name={champ}]").get_attribute("class")
        assert est_entier(page.locator(f"[name={champ}]"))
    assert (
        page.get_by_text("Écrivez le code postal.").count() == page.get_by_text("Choisissez la commune.").count() == 1
    )
    accessible(page)


@pytest.mark.parametrize("taille", TAILLES)
def test_un_fichier_depose_dit_son_poids_en_ko_et_son_type_se_lit_entier(ouvrir, decor, taille):
    page = ouvrir(PAGE, par=decor.agent, taille=taille)
    fichier = {"name": "cni.pdf", "mimeType": "application/pdf", "buffer": faux_fichiers.pdf() + b"\n" * 14_000}
    page.locator("#pieces-fichiers").set_input_files(fichier)
    page.get_by_text("15 Ko").wait_for()
    menu = page.get_by_label("Type de cni.pdf")
    for nom in TypePiece.objects.filter(obligatoire=True).values_list("libelle", flat=True):
        menu.evaluate("(m, nom) => { m.value = [...m.options].find((o) => o.text === nom).value }", nom)
        assert menu.evaluate(TIENT), nom


# Un menu fermé ne déborde pas : son texte se mesure à part.
TIENT = """m => {
  const style = getComputedStyle(m), toile = document.createElement("canvas").getContext("2d");
  toile.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const place = m.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return toile.measureText(m.selectedOptions[0].text).width <= place;
}"""


def test_ce_qui_se_tape_vite_ne_laisse_rien_dans_la_console(ouvrir, decor):
    page = ouvrir(PAGE, par=decor.agent)
    for champ, valeur in (("prenom", "Coralie"), ("nom", "Delplanque"), ("naissance", "06/04/2001")):
        page.fill(f"[name={champ}]", valeur)
    with page.expect_response(lambda r: "fragment=connue" in r.url):
        page.locator("[name=telephone]").press_sequentially("0639985210", delay=110)
    with page.expect_response(lambda r: "fragment=commune" in r.url):
        page.locator("[name=code_postal]").press_sequentially("59430", delay=330)
    page.wait_for_load_state("networkidle")


def test_le_menu_du_prescripteur_tient_sur_une_ligne_par_entree(ouvrir, decor):
    page = ouvrir(PAGE, par=decor.agent)
    hauteurs = {a.inner_text(): a.bounding_box()["height"] for a in page.locator(".barre-liens a").all()}
    assert {"Orienter", "Orientations"} <= set(hauteurs)
    assert len({round(h) for h in hauteurs.values()}) == 1, hauteurs


def test_apres_un_envoi_corrige_precedent_rend_une_page_vierge(ouvrir, decor, incidents):
    """Ni « renvoyer le formulaire ? » du navigateur, ni la naissance ou l’accord de la personne d’avant."""
    incidents.attendre("status of 422")
    page = ouvrir(PAGE, par=decor.agent)
    for champ, valeur in decor.formulaire().items():
        champs = page.locator(f"[name={champ}]")
        if champ in ("motif", "accord_moyen"):
            page.locator(f"[name={champ}][value={valeur}] + label").click()
        elif champ == "commune":
            page.get_by_label("Commune", exact=True).select_option(valeur)
        elif champ not in ("jeton", "attente"):
            champs.fill(valeur)
    envoyer = page.get_by_role("button", name="Envoyer l’orientation")
    page.locator("[name=naissance]").fill("")
    envoyer.click()
    page.get_by_text("Une réponse à corriger").wait_for()
    page.locator("[name=naissance]").fill("06/04/2001")
    envoyer.click()
    page.get_by_text("Orientation envoyée").first.wait_for()
    page.go_back()
    page.get_by_role("heading", name="Orienter une personne").wait_for()
    assert [page.locator(f"[name={champ}]").input_value() for champ in ("prenom", "naissance", "code_postal")] == [
        ""
    ] * 3
    assert not page.locator("[name=motif]:checked").count()


@pytest.mark.parametrize("taille", TAILLES)
def test_un_brouillon_repris_se_recommence_d_un_clic(ouvrir, decor, taille):
    brouillons.garder(decor.agent, "orientation", {"prenom": "Coralie", "nom": "Delplanque"})
    page = ouvrir(PAGE, par=decor.agent, taille=taille)
    avis = page.locator(".avis", has_text="Brouillon pour Coralie Delplanque")
    assert avis.locator("p").bounding_box()["width"] > avis.bounding_box()["width"] / 2
    accessible(page)
    page.get_by_role("button", name="Recommencer").click()
    avis.wait_for(state="detached")
    assert page.locator("[name=prenom]").input_value() == ""
