"""L’écran de l’entretien : ce qu’il montre, ce qu’il enregistre, ce qu’il refuse."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes import brouillons
from comptes.models import Brouillon, Role, RoleAttribue
from entretiens.models import Entretien, GenreEntretien, RendezVous
from journal.models import Acte, Ligne
from participants.models import Caracteristique
from tests.entretiens.gestes import clore, conseillere, creneau, dossier, envoi, ouvert, url
from tests.factories import (
    AntenneFactory,
    DemarcheFactory,
    EntretienFactory,
    ParticipantFactory,
    PieceFactory,
    PrescriptionFactory,
    RendezVousFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db


class TestPreparer:
    def test_la_derniere_synthese_et_sa_signature_sont_en_vue(self, connexion):
        entretien = ouvert()
        clore(EntretienFactory(participant=entretien.participant, conseiller=entretien.conseiller),
              synthese="Elle a visité deux cuisines.")  # fmt: skip
        page = connexion(entretien.conseiller).get(url("detail", entretien))
        assertContains(page, "Elle a visité deux cuisines.")
        assertContains(page, "à signer")

    def test_ce_qui_a_change_depuis_est_dit(self, connexion):
        participant, referente = dossier()
        ancien = EntretienFactory(participant=participant, conseiller=referente, clos=True)
        PieceFactory(participant=participant, type__libelle="Attestation CAF")
        RendezVousFactory(participant=participant, conseiller=referente, debut=timezone.now() + datetime.timedelta(minutes=1),
                          statut="absent_excuse")  # fmt: skip
        DemarcheFactory(
            participant=participant, quoi="Retrouver le permis", etat="faite", reglee_le=timezone.localdate()
        )
        page = connexion(referente).get(url("detail", ouvert(participant, referente)))
        for phrase in ("Attestation CAF : pièce reçue", "Absence excusée du", "Fait : Retrouver le permis"):
            assertContains(page, phrase)
        assertContains(page, ancien.synthese)

    def test_ce_qui_manque_au_fse_se_demande_et_se_garde_date(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        assertContains(client.get(url("detail", entretien)), "question-situation")
        client.post(url("detail", entretien), envoi(entretien, **{"question-situation": "inactif"}))
        reponse = Caracteristique.objects.get()
        assert (reponse.genre, reponse.valeur, reponse.du) == ("situation", "inactif", entretien.jour)
        page = client.get(url("detail", entretien))
        assertNotContains(page, "question-situation")
        assertContains(page, "question-niveau")

    def test_une_piece_qui_expire_se_reclame(self, connexion):
        entretien = ouvert()
        PieceFactory(participant=entretien.participant, type__libelle="Titre de séjour",
                     expire_le=timezone.localdate() + datetime.timedelta(12))  # fmt: skip
        assertContains(connexion(entretien.conseiller).get(url("detail", entretien)), "Titre de séjour : expire le")

    def test_ce_que_le_dernier_entretien_a_regle_n_est_pas_une_nouveaute(self, connexion):
        participant, referente = dossier()
        demarche = DemarcheFactory(participant=participant, quoi="Inscrire à la crèche")
        clore(ouvert(participant, referente), **{f"revue-{demarche.pk}": "faite"})
        DemarcheFactory(participant=participant, quoi="Ouvrir un compte", etat="faite", reglee_le=timezone.localdate())
        page = connexion(referente).get(url("detail", ouvert(participant, referente)))
        assertContains(page, "Fait : Ouvrir un compte")
        assertNotContains(page, "Fait : Inscrire à la crèche")

    def test_avant_l_entree_une_piece_a_duree_se_reclame_avant_de_ne_plus_valoir(self, connexion):
        participant = ParticipantFactory()
        referente = conseillere(participant.antenne)
        il_y_a = timezone.localdate() - datetime.timedelta(200)
        ancienne = PieceFactory(
            participant=participant, type__libelle="Attestation RSA", type__validite_mois=3, etablie_le=il_y_a
        )
        client, entretien = connexion(referente), ouvert(participant, referente)
        assertContains(client.get(url("detail", entretien)), "Attestation RSA : expirée depuis")
        PieceFactory(participant=participant, type=ancienne.type)
        assertNotContains(client.get(url("detail", entretien)), "Attestation RSA : expirée")

    def test_l_entree_passee_une_piece_a_duree_a_servi(self, connexion):
        """La validité se compte à la date d’entrée : ensuite, seule vaut la date que porte la pièce."""
        entretien = ouvert()
        il_y_a = timezone.localdate() - datetime.timedelta(200)
        PieceFactory(participant=entretien.participant, type__validite_mois=3, etablie_le=il_y_a)
        assertNotContains(connexion(entretien.conseiller).get(url("detail", entretien)), "expirée depuis")

    def test_un_premier_entretien_montre_l_information_a_donner_et_le_livret(self, connexion):
        entretien = ouvert(genre=GenreEntretien.PREMIER)
        page = connexion(entretien.conseiller).get(url("detail", entretien))
        assertContains(page, "Les étapes clés")
        assertContains(page, reverse("entretiens:livret"))

    def test_un_suivi_ne_la_montre_pas(self, connexion):
        entretien = ouvert()
        assertNotContains(connexion(entretien.conseiller).get(url("detail", entretien)), "presente_structure")

    def test_les_quatre_creneaux_disent_leur_jour_du_delai(self, connexion):
        entretien = ouvert()
        creneaux = connexion(entretien.conseiller).get(url("detail", entretien)).context["creneaux"]
        assert len(creneaux) == 4
        assert all(c["jour"].startswith("J+") for c in creneaux)

    def test_ouvrir_l_ecran_se_consigne(self, connexion):
        entretien = ouvert()
        connexion(entretien.conseiller).get(url("detail", entretien))
        ligne = Ligne.objects.filter(acte=Acte.LECTURE).get()
        assert (ligne.objet_id, ligne.participant_id) == (entretien.pk, entretien.participant_id)

    def test_lire_n_ecrit_rien_d_autre(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        client.get(url("detail", entretien))
        avant = (Entretien.history.count(), RendezVous.objects.count(), Brouillon.objects.count())
        client.get(url("detail", entretien))
        assert (Entretien.history.count(), RendezVous.objects.count(), Brouillon.objects.count()) == avant


class TestRequetes:
    """L’écran coûte autant de requêtes pour un dossier neuf que pour un dossier de dix ans."""

    def charger(self, participant, referente, fois):
        for _ in range(fois):
            clore(ouvert(participant, referente))
            DemarcheFactory(participant=participant)
            PieceFactory(participant=participant)
            RendezVousFactory(participant=participant, conseiller=referente)

    def test_quinze_requetes_au_plus_toujours_le_meme_nombre(self, connexion, django_assert_max_num_queries):
        participant, referente = dossier()
        self.charger(participant, referente, 1)
        entretien = ouvert(participant, referente)
        client = connexion(referente)
        client.get(url("detail", entretien))
        with django_assert_max_num_queries(15) as peu:
            client.get(url("detail", entretien))
        self.charger(participant, referente, 8)
        with django_assert_max_num_queries(len(peu)):
            client.get(url("detail", entretien))

    def test_quinze_requetes_au_plus_pour_un_premier_entretien(self, connexion, django_assert_max_num_queries):
        participant, referente = dossier()
        PrescriptionFactory(participant=participant)
        entretien = ouvert(participant, referente, genre=GenreEntretien.PREMIER)
        client = connexion(referente)
        client.get(url("detail", entretien))
        with django_assert_max_num_queries(15):
            client.get(url("detail", entretien))

    def test_l_entretien_clos_se_lit_en_quinze_requetes(self, connexion, django_assert_max_num_queries):
        entretien = ouvert()
        clore(entretien)
        client = connexion(entretien.conseiller)
        client.get(url("detail", entretien))
        with django_assert_max_num_queries(15):
            client.get(url("detail", entretien))


class TestEnregistrer:
    def test_tout_ce_qui_est_saisi_se_retrouve(self, connexion):
        entretien = ouvert()
        revue = DemarcheFactory(participant=entretien.participant)
        rdv = creneau()
        client = connexion(entretien.conseiller)
        reponse = client.post(
            url("detail", entretien),
            envoi(
                entretien,
                notes="Rappeler le CCAS.",
                rdv=rdv,
                phase="2_orientation",
                **{f"revue-{revue.pk}": "reconduite"},
            ),
        )
        assertRedirects(reponse, url("detail", entretien))
        entretien.refresh_from_db()
        assert entretien.notes == "Rappeler le CCAS."
        assert entretien.suites["revues"] == {str(revue.pk): "reconduite"}
        assert entretien.suites["demarches"][0]["quoi"].startswith("Visiter")
        assert (entretien.suites["rdv"], entretien.suites["phase"]) == (rdv, "2_orientation")
        page = client.get(url("detail", entretien))
        assertContains(page, "Visiter la cuisine de l’école Jean-Bart")
        assert [c["valeur"] for c in page.context["creneaux"] if c["choisi"]] == [rdv]

    def test_rien_ne_prend_effet_avant_la_cloture(self, connexion):
        entretien = ouvert()
        demarche = DemarcheFactory(participant=entretien.participant)
        connexion(entretien.conseiller).post(
            url("detail", entretien), envoi(entretien, rdv=creneau(), **{f"revue-{demarche.pk}": "faite"})
        )
        demarche.refresh_from_db()
        assert demarche.etat == "a_faire"
        assert not RendezVous.objects.exists()
        assert entretien.participant.demarches.count() == 1

    def test_plusieurs_demarches_sans_script(self, connexion):
        entretien = ouvert()
        lignes = {f"demarche-{i}-quoi": f"Démarche {i}" for i in range(3)}
        connexion(entretien.conseiller).post(url("detail", entretien), envoi(entretien, **lignes))
        entretien.refresh_from_db()
        assert [d["quoi"] for d in entretien.suites["demarches"]] == ["Démarche 0", "Démarche 1", "Démarche 2"]

    def test_la_croix_retire_une_demarche_sans_script(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        lignes = {f"demarche-{i}-quoi": f"Démarche {i}" for i in range(3)}
        client.post(url("detail", entretien), envoi(entretien, retirer="1", **lignes))
        entretien.refresh_from_db()
        assert [d["quoi"] for d in entretien.suites["demarches"]] == ["Démarche 0", "Démarche 2"]

    @pytest.mark.parametrize(
        "champ", ["objectif", "point", "synthese", "notes", "demarche__0__quoi", "sans_suite_rdv"]
    )
    def test_un_nir_est_refuse_avec_sa_raison_et_le_texte_reste(self, connexion, champ):
        entretien = ouvert()
        texte = "Son numéro est 2 88 03 59 123 456 78, à rappeler."
        reponse = connexion(entretien.conseiller).post(url("detail", entretien), envoi(entretien, **{champ: texte}))
        assertContains(reponse, "numéro de sécurité sociale", status_code=422)
        assertContains(reponse, "à rappeler", status_code=422)
        entretien.refresh_from_db()
        assert entretien.objectif == ""

    def test_une_demarche_pour_hier_est_refusee_et_reste_a_l_ecran(self, connexion):
        entretien = ouvert()
        hier = (timezone.localdate() - datetime.timedelta(1)).isoformat()
        reponse = connexion(entretien.conseiller).post(
            url("detail", entretien), envoi(entretien, demarche__0__pour_le=hier)
        )
        assertContains(reponse, "Cette date est déjà passée.", status_code=422)
        assertContains(reponse, "Visiter la cuisine", status_code=422)

    def test_un_rendez_vous_passe_est_refuse(self, connexion):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(
            url("detail", entretien), envoi(entretien, rdv="autre", rdv_jour="2020-03-02", rdv_heure="10:00")
        )
        assertContains(reponse, "dans le passé", status_code=422)

    def test_une_heure_sautee_par_le_changement_d_heure_est_refusee(self, connexion):
        entretien = ouvert()
        reponse = connexion(entretien.conseiller).post(
            url("detail", entretien), envoi(entretien, rdv="2027-03-28T02:30")
        )
        assertContains(reponse, "n’existe pas ce jour-là", status_code=422)

    def test_le_29_fevrier_existe_les_annees_bissextiles(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        client.post(url("detail", entretien), envoi(entretien, rdv="autre", rdv_jour="2028-02-29", rdv_heure="10:00"))
        entretien.refresh_from_db()
        assert entretien.suites["rdv_jour"] == "2028-02-29"
        reponse = client.post(
            url("detail", entretien), envoi(entretien, rdv="autre", rdv_jour="2027-02-29", rdv_heure="10:00")
        )
        assertContains(reponse, "Cette date n’existe pas", status_code=422)

    def test_un_texte_de_20_000_signes_passe_un_plus_long_est_refuse_sans_etre_perdu(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        assert client.post(url("detail", entretien), envoi(entretien, synthese="é" * 20_000)).status_code == 302
        entretien.refresh_from_db()
        reponse = client.post(url("detail", entretien), envoi(entretien, synthese="z" * 20_001))
        assertContains(reponse, "z" * 20_001, status_code=422)


class TestDroits:
    def test_le_responsable_lit_sans_conduire(self, connexion):
        entretien = ouvert(synthese="Un texte")
        client = connexion(UtilisateurFactory(role=Role.RESPONSABLE))
        page = client.get(url("detail", entretien))
        assertContains(page, "Un texte")
        assertNotContains(page, "Clore et faire signer")
        for nom in ("detail", "clore", "brouillon"):
            assert client.post(url(nom, entretien), envoi(entretien)).status_code == 403
        assert client.get(url("signer", entretien)).status_code == 403

    @pytest.mark.parametrize("role", [Role.STATISTIQUES, Role.ANIMATION])
    def test_ac3_un_role_du_siege_n_ouvre_rien_a_une_conseillere_d_ailleurs(self, connexion, role):
        rdv = RendezVousFactory(debut=timezone.now())
        participant, referente = dossier()
        demarche, entretien = DemarcheFactory(participant=participant), ouvert(participant, referente)
        double = conseillere(AntenneFactory())
        RoleAttribue(utilisateur=double, role=role).enregistrer(par="test")
        client = connexion(double)
        adresses = [url(nom, rdv) for nom in ("ouvrir", "noter", "convocation")]
        adresses += [url(nom, entretien) for nom in ("detail", "clore", "brouillon", "signer", "corriger")]
        adresses += [url(nom, participant) for nom in ("nouveau", "rendez_vous", "demarche_nouvelle")]
        for adresse in (*adresses, url("demarche", demarche)):
            assert client.post(adresse, {"statut": "honore"}).status_code in (403, 404), adresse
        assert (Entretien.objects.count(), Brouillon.objects.count(), RendezVous.objects.count()) == (1, 0, 1)

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.CONSEILLER, Role.RESPONSABLE}))
    @pytest.mark.parametrize("nom", ["detail", "clore", "brouillon", "signer", "synthese", "corriger"])
    def test_les_autres_roles_ont_404_en_lecture_et_en_ecriture(self, connexion, role, nom):
        entretien = ouvert(synthese="CANARI-SYNTHESE")
        clore(entretien)
        client = connexion(UtilisateurFactory(role=role))
        for reponse in (client.get(url(nom, entretien)), client.post(url(nom, entretien))):
            assert reponse.status_code in (404, 405)
            assertNotContains(reponse, "CANARI", status_code=reponse.status_code)

    def test_une_autre_antenne_a_la_meme_reponse_que_pour_un_inconnu(self, connexion):
        entretien = ouvert()
        client = connexion(UtilisateurFactory(role=Role.CONSEILLER))
        ailleurs = client.get(url("detail", entretien))
        inconnu = client.get(reverse("entretiens:detail", args=[uuid.uuid4()]))
        assert (ailleurs.status_code, ailleurs.content) == (404, inconnu.content)

    def test_les_notes_sont_pour_qui_tient_l_entretien_la_referente_et_le_responsable(self, connexion):
        participant, referente = dossier()
        collegue = conseillere(participant.antenne, "Samira", "Duhoux")
        entretien = ouvert(participant, collegue, notes="CANARI-NOTES")
        curieuse = conseillere(participant.antenne, "Lucie", "Delattre")
        for lecteur in (collegue, referente, UtilisateurFactory(role=Role.RESPONSABLE)):
            assertContains(connexion(lecteur).get(url("detail", entretien)), "CANARI-NOTES")
        assertNotContains(connexion(curieuse).get(url("detail", entretien)), "CANARI-NOTES")

    @pytest.mark.parametrize(
        "envoye",
        [
            {"version": "999", "notes": "", "rdv": "n’importe"},
            {"version": "999", "notes": "xx"},
            {"notes": "", "conflit": "notes", "garder_notes": "sien", "rdv": "n’importe"},
        ],
        ids=["version inconnue", "conflit sur les notes", "choix de garder les siennes"],
    )
    def test_ac3_les_notes_n_entrent_pas_dans_le_brouillon_de_qui_ne_les_lit_pas(self, connexion, envoye):
        participant, referente = dossier()
        entretien = ouvert(participant, referente, notes="CANARI-NOTES")
        collegue = conseillere(participant.antenne, "Zoé", "Zed")
        client = connexion(collegue)
        reponse = client.post(url("detail", entretien), envoi(entretien, **envoye))
        assert "CANARI-NOTES" not in reponse.content.decode()
        for brouillon in Brouillon.objects.filter(utilisateur=collegue):
            assert "CANARI-NOTES" not in str(brouillon.contenu)
        assertNotContains(client.get(url("detail", entretien)), "CANARI-NOTES")

    def test_ac3_un_brouillon_d_avant_ne_montre_pas_les_notes_a_qui_ne_les_lit_plus(self, connexion):
        participant, referente = dossier()
        entretien = ouvert(participant, referente)
        collegue = conseillere(participant.antenne, "Zoé", "Zed")
        brouillons.garder(collegue, "entretien", {"notes": "CANARI-NOTES"}, objet_id=entretien.pk, version=1)
        assertNotContains(connexion(collegue).get(url("detail", entretien)), "CANARI-NOTES")
        clore(entretien)
        assertNotContains(connexion(collegue).get(url("detail", entretien)), "CANARI-NOTES")

    def test_qui_ne_lit_pas_les_notes_ne_les_efface_pas(self, connexion):
        participant, referente = dossier()
        entretien = ouvert(participant, referente, notes="CANARI-NOTES")
        collegue = conseillere(participant.antenne, "Lucie", "Delattre")
        connexion(collegue).post(url("detail", entretien), envoi(entretien, notes="ÉCRASÉ"))
        entretien.refresh_from_db()
        assert (entretien.notes, entretien.objectif) == ("CANARI-NOTES", "Choisir deux pistes de métier")
