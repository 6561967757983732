"""L’éligibilité se juge à la date d’entrée : validité, âges, communes, et ce qui tombe entre l’accord et l’acte."""

import datetime

import pytest
import time_machine

from comptes.models import Role
from horloges.registre import echelles
from participants.models import TypePiece
from plie.exceptions import TransitionImpossible
from prescriptions.eligibilite import Preuve, lire
from prescriptions.listes import Verdict
from tests.factories import (
    CommuneFactory,
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
    PieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, critere_rsa, demande, ligne, renvoyee

pytestmark = pytest.mark.django_db
LE_23_NOVEMBRE = datetime.date(2026, 11, 23)


def resultat(prescription, code, le=None):
    return next(r for r in prescription.eligibilite(le).resultats if r.code == code)


def dater(prescription, code, **dates):
    piece = ligne(prescription, code).piece
    for nom, valeur in dates.items():
        setattr(piece, nom, valeur)
    piece.enregistrer(par=prescription.conseiller)


def test_un_dossier_complet_est_eligible():
    prescription = demande("validee")
    eligibilite = prescription.eligibilite()
    assert [r.libelle for r in eligibilite.resultats] == [
        "Droit de travailler",
        "Commune adhérente",
        "Bénéficiaire du RSA",
    ]
    assert all(r.prouve for r in eligibilite.resultats)
    assert eligibilite.manque_pour_accorder() == []


@pytest.mark.parametrize(
    ("etablie_le", "dernier_jour"),
    [
        (datetime.date(2026, 8, 23), datetime.date(2026, 11, 23)),
        (datetime.date(2026, 11, 30), datetime.date(2027, 2, 28)),  # trois mois après un 30 : fin février
        (datetime.date(2027, 11, 29), datetime.date(2028, 2, 29)),  # année bissextile
        (datetime.date(2028, 2, 29), datetime.date(2028, 5, 29)),
    ],
)
def test_une_piece_vaut_encore_son_dernier_jour_et_plus_le_lendemain(etablie_le, dernier_jour):
    prescription = demande("validee")
    dater(prescription, "attestation_rsa", etablie_le=etablie_le)
    assert resultat(prescription, "RSA", dernier_jour).preuve == Preuve.PROUVE
    apres = resultat(prescription, "RSA", dernier_jour + JOUR)
    assert apres.preuve == Preuve.EXPIRE
    assert "avant l’entrée" in apres.explication


def test_la_date_portee_par_la_piece_passe_avant_celle_du_referentiel():
    prescription = demande("validee")
    dater(prescription, "attestation_rsa", expire_le=AUJOURD_HUI())
    assert resultat(prescription, "RSA", AUJOURD_HUI()).prouve
    assert resultat(prescription, "RSA", AUJOURD_HUI() + JOUR).preuve == Preuve.EXPIRE


def test_une_date_inconnue_ne_prouve_rien_quand_la_validite_en_depend():
    prescription = demande("validee", verdict=Verdict.A_CONTROLER)
    dater(prescription, "attestation_rsa", etablie_le=None)
    assert resultat(prescription, "RSA").explication == "date à lire sur la pièce"
    case, par = ligne(prescription, "attestation_rsa"), agent(Role.STATISTIQUES)
    with pytest.raises(TransitionImpossible, match="Lisez la date"):
        case.controler(Verdict.CONFORME, par=par)
    case.controler(Verdict.CONFORME, par=par, dates={"etablie_le": AUJOURD_HUI()})
    assert resultat(prescription, "RSA").prouve


@pytest.mark.parametrize(
    ("naissance", "le", "age"),
    [
        (datetime.date(1976, 11, 23), LE_23_NOVEMBRE, 50),
        (datetime.date(1976, 11, 24), LE_23_NOVEMBRE, 49),
        (datetime.date(2000, 2, 29), datetime.date(2026, 2, 28), 25),
        (datetime.date(2000, 2, 29), datetime.date(2026, 3, 1), 26),
        (datetime.date(2000, 2, 29), datetime.date(2028, 2, 29), 28),
        (datetime.date(1976, 2, 29), datetime.date(2026, 2, 28), 49),
    ],
)
def test_l_age_se_compte_au_jour_de_l_entree(naissance, le, age):
    prescription = demande("validee", participant__naissance=naissance)
    identite = TypePiece.objects.get(code="identite")
    for code, bornes in {"SENIOR": {"age_min": 50}, "JEUNE": {"age_max": 25}}.items():
        critere = CritereFactory(code=code, types=[identite], **bornes)
        CritereInvoqueFactory(prescription=prescription, critere=critere)
    assert resultat(prescription, "SENIOR", le).prouve == (age >= 50)
    assert resultat(prescription, "JEUNE", le).prouve == (age <= 25)


@pytest.mark.parametrize(
    ("commune", "le", "preuve"),
    [
        ({}, LE_23_NOVEMBRE, Preuve.PROUVE),
        ({"a_confirmer": True}, LE_23_NOVEMBRE, Preuve.A_CONFIRMER),
        ({"hors_plie": True}, LE_23_NOVEMBRE, Preuve.NON_PROUVE),
        ({"adherente_au": LE_23_NOVEMBRE}, LE_23_NOVEMBRE, Preuve.PROUVE),
        ({"adherente_au": LE_23_NOVEMBRE}, LE_23_NOVEMBRE + JOUR, Preuve.NON_PROUVE),
        ({"adherente_du": LE_23_NOVEMBRE}, LE_23_NOVEMBRE, Preuve.PROUVE),
        ({"adherente_du": LE_23_NOVEMBRE}, LE_23_NOVEMBRE - JOUR, Preuve.NON_PROUVE),
    ],
)
def test_l_adhesion_de_la_commune_se_lit_au_jour_de_l_entree(commune, le, preuve):
    prescription = demande("validee", participant__commune=CommuneFactory(**commune))
    dater(prescription, "domicile", etablie_le=le)
    assert resultat(prescription, "commune", le).preuve == preuve


def test_une_commune_hors_de_la_cud_n_est_jamais_adherente():
    prescription = demande("validee", participant__commune=None, participant__commune_hors_cud="Oye-Plage")
    manque = prescription.eligibilite().manque_pour_accorder("Un motif")
    assert manque == ["Commune adhérente : Oye-Plage n’est pas une commune adhérente"]


def test_la_commune_ne_se_prouve_qu_avec_le_justificatif_de_domicile():
    prescription = demande("validee")
    case = ligne(prescription, "domicile")
    case.controler("non_conforme", motif="mauvais_nom", par=agent(Role.STATISTIQUES))
    assert resultat(prescription, "commune").explication == "pas au nom de la personne"


def test_une_piece_exigee_sans_case_manque_quand_meme():
    prescription = demande("validee")
    TypePieceFactory(code="nouvelle", libelle="Pièce ajoutée au protocole", obligatoire=True)
    assert prescription.eligibilite().manque_pour_accorder() == ["Pièce ajoutée au protocole : absente"]


def test_un_critere_sorti_du_referentiel_ne_prouve_plus():
    prescription = demande("validee")
    rsa = critere_rsa()
    rsa.au = AUJOURD_HUI() - JOUR
    rsa.enregistrer(par=prescription.conseiller)
    assert prescription.eligibilite().manque_pour_accorder() == ["aucun critère n’est prouvé"]


def test_un_critere_retire_ne_compte_plus():
    prescription = demande("validee")
    invoque = prescription.criteres_invoques.get()
    invoque.retire_le = invoque.prescription.orientee_le
    invoque.enregistrer(par=prescription.conseiller)
    assert prescription.eligibilite().manque_pour_accorder() == ["aucun critère n’est prouvé"]


def test_une_piece_conforme_peut_ne_pas_prouver_un_critere():
    """Un justificatif de domicile conforme ne dit pas à lui seul que l’adresse est en quartier prioritaire."""
    prescription = demande("validee", verdict=Verdict.A_CONTROLER)
    qpv = CritereFactory(code="QPV", types=[ligne(prescription, "domicile").type])
    CritereInvoqueFactory(prescription=prescription, critere=qpv)
    case = ligne(prescription, "domicile")
    case.controler(Verdict.CONFORME, par=agent(Role.STATISTIQUES), ne_prouve_pas=["QPV"])
    assert resultat(prescription, "commune").prouve
    assert resultat(prescription, "QPV").preuve == Preuve.NON_PROUVE


def test_la_meilleure_des_pieces_prouve_le_critere():
    prescription = demande("validee")
    releve = TypePieceFactory(code="releve", ordre=1)
    critere_rsa().types.add(releve)
    LignePieceFactory(prescription=prescription, type=releve)
    assert resultat(prescription, "RSA").ligne == ligne(prescription, "attestation_rsa")


def test_ce_qui_expire_entre_l_accord_et_l_acte_empeche_l_entree():
    prescription = demande("accordee")
    with time_machine.travel(AUJOURD_HUI() + 120 * JOUR):
        manque = prescription.manque_pour_acter()
        assert manque == ["aucun critère n’est prouvé"]
        with pytest.raises(TransitionImpossible, match="aucun critère n’est prouvé"):
            prescription.acter_entree(par=agent(Role.ANIMATION))
    assert not prescription.manque_pour_acter()


def test_l_entree_prevue_passee_se_juge_aujourd_hui():
    prescription = demande("validee", entree_prevue_le=AUJOURD_HUI() - 10 * JOUR)
    assert prescription.date_d_entree == AUJOURD_HUI()


def test_l_accord_se_juge_au_jour_de_l_entree_prevue():
    prescription = demande("validee", entree_prevue_le=AUJOURD_HUI() + 120 * JOUR)
    with pytest.raises(TransitionImpossible, match="aucun critère n’est prouvé"):
        prescription.accorder(par=agent(Role.STATISTIQUES))


def test_le_controle_d_une_demande_qui_n_y_est_plus_se_refuse():
    prescription = demande("accordee")
    with pytest.raises(TransitionImpossible, match="plus au contrôle"):
        ligne(prescription, "domicile").controler(Verdict.CONFORME, par=agent(Role.STATISTIQUES))


def test_conforme_sans_piece_se_refuse():
    prescription = demande("validee")
    case = LignePieceFactory(prescription=prescription)
    with pytest.raises(TransitionImpossible, match="Aucune pièce"):
        case.controler(Verdict.CONFORME, par=agent(Role.STATISTIQUES))


def test_non_conforme_sans_motif_se_refuse():
    prescription = demande("validee")
    with pytest.raises(TransitionImpossible, match="pourquoi"):
        ligne(prescription, "domicile").controler(Verdict.NON_CONFORME, par=agent(Role.STATISTIQUES))


# Le plus court chemin, et les cases à montrer


def test_le_plus_simple_est_la_piece_qui_manque_et_le_critere_inutile_a_retirer():
    prescription = renvoyee()
    autre = CritereFactory(code="ASS", libelle="Allocataire de l’ASS", types=[TypePieceFactory()], ordre=1)
    CritereInvoqueFactory(prescription=prescription, critere=autre)
    LignePieceFactory(prescription=prescription, type=autre.types.get(), conforme=True)
    chemin = prescription.eligibilite().le_plus_simple()
    assert chemin.pieces == ()
    assert [r.code for r in chemin.a_retirer] == ["RSA"]
    assert chemin.deja_prouve.code == "ASS"


def test_sans_critere_prouve_le_plus_simple_garde_le_premier_qu_une_piece_prouverait():
    chemin = renvoyee().eligibilite().le_plus_simple()
    assert [r.piece_attendue for r in chemin.pieces] == ["Attestation RSA"]
    assert chemin.a_retirer == ()


def test_aucun_chemin_quand_la_commune_n_est_pas_adherente_ni_quand_rien_ne_manque():
    assert demande("validee").eligibilite().le_plus_simple() is None
    ailleurs = demande("validee", participant__commune=CommuneFactory(hors_plie=True))
    assert ailleurs.eligibilite().le_plus_simple() is None


def test_seule_la_premiere_facon_de_prouver_se_montre_tant_que_rien_n_est_joint():
    diplome, attestation = TypePieceFactory(ordre=1), TypePieceFactory(ordre=2)
    prescription = PrescriptionFactory(prise=True)
    prescription.choisir_criteres([CritereFactory(types=[diplome, attestation])], par=prescription.conseiller)
    assert [x.type for x in lire(prescription).utiles()] == [diplome]
    case = prescription.lignes.get(type=attestation)
    case.joindre(PieceFactory(participant=prescription.participant, type=attestation), par=prescription.conseiller)
    assert [x.type for x in lire(prescription).utiles()] == [attestation]


def test_l_eligibilite_se_lit_en_quatre_requetes(django_assert_num_queries):
    prescription = demande("validee")
    for _ in range(4):
        CritereInvoqueFactory(prescription=prescription, critere=CritereFactory(types=[TypePieceFactory()]))
    echelles()  # les réglages, gardés trente secondes
    with django_assert_num_queries(4):
        prescription.eligibilite().manque_pour_accorder()
