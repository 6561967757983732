"""Poser un rendez-vous, ce qui fait hésiter, ce qu’il devient, l’invitation."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes.models import Role
from documents.models import Document
from entretiens import creneaux
from entretiens.models import Entretien, RendezVous, StatutRendezVous
from plie.exceptions import TransitionImpossible
from plie.instants import a
from reglages.lecture import valeur
from tests.documents.lecture import texte
from tests.entretiens.gestes import LUNDI, conseillere, dossier, saisie_de_rendez_vous, url
from tests.factories import AntenneFactory, EntretienFactory, RendezVousFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("lundi")
class TestPoser:
    def test_un_rendez_vous_se_pose_et_se_montre(self, connexion):
        participant, referente = dossier()
        reponse = connexion(referente).post(url("rendez_vous", participant), saisie_de_rendez_vous(participant))
        rdv = RendezVous.objects.get()
        assertRedirects(reponse, url("rendez_vous_detail", rdv))
        assert timezone.localtime(rdv.debut).isoformat() == "2026-12-09T14:00:00+01:00"
        assert (rdv.conseiller, rdv.duree, rdv.lieu_affiche) == (
            referente,
            60,
            f"antenne de {participant.antenne.nom}, bureau 3",
        )

    def test_un_double_clic_n_en_pose_qu_un(self, connexion):
        participant, referente = dossier()
        client, donnees = connexion(referente), saisie_de_rendez_vous(participant)
        for _ in range(2):
            client.post(url("rendez_vous", participant), donnees)
        assert RendezVous.objects.count() == 1

    @pytest.mark.parametrize(
        ("champs", "phrase"),
        [
            ({"jour": "2026-11-23", "heure": "08:30"}, "Ce moment est passé"),
            ({"jour": "2025-12-09"}, "Ce moment est passé"),
            ({"jour": "2027-02-29"}, "n’existe pas"),
            ({"jour": "9999-12-31"}, "Vérifiez l’année : 9999."),
            ({"heure": "25:00"}, "Cette heure n’existe pas"),
            ({"jour": "2027-03-28", "heure": "02:30"}, "nuit du changement d’heure"),
            ({"jour": "2027-10-31", "heure": "02:30"}, "nuit du changement d’heure"),
            ({"duree": "5"}, "15"),
            ({"antenne": "", "lieu": ""}, "Dites où la personne est attendue."),
            ({"objet": "n° 2 88 03 59 123 456 78"}, "sécurité sociale"),
        ],
    )
    def test_une_saisie_impossible_est_refusee_avec_sa_raison(self, connexion, champs, phrase):
        participant, referente = dossier()
        reponse = connexion(referente).post(
            url("rendez_vous", participant), saisie_de_rendez_vous(participant, **champs)
        )
        assertContains(reponse, phrase, status_code=422)
        assert not RendezVous.objects.exists()

    @pytest.mark.parametrize(
        ("champs", "phrase"),
        [
            ({"jour": "2036-12-09"}, "dans plus d’un an : vérifiez l’année"),
            ({"jour": "2026-12-25"}, "est férié (Noël)"),
            ({"jour": "2026-12-12"}, "l’antenne est fermée"),
            ({"heure": "07:30"}, "hors des horaires"),
            ({"heure": "17:30"}, "hors des horaires"),
            ({"heure": "23:30"}, "hors des horaires"),
        ],
    )
    def test_ce_qui_fait_hesiter_se_confirme_et_n_empeche_rien(self, connexion, champs, phrase):
        participant, referente = dossier()
        client, donnees = connexion(referente), saisie_de_rendez_vous(participant, **champs)
        reponse = client.post(url("rendez_vous", participant), donnees)
        assertContains(reponse, phrase)
        assertContains(reponse, "Poser quand même")
        assert not RendezVous.objects.exists()
        moment = reponse.context["form"].moment
        assert client.post(url("rendez_vous", participant), donnees | {"confirmer": moment}).status_code == 302
        assert RendezVous.objects.count() == 1

    def test_une_confirmation_ne_vaut_que_pour_le_moment_affiche(self, connexion):
        participant, referente = dossier()
        client, donnees = connexion(referente), saisie_de_rendez_vous(participant, jour="2026-12-12")
        moment = client.post(url("rendez_vous", participant), donnees).context["form"].moment
        autre = donnees | {"jour": "2026-12-25", "confirmer": moment}
        assertContains(client.post(url("rendez_vous", participant), autre), "est férié")
        assert not RendezVous.objects.exists()

    @pytest.mark.parametrize(
        ("heure", "hesite"), [("13:00", False), ("13:30", True), ("14:30", True), ("15:00", False)],
        ids=["juste avant", "à cheval avant", "à cheval après", "juste après"],
    )  # fmt: skip
    def test_un_recouvrement_de_l_agenda_fait_hesiter(self, connexion, heure, hesite):
        participant, referente = dossier()
        RendezVousFactory(conseiller=referente, debut=a(datetime.date(2026, 12, 9), datetime.time(14)))
        reponse = connexion(referente).post(
            url("rendez_vous", participant), saisie_de_rendez_vous(participant, heure=heure)
        )
        assert (reponse.status_code == 200) == hesite
        if hesite:
            assertContains(reponse, "Claire Vandamme a déjà un rendez-vous de 14:00 à 15:00.")

    def test_un_autre_rendez_vous_de_la_personne_fait_hesiter(self, connexion):
        participant, referente = dossier()
        RendezVousFactory(participant=participant, debut=a(datetime.date(2026, 12, 9), datetime.time(14)))
        reponse = connexion(referente).post(url("rendez_vous", participant), saisie_de_rendez_vous(participant))
        assertContains(reponse, "Cette personne a déjà un rendez-vous")

    def test_un_rendez_vous_annule_ne_fait_pas_hesiter(self, connexion):
        participant, referente = dossier()
        RendezVousFactory(
            conseiller=referente,
            debut=a(datetime.date(2026, 12, 9), datetime.time(14)),
            statut="annule_personne",
        )
        assert (
            connexion(referente).post(url("rendez_vous", participant), saisie_de_rendez_vous(participant)).status_code
            == 302
        )

    @pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
    def test_le_siege_ne_tient_pas_l_agenda(self, connexion, role):
        participant, _ = dossier()
        client = connexion(UtilisateurFactory(role=role))
        for reponse in (
            client.get(url("rendez_vous", participant)),
            client.post(url("rendez_vous", participant), saisie_de_rendez_vous(participant)),
        ):
            assert reponse.status_code == 403

    def test_une_autre_antenne_a_404(self, connexion):
        participant, _ = dossier()
        assert (
            connexion(UtilisateurFactory(role=Role.CONSEILLER)).get(url("rendez_vous", participant)).status_code == 404
        )


class TestNoter:
    @pytest.mark.parametrize("statut", sorted(set(StatutRendezVous) - {StatutRendezVous.PREVU}))
    def test_chaque_suite_se_note_d_un_geste(self, connexion, statut):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(hours=1))
        connexion(rdv.conseiller).post(url("noter", rdv), {"statut": statut})
        rdv.refresh_from_db()
        assert rdv.statut == statut

    def test_non_honore_l_entretien_prepare_s_en_detache(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now())
        client = connexion(rdv.conseiller)
        client.post(url("ouvrir", rdv))
        client.post(url("noter", rdv), {"statut": "absent"})
        rdv.refresh_from_db()
        assert (rdv.statut, Entretien.objects.get().rendez_vous) == ("absent", None)

    def test_un_entretien_clos_dit_que_le_rendez_vous_a_ete_honore(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now())
        EntretienFactory(participant=rdv.participant, conseiller=rdv.conseiller, rendez_vous=rdv, clos=True)
        reponse = connexion(rdv.conseiller).post(url("noter", rdv), {"statut": "absent"}, follow=True)
        assertContains(reponse, "il est honoré")
        rdv.refresh_from_db()
        assert rdv.statut == "prevu"

    @pytest.mark.parametrize(
        "statut", sorted(set(StatutRendezVous) - {StatutRendezVous.PREVU, StatutRendezVous.HONORE})
    )
    def test_jamais_un_rendez_vous_manque_avec_un_entretien(self, statut):
        rdv = RendezVousFactory(debut=timezone.now())
        EntretienFactory(participant=rdv.participant, conseiller=rdv.conseiller, rendez_vous=rdv)
        with pytest.raises(TransitionImpossible, match="Un entretien est ouvert"):
            rdv.noter(statut, par=rdv.conseiller)

    @pytest.mark.parametrize("statut", ["prevu", "invente", ""])
    def test_un_statut_impossible_est_refuse(self, connexion, statut):
        rdv = RendezVousFactory(debut=timezone.now())
        reponse = connexion(rdv.conseiller).post(url("noter", rdv), {"statut": statut}, follow=True)
        assertContains(reponse, "Choisissez ce que ce rendez-vous est devenu.")

    def test_noter_deux_fois_dit_ce_qui_est_note(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now(), statut="absent")
        reponse = connexion(rdv.conseiller).post(url("noter", rdv), {"statut": "honore"}, follow=True)
        assertContains(reponse, "déjà noté : absence")

    @pytest.mark.parametrize("statut", sorted(set(StatutRendezVous) - {StatutRendezVous.PREVU}))
    def test_note_par_erreur_il_se_reprend_et_l_historique_garde_les_deux(self, connexion, statut):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(hours=1))
        client = connexion(rdv.conseiller)
        client.post(url("noter", rdv), {"statut": statut})
        page = client.get(url("rendez_vous_detail", rdv))
        assertContains(page, "C’était une erreur")
        assertContains(client.post(url("noter", rdv), {"statut": "prevu"}, follow=True), "de nouveau prévu")
        rdv.refresh_from_db()
        assert (rdv.statut, rdv.statut_le) == ("prevu", None)
        assert [v.statut for v in rdv.history.order_by("history_id")] == ["prevu", statut, "prevu"]

    def test_un_entretien_ouvert_ne_laisse_plus_reprendre(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(hours=1), statut="honore")
        EntretienFactory(participant=rdv.participant, conseiller=rdv.conseiller, rendez_vous=rdv)
        client = connexion(rdv.conseiller)
        assertNotContains(client.get(url("rendez_vous_detail", rdv)), "C’était une erreur")
        assertContains(client.post(url("noter", rdv), {"statut": "prevu"}, follow=True), "il a bien eu lieu")
        rdv.refresh_from_db()
        assert rdv.statut == "honore"

    @pytest.mark.parametrize("statut", ["absent", "absent_excuse", "annule_personne", "annule_structure"])
    def test_apres_une_absence_un_autre_rendez_vous_se_donne_de_la(self, connexion, statut):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(hours=1), statut=statut, objet="le bilan")
        page = connexion(rdv.conseiller).get(url("rendez_vous_detail", rdv))
        assertContains(page, "Donner un autre rendez-vous")
        assertContains(page, reverse("entretiens:rendez_vous", args=[rdv.participant_id]) + "?objet=le%20bilan")

    def test_on_revient_la_d_ou_l_on_vient_jamais_ailleurs(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now())
        client = connexion(rdv.conseiller)
        assert client.post(url("noter", rdv), {"statut": "honore", "suite": "/"}).url == "/"
        for dehors in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"):
            assert client.post(url("noter", rdv), {"statut": "honore", "suite": dehors}).url == url(
                "rendez_vous_detail", rdv
            )

    def test_les_statistiques_voient_le_rendez_vous_sans_le_noter(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now())
        client = connexion(UtilisateurFactory(role=Role.STATISTIQUES))
        page = client.get(url("rendez_vous_detail", rdv))
        assertNotContains(page, "Ouvrir l’entretien")
        assert client.post(url("noter", rdv), {"statut": "honore"}).status_code == 403


class TestInvitation:
    def test_elle_se_fige_une_fois_et_se_relit(self, connexion):
        participant, referente = dossier()
        rdv = RendezVousFactory(participant=participant, conseiller=referente, objet="point d’étape")
        client = connexion(referente)
        for _ in range(2):
            assertRedirects(client.post(url("convocation", rdv)), url("convocation", rdv))
        imprime = texte(client.get(url("convocation", rdv)).content)
        assert Document.objects.count() == 1
        for phrase in (
            "Madame",
            "Mme Nadège Boutoille",
            "Mme Claire Vandamme",
            "Nous ferons le point ensemble.",
            "03 53 01 00 12",
            "1 heure",
        ):
            assert phrase in imprime, phrase

    def test_elle_part_de_l_antenne_ou_l_on_vient_et_le_dit(self, connexion):
        participant, referente = dossier()
        ici = AntenneFactory(nom="Grande-Synthe", adresse="3 place de l’Exemple, 59760 Grande-Synthe")
        rdv = RendezVousFactory(participant=participant, conseiller=referente, antenne=ici, objet="le bilan du stage")
        client = connexion(referente)
        client.post(url("convocation", rdv))
        imprime = texte(client.get(url("convocation", rdv)).content)
        for phrase in ("Grande-Synthe, le ", "Antenne de Grande-Synthe", "Nous parlerons de : le bilan du stage."):
            assert phrase in imprime, phrase

    def test_un_get_ne_fige_rien(self, connexion):
        rdv = RendezVousFactory()
        assertRedirects(connexion(rdv.conseiller).get(url("convocation", rdv)), url("rendez_vous_detail", rdv))
        assert not Document.objects.exists()

    def test_un_rendez_vous_passe_n_a_plus_d_invitation(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(1))
        reponse = connexion(rdv.conseiller).post(url("convocation", rdv), follow=True)
        assertContains(reponse, "il n’y a plus d’invitation")


@pytest.mark.usefixtures("lundi")
class TestCreneaux:
    def proposer(self, occupes=(), depuis=datetime.date(2026, 11, 23), limite=35, **options):
        return creneaux.proposer(list(occupes), depuis=depuis, duree=60, limite=limite, **options)

    def test_quatre_creneaux_ouvres_du_plus_proche_au_plus_lointain(self):
        proposes = self.proposer()
        jours = [timezone.localdate(c["debut"]) for c in proposes]
        assert len(jours) == len(set(jours)) == 4
        assert jours == sorted(jours)
        assert all(creneaux.est_ouvre(jour) for jour in jours)

    def test_chacun_dit_son_jour_du_delai(self):
        assert [(c["jour"], c["etat"]) for c in self.proposer()] == [
            ("J+14", "ok"),
            ("J+21", "ok"),
            ("J+28", "ok"),
            ("J+35", "attention"),
        ]

    def test_au_dela_du_delai_le_creneau_porte_une_croix(self):
        assert [c["etat"] for c in self.proposer(limite=30)][-2:] == ["attention", "retard"]
        assert creneaux.decrire(LUNDI, depuis=datetime.date(2026, 10, 1), limite=35)["etat"] == "retard"

    def test_un_creneau_occupe_n_est_pas_propose(self):
        jour = datetime.date(2026, 12, 7)
        occupes = [RendezVous(debut=a(jour, datetime.time(h)), duree=60) for h in (9, 10, 11, 14, 15)]
        assert self.proposer(occupes)[0]["texte"] == "lun. 7 déc., 16:00"
        occupes.append(RendezVous(debut=a(jour, datetime.time(15, 30)), duree=60))
        assert timezone.localdate(self.proposer(occupes)[0]["debut"]) == datetime.date(2026, 12, 8)

    def test_un_agenda_plein_pousse_au_dela_du_delai_et_le_dit(self):
        plein = [
            RendezVous(debut=a(datetime.date(2026, 11, 23) + datetime.timedelta(n), datetime.time(8)), duree=600)
            for n in range(37)
        ]
        proposes = self.proposer(plein)
        assert {c["etat"] for c in proposes} == {"retard"}

    def test_l_heure_habituelle_est_proposee_d_abord(self):
        assert timezone.localtime(self.proposer(vers=datetime.time(15))[0]["debut"]).hour == 15

    def test_un_entretien_saisi_tard_ne_propose_rien_de_passe(self):
        proposes = self.proposer(depuis=datetime.date(2026, 9, 1))
        assert all(c["debut"] > timezone.now() for c in proposes)

    def test_noel_et_les_fins_de_semaine_sont_sautes(self):
        assert creneaux.ferie(datetime.date(2026, 12, 25)) == "Noël"
        assert not creneaux.est_ouvre(datetime.date(2026, 12, 26))
        assert not creneaux.est_ouvre(datetime.date(2027, 5, 6))  # Ascension
        assert creneaux.est_ouvre(datetime.date(2028, 2, 29))

    def test_le_rythme_est_un_reglage(self):
        assert valeur("rythme_entretiens") == 35


class TestRequetes:
    def test_poser_et_montrer_coutent_peu(self, connexion, django_assert_max_num_queries):
        participant, referente = dossier()
        RendezVousFactory.create_batch(9, participant=participant, conseiller=referente)
        collegue = conseillere(participant.antenne)
        client = connexion(collegue)
        client.get(url("rendez_vous", participant))
        with django_assert_max_num_queries(12):
            client.get(url("rendez_vous", participant))
        rdv = RendezVous.objects.order_by("debut").first()
        with django_assert_max_num_queries(12):
            client.get(url("rendez_vous_detail", rdv))
