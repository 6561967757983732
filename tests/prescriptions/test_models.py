"""La table des transitions, verbe par verbe : effet, refus, double envoi, retour en arrière, auteur."""

import datetime

import pytest
from django.utils import timezone

from comptes.models import Role
from entretiens.models import Entretien
from parcours.models import Affectation, EtatAffectation, Parcours
from plie.exceptions import TransitionImpossible
from prescriptions.eligibilite import lire
from prescriptions.listes import FINIES, OUVERTES, TOUR, TRANSITIONS, StatutPrescription, Verdict
from prescriptions.models import Retour
from tests.factories import (
    AffectationFactory,
    AvisFactory,
    CritereFactory,
    CritereInvoqueFactory,
    EntretienFactory,
    LignePieceFactory,
    PieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import (
    AUJOURD_HUI,
    ETATS,
    JOUR,
    VERBES,
    agent,
    demande,
    dire,
    ligne,
    prete,
    renvoyee,
    repondue,
)
from tests.prescriptions.ecrans import relue

pytestmark = pytest.mark.django_db
S = StatutPrescription


def test_chaque_statut_declare_ses_transitions_et_son_tour():
    assert set(TRANSITIONS) == set(S)
    assert set(TOUR) == OUVERTES
    assert all(not TRANSITIONS[statut] for statut in FINIES)


@pytest.mark.parametrize("verbe", VERBES)
def test_le_verbe_mene_a_son_etat_et_signe_son_fait(verbe):
    prescription, par = prete(verbe)
    dire(prescription, verbe, par)
    apres = relue(prescription)
    assert apres.statut == VERBES[verbe][1]
    assert timezone.now() - apres.statut_depuis < datetime.timedelta(minutes=1)
    participe = {
        "prendre_en_charge": "prise_en_charge",
        "transmettre": "transmise",
        "completer": "transmise",
        "valider_pertinence": "pertinence_validee",
        "accorder": "accordee",
        "refuser": "refusee",
        "acter_entree": "entree_actee",
        "classer_sans_suite": "sans_suite",
    }.get(verbe)
    if participe:
        assert getattr(apres, f"{participe}_par") == par
        assert getattr(apres, f"{participe}_le")


@pytest.mark.parametrize("verbe", VERBES)
def test_l_historique_nomme_l_auteur_du_verbe(verbe):
    prescription, par = prete(verbe)
    dire(prescription, verbe, par)
    assert prescription.history.latest().history_user == par


@pytest.mark.parametrize("verbe", VERBES)
def test_le_verbe_dit_deux_fois_n_a_qu_un_effet(verbe):
    prescription, par = prete(verbe)
    dire(prescription, verbe, par)
    version = relue(prescription).version
    with pytest.raises(TransitionImpossible):
        dire(prescription, verbe, par)
    assert relue(prescription).version == version
    assert Parcours.objects.count() == (verbe == "acter_entree")


@pytest.mark.parametrize("verbe", VERBES)
def test_deux_onglets_ne_font_pas_deux_fois_le_verbe(verbe):
    premier, par = prete(verbe)
    second = relue(premier)
    dire(premier, verbe, par)
    with pytest.raises(TransitionImpossible):
        dire(second, verbe, par)


@pytest.mark.parametrize("verbe", VERBES)
def test_le_verbe_se_refuse_depuis_tout_autre_etat(verbe):
    permis = {
        "prendre_en_charge": {S.ORIENTEE},
        "transmettre": {S.EN_INSTRUCTION, S.A_COMPLETER},
        "completer": {S.A_COMPLETER},
        "valider_pertinence": {S.TRANSMISE},
        "renvoyer": {S.TRANSMISE, S.A_CONTROLER},
        "accorder": {S.A_CONTROLER},
        "rouvrir_controle": {S.ACCORDEE},
        "refuser": {S.TRANSMISE, S.A_CONTROLER},
        "acter_entree": {S.ACCORDEE},
        "classer_sans_suite": OUVERTES,
    }[verbe]
    par = agent(Role.RESPONSABLE)
    for statut, trait in ETATS.items():
        if statut in permis:
            continue
        prescription = PrescriptionFactory(**({trait: True} if trait else {}))
        with pytest.raises(TransitionImpossible):
            dire(prescription, verbe, par)
        assert relue(prescription).statut == statut


@pytest.mark.parametrize("verbe", VERBES)
def test_chaque_fleche_suivie_est_dans_la_table(verbe):
    prescription, par = prete(verbe)
    depart = prescription.statut
    dire(prescription, verbe, par)
    assert relue(prescription).statut in TRANSITIONS[depart]


def test_toute_fleche_de_la_table_a_un_verbe_qui_la_suit():
    suivies = {(S(prete(verbe)[0].statut), S(VERBES[verbe][1])) for verbe in VERBES if verbe != "classer_sans_suite"}
    suivies |= {(statut, S.SANS_SUITE) for statut in OUVERTES}
    suivies |= {
        (S.EN_INSTRUCTION, S.A_CONTROLER),  # pertinence déjà validée
        (S.A_COMPLETER, S.TRANSMISE),  # renvoyée par la responsable
        (S.A_CONTROLER, S.A_COMPLETER),
        (S.A_CONTROLER, S.REFUSEE),
    }
    assert suivies == {(depart, arrivee) for depart, arrivees in TRANSITIONS.items() for arrivee in arrivees}


# Prendre en charge


def test_prendre_en_charge_designe_le_conseiller_et_pressent_le_referent():
    prescription = PrescriptionFactory()
    conseiller = agent(Role.CONSEILLER, antenne=prescription.antenne)
    prescription.prendre_en_charge(par=conseiller)
    affectation = Affectation.objects.get(participant=prescription.participant, au=None)
    assert (affectation.conseiller, affectation.etat) == (conseiller, EtatAffectation.PRESSENTIE)
    assert relue(prescription).conseiller == conseiller


def test_prendre_en_charge_ne_deplace_pas_un_referent_confirme():
    prescription = PrescriptionFactory()
    en_place = AffectationFactory(participant=prescription.participant)
    prescription.prendre_en_charge(par=agent(Role.CONSEILLER, antenne=prescription.antenne))
    assert Affectation.objects.get(participant=prescription.participant, au=None) == en_place


def test_prendre_en_charge_ouvre_une_case_par_piece_exigee():
    exigee, autre = TypePieceFactory(obligatoire=True), TypePieceFactory()
    prescription = PrescriptionFactory()
    prescription.prendre_en_charge(par=agent(Role.CONSEILLER, antenne=prescription.antenne))
    assert [x.type for x in prescription.lignes.all()] == [exigee]
    assert autre.pk


# Transmettre, compléter, renvoyer


@pytest.mark.parametrize("absent", ["avis", "entretien", "critere", "piece", "piece_du_critere"])
def test_transmettre_dit_tout_ce_qui_manque_et_rien_d_autre(absent):
    prescription, vide = PrescriptionFactory(prise=True), {"avis", "entretien", "critere", "piece", "piece_du_critere"}
    type_exige, type_prouve = TypePieceFactory(obligatoire=True), TypePieceFactory()
    critere = CritereFactory(types=[type_prouve])
    if absent != "avis":
        AvisFactory(prescription=prescription)
    if absent != "entretien":
        EntretienFactory(participant=prescription.participant, premier_complet=True)
    if absent != "critere":
        CritereInvoqueFactory(prescription=prescription, critere=critere)
    LignePieceFactory(prescription=prescription, type=type_exige, jointe=absent != "piece")
    LignePieceFactory(prescription=prescription, type=type_prouve, jointe=absent != "piece_du_critere")
    manque = prescription.manque_pour_transmettre()
    assert len(manque) == 1
    assert absent in vide
    with pytest.raises(TransitionImpossible, match=manque[0][:20]):
        prescription.transmettre(par=prescription.conseiller)
    assert relue(prescription).statut == S.EN_INSTRUCTION


def test_un_premier_entretien_commence_ne_permet_pas_de_transmettre():
    prescription, _ = prete("transmettre")
    Entretien.objects.get().supprimer(par="test")
    EntretienFactory(participant=prescription.participant, premier_complet=True, clos=False)
    assert [m.cible for m in prescription.manque_pour_transmettre()] == ["entretien"]


@pytest.mark.parametrize("verbe", ["transmettre", "completer", "acter_entree"])
@pytest.mark.parametrize("abime", ["rien", "piece", "verdict", "critere", "avis"])
def test_ce_qui_manque_et_ce_que_le_verbe_refuse_sont_la_meme_chose(verbe, abime):
    """La propriété : l’écran dit « il ne manque rien » exactement quand le verbe passe."""
    prescription, par = prete(verbe)
    case = ligne(prescription, "attestation_rsa")
    if abime == "piece":
        case.piece, case.promise_pour, case.verdict = None, None, Verdict.A_CONTROLER
    elif abime == "verdict":
        case.verdict, case.motif, case.demandee_le = Verdict.NON_CONFORME, "illisible", timezone.now()
        case.promise_pour = None
    elif abime == "critere":
        invoque = prescription.criteres_invoques.get()
        invoque.retire_le = timezone.now()
        invoque.enregistrer(par=par)
    elif abime == "avis":
        prescription.avis.get().supprimer(par=par)
    case.enregistrer(par=par)
    question = "acter" if verbe == "acter_entree" else verbe
    manque = getattr(prescription, f"manque_pour_{question}")()
    if not manque:
        getattr(prescription, verbe)(par=par)
        return
    with pytest.raises(TransitionImpossible) as refus:
        getattr(prescription, verbe)(par=par)
    assert all(texte in str(refus.value) for texte in manque)


def test_une_promesse_vaut_une_piece_jusqu_a_sa_date():
    prescription = demande("prise")
    case = ligne(prescription, "domicile")
    case.piece, case.verdict = None, Verdict.A_CONTROLER
    case.promise_pour = AUJOURD_HUI()
    case.enregistrer(par=prescription.conseiller)
    assert not prescription.manque_pour_transmettre()
    case.promise_pour = AUJOURD_HUI() - JOUR
    case.enregistrer(par=prescription.conseiller)
    assert prescription.manque_pour_transmettre() == ["Justificatif de domicile : à joindre, ou une date promise"]


def test_une_seule_des_pieces_qui_prouvent_un_critere_suffit():
    diplome, attestation = TypePieceFactory(libelle="Diplôme"), TypePieceFactory(libelle="Attestation")
    prescription = demande("prise")
    critere = CritereFactory(types=[diplome, attestation])
    prescription.choisir_criteres([critere, prescription.criteres_invoques.get().critere], par=prescription.conseiller)
    (manque,) = prescription.manque_pour_transmettre()
    assert manque.startswith(("Diplôme ou Attestation", "Attestation ou Diplôme"))
    assert manque.critere == critere
    case = prescription.lignes.get(type=attestation)
    case.joindre(PieceFactory(participant=prescription.participant, type=attestation), par=prescription.conseiller)
    assert not prescription.manque_pour_transmettre()


def test_retirer_le_critere_dispense_de_sa_piece():
    prescription = demande("prise")
    autre = CritereFactory(types=[TypePieceFactory()])
    rsa = prescription.criteres_invoques.get().critere
    prescription.choisir_criteres([rsa, autre], par=prescription.conseiller)
    assert prescription.manque_pour_transmettre()[0].critere == autre
    prescription.choisir_criteres([rsa], par=prescription.conseiller)
    assert not prescription.manque_pour_transmettre()


def test_transmettre_repart_droit_au_controle_quand_la_pertinence_est_validee():
    prescription = repondue()
    prescription.transmettre(par=prescription.conseiller)
    assert relue(prescription).statut == S.A_CONTROLER


def test_completer_revient_a_la_responsable_quand_c_est_elle_qui_a_renvoye():
    prescription = demande("transmise")
    prescription.renvoyer(
        par=agent(Role.RESPONSABLE), motifs=[], pieces=[(ligne(prescription, "domicile"), "illisible", "")]
    )
    case = ligne(prescription, "domicile")
    case.joindre(PieceFactory(participant=prescription.participant, type=case.type), par=prescription.conseiller)
    assert prescription.completer_si_tout_est_la(par=prescription.conseiller)
    assert relue(prescription).statut == S.TRANSMISE


def test_renvoyer_demande_les_pieces_case_par_case():
    prescription = renvoyee()
    case = ligne(prescription, "attestation_rsa")
    assert (case.verdict, case.motif, case.accepte_a_la_place) == (Verdict.NON_CONFORME, "expiree", "CAF")
    assert case.est_attendue
    assert lire(prescription).attendues() == [case]
    assert Retour.objects.get(prescription=prescription).motifs == ["pieces"]


@pytest.mark.parametrize("arguments", [{"motifs": []}, {"motifs": [], "texte": "À revoir."}])
def test_renvoyer_sans_motif_ni_piece_se_refuse(arguments):
    prescription = demande("transmise")
    with pytest.raises(TransitionImpossible, match="Dites ce qui manque"):
        prescription.renvoyer(par=agent(Role.RESPONSABLE), **arguments)


def test_renvoyer_la_piece_d_une_autre_demande_se_refuse_et_n_ecrit_rien():
    prescription, autre = demande("transmise"), PrescriptionFactory()
    etrangere = LignePieceFactory(prescription=autre)
    with pytest.raises(TransitionImpossible, match="autre demande"):
        prescription.renvoyer(par=agent(Role.RESPONSABLE), motifs=["avis"], pieces=[(etrangere, "illisible", "")])
    etrangere.refresh_from_db()
    assert etrangere.verdict == Verdict.A_CONTROLER
    assert relue(prescription).statut == S.TRANSMISE
    assert not Retour.objects.exists()


def test_joindre_une_case_jugee_conforme_se_refuse_pendant_le_controle():
    prescription = demande("validee")
    case = ligne(prescription, "domicile")
    with pytest.raises(TransitionImpossible, match="conforme"):
        case.joindre(PieceFactory(participant=prescription.participant, type=case.type), par=prescription.conseiller)


@pytest.mark.parametrize("etat", ["accordee", "refusee"])
def test_une_demande_accordee_ou_close_ne_prend_plus_de_pieces(etat):
    prescription = demande(etat)
    case = ligne(prescription, "domicile")
    piece = PieceFactory(participant=prescription.participant, type=case.type)
    with pytest.raises(TransitionImpossible):
        case.joindre(piece, par=prescription.conseiller)
    with pytest.raises(TransitionImpossible):
        case.promettre(AUJOURD_HUI(), par=prescription.conseiller)


def test_joindre_refuse_la_piece_d_un_autre_ou_d_un_autre_genre():
    prescription = demande("prise")
    case = ligne(prescription, "domicile")
    with pytest.raises(TransitionImpossible, match="autre personne"):
        case.joindre(PieceFactory(type=case.type), par=prescription.conseiller)
    with pytest.raises(TransitionImpossible, match="bonne pièce"):
        case.joindre(PieceFactory(participant=prescription.participant), par=prescription.conseiller)


def test_repondre_n_explique_que_ce_qui_a_ete_demande():
    prescription = renvoyee()
    with pytest.raises(TransitionImpossible, match="pas été demandée"):
        ligne(prescription, "domicile").repondre("Perdu.", par=prescription.conseiller)
    ligne(prescription, "attestation_rsa").repondre("La CAF tarde.", par=prescription.conseiller)
    assert not lire(prescription).attendues()


def test_promettre_pour_hier_se_refuse():
    prescription = renvoyee()
    with pytest.raises(TransitionImpossible, match="déjà passée"):
        ligne(prescription, "attestation_rsa").promettre(AUJOURD_HUI() - JOUR, par=prescription.conseiller)


def test_la_case_d_un_critere_retire_n_attend_plus_de_reponse():
    prescription = renvoyee()
    autre = CritereFactory(types=[ligne(prescription, "domicile").type])
    prescription.choisir_criteres([autre], par=prescription.conseiller)
    assert not lire(prescription).attendues()


def test_une_autre_piece_qui_prouve_le_meme_critere_repond_au_renvoi():
    prescription = renvoyee()
    rsa, releve = prescription.criteres_invoques.get().critere, TypePieceFactory(libelle="Relevé")
    rsa.types.add(releve)
    prescription.ouvrir_les_cases(par=prescription.conseiller)
    case = prescription.lignes.get(type=releve)
    case.joindre(PieceFactory(participant=prescription.participant, type=releve), par=prescription.conseiller)
    assert not lire(prescription).attendues()
    assert prescription.completer_si_tout_est_la(par=prescription.conseiller)


def test_un_retour_sur_l_avis_attend_une_reponse_avant_de_repartir():
    prescription = demande("transmise")
    prescription.renvoyer(par=agent(Role.RESPONSABLE), motifs=["avis"])
    assert not prescription.completer_si_tout_est_la(par=prescription.conseiller)
    with pytest.raises(TransitionImpossible, match="l’avis est à préciser"):
        prescription.transmettre(par=prescription.conseiller)
    prescription.donner_avis(par=prescription.conseiller, sens="reserve", motivation="Le projet est précisé.")
    prescription.transmettre(par=prescription.conseiller)
    assert relue(prescription).statut == S.TRANSMISE


def test_une_reponse_ecrite_suffit_a_un_retour():
    prescription = demande("transmise")
    prescription.renvoyer(par=agent(Role.RESPONSABLE), motifs=["coordonnees"])
    prescription.repondre("Téléphone vérifié.", par=prescription.conseiller)
    prescription.transmettre(par=prescription.conseiller)
    assert relue(prescription).statut == S.TRANSMISE
