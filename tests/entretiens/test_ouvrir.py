"""Ouvrir un entretien : sans rendez-vous, ou de celui du jour."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from comptes.models import Role
from entretiens.models import Entretien, GenreEntretien
from tests.entretiens.gestes import conseillere, dossier, ouvert, url
from tests.factories import (
    EntretienFactory,
    ParticipantFactory,
    PrescriptionFactory,
    RendezVousFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db


class TestNouveau:
    def test_le_genre_se_devine_des_faits(self, connexion):
        participant = ParticipantFactory()
        referente = conseillere(participant.antenne)
        client = connexion(referente)

        def propose():
            page = client.get(reverse("entretiens:nouveau", args=[participant.pk]))
            return page.context["form"]["genre"].value()

        assert propose() == GenreEntretien.PREMIER
        EntretienFactory(participant=participant, conseiller=referente, premier_complet=True, clos=True)
        assert propose() == GenreEntretien.DIAGNOSTIC
        EntretienFactory(participant=participant, conseiller=referente, genre=GenreEntretien.DIAGNOSTIC, clos=True)
        assert propose() == GenreEntretien.SUIVI

    def test_une_personne_deja_en_parcours_n_a_pas_de_premier_entretien(self, connexion):
        participant, referente = dossier()
        page = connexion(referente).get(reverse("entretiens:nouveau", args=[participant.pk]))
        assert page.context["form"]["genre"].value() == GenreEntretien.DIAGNOSTIC

    def test_une_nouvelle_demande_repart_d_un_premier_entretien(self, connexion):
        participant = ParticipantFactory()
        referente = conseillere(participant.antenne)
        il_y_a_deux_ans = timezone.localdate() - datetime.timedelta(730)
        EntretienFactory(
            participant=participant, conseiller=referente, premier_complet=True, clos=True, jour=il_y_a_deux_ans
        )
        PrescriptionFactory(participant=participant)
        page = connexion(referente).get(reverse("entretiens:nouveau", args=[participant.pk]))
        assert page.context["form"]["genre"].value() == GenreEntretien.PREMIER

    def test_reorientee_pendant_son_parcours_on_note_encore_le_suivi_d_hier(self, connexion):
        participant, referente = dossier()
        EntretienFactory(participant=participant, conseiller=referente, clos=True)
        PrescriptionFactory(participant=participant)  # un partenaire l’oriente, aujourd’hui
        client, adresse = connexion(referente), reverse("entretiens:nouveau", args=[participant.pk])
        assert client.get(adresse).context["form"]["genre"].value() == GenreEntretien.SUIVI
        hier = timezone.localdate() - datetime.timedelta(1)
        assert client.post(adresse, self.formulaire(jour=hier.isoformat())).status_code == 302

    def test_un_premier_entretien_commence_laisse_le_premier_a_tenir(self, connexion):
        participant = ParticipantFactory()
        referente = conseillere(participant.antenne)
        EntretienFactory(participant=participant, conseiller=referente, premier_complet=True, clos=False)
        page = connexion(referente).get(reverse("entretiens:nouveau", args=[participant.pk]))
        assert page.context["form"]["genre"].value() == GenreEntretien.PREMIER

    @pytest.mark.parametrize(
        ("demande", "propose"),
        [("premier_entretien", GenreEntretien.PREMIER), ("autre chose", GenreEntretien.DIAGNOSTIC)],
    )
    def test_le_genre_que_demande_le_bouton_est_propose(self, connexion, demande, propose):
        participant, referente = dossier()
        adresse = reverse("entretiens:nouveau", args=[participant.pk]) + f"?genre={demande}"
        assert connexion(referente).get(adresse).context["form"]["genre"].value() == propose

    def formulaire(self, **champs):
        return {
            "jeton": str(uuid.uuid4()),
            "genre": "suivi",
            "moyen": "telephone",
            "jour": timezone.localdate().isoformat(),
            "rendez_vous": "",
        } | champs

    def test_ouvrir_mene_a_l_ecran_et_un_double_clic_n_en_ouvre_qu_un(self, connexion):
        participant, referente = dossier()
        client, donnees = connexion(referente), self.formulaire()
        adresse = reverse("entretiens:nouveau", args=[participant.pk])
        premiere, seconde = (client.post(adresse, donnees) for _ in range(2))
        entretien = Entretien.objects.get()
        assert premiere.url == seconde.url == url("detail", entretien)
        assert (entretien.conseiller, entretien.moyen) == (referente, "telephone")

    def test_le_rendez_vous_du_jour_est_propose_et_lie(self, connexion):
        participant, referente = dossier()
        rdv = RendezVousFactory(participant=participant, conseiller=referente, debut=timezone.now())
        client, adresse = connexion(referente), reverse("entretiens:nouveau", args=[participant.pk])
        assert client.get(adresse).context["form"]["rendez_vous"].value() == rdv.pk
        client.post(adresse, self.formulaire(rendez_vous=rdv.pk))
        assert Entretien.objects.get().rendez_vous == rdv

    @pytest.mark.parametrize(
        ("ecart", "phrase"),
        [(1, "dans le futur"), (-40, "ne peut pas le précéder")],
        ids=["demain", "avant le contact"],
    )
    def test_une_date_impossible_est_refusee(self, connexion, ecart, phrase):
        participant = ParticipantFactory()
        referente = conseillere(participant.antenne)
        PrescriptionFactory(participant=participant, premier_contact_le=timezone.localdate() - datetime.timedelta(20))
        jour = (timezone.localdate() + datetime.timedelta(ecart)).isoformat()
        reponse = connexion(referente).post(
            reverse("entretiens:nouveau", args=[participant.pk]), self.formulaire(jour=jour, genre="premier_entretien")
        )
        assertContains(reponse, phrase, status_code=422)
        assert not Entretien.objects.exists()

    def test_un_entretien_reste_ouvert_se_propose_a_reprendre(self, connexion):
        entretien = ouvert()
        page = connexion(entretien.conseiller).get(reverse("entretiens:nouveau", args=[entretien.participant_id]))
        assertContains(page, "est resté ouvert")

    @pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
    def test_le_siege_voit_la_personne_mais_n_ouvre_pas_d_entretien(self, connexion, role):
        participant, _ = dossier()
        client = connexion(UtilisateurFactory(role=role))
        assert client.get(reverse("entretiens:nouveau", args=[participant.pk])).status_code == 403


class TestOuvrirDuRendezVous:
    def test_d_un_geste_et_deux_fois_mene_au_meme(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(minutes=5), moyen="visio")
        client = connexion(rdv.conseiller)
        premiere, seconde = (client.post(url("ouvrir", rdv)) for _ in range(2))
        entretien = Entretien.objects.get()
        assert premiere.url == seconde.url == url("detail", entretien)
        assert (entretien.moyen, entretien.genre) == ("visio", GenreEntretien.PREMIER)

    @pytest.mark.parametrize(
        ("statut", "ecart", "phrase"),
        [("absent", -1, "noté « absence »"), ("prevu", 3, "pas encore venu")],
    )
    def test_un_rendez_vous_manque_ou_a_venir_n_en_ouvre_pas(self, connexion, statut, ecart, phrase):
        rdv = RendezVousFactory(statut=statut, debut=timezone.now() + datetime.timedelta(ecart))
        reponse = connexion(rdv.conseiller).post(url("ouvrir", rdv), follow=True)
        assertContains(reponse, phrase)
        assert not Entretien.objects.exists()

    def test_un_get_ne_l_ouvre_pas(self, connexion):
        rdv = RendezVousFactory(debut=timezone.now())
        assert connexion(rdv.conseiller).get(url("ouvrir", rdv)).status_code == 405
