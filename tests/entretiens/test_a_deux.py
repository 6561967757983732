"""Deux personnes, deux onglets, une session fermée : les brouillons, la présence, l’écran des deux versions (RE1, RE2)."""

import datetime
import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes import brouillons
from comptes.models import Brouillon
from entretiens import actions
from entretiens.cockpit import commence_le
from entretiens.models import Entretien
from tests.entretiens.gestes import conseillere, creneau, dossier, envoi, ouvert, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_deux():
    """Un entretien, sa conseillère, et une collègue de la même antenne qui le lit aussi (référente)."""
    participant, referente = dossier()
    samira = conseillere(participant.antenne, "Samira", "Duhoux")
    return ouvert(participant, samira, synthese="Elle hésite."), samira, referente


def taper(client, entretien, **champs):
    return client.post(url("brouillon", entretien), envoi(entretien, **champs))


def sans_marques(page):
    """Le texte de la page, sans ce qui marque les différences."""
    return re.sub("</?ins>", "", page.content.decode())


class TestBrouillon:
    def test_ce_qui_se_tape_se_garde_et_dit_l_heure(self, connexion):
        entretien = ouvert()
        reponse = taper(connexion(entretien.conseiller), entretien, synthese="À moitié tapé")
        assert reponse.json()["enregistre_a"] == f"{timezone.localtime():%-H:%M}"
        entretien.refresh_from_db()
        assert (entretien.synthese, entretien.version) == ("", 1)

    def test_re2_deux_onglets_de_la_meme_conseillere_ne_se_recouvrent_pas(self, connexion, a_deux):
        entretien, moi = a_deux[0], a_deux[0].conseiller
        client, ouverte = connexion(moi), {"X-Plie-Lu": str(timezone.now().timestamp())}
        premier = client.post(url("brouillon", entretien), envoi(entretien, synthese="un"), headers=ouverte).json()
        donnees = envoi(entretien, synthese="deux")
        reponse = client.post(url("brouillon", entretien), donnees, headers=ouverte)
        assert (reponse.status_code, reponse.json()) == (409, {"ailleurs": premier["enregistre_a"]})
        assert brouillons.retrouver(moi, "entretien", entretien.pk).contenu["synthese"] == "un"
        suite = client.post(url("brouillon", entretien), donnees, headers={"X-Plie-Lu": str(premier["lu"])})
        assert suite.status_code == 200

    def test_apres_une_session_fermee_le_texte_est_la(self, client):
        entretien = ouvert()
        client.force_login(entretien.conseiller)
        long = "Un long texte. " * 300
        taper(client, entretien, synthese=long, rdv=creneau(), demarche__0__quoi="Visiter l’EHPAD")
        client.logout()
        perdu = client.post(url("detail", entretien), envoi(entretien, synthese="jamais reçu"))
        assert perdu.status_code == 302
        assert "connexion" in perdu.url
        client.force_login(entretien.conseiller)
        page = client.get(url("detail", entretien))
        assertContains(page, long.strip())
        assertContains(page, "Visiter l’EHPAD")
        assertContains(page, "Enregistré à")

    def test_une_case_decochee_reste_decochee(self, connexion):
        entretien = ouvert(genre="premier_entretien", presente_services=True)
        client = connexion(entretien.conseiller)
        taper(client, entretien)
        assert not client.get(url("detail", entretien)).context["form"]["presente_services"].value()

    def test_enregistrer_jette_le_brouillon(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        taper(client, entretien)
        client.post(url("detail", entretien), envoi(entretien))
        assert not Brouillon.objects.exists()

    def test_un_refus_garde_le_brouillon(self, connexion):
        entretien = ouvert()
        connexion(entretien.conseiller).post(
            url("detail", entretien), envoi(entretien, rdv="2020-01-02T10:00", point="Gardé")
        )
        assert Brouillon.objects.get().contenu["point"] == "Gardé"

    def test_un_nir_n_entre_pas_dans_un_brouillon_et_se_dit(self, connexion):
        entretien = ouvert()
        reponse = taper(connexion(entretien.conseiller), entretien, synthese="Elle est 2 88 03 59 123 456 78, oui")
        assert "numéro de sécurité sociale" in reponse.json()["avis"]
        assert Brouillon.objects.get().contenu["synthese"] == "Elle est [n° retiré], oui"

    def test_une_page_ouverte_ou_rien_ne_se_tape_ne_garde_rien(self, connexion):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(
            url("brouillon", entretien), envoi(entretien), headers={"X-Plie-Automatique": "1"}
        )
        assert reponse.json() == {}
        assert not Brouillon.objects.exists()

    def test_le_jeton_et_la_version_ne_sont_pas_du_contenu(self, connexion):
        entretien = ouvert()
        taper(connexion(entretien.conseiller), entretien)
        brouillon = Brouillon.objects.get()
        assert not {"jeton", "version", "csrfmiddlewaretoken"} & set(brouillon.contenu)
        assert brouillon.version_lue == 1

    def test_chacun_ne_voit_que_le_sien(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        taper(connexion(samira), entretien, synthese="Le texte de Samira")
        assertNotContains(connexion(referente).get(url("detail", entretien)), "Le texte de Samira")

    def test_un_entretien_clos_entre_temps_se_dit_des_la_frappe(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        client.post(url("clore", entretien), envoi(entretien))
        reponse = taper(client, entretien, synthese="Trop tard")
        assert (reponse.status_code, reponse.json()["conflit"]) == (409, url("detail", entretien))


class TestPresence:
    def test_qui_modifie_aussi_et_depuis_quand(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        taper(connexion(samira), entretien, synthese="Elle tape")
        depuis = f"{timezone.localtime(commence_le(Brouillon.objects.get())):%-H:%M}"
        page = connexion(referente).get(url("detail", entretien))
        assertContains(page, f"Samira Duhoux modifie aussi cet entretien depuis {depuis}.")
        assertContains(page, f"mailto:{samira.email}")

    def test_depuis_est_le_debut_pas_la_derniere_frappe(self, a_deux):
        entretien, samira, _ = a_deux
        premier = brouillons.garder(samira, actions.ECRAN, {"synthese": "a"}, objet_id=entretien.pk)
        debut = commence_le(premier)
        second = brouillons.garder(samira, actions.ECRAN, {"synthese": "ab"}, objet_id=entretien.pk)
        assert commence_le(second) == debut
        assert abs(timezone.now() - debut) < datetime.timedelta(seconds=10)

    def test_l_enregistrement_automatique_le_dit_aussi(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        taper(connexion(samira), entretien)
        assert "Samira Duhoux modifie aussi" in taper(connexion(referente), entretien).json()["avis"]

    def test_seul_personne_n_est_annonce(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        assert "avis" not in taper(client, entretien).json()
        assertNotContains(client.get(url("detail", entretien)), "modifie aussi")

    def test_une_presence_s_oublie_apres_dix_minutes(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        brouillon = brouillons.garder(samira, actions.ECRAN, {}, objet_id=entretien.pk)
        brouillon.enregistre_le = timezone.now() - datetime.timedelta(minutes=11)
        brouillon.save()
        assertNotContains(connexion(referente).get(url("detail", entretien)), "modifie aussi")


class TestConflit:
    def test_le_perdant_voit_les_deux_textes_et_ne_perd_rien(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(
            url("detail", entretien), envoi(entretien, synthese="Elle hésite, dit Samira.", objectif="")
        )
        reponse = connexion(referente).post(
            url("detail", entretien), envoi(entretien, synthese="Elle hésite, dit Claire.", objectif="Posé par Claire")
        )
        assert reponse.status_code == 409
        assertContains(reponse, "Synthèse : deux versions", status_code=409)
        assertContains(reponse, "Samira Duhoux", status_code=409)
        assertContains(reponse, "<ins>", status_code=409)
        assertContains(reponse, "Garder les deux ajouts", status_code=409)
        assertContains(reponse, "Un seul passage diffère : la synthèse.", status_code=409)
        assertContains(reponse, "Posé par Claire", status_code=409)
        assert Entretien.objects.get(pk=entretien.pk).synthese == "Elle hésite, dit Samira."
        garde = Brouillon.objects.get(utilisateur=referente).contenu
        assert garde["synthese"] == "Elle hésite, dit Claire."

    def test_sa_propre_version_d_un_autre_onglet_n_est_pas_celle_d_une_collegue(self, connexion, a_deux):
        entretien, _, referente = a_deux
        client = connexion(referente)
        client.post(url("detail", entretien), envoi(entretien, synthese="Dit dans l’autre onglet."))
        reponse = client.post(url("detail", entretien), envoi(entretien, synthese="Dit ici."))
        for phrase in ("Vous avez enregistré cet entretien dans un autre onglet", "Vous, ici", "Garder l’autre"):
            assertContains(reponse, phrase, status_code=409)
        assertNotContains(reponse, "Claire Vandamme a enregistré", status_code=409)

    def test_rien_ne_se_dit_enregistre_au_dessus_d_un_conflit_ni_d_un_refus(self, connexion, a_deux):
        entretien, _, referente = a_deux
        client = connexion(referente)
        client.post(url("detail", entretien), envoi(entretien, synthese="Dit dans l’autre onglet."))
        conflit = client.post(url("detail", entretien), envoi(entretien, synthese="Dit ici."))
        entretien.refresh_from_db()
        refus = client.post(url("detail", entretien), envoi(entretien, notes="n° 2 88 03 59 123 456 78"))
        for page in (conflit, refus):
            assert page.context["enregistre"] == "Pas encore enregistré"
        assert client.get(url("detail", entretien)).context["enregistre"].startswith("Enregistré à")

    @pytest.mark.parametrize(
        ("choix", "attendus"),
        [("deux", ["Samira", "Claire"]), ("mien", ["Claire"]), ("sien", ["Samira"])],
    )
    def test_le_choix_s_enregistre(self, connexion, a_deux, choix, attendus):
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Elle hésite, dit Samira."))
        client = connexion(referente)
        donnees = envoi(entretien, synthese="Elle hésite, dit Claire.")
        page = client.post(url("detail", entretien), donnees)
        donnees |= {
            "version": str(page.context["form"]["version"].value()),
            "conflit": page.context["noms_en_conflit"],
            "garder_synthese": choix,
        }
        assertRedirects(client.post(url("detail", entretien), donnees), url("detail", entretien))
        synthese = Entretien.objects.get(pk=entretien.pk).synthese
        assert [nom for nom in ("Samira", "Claire") if nom in synthese] == attendus

    def test_quitter_l_ecran_du_conflit_le_retrouve(self, connexion, a_deux):
        """Un enregistrement automatique depuis l’écran du conflit ne le fait pas oublier."""
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Dit par Samira."))
        client = connexion(referente)
        page = client.post(url("detail", entretien), envoi(entretien, synthese="Dit par Claire."))
        version = page.context["form"]["version"].value()
        taper(client, entretien, version=str(version), conflit="synthese", synthese="Dit par Claire.")
        retour = client.get(url("detail", entretien))
        assertContains(retour, "Synthèse : deux versions")
        assert "Dit par Samira." in sans_marques(retour)
        sans_choix = client.post(
            url("detail", entretien),
            envoi(entretien, version=str(version), conflit="synthese", synthese="Dit par Claire."),
        )
        assert sans_choix.status_code == 409
        assert Entretien.objects.get(pk=entretien.pk).synthese == "Dit par Samira."

    def test_fermer_l_onglet_du_conflit_ne_l_efface_pas(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Dit par Samira."))
        client = connexion(referente)
        client.post(url("detail", entretien), envoi(entretien, synthese="Dit par Claire."))
        retour = client.get(url("detail", entretien))
        assertContains(retour, "Synthèse : deux versions")
        assert "Dit par Samira." in sans_marques(retour)

    @pytest.mark.parametrize(
        ("choix", "attendus"), [("deux", ["Samira", "Claire"]), ("mien", ["Claire"]), ("sien", ["Samira"])]
    )
    def test_le_choix_vaut_meme_si_un_tiers_a_enregistre_autre_chose(self, connexion, a_deux, choix, attendus):
        entretien, samira, referente = a_deux
        donnees = self.conflit_puis_un_tiers(connexion, entretien, samira, referente)
        reponse = connexion(referente).post(url("detail", entretien), donnees | {"garder_synthese": choix})
        assert reponse.status_code == 302
        enregistre = Entretien.objects.get(pk=entretien.pk)
        assert [nom for nom in ("Samira", "Claire") if nom in enregistre.synthese] == attendus
        assert enregistre.objectif == "Posé par un tiers"

    def test_sans_choix_le_passage_se_redemande_meme_si_un_tiers_a_enregistre(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        donnees = self.conflit_puis_un_tiers(connexion, entretien, samira, referente)
        reponse = connexion(referente).post(url("detail", entretien), donnees)
        assertContains(reponse, "Synthèse : deux versions", status_code=409)
        assert Entretien.objects.get(pk=entretien.pk).synthese == "Elle hésite, dit Samira."

    def conflit_puis_un_tiers(self, connexion, entretien, samira, referente):
        """Claire est devant les deux versions ; Samira change encore l’objectif. Rend ce que Claire va envoyer."""
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Elle hésite, dit Samira."))
        donnees = envoi(entretien, synthese="Elle hésite, dit Claire.")
        page = connexion(referente).post(url("detail", entretien), donnees)
        version = str(page.context["form"]["version"].value())
        tiers = envoi(entretien, version=version, synthese="Elle hésite, dit Samira.", objectif="Posé par un tiers")
        assert connexion(samira).post(url("detail", entretien), tiers).status_code == 302
        return donnees | {"version": version, "conflit": page.context["noms_en_conflit"]}

    def test_un_brouillon_ancien_s_ouvre_sur_les_deux_versions(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        client = connexion(referente)
        taper(client, entretien, synthese="Tapé par Claire.")
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Enregistré par Samira."))
        page = connexion(referente).get(url("detail", entretien))
        assertContains(page, "Synthèse : deux versions")
        assert {"Tapé par Claire.", "Enregistré par Samira."} <= set(re.findall(r"\w+ par \w+\.", sans_marques(page)))

    def test_deux_passages_differents_se_reunissent_sans_rien_demander(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(
            url("detail", entretien), envoi(entretien, synthese="Par Samira.", objectif="", point="")
        )
        reponse = connexion(referente).post(
            url("detail", entretien), envoi(entretien, synthese="Elle hésite.", objectif="Par Claire", point="")
        )
        assert reponse.status_code == 302
        entretien.refresh_from_db()
        assert (entretien.objectif, entretien.synthese) == ("Par Claire", "Par Samira.")

    def test_la_frappe_apprend_qu_un_autre_a_enregistre(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien))
        reponse = taper(connexion(referente), entretien)
        assert (reponse.status_code, reponse.json()["conflit"]) == (409, url("detail", entretien))

    def test_clore_sur_une_version_ancienne_montre_aussi_les_deux_textes(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="Par Samira."))
        reponse = connexion(referente).post(url("clore", entretien), envoi(entretien, synthese="Par Claire."))
        assertContains(reponse, "deux versions", status_code=409)
        assert not Entretien.objects.get(pk=entretien.pk).est_clos

    def test_un_texte_de_script_dans_une_version_reste_du_texte(self, connexion, a_deux):
        entretien, samira, referente = a_deux
        connexion(samira).post(url("detail", entretien), envoi(entretien, synthese="<script>alert(1)</script> Samira"))
        reponse = connexion(referente).post(url("detail", entretien), envoi(entretien, synthese="<b>Claire</b>"))
        assertNotContains(reponse, "<script>alert", status_code=409)
        assertNotContains(reponse, "<b>Claire", status_code=409)
