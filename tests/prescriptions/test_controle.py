"""Le contrôle : un verdict par pièce, sa liste de points, sa date ; ce qui s’annule, et le dossier suivant."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes.models import Role
from journal.models import Acte, Ligne
from prescriptions import permissions
from prescriptions.controle import avis_de_validite
from prescriptions.listes import StatutPrescription, Verdict
from prescriptions.models import LignePiece, Prescription
from tests.factories import (
    CommuneFactory,
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, demande, ligne

pytestmark = pytest.mark.django_db
S = StatutPrescription


@pytest.fixture(autouse=True)
def reglages_gardes(monkeypatch):
    monkeypatch.setattr("reglages.lecture.DUREE_DU_CACHE", 3600)


@pytest.fixture
def statisticien():
    return agent(Role.STATISTIQUES)


@pytest.fixture
def controleur(connexion, statisticien):
    return connexion(statisticien)


def url(prescription, nom="controle"):
    return reverse(f"prescriptions:{nom}", args=[prescription.pk])


def a_voir(**champs):
    """Au contrôle, aucune pièce vue."""
    return demande("validee", verdict=Verdict.A_CONTROLER, **champs)


def geste(case, verdict="conforme", **autres):
    """Ce que poste l’écran quand tout est coché."""
    case.refresh_from_db()
    date = case.piece.etablie_le if case.piece_id else None
    lu = {"etablie_le": f"{date:%d/%m/%Y}"} if date and case.type.validite_mois else {}
    return {"ligne": case.pk, "version": case.version, "verdict": verdict, "points": case.type.points} | lu | autres


def relue(objet):
    return type(objet).objects.get(pk=objet.pk)


def juger_tout(client, prescription, verdict="conforme"):
    for case in prescription.lignes.all():
        client.post(url(prescription), geste(case, verdict))


def test_une_piece_dont_la_date_est_passee_ne_se_dit_pas_conforme(controleur):
    prescription = a_voir()
    case = prescription.lignes.first()
    hier = timezone.localdate() - datetime.timedelta(1)
    reponse = controleur.post(url(prescription), geste(case, expire_le=f"{hier:%d/%m/%Y}"))
    assertContains(reponse, "Cette date est passée")
    assert relue(case).verdict == Verdict.A_CONTROLER
    controleur.post(url(prescription), geste(case, expire_le=f"{timezone.localdate():%d/%m/%Y}"))
    assert relue(case).verdict == Verdict.CONFORME


def test_re1_un_point_oublie_ne_fait_pas_oublier_le_verdict_d_une_collegue(controleur):
    """La page remontrée porte la version lue d’abord, pas celle d’après."""
    prescription = a_voir()
    case = prescription.lignes.exclude(type__points=[]).first()
    mien = geste(case)
    relue(case).controler("manquante", par=agent(Role.STATISTIQUES))
    page = controleur.post(url(prescription), mien | {"verdict": "non_conforme"})
    assertContains(page, f'name="version" value="{mien["version"]}"')
    page = controleur.post(url(prescription), mien)
    assertContains(page, "a changé depuis que vous l’avez ouverte", status_code=409)
    assertContains(page, f'name="version" value="{relue(case).version}"', status_code=409)
    assert relue(case).verdict == Verdict.MANQUANTE


def test_une_date_de_fin_lue_par_erreur_s_efface(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    controleur.post(url(prescription), geste(case, expire_le=f"{AUJOURD_HUI() + JOUR:%d/%m/%Y}"))
    assert relue(case.piece).expire_le == AUJOURD_HUI() + JOUR
    controleur.post(url(prescription), geste(case, expire_le=""))
    assert relue(case.piece).expire_le is None


def test_annuler_rend_le_verdict_a_qui_l_avait_donne(controleur):
    prescription, premiere = a_voir(), agent(Role.STATISTIQUES)
    case = ligne(prescription, "identite")
    case.controler("manquante", par=premiere)
    controleur.post(url(prescription), geste(case))
    controleur.post(url(prescription, "annuler"))
    assert (relue(case).verdict, relue(case).controlee_par) == (Verdict.MANQUANTE, premiere)


def test_le_filtre_de_la_file_suit_entier_de_piece_en_piece(controleur):
    page = controleur.get(url(a_voir()), {"texte": "Dupont & Fils #1"})
    assertContains(page, "texte=Dupont+%26+Fils+%231")


def test_apres_un_accord_vient_le_dossier_annonce_pas_le_premier_de_la_file(controleur):
    anciennes = [demande("validee", statut_depuis=timezone.now() - j * JOUR) for j in (9, 8, 7)]
    premiere, milieu, derniere = anciennes
    page = controleur.get(url(milieu))
    assert page.context["file"]["suivante"] == derniere
    reponse = controleur.post(url(milieu, "accorder"), {"depuis": "controle"})
    assert reponse.url.startswith(url(derniere))
    reponse = controleur.post(url(derniere, "accorder"), {"depuis": "controle"})
    assert reponse.url.startswith(url(premiere))


# Qui, quand


@pytest.mark.parametrize("role", [Role.CONSEILLER, Role.RESPONSABLE, Role.ANIMATION])
@pytest.mark.parametrize("methode", ["get", "post"])
def test_seules_les_statistiques_controlent(connexion, role, methode):
    prescription = a_voir()
    lecteur = prescription.conseiller if role == Role.CONSEILLER else agent(role)
    reponse = getattr(connexion(lecteur), methode)(url(prescription))
    assertContains(reponse, permissions.CONTROLER, status_code=403)


@pytest.mark.parametrize("role", [Role.PRESCRIPTEUR, Role.ENTREPRISES, Role.ADMINISTRATEUR])
def test_pour_les_autres_le_controle_n_existe_pas(connexion, role):
    assert connexion(agent(role)).get(url(a_voir())).status_code == 404


def test_une_demande_qui_n_est_plus_au_controle_renvoie_a_sa_fiche(controleur):
    prescription = demande("accordee")
    reponse = controleur.get(url(prescription), follow=True)
    assertRedirects(reponse, prescription.get_absolute_url())
    assertContains(reponse, "n’est plus au contrôle")


def test_ouvrir_le_controle_se_consigne(controleur, statisticien):
    prescription = a_voir()
    controleur.get(url(prescription))
    assert Ligne.objects.get(acte=Acte.LECTURE, objet_id=prescription.pk).auteur == statisticien


def test_le_controle_coute_quinze_requetes_au_plus_quel_que_soit_le_nombre_de_pieces(
    controleur, django_assert_max_num_queries
):
    prescription, couts = a_voir(), []
    controleur.get(url(prescription))  # ouvre la session, lit les réglages
    for _ in range(2):
        with django_assert_max_num_queries(15) as requetes:
            controleur.get(url(prescription))
        couts.append(len(requetes))
        for _ in range(5):
            critere = CritereFactory(types=[TypePieceFactory()])
            CritereInvoqueFactory(prescription=prescription, critere=critere)
            LignePieceFactory(prescription=prescription, type=critere.types.get(), jointe=True)
            PrescriptionFactory(validee=True)
    assert couts[0] == couts[1]


# L’écran


def test_la_premiere_piece_a_voir_s_ouvre_avec_ses_points_et_sa_date(controleur):
    prescription = a_voir()
    reponse = controleur.get(url(prescription))
    assertContains(reponse, "Pièce d’identité")
    assertContains(reponse, "Nom identique")
    case = ligne(prescription, "attestation_rsa")
    reponse = controleur.get(url(prescription), {"piece": str(case.pk)})
    assertContains(reponse, "Établie le")
    assertContains(reponse, "couvre l’entrée")
    assertContains(reponse, reverse("participants:apercu", args=[case.piece_id]))


@pytest.mark.parametrize("cle", ["zut", "01900000-0000-7000-8000-000000000000", ""])
def test_une_piece_inconnue_ouvre_la_premiere_a_voir(controleur, cle):
    prescription = a_voir()
    assert controleur.get(url(prescription), {"piece": cle}).context["ligne"] == ligne(prescription, "identite")


def test_une_demande_sans_piece_s_ouvre_quand_meme(controleur):
    assertContains(controleur.get(url(PrescriptionFactory(validee=True))), "aucune pièce")


def test_chaque_touche_a_son_bouton(controleur):
    prescription = a_voir()
    reponse = controleur.get(url(prescription))
    for touche in ("c", "n", "m", "a", "R", "1", "2", "arrowdown", "arrowup", "arrowright"):
        assertContains(reponse, f'data-touche="{touche}"')
    controleur.post(url(prescription), geste(ligne(prescription, "identite")))
    assertContains(controleur.get(url(prescription)), 'data-touche="z"')


@pytest.mark.parametrize(
    ("limite", "mois", "etat", "texte"),
    [
        (datetime.date(2027, 2, 6), 3, "ok", "Vaut jusqu’au 6 février 2027, couvre l’entrée"),
        (datetime.date(2026, 12, 14), 3, "ok", "Vaut jusqu’au 14 décembre 2026, couvre l’entrée"),
        (datetime.date(2026, 12, 13), 3, "retard", "Vaut jusqu’au 13 décembre 2026, ne couvre pas l’entrée"),
        (None, 3, "attention", "Date à lire sur la pièce"),
        (None, None, "ok", "Sans limite"),
    ],
)
def test_la_date_dit_si_elle_couvre_l_entree(limite, mois, etat, texte, time_machine_2025):
    assert avis_de_validite(limite, datetime.date(2026, 12, 14), mois) == {"etat": etat, "texte": texte}


@pytest.fixture
def time_machine_2025():
    """Une autre année que celles des dates : elles s’écrivent avec la leur."""
    import time_machine

    with time_machine.travel(datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC)):
        yield


# Les verdicts


def test_conforme_passe_a_la_piece_suivante_et_prouve(controleur, statisticien):
    prescription = a_voir()
    identite, domicile = ligne(prescription, "identite"), ligne(prescription, "domicile")
    reponse = controleur.post(url(prescription), geste(identite))
    assertRedirects(reponse, f"{url(prescription)}?piece={domicile.pk}", fetch_redirect_response=False)
    identite.refresh_from_db()
    assert (identite.verdict, identite.controlee_par, identite.points) == (
        Verdict.CONFORME,
        statisticien,
        ["Nom identique", "Lisible"],
    )
    assert identite.history.latest().history_user == statisticien


def test_conforme_exige_tous_les_points_coches(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    reponse = controleur.post(url(prescription), geste(case, points=["Lisible"]))
    assertContains(reponse, "Il reste à vérifier : nom identique.")
    assert reponse.context["points"][1]["coche"]
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_non_conforme_exige_son_motif_et_garde_ce_qui_serait_accepte(controleur):
    prescription = a_voir()
    case = ligne(prescription, "attestation_rsa")
    reponse = controleur.post(url(prescription), geste(case, "non_conforme", accepte="Relevé d’octobre"))
    assertContains(reponse, "Dites pourquoi la pièce n’est pas conforme.")
    assertContains(reponse, "Relevé d’octobre")
    controleur.post(url(prescription), geste(case, "non_conforme", motif="expiree", accepte="Relevé d’octobre"))
    case.refresh_from_db()
    assert (case.verdict, case.motif, case.accepte_a_la_place) == ("non_conforme", "expiree", "Relevé d’octobre")
    renvoi = controleur.get(url(prescription)).context["renvoi_form"]
    assert renvoi[f"demander-{case.pk}"].value()
    assert renvoi[f"accepte-{case.pk}"].value() == "Relevé d’octobre"


def test_manquante_se_dit_sans_motif(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    controleur.post(url(prescription), geste(case, "manquante"))
    assert relue(case).verdict == Verdict.MANQUANTE


def test_la_date_tapee_se_range_sur_la_piece(controleur):
    prescription = a_voir()
    case, hier = ligne(prescription, "domicile"), AUJOURD_HUI() - JOUR
    controleur.post(url(prescription), geste(case, etablie_le=f"{hier:%d/%m/%Y}"))
    assert relue(case).piece.etablie_le == hier


@pytest.mark.parametrize(("date", "erreur"), [("demain", "futur"), ("31/02/2026", "n’existe pas")])
def test_une_date_impossible_revient(controleur, date, erreur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    date = f"{AUJOURD_HUI() + JOUR:%d/%m/%Y}" if date == "demain" else date
    assertContains(controleur.post(url(prescription), geste(case, etablie_le=date)), erreur)
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_sans_date_une_piece_dont_la_validite_en_depend_n_est_pas_conforme(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    case.piece.etablie_le = None
    case.piece.enregistrer(par="test")
    reponse = controleur.post(url(prescription), geste(case, etablie_le=""), follow=True)
    assertContains(reponse, "Lisez la date sur la pièce")
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_une_piece_exigee_ne_prouve_un_critere_que_si_on_le_dit(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    qpv = CritereFactory(code="QPV", libelle="Résident d’un quartier prioritaire", types=[case.type])
    CritereInvoqueFactory(prescription=prescription, critere=qpv)
    assertContains(controleur.get(url(prescription), {"piece": str(case.pk)}), "Prouve « Résident")
    controleur.post(url(prescription), geste(case))
    assert relue(case).ne_prouve_pas == ["QPV"]
    controleur.post(url(prescription), geste(case, prouve=["QPV"]))
    assert relue(case).ne_prouve_pas == []


def test_deux_onglets_sur_la_meme_piece_le_second_relit(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    envoi = geste(case)
    controleur.post(url(prescription), envoi)
    reponse = controleur.post(url(prescription), envoi | {"verdict": "manquante", "accepte": "Un passeport"})
    assertContains(reponse, "a changé depuis que vous l’avez ouverte", status_code=409)
    assertContains(reponse, "a dit « conforme", status_code=409)
    assertContains(reponse, "Un passeport", status_code=409)
    assert relue(case).verdict == Verdict.CONFORME


def test_un_double_clic_sur_un_verdict_passe_a_la_piece_suivante_sans_rien_redire(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    envoi = geste(case)
    suites = [controleur.post(url(prescription), envoi).url for _ in range(2)]
    assert suites[0] == suites[1]
    assert relue(case).history.filter(verdict=Verdict.CONFORME).count() == 1


def test_juger_la_piece_d_une_autre_demande_n_existe_pas(controleur):
    assert controleur.post(url(a_voir()), geste(LignePieceFactory())).status_code == 404


def test_un_verdict_inconnu_ne_juge_rien(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    assert controleur.post(url(prescription), geste(case, "a_controler")).status_code == 200
    assert relue(case).verdict == Verdict.A_CONTROLER


# Annuler


def test_z_annule_le_dernier_geste_puis_celui_d_avant(controleur):
    prescription = a_voir()
    identite, domicile = ligne(prescription, "identite"), ligne(prescription, "domicile")
    avant, hier = domicile.piece.etablie_le, AUJOURD_HUI() - JOUR
    controleur.post(url(prescription), geste(identite))
    controleur.post(url(prescription), geste(domicile, etablie_le=f"{hier:%d/%m/%Y}"))
    reponse = controleur.post(url(prescription, "annuler"))
    assertRedirects(reponse, f"{url(prescription)}?piece={domicile.pk}", fetch_redirect_response=False)
    domicile = relue(domicile)
    assert (domicile.verdict, domicile.points, domicile.piece.etablie_le) == (Verdict.A_CONTROLER, [], avant)
    assert relue(identite).verdict == Verdict.CONFORME
    controleur.post(url(prescription, "annuler"))
    assert relue(identite).verdict == Verdict.A_CONTROLER
    assertContains(controleur.post(url(prescription, "annuler"), follow=True), "Rien à annuler")


def test_un_geste_se_refait_apres_avoir_ete_annule(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    for verdict in ("conforme", "manquante"):
        controleur.post(url(prescription), geste(case, verdict))
        controleur.post(url(prescription, "annuler"))
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_on_n_annule_pas_par_dessus_le_geste_d_un_autre(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    controleur.post(url(prescription), geste(case))
    relue(case).controler("manquante", par=agent(Role.STATISTIQUES))
    assertContains(controleur.post(url(prescription, "annuler"), follow=True), "ne s’annule plus")
    assert relue(case).verdict == Verdict.MANQUANTE


def test_on_n_annule_plus_rien_apres_l_accord(controleur):
    prescription = a_voir()
    juger_tout(controleur, prescription)
    controleur.post(url(prescription, "accorder"))
    controleur.post(url(prescription, "annuler"))
    assert not LignePiece.objects.exclude(verdict=Verdict.CONFORME).exists()


# Accorder, renvoyer, passer au suivant


def test_accorder_attend_que_tout_soit_prouve_et_passe_au_dossier_suivant(controleur):
    prescription = a_voir(statut_depuis=timezone.now() - 3 * JOUR)
    suivante = PrescriptionFactory(validee=True)
    assertContains(controleur.get(url(prescription)), 'aria-describedby="manque-accorder"')
    juger_tout(controleur, prescription)
    assertNotContains(controleur.get(url(prescription)), 'aria-describedby="manque-accorder"')
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"})
    assertRedirects(reponse, url(suivante), fetch_redirect_response=False)
    assert relue(prescription).statut == S.ACCORDEE


def test_le_dernier_dossier_accorde_ramene_a_la_file(controleur):
    prescription = a_voir()
    juger_tout(controleur, prescription)
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"}, follow=True)
    assertContains(reponse, "La file de contrôle est vide.")
    assertContains(reponse, "Aucun dossier au contrôle")


def test_accorder_trop_tot_dit_tout_ce_qui_manque(controleur):
    prescription = a_voir()
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"}, follow=True)
    for manque in ("Droit de travailler", "Commune adhérente", "aucun critère"):
        assertContains(reponse, manque)
    assert relue(prescription).statut == S.A_CONTROLER


def test_une_commune_a_confirmer_demande_un_motif(controleur):
    prescription = a_voir(participant__commune=CommuneFactory(a_confirmer=True))
    juger_tout(controleur, prescription)
    assertContains(controleur.get(url(prescription)), "est à confirmer")
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle", "adhesion_motif": ""}, follow=True)
    assertContains(reponse, "donnez un motif")
    controleur.post(url(prescription, "accorder"), {"depuis": "controle", "adhesion_motif": "Délibération attendue"})
    assert relue(prescription).adhesion_motif == "Délibération attendue"


def test_renvoyer_depuis_le_controle_demande_les_cases_et_passe_au_suivant(controleur):
    prescription = a_voir(statut_depuis=timezone.now() - 3 * JOUR)
    suivante = PrescriptionFactory(validee=True)
    case = ligne(prescription, "domicile")
    donnees = {"depuis": "controle", f"demander-{case.pk}": "on", f"motif-{case.pk}": "illisible"}
    reponse = controleur.post(url(prescription, "renvoyer"), donnees)
    assertRedirects(reponse, url(suivante), fetch_redirect_response=False)
    assert relue(prescription).statut == S.A_COMPLETER
    assert relue(case).demandee_le


def test_un_renvoi_incomplet_reste_sur_le_controle(controleur):
    prescription = a_voir()
    reponse = controleur.post(url(prescription, "renvoyer"), {"depuis": "controle", "texte": "Voir ensemble"})
    assertContains(reponse, "Dites ce qui manque")
    assertContains(reponse, "Voir ensemble")
    assertContains(reponse, "Ce que le dossier prouve")


def test_la_file_donne_le_rang_le_suivant_et_garde_ses_filtres(controleur):
    demandes = [a_voir(statut_depuis=timezone.now() - rang * JOUR) for rang in (3, 2, 1)]
    ailleurs = PrescriptionFactory(validee=True, statut_depuis=timezone.now() - 2.5 * JOUR)
    file = controleur.get(url(demandes[0])).context["file"]
    assert (file["rang"], file["total"], file["suivante"]) == (1, 4, ailleurs)
    antenne = demandes[0].antenne
    demandes[1].antenne = antenne
    demandes[1].enregistrer(par="test")
    filtre = {"antenne": str(antenne.pk)}
    file = controleur.get(url(demandes[0]), filtre).context["file"]
    assert (file["rang"], file["total"], file["suivante"]) == (1, 2, demandes[1])
    assert file["url"].endswith(f"?antenne={antenne.pk}")
    reponse = controleur.post(url(demandes[0]), geste(ligne(demandes[0], "identite")) | filtre)
    assert f"antenne={antenne.pk}" in reponse["Location"]


def test_le_dernier_de_la_file_ramene_a_la_file(controleur):
    assert controleur.get(url(a_voir())).context["file"]["suivante"] is None
    assert Prescription.objects.count() == 1
