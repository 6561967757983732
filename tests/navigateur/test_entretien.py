"""L’entretien dans un vrai navigateur : rien ne se perd, tout se fait au clavier, on signe à la souris."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse

from comptes.models import Brouillon
from documents.models import Document, Signature
from entretiens.models import Entretien, GenreEntretien
from tests.entretiens.gestes import clore, conseillere, creneau, dossier, envoi, ouvert, url
from tests.factories import DemarcheFactory, RendezVousFactory
from tests.navigateur.accessibilite import accessible
from tests.navigateur.conftest import TAILLES
from tests.navigateur.histoire import cliquer, cocher, signer

pytestmark = [pytest.mark.navigateur, pytest.mark.django_db(transaction=True)]

ENREGISTRE = "[data-brouillon-texte]:text-matches('^Enregistré à')"


@pytest.fixture
def entretien():
    return ouvert()


def etat(page):
    """Ce que dit « Pour clore » : {règle: faite}."""
    regles = page.locator("[data-regle]").evaluate_all(
        "l => l.map(e => [e.dataset.regle, e.hasAttribute('data-fait')])"
    )
    return dict(regles)


class TestRienNeSePerd:
    def test_ce_qui_se_tape_est_garde_en_moins_de_cinq_secondes_et_revient(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        page.get_by_label("Synthèse").fill("Elle cherche un poste en journée.")
        page.locator(ENREGISTRE).wait_for(timeout=5000)
        page.close()
        revenue = ouvrir(url("detail", entretien), par=entretien.conseiller)
        assert revenue.get_by_label("Synthèse").input_value() == "Elle cherche un poste en journée."

    def test_ouvrir_l_ecran_sans_rien_taper_ne_garde_rien(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        page.wait_for_timeout(3500)
        page.close()
        assert not Brouillon.objects.exists()

    def test_une_session_fermee_au_milieu_d_un_texte_le_dit_et_le_garde(self, ouvrir, entretien, incidents):
        incidents.attendre("status of 40")
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        page.get_by_label("Synthèse").fill("Avant la coupure.")
        page.locator(ENREGISTRE).wait_for()
        Session.objects.all().delete()
        page.get_by_label("Synthèse").fill("Avant la coupure. Et après.")
        page.get_by_text("Votre session s’est fermée").wait_for()
        assert page.get_by_label("Synthèse").input_value() == "Avant la coupure. Et après."
        revenue = ouvrir(url("detail", entretien), par=entretien.conseiller)
        assert revenue.get_by_label("Synthèse").input_value() == "Avant la coupure."
        jeton = next(c for c in revenue.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME)
        page.context.add_cookies([jeton])
        page.get_by_label("Synthèse").fill("Avant la coupure. Et après, reconnectée.")
        page.locator(ENREGISTRE).wait_for(timeout=30000)
        assert Brouillon.objects.get().contenu["synthese"] == "Avant la coupure. Et après, reconnectée."

    def test_un_nir_tape_est_signale_sans_attendre(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        page.get_by_label("Notes de travail").fill("Son n° : 2 88 03 59 123 456 78")
        page.get_by_text("ressemble à un numéro de sécurité sociale").wait_for()
        assert "123" not in Brouillon.objects.get().contenu["notes"]


@pytest.mark.une_fois
class TestConduire:
    def test_les_demarches_s_ajoutent_au_clavier_et_se_retirent(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        quoi = page.get_by_label("Nouvelle démarche")
        for texte in ("Visiter la cuisine", "Refaire le CV", "Appeler la crèche"):
            quoi.fill(texte)
            page.keyboard.press("Enter")
        liste = page.get_by_role("list", name="Démarches ajoutées")
        assert liste.get_by_role("listitem").count() == 3
        page.get_by_role("button", name="Retirer « Refaire le CV »").click()
        quoi.fill("Sans appuyer sur Entrée")
        cliquer(page, "Enregistrer", exact=True)
        entretien.refresh_from_db()
        assert [d["quoi"] for d in entretien.suites["demarches"]] == [
            "Visiter la cuisine", "Appeler la crèche", "Sans appuyer sur Entrée",
        ]  # fmt: skip

    def test_la_date_proposee_est_celle_du_prochain_rendez_vous(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        choisi = page.locator(".creneau input").nth(1)
        page.locator(".creneau label").nth(1).click()
        assert page.get_by_label("Pour le").input_value() == choisi.get_attribute("value")[:10]

    def test_pour_clore_se_tient_a_jour(self, ouvrir, entretien):
        demarche = DemarcheFactory(participant=entretien.participant)
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        assert set(etat(page).values()) == {False}
        page.get_by_label("Objectif").fill("Faire le point")
        page.get_by_label("Synthèse").fill("Deux pistes.")
        page.locator(f"[name=revue-{demarche.pk}] + label", has_text="Reconduire").click()
        assert etat(page) == {"objectif": True, "point": True, "synthese": True, "suites": True, "rdv": False}
        cocher(page, "Pas de RDV")
        assert not etat(page)["rdv"]
        page.get_by_label("Pourquoi", exact=True).fill("Elle rappellera.")
        assert etat(page)["rdv"]
        cocher(page, "Autre créneau")
        assert not etat(page)["rdv"]
        page.locator("#id_rdv_jour").fill("2030-01-15")
        page.locator("#id_rdv_heure").fill("10:00")
        assert etat(page)["rdv"]
        page.get_by_text("au-delà des 35 jours").wait_for()

    def test_revenir_a_une_phase_demande_pourquoi(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller)
        motif = page.get_by_label("Pourquoi revenir")
        assert not motif.is_visible()
        page.get_by_label("Phase", exact=True).select_option(label="Passe en Orientation")
        assert not motif.is_visible()

    def test_tout_se_fait_sans_script(self, ouvrir, entretien):
        page = ouvrir(url("detail", entretien), par=entretien.conseiller, javascript=False)
        page.get_by_label("Objectif").fill("Faire le point")
        page.get_by_label("Synthèse").fill("Deux pistes.")
        for rang, quoi in enumerate(("Une", "Deux")):
            page.locator(f"#id_demarche-{rang}-quoi").fill(quoi)
        page.get_by_role("button", name="Ajouter, et enregistrer").click()
        page.get_by_role("button", name="Retirer « Une »").click()
        page.locator("label[for=rdv-aucun]").click()
        page.get_by_label("Pourquoi", exact=True).fill("Elle rappellera.")
        page.get_by_role("button", name="Clore et faire signer").click()
        for role in ("personne", "conseiller"):
            page.locator(f"label[for=id_{role}_accord_0]").click()
            page.locator(f"#{role}-nom").fill("Nom tapé")
        page.get_by_role("button", name="Sceller et remettre").click()
        assert Document.objects.get().est_scelle
        assert [d["quoi"] for d in Entretien.objects.get().suites["demarches"]] == ["Deux"]


class TestADeux:
    def test_chacune_voit_l_autre_et_les_deux_textes_se_reunissent(self, ouvrir, incidents):
        incidents.attendre("status of 409")
        participant, claire = dossier()
        entretien = ouvert(participant, claire, synthese="Elle hésite entre deux métiers.")
        samira = conseillere(participant.antenne, "Samira", "Duhoux")
        de_claire, de_samira = (ouvrir(url("detail", entretien), par=qui) for qui in (claire, samira))
        de_samira.get_by_label("Synthèse").fill("Elle hésite entre deux métiers, à vérifier.")
        de_samira.locator(ENREGISTRE).wait_for()
        de_claire.get_by_label("Synthèse").fill("Elle hésite toujours entre deux métiers.")
        de_claire.get_by_text("Samira Duhoux modifie aussi cet entretien").wait_for()
        cliquer(de_samira, "Enregistrer", exact=True)
        cliquer(de_claire, "Enregistrer", exact=True)
        de_claire.get_by_text("Synthèse : deux versions").wait_for()
        accessible(de_claire)
        cliquer(de_claire, "Garder les deux ajouts")
        entretien.refresh_from_db()
        assert entretien.synthese == "Elle hésite toujours entre deux métiers, à vérifier."


@pytest.mark.une_fois
class TestSigner:
    def test_a_la_souris_puis_sceller(self, ouvrir, entretien):
        clore(entretien, rdv=creneau())
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        bouton = page.locator("[data-sceller-bouton]")
        assert bouton.is_disabled()
        cocher(page, "D’accord")
        signer(page, page.locator("[data-pad=personne]"))
        assert bouton.inner_text().strip() == "Garder cette signature"
        signer(page, page.locator("[data-pad=conseiller]"))
        assert bouton.inner_text().strip() == "Sceller et remettre"
        cliquer(page, "Sceller et remettre")
        page.get_by_text("Synthèse scellée").wait_for()
        assert Signature.objects.get(role="personne").trace.startswith("M")

    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "sans script"])
    def test_relire_le_texte_complet_ne_perd_rien(self, ouvrir, entretien, javascript):
        clore(entretien)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller, javascript=javascript)
        cocher(page, "Pas d’accord")
        page.get_by_label("Un mot, si je veux").fill("Je relis.")
        if javascript:
            signer(page, page.locator("[data-pad=personne]"))
        trace = page.locator("[name=personne_trace]").input_value()
        page.locator("label[for=texte-complet]").click()
        page.get_by_role("heading", name="Synthèse de l’entretien").wait_for()
        assert not page.get_by_role("heading", name="Ce que nous avons décidé").is_visible()
        accessible(page) if javascript else None
        assert page.get_by_label("Un mot, si je veux").input_value() == "Je relis."
        assert page.locator("[name=personne_accord]:checked").input_value() == "non"
        assert page.locator("[name=personne_trace]").input_value() == trace

    def test_une_signature_sans_avis_attend_et_le_dit(self, ouvrir, entretien):
        clore(entretien)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        for role in ("personne", "conseiller"):
            signer(page, page.locator(f"[data-pad={role}]"))
        assert page.locator("[data-sceller-bouton]").is_disabled()
        assert page.locator("#mq li:visible").first.inner_text() == "il manque l’avis de Mme Nadège Boutoille"
        cocher(page, "D’accord")
        assert page.locator("[data-sceller-bouton]").is_enabled()

    def test_un_refus_rend_le_trace_et_ce_qu_on_ajoute_s_y_joint(self, ouvrir, entretien, incidents):
        incidents.attendre("status of 422")
        clore(entretien)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        cocher(page, "D’accord")
        signer(page, page.locator("[data-pad=personne]"))
        page.get_by_label("Un mot, si je veux").fill("n° 2 88 03 59 123 456 78")
        cliquer(page, "Garder cette signature")
        page.get_by_text("numéro de sécurité sociale").first.wait_for()
        rendu = page.locator("[name=personne_trace]").input_value()
        assert rendu.startswith("M")
        encre = (
            "c => new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer).some(Boolean)"
        )
        assert page.locator("[data-pad=personne] canvas").evaluate(encre)
        signer(page, page.locator("[data-pad=personne]"))
        assert page.locator("[name=personne_trace]").input_value().startswith(rendu)

    def test_apres_un_refus_note_la_signature_de_l_autre_scelle_et_le_bouton_le_dit(self, ouvrir, entretien):
        clore(entretien)
        Signature.objects.get(role="personne").refuser(motif="pas_d_accord", par=entretien.conseiller)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        manques = page.locator("#mq li:visible")
        assert "Boutoille" not in " ".join(manques.all_inner_texts())
        signer(page, page.locator("[data-pad=conseiller]"))
        assert page.locator("[data-sceller-bouton]").inner_text().strip() == "Sceller et remettre"

    def test_effacer_puis_taper_son_nom(self, ouvrir, entretien):
        clore(entretien)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        pad = page.locator("[data-pad=personne]")
        cocher(page, "D’accord")
        signer(page, pad)
        pad.get_by_role("button", name="Effacer").click()
        pad.get_by_role("button", name="Taper mon nom").click()
        pad.get_by_label("Nom de la personne qui signe").fill("Nadège Boutoille")
        cliquer(page, "Garder cette signature")
        assert Signature.objects.get(role="personne").nom_tape == "Nadège Boutoille"

    def test_le_texte_s_agrandit(self, ouvrir, entretien):
        clore(entretien)
        page = ouvrir(url("signer", entretien), par=entretien.conseiller)
        page.get_by_role("button", name="Agrandir le texte").click()
        assert "feuille-grande" in page.locator("#feuille").get_attribute("class")


def ecrans():
    """Chaque écran d’entretien, avec de vraies données. Rend [(adresse, utilisateur)]."""
    participant, claire = dossier()
    clos = ouvert(participant, claire)
    clore(clos, rdv=creneau(), notes="Rappeler le CCAS.")
    DemarcheFactory(participant=participant, quoi="Une démarche au nom très long " * 6)
    ouvert_ = ouvert(participant, claire)
    premier = ouvert(participant, claire, genre=GenreEntretien.PREMIER)
    rdv = RendezVousFactory(participant=participant, conseiller=claire)
    adresses = [url(nom, clos) for nom in ("detail", "signer", "corriger")]
    adresses += [url("detail", ouvert_), url("detail", premier)]
    adresses += [
        reverse(f"entretiens:{nom}", args=[participant.pk]) for nom in ("nouveau", "rendez_vous", "demarche_nouvelle")
    ]
    adresses += [url("rendez_vous_detail", rdv), reverse("documents:verification")]
    adresses += [reverse("documents:verifier", args=[Document.objects.get().code])]
    return [(adresse, claire) for adresse in adresses]


@pytest.mark.parametrize("taille", TAILLES)
def test_chaque_ecran_est_accessible_et_ne_deborde_pas(ouvrir, taille):
    for adresse, qui in ecrans():
        page = ouvrir(adresse, par=qui, taille=taille)
        accessible(page)
        largeur = page.evaluate("document.documentElement.scrollWidth")
        assert largeur <= TAILLES[taille][0], (adresse, largeur)
        page.close()


def test_les_erreurs_sont_resumees_et_rattachees_a_leur_champ(ouvrir, entretien, incidents):
    incidents.attendre("status of 422")
    page = ouvrir(url("detail", entretien), par=entretien.conseiller)
    page.get_by_label("Synthèse").fill("n° 2 88 03 59 123 456 78")
    cliquer(page, "Enregistrer", exact=True)
    accessible(page)
    champ = page.get_by_label("Synthèse", exact=False).first
    assert champ.get_attribute("aria-invalid") == "true"
    decrit = champ.get_attribute("aria-describedby")
    assert "sécurité sociale" in page.locator(f"#{decrit.split()[-1]}").inner_text()


def test_ce_qui_s_envoie_ressemble_a_ce_que_les_tests_envoient(ouvrir, entretien):
    """Les noms de champs des tests sont ceux de la page : sinon, ils n’essaieraient rien."""
    page = ouvrir(url("detail", entretien), par=entretien.conseiller)
    noms = set(page.locator("#entretien").evaluate("f => [...f.elements].map(e => e.name)"))
    assert set(envoi(entretien)) <= noms
