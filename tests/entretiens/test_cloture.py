"""Clore : d’un geste, une seule fois, tout ou rien ; ce qui est figé ne suit plus rien."""

import datetime
import json

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from comptes import brouillons
from comptes.models import Brouillon
from documents import production
from documents.models import Document
from entretiens import saisie
from entretiens.models import Demarche, Entretien, GenreEntretien, RendezVous, RevueDemarche, Synthese
from parcours.models import PassageDePhase
from plie.exceptions import TransitionImpossible
from tests.documents.lecture import nombre_de_pages, texte
from tests.entretiens.gestes import clore, creneau, dossier, envoi, ouvert, url
from tests.factories import DemarcheFactory, RendezVousFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def produits(monkeypatch):
    """Les documents confiés au worker."""
    confies = []
    monkeypatch.setattr("documents.tasks.produire.apply_async", lambda args, **options: confies.append(args[0]))
    return confies


class TestClore:
    def test_un_geste_fait_tout(self, connexion, produits):
        participant, referente = dossier()
        rdv = RendezVousFactory(
            participant=participant, conseiller=referente, debut=timezone.now(), duree=45, lieu="bureau 3"
        )
        entretien = ouvert(participant, referente, rendez_vous=rdv)
        faite, reconduite, abandonnee = (DemarcheFactory(participant=participant, quoi=q) for q in ("A", "B", "C"))
        prochain = creneau()
        reponse = connexion(referente).post(
            url("clore", entretien),
            envoi(
                entretien,
                rdv=prochain,
                phase="2_orientation",
                **{
                    f"revue-{faite.pk}": "faite",
                    f"revue-{reconduite.pk}": "reconduite",
                    f"revue-{abandonnee.pk}": "abandonnee",
                },
            ),
        )
        assertRedirects(reponse, url("signer", entretien), fetch_redirect_response=False)
        entretien.refresh_from_db()
        assert entretien.est_clos
        assert RendezVous.objects.get(pk=rdv.pk).statut == "honore"
        suivant = entretien.prochain_rendez_vous
        assert f"{timezone.localtime(suivant.debut):%Y-%m-%dT%H:%M}" == prochain
        assert (suivant.duree, suivant.lieu, suivant.conseiller, suivant.antenne) == (
            45,
            "bureau 3",
            referente,
            rdv.antenne,
        )
        assert dict(Demarche.objects.values_list("quoi", "etat")) == {
            "A": "faite",
            "B": "a_faire",
            "C": "abandonnee",
            "Visiter la cuisine de l’école Jean-Bart": "a_faire",
        }
        assert Demarche.objects.get(quoi="A").reglee_le == entretien.jour
        assert RevueDemarche.objects.count() == 3
        assert PassageDePhase.objects.get(au=None).phase == "2_orientation"
        document = Synthese.objects.get(entretien=entretien, numero=1).document
        assert {(s.role, s.statut, s.utilisateur) for s in document.signatures.all()} == {
            ("personne", "a_signer", None),
            ("conseiller", "a_signer", referente),
        }
        assert produits == [str(document.pk)]

    def test_la_voie_de_signature_choisie_mene_au_bon_endroit(self, connexion, produits):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(url("clore", entretien), envoi(entretien, signature="papier"))
        assert reponse.url == url("signer", entretien) + "#papier"

    def test_un_double_clic_ne_clot_qu_une_fois(self, connexion, produits):
        entretien = ouvert()
        donnees = envoi(entretien, rdv=creneau())
        client = connexion(entretien.conseiller)
        premiere, seconde = (client.post(url("clore", entretien), donnees) for _ in range(2))
        assert premiere.url == seconde.url == url("signer", entretien)
        assert (Document.objects.count(), RendezVous.objects.count(), Demarche.objects.count()) == (1, 1, 1)

    def test_un_second_onglet_apprend_que_c_est_clos_et_ne_perd_pas_son_texte(self, connexion, produits):
        entretien = ouvert()
        donnees = envoi(entretien, synthese="Le texte du second onglet.")
        clore(entretien)
        reponse = connexion(entretien.conseiller).post(url("clore", entretien), donnees, follow=True)
        assertContains(reponse, "a été clos entre-temps")
        assertContains(reponse, "Le texte du second onglet.")
        assert Document.objects.count() == 1

    @pytest.mark.parametrize("nom", ["detail", "clore"])
    def test_clos_par_un_autre_entre_la_lecture_et_le_verrou_le_texte_reste(self, connexion, monkeypatch, nom):
        entretien = ouvert()
        client, vrai = connexion(entretien.conseiller), saisie.accorder

        def un_autre_clot(*args, **kwargs):
            monkeypatch.undo()
            clore(entretien)
            return vrai(*args, **kwargs)

        monkeypatch.setattr(saisie, "accorder", un_autre_clot)
        reponse = client.post(url(nom, entretien), envoi(entretien, synthese="Un texte long, tapé."), follow=True)
        assertContains(reponse, "a été clos entre-temps")
        assertContains(reponse, "Un texte long, tapé.")

    def test_ce_texte_garde_se_jette_d_un_clic(self, connexion, produits):
        entretien = ouvert()
        donnees = envoi(entretien, synthese="Le texte du second onglet.")
        clore(entretien)
        client = connexion(entretien.conseiller)
        client.post(url("clore", entretien), donnees)
        client.post(url("brouillon", entretien), {"oublier": "1"})
        assert not Brouillon.objects.exists()

    def test_ce_qui_manque_est_dit_et_tout_est_garde(self, connexion, produits):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(
            url("clore", entretien), envoi(entretien, synthese="", notes="À garder"), follow=True
        )
        assertContains(reponse, "Il manque pour clore : La synthèse.")
        entretien.refresh_from_db()
        assert (entretien.statut, entretien.notes, entretien.objectif) == (
            "brouillon",
            "À garder",
            "Choisir deux pistes de métier",
        )
        assert {m.objects.count() for m in (Document, Demarche)} == {0}
        assert produits == []

    def test_un_refus_a_la_derniere_etape_n_ecrit_rien_de_moitie(self, connexion, produits):
        """Revenir en arrière sans raison : refusé après le rendez-vous et les démarches, donc tout est annulé."""
        participant, referente = dossier()
        passage = PassageDePhase.objects.get()
        passage.phase = "3_competence"
        passage.enregistrer(par="test")
        entretien = ouvert(participant, referente)
        reponse = connexion(referente).post(
            url("clore", entretien), envoi(entretien, rdv=creneau(), phase="1_mobilisation"), follow=True
        )
        assertContains(reponse, "Dites pourquoi la personne revient")
        entretien.refresh_from_db()
        assert not entretien.est_clos
        assert {m.objects.count() for m in (RendezVous, Demarche, Document)} == {0}
        assert produits == []
        assert entretien.suites["phase"] == "1_mobilisation"

    def test_l_action_elle_meme_est_tout_ou_rien(self, produits):
        passage = PassageDePhase.objects.get(parcours__participant=(entretien := ouvert()).participant)
        passage.phase = "3_competence"
        passage.enregistrer(par="test")
        with pytest.raises(TransitionImpossible, match="revient"):
            clore(entretien, rdv=creneau(), phase="1_mobilisation")
        assert {m.objects.count() for m in (RendezVous, Demarche, Document)} == {0}
        assert not Entretien.objects.get().est_clos

    def test_revenir_en_arriere_avec_sa_raison(self, connexion, produits):
        participant, referente = dossier()
        passage = PassageDePhase.objects.get()
        passage.phase = "3_competence"
        passage.enregistrer(par="test")
        entretien = ouvert(participant, referente)
        connexion(referente).post(
            url("clore", entretien), envoi(entretien, phase="2_orientation", motif_phase="Le projet est à revoir.")
        )
        nouveau = PassageDePhase.objects.get(au=None)
        assert (nouveau.phase, nouveau.motif) == ("2_orientation", "Le projet est à revoir.")

    def test_le_worker_n_apprend_rien_d_une_transaction_annulee(self, produits):
        entretien = ouvert()
        with transaction.atomic():
            clore(entretien)
            transaction.set_rollback(True)
        assert produits == []
        assert not Document.objects.exists()

    def test_le_brouillon_est_jete_celui_des_autres_reste(self, connexion, produits):
        entretien = ouvert()
        brouillons.garder(entretien.conseiller, "entretien", {"synthese": "moi"}, objet_id=entretien.pk)
        autre = brouillons.garder(dossier()[1], "entretien", {"synthese": "autre"}, objet_id=entretien.pk)
        connexion(entretien.conseiller).post(url("clore", entretien), envoi(entretien))
        assert Brouillon.objects.get() == autre

    def test_un_courtier_eteint_n_empeche_pas_de_clore(self, connexion, monkeypatch):
        def panne(*args, **kwargs):
            raise OSError("courtier éteint")

        monkeypatch.setattr("documents.tasks.produire.apply_async", panne)
        entretien = ouvert()
        assert connexion(entretien.conseiller).post(url("clore", entretien), envoi(entretien)).status_code == 302
        assert Document.objects.a_produire().count() == 1

    def test_clore_refuse_get(self, connexion):
        entretien = ouvert()
        assert connexion(entretien.conseiller).get(url("clore", entretien)).status_code == 405


class TestProchainRendezVous:
    def test_un_creneau_pris_entre_temps_se_confirme(self, connexion, produits):
        entretien = ouvert()
        rdv = creneau()
        RendezVousFactory(
            conseiller=entretien.conseiller, debut=timezone.make_aware(datetime.datetime.fromisoformat(rdv))
        )
        client = connexion(entretien.conseiller)
        reponse = client.post(url("clore", entretien), envoi(entretien, rdv=rdv))
        assertContains(reponse, "a déjà un rendez-vous", status_code=422)
        assertContains(reponse, "Poser ce rendez-vous quand même", status_code=422)
        assert not Entretien.objects.get(pk=entretien.pk).est_clos
        client.post(url("clore", entretien), envoi(entretien, rdv=rdv, rdv_confirme="on"))
        assert Entretien.objects.get(pk=entretien.pk).prochain_rendez_vous is not None

    def test_un_autre_creneau_se_choisit_librement(self, connexion, produits):
        entretien = ouvert()
        jour, _, heure = creneau(40, 9).partition("T")
        connexion(entretien.conseiller).post(
            url("clore", entretien), envoi(entretien, rdv="autre", rdv_jour=jour, rdv_heure=heure)
        )
        rdv = RendezVous.objects.get()
        assert f"{timezone.localtime(rdv.debut):%Y-%m-%d %H:%M}" == f"{jour} {heure}"

    def test_autre_sans_jour_ne_suffit_pas_pour_clore(self, connexion, produits):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(
            url("clore", entretien), envoi(entretien, rdv="autre"), follow=True
        )
        assertContains(reponse, "Il manque pour clore : Le prochain rendez-vous")

    def test_pas_de_rendez_vous_demande_sa_raison_et_l_imprime(self, connexion, produits):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        reponse = client.post(url("clore", entretien), envoi(entretien, rdv="aucun", sans_suite_rdv=""), follow=True)
        assertContains(reponse, "la raison de ne pas en prendre")
        entretien.refresh_from_db()
        client.post(url("clore", entretien), envoi(entretien))
        assert Document.objects.get().contenu["document"]["sans_rdv"].startswith("Elle rappellera")


class TestFige:
    def test_ce_qui_change_apres_ne_touche_pas_le_document(self, produits):
        entretien = ouvert()
        document = clore(entretien, rdv=creneau()).document
        avant = json.dumps(document.contenu, sort_keys=True)
        entretien.refresh_from_db()
        demarche, rdv, participant = Demarche.objects.get(), entretien.prochain_rendez_vous, entretien.participant
        demarche.quoi = "Tout autre chose"
        demarche.enregistrer(par="test")
        rdv.noter("annule_structure", par=entretien.conseiller)
        participant.nom = "Changé"
        participant.enregistrer(par="test")
        entretien.synthese = "Réécrite"
        entretien.enregistrer(par="test")
        document = Document.objects.get()
        assert json.dumps(document.contenu, sort_keys=True) == avant
        imprime = texte(production.mettre_en_page(document))
        assert "Boutoille" in imprime
        assert "Réécrite" not in imprime

    @pytest.mark.parametrize(
        ("ecart", "attendue"),
        [(-3, "prochain"), (0, "prochain"), (5, "la sienne")],
        ids=["passée", "du jour", "à venir"],
    )
    def test_une_demarche_reconduite_apres_sa_date_est_pour_le_prochain_rendez_vous(self, ecart, attendue):
        """La personne n’a pas à lire « Avant le » d’un jour passé."""
        entretien = ouvert()
        pour_le = entretien.jour + datetime.timedelta(ecart)
        revue = DemarcheFactory(participant=entretien.participant, quoi="Inscrire le plus jeune", pour_le=pour_le)
        clore(entretien, rdv=creneau(21, 14), **{f"revue-{revue.pk}": "reconduite"})
        revue.refresh_from_db()
        prochain = timezone.localdate(RendezVous.objects.get(participant=entretien.participant).debut)
        assert revue.pour_le == (prochain if attendue == "prochain" else pour_le)

    def test_sans_prochain_rendez_vous_une_demarche_reconduite_perd_sa_date_passee(self):
        entretien = ouvert()
        hier = entretien.jour - datetime.timedelta(1)
        revue = DemarcheFactory(participant=entretien.participant, pour_le=hier)
        clore(entretien, **{f"revue-{revue.pk}": "reconduite"})
        revue.refresh_from_db()
        assert revue.pour_le is None

    def test_deux_mises_en_page_du_meme_contenu_ont_les_memes_octets(self, produits):
        document = clore(ouvert()).document
        assert production.mettre_en_page(document) == production.mettre_en_page(Document.objects.get())

    def test_le_pdf_dit_objectif_point_synthese_demarches_et_rendez_vous(self, produits):
        entretien = ouvert()
        revue = DemarcheFactory(participant=entretien.participant, quoi="Inscrire le plus jeune à la crèche")
        a_moi = {"demarche-1-quoi": "Appeler la crèche", "demarche-1-qui": "conseiller"}
        document = clore(entretien, rdv=creneau(21, 14), **a_moi, **{f"revue-{revue.pk}": "reconduite"}).document
        pdf = production.mettre_en_page(document)
        imprime = texte(pdf)
        for phrase in (
            "Choisir deux pistes de métier",
            "Les certificats de travail sont retrouvés.",
            "Nadège cherche un poste en journée",
            "Visiter la cuisine de l'école Jean-Bart",
            "Inscrire le plus jeune à la crèche",
            "En cours",
            "à 14 h",
            "Mme Nadège Boutoille",
            "Mme Claire Vandamme",
            "ma conseillère",
            "Cofinancé par",
            "N° 1, en présence",
            "1. Mobilisation",
        ):
            assert phrase in imprime, (phrase, imprime)
        assert nombre_de_pages(pdf) == 2

    def test_le_premier_entretien_imprime_l_information_donnee_et_le_livret(self, produits):
        entretien = ouvert(genre=GenreEntretien.PREMIER)
        faits = dict.fromkeys(("presente_structure", "presente_services", "presente_etapes", "livret_remis"), "on")
        imprime = texte(production.mettre_en_page(clore(entretien, **faits).document))
        assert "Information donnée" in imprime
        assert "le livret d'information, remis le" in imprime

    def test_les_notes_de_travail_ne_sont_ni_dans_le_contenu_ni_dans_le_pdf(self, produits):
        document = clore(ouvert(), notes="CANARI-NOTES : voir le CCAS").document
        assert "CANARI" not in json.dumps(document.contenu)
        assert "CANARI" not in texte(production.mettre_en_page(document))

    def test_un_texte_hostile_reste_du_texte(self, produits):
        entretien = ouvert()
        document = clore(entretien, synthese="<img src=file:///etc/passwd> {{ 7|add:7 }} مرحبا </p>").document
        imprime = texte(production.mettre_en_page(document))
        assert "<img src=file:///etc/passwd>" in imprime
        assert "{{ 7|add:7 }}" in imprime

    def test_un_entretien_repris_apres_coup_ne_dit_pas_d_heure_fausse(self, produits):
        hier = timezone.localdate() - datetime.timedelta(1)
        document = clore(ouvert(jour=hier), demarche__0__pour_le=None).document
        assert " de " not in document.contenu["document"]["sous_titre"].split("–")[1]
        assert document.contenu["document"]["date"] == hier.isoformat()
