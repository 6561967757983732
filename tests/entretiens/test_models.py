"""Ce qu’un entretien, un rendez-vous et une démarche permettent et refusent."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comptes.models import Role
from entretiens.models import (
    Demarche,
    Entretien,
    EtatDemarche,
    GenreEntretien,
    RendezVous,
    StatutRendezVous,
    premier_contact,
)
from plie.exceptions import ConflitDeVersion, TransitionImpossible
from tests.entretiens.gestes import conseillere, dossier, ouvert
from tests.factories import (
    AffectationFactory,
    DemarcheFactory,
    EntretienFactory,
    ParticipantFactory,
    PrescriptionFactory,
    RendezVousFactory,
    RoleAttribue,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db

COMPLET = {
    "objectif": "Choisir deux pistes",
    "point": "Tout est fait.",
    "synthese": "Deux pistes retenues.",
    "sans_suite_rdv": "Elle rappellera.",
    "suites": {"demarches": [{"quoi": "Visiter la cuisine", "qui": "personne", "pour_le": ""}]},
}


def complet(**champs):
    return ouvert(**(COMPLET | champs))


class TestClore:
    def test_un_entretien_complet_se_clot_et_dit_qui_et_quand(self):
        entretien = complet()
        entretien.clore(par=entretien.conseiller)
        entretien.refresh_from_db()
        assert entretien.est_clos
        assert entretien.clos_par == entretien.conseiller
        assert timezone.now() - entretien.clos_le < datetime.timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("champs", "phrase"),
        [
            ({"objectif": "  "}, "L’objectif"),
            ({"synthese": "\n"}, "La synthèse"),
            ({"suites": {}}, "prochaine étape"),
            ({"sans_suite_rdv": ""}, "prochain rendez-vous"),
        ],
    )
    def test_chaque_element_manquant_empeche_de_clore_et_se_dit(self, champs, phrase):
        entretien = complet(**champs)
        with pytest.raises(TransitionImpossible, match=phrase):
            entretien.clore(par=entretien.conseiller)
        entretien.refresh_from_db()
        assert not entretien.est_clos

    def test_tout_ce_qui_manque_est_dit_d_un_coup(self):
        assert len(ouvert().manque_pour_clore()) == 4

    def test_une_demarche_ouverte_demande_un_point_ou_sa_revue(self):
        entretien = complet(point="")
        demarche = DemarcheFactory(participant=entretien.participant)
        assert entretien.manque_pour_clore() == ["Le point sur les démarches en cours"]
        entretien.suites = entretien.suites | {"revues": {str(demarche.pk): "faite"}}
        assert entretien.manque_pour_clore() == []

    def test_un_point_ecrit_dispense_de_revoir_chaque_demarche(self):
        entretien = complet(point="Rien n’a avancé, la crèche est fermée.")
        DemarcheFactory.create_batch(3, participant=entretien.participant)
        assert entretien.manque_pour_clore() == []

    def test_une_demarche_reconduite_est_une_prochaine_etape(self):
        entretien = complet(suites={})
        demarche = DemarcheFactory(participant=entretien.participant)
        entretien.suites = {"revues": {str(demarche.pk): "reconduite"}}
        assert entretien.manque_pour_clore() == []

    def test_une_demarche_reglee_ailleurs_n_est_plus_a_revoir(self):
        entretien = complet(point="")
        DemarcheFactory(participant=entretien.participant).regler(EtatDemarche.FAITE, par="test")
        assert entretien.manque_pour_clore() == []

    @pytest.mark.parametrize("case", ["presente_structure", "presente_services", "presente_etapes", "livret_remis_le"])
    def test_un_premier_entretien_demande_chaque_element_de_l_information(self, case):
        entretien = complet(
            genre=GenreEntretien.PREMIER,
            **{"presente_structure": True, "presente_services": True, "presente_etapes": True}
            | {"livret_remis_le": timezone.localdate()}
            | {case: None if case == "livret_remis_le" else False},
        )
        with pytest.raises(TransitionImpossible, match="trois présentations et le livret"):
            entretien.clore(par=entretien.conseiller)

    def test_un_suivi_ne_demande_pas_le_livret(self):
        assert complet().manque_pour_clore() == []

    def test_clore_deux_fois_est_refuse(self):
        entretien = complet()
        double = Entretien.objects.get(pk=entretien.pk)
        entretien.clore(par=entretien.conseiller)
        with pytest.raises(TransitionImpossible, match="déjà clos"):
            double.clore(par=entretien.conseiller)

    def test_la_base_refuse_un_entretien_clos_sans_synthese(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            EntretienFactory(clos=True, synthese="")

    def test_l_historique_garde_l_auteur_de_la_cloture(self):
        entretien = complet()
        entretien.clore(par=entretien.conseiller)
        derniere = entretien.history.latest()
        assert (derniere.history_user, derniere.statut) == (entretien.conseiller, "clos")


class TestEcrire:
    def test_ecrire_prend_la_version_lue(self):
        entretien = ouvert()
        entretien.ecrire(par=entretien.conseiller, version=entretien.version, objectif="Un objectif")
        assert Entretien.objects.get(pk=entretien.pk).objectif == "Un objectif"

    def test_une_version_depassee_est_un_conflit_et_n_ecrit_rien(self):
        entretien = ouvert()
        entretien.ecrire(par=entretien.conseiller, version=1, synthese="La première")
        with pytest.raises(ConflitDeVersion):
            Entretien.objects.get(pk=entretien.pk).ecrire(par=entretien.conseiller, version=1, synthese="La seconde")
        assert Entretien.objects.get(pk=entretien.pk).synthese == "La première"

    def test_enregistrer_sans_rien_changer_ne_fait_pas_de_version(self):
        entretien = ouvert(objectif="Le même")
        entretien.ecrire(par=entretien.conseiller, version=1, objectif="Le même")
        assert Entretien.objects.get(pk=entretien.pk).version == 1

    def test_un_entretien_clos_ne_s_ecrit_plus(self):
        entretien = EntretienFactory(clos=True)
        with pytest.raises(TransitionImpossible, match="correction"):
            entretien.ecrire(par=entretien.conseiller, version=entretien.version, synthese="Autre chose")


class TestCorriger:
    def test_une_correction_demande_sa_raison(self):
        entretien = EntretienFactory(clos=True)
        with pytest.raises(TransitionImpossible, match="ce que vous corrigez"):
            entretien.corriger(par=entretien.conseiller, version=entretien.version, motif=" ", synthese="Autre")

    def test_une_correction_qui_ne_change_rien_est_refusee(self):
        entretien = EntretienFactory(clos=True)
        with pytest.raises(TransitionImpossible, match="Rien n’a changé"):
            entretien.corriger(
                par=entretien.conseiller, version=entretien.version, motif="Relu", synthese=entretien.synthese
            )

    def test_on_ne_corrige_pas_un_entretien_ouvert(self):
        entretien = ouvert()
        with pytest.raises(TransitionImpossible, match="n’est pas clos"):
            entretien.corriger(par=entretien.conseiller, version=1, motif="Erreur", synthese="Autre")


class TestVisibilite:
    """Le contenu des entretiens : la conseillère de l’antenne, la référente, le responsable. Personne d’autre."""

    def test_la_conseillere_de_l_antenne_et_le_responsable_lisent(self):
        entretien = ouvert()
        collegue = conseillere(entretien.participant.antenne, "Samira", "Duhoux")
        for lecteur in (entretien.conseiller, collegue, UtilisateurFactory(role=Role.RESPONSABLE)):
            assert Entretien.objects.visibles_par(lecteur).get() == entretien

    def test_la_referente_d_une_autre_antenne_lit_tant_qu_elle_suit_la_personne(self):
        entretien = EntretienFactory()
        suivi = AffectationFactory(
            participant=entretien.participant, conseiller=UtilisateurFactory(role=Role.CONSEILLER)
        )
        assert Entretien.objects.visibles_par(suivi.conseiller).exists()
        suivi.au = timezone.localdate()
        suivi.enregistrer(par="test")
        assert not Entretien.objects.visibles_par(suivi.conseiller).exists()

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.CONSEILLER, Role.RESPONSABLE}))
    def test_aucun_autre_role_ne_voit_ni_entretien_ni_demarche(self, role):
        entretien = ouvert()
        DemarcheFactory(participant=entretien.participant)
        lecteur = UtilisateurFactory(role=role)
        assert not Entretien.objects.visibles_par(lecteur).exists()
        assert not Demarche.objects.visibles_par(lecteur).exists()

    def test_etre_aussi_aux_statistiques_n_ouvre_pas_les_autres_antennes(self):
        entretien = ouvert()
        double = UtilisateurFactory(role=Role.CONSEILLER)
        RoleAttribue(utilisateur=double, role=Role.STATISTIQUES).enregistrer(par="test")
        assert not Entretien.objects.visibles_par(double).exists()
        assert not Demarche.objects.visibles_par(double).filter(participant=entretien.participant).exists()


class TestInformation:
    """C1 s’arrête au premier entretien tenu avec l’information complète (C2)."""

    def test_un_premier_entretien_complet_informe(self):
        entretien = EntretienFactory(premier_complet=True)
        assert Entretien.objects.informes().get() == entretien

    @pytest.mark.parametrize("case", ["presente_structure", "presente_services", "presente_etapes", "livret_remis_le"])
    def test_il_n_informe_pas_s_il_manque_un_element(self, case):
        EntretienFactory(premier_complet=True, **{case: None if case == "livret_remis_le" else False})
        assert not Entretien.objects.informes().exists()

    def test_un_entretien_en_cours_n_informe_pas(self):
        EntretienFactory(premier_complet=True, clos=False)
        assert not Entretien.objects.informes().exists()

    def test_un_suivi_n_informe_pas(self):
        EntretienFactory(premier_complet=True, genre=GenreEntretien.SUIVI)
        assert not Entretien.objects.informes().exists()

    def test_pendant_un_parcours_le_premier_contact_est_celui_qui_y_a_mene(self):
        participant, _ = dossier()
        mene = timezone.localdate() - datetime.timedelta(45)
        PrescriptionFactory(participant=participant, premier_contact_le=mene)
        PrescriptionFactory(participant=participant, statut="sans_suite", sans_suite_le=timezone.now(),
                            motif_sans_suite="doublon", sans_suite_par=UtilisateurFactory())  # fmt: skip
        assert premier_contact(participant) == mene

    def test_le_premier_contact_est_le_plus_recent(self):
        participant = ParticipantFactory()
        assert premier_contact(participant) is None
        for jours in (400, 12):
            PrescriptionFactory(
                participant=participant,
                premier_contact_le=timezone.localdate() - datetime.timedelta(jours),
                **{"statut": "sans_suite", "sans_suite_le": timezone.now(), "motif_sans_suite": "injoignable"}
                | {"sans_suite_par": UtilisateurFactory()}
                if jours == 400
                else {},
            )
        assert premier_contact(participant) == timezone.localdate() - datetime.timedelta(12)


class TestRendezVous:
    @pytest.mark.parametrize("statut", sorted(set(StatutRendezVous) - {StatutRendezVous.PREVU}))
    def test_un_rendez_vous_venu_se_note_une_fois(self, statut):
        rdv = RendezVousFactory(debut=timezone.now() - datetime.timedelta(hours=1))
        rdv.noter(statut, par=rdv.conseiller)
        assert RendezVous.objects.get(pk=rdv.pk).statut == statut
        with pytest.raises(TransitionImpossible, match="déjà noté"):
            rdv.noter(StatutRendezVous.HONORE, par=rdv.conseiller)

    @pytest.mark.parametrize("statut", ["honore", "absent", "absent_excuse"])
    def test_une_presence_ne_se_note_pas_d_avance(self, statut):
        rdv = RendezVousFactory(debut=timezone.now() + datetime.timedelta(days=2))
        with pytest.raises(TransitionImpossible, match="pas encore eu lieu"):
            rdv.noter(statut, par=rdv.conseiller)

    def test_un_rendez_vous_a_venir_peut_etre_annule(self):
        rdv = RendezVousFactory()
        rdv.noter(StatutRendezVous.ANNULE_PERSONNE, par=rdv.conseiller)
        assert not RendezVous.objects.a_venir().exists()

    @pytest.mark.parametrize(
        ("jour", "heures"),
        [("2027-03-28", 23), ("2026-10-25", 25), ("2028-02-29", 24)],
        ids=["printemps", "automne", "29 février"],
    )
    def test_le_jour_d_un_rendez_vous_est_celui_de_paris_meme_au_changement_d_heure(self, jour, heures):
        jour = datetime.date.fromisoformat(jour)
        minuit = timezone.make_aware(datetime.datetime.combine(jour, datetime.time()))
        fin = minuit.astimezone(datetime.UTC) + datetime.timedelta(hours=heures)
        participant, referente = dossier()
        dedans = [RendezVousFactory(participant=participant, conseiller=referente, debut=debut) for debut in
                  (minuit, fin - datetime.timedelta(minutes=1))]  # fmt: skip
        for debut in (minuit - datetime.timedelta(minutes=1), fin):
            RendezVousFactory(participant=participant, conseiller=referente, debut=debut)
        assert list(RendezVous.objects.du_jour(jour)) == dedans
        assert {rdv.jour for rdv in dedans} == {jour}


class TestDemarches:
    def test_faite_puis_defaite(self):
        demarche = DemarcheFactory()
        demarche.regler(EtatDemarche.FAITE, par="test")
        assert demarche.reglee_le == timezone.localdate()
        demarche.regler(EtatDemarche.A_FAIRE, par="test")
        assert (demarche.etat, demarche.reglee_le) == (EtatDemarche.A_FAIRE, None)

    def test_faite_ne_devient_pas_abandonnee_sans_etre_rouverte(self):
        demarche = DemarcheFactory(etat=EtatDemarche.FAITE)
        with pytest.raises(TransitionImpossible):
            demarche.regler(EtatDemarche.ABANDONNEE, par="test")

    def test_une_demarche_est_echue_le_lendemain_de_son_jour(self):
        a_temps, sans_date = DemarcheFactory(pour_le=timezone.localdate()), DemarcheFactory(pour_le=None)
        hier = timezone.localdate() - datetime.timedelta(1)
        echue, faite = DemarcheFactory(pour_le=hier), DemarcheFactory(pour_le=hier, etat=EtatDemarche.FAITE)
        assert list(Demarche.objects.echues()) == [echue]
        assert [d.est_echue for d in (a_temps, sans_date, echue, faite)] == [False, False, True, False]
