import datetime

import pytest

from comptes.models import Role
from journal.models import Acte, Ligne
from participants import fichiers
from participants.models import Caracteristique, Participant, Piece
from plie.exceptions import TransitionImpossible
from prescriptions.actions import joindre_piece, orienter
from prescriptions.listes import MoyenAccord, Verdict
from prescriptions.models import Prescription
from tests import factories as f
from tests import faux_fichiers
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import LE_6_AVRIL

pytestmark = pytest.mark.django_db
AUJOURD_HUI = datetime.date.today()
DEMAIN = AUJOURD_HUI + datetime.timedelta(1)


def valide(nom="cni.pdf"):
    return fichiers.valider(nom, faux_fichiers.pdf())


# La personne, la demande.


def test_orienter_inscrit_la_personne_et_ouvre_sa_demande_dans_la_bonne_antenne(decor):
    demande = orienter(**decor.demande(attente="Un métier manuel"))
    participant = demande.participant
    assert (participant.nom_complet, participant.naissance) == ("Coralie Delplanque", LE_6_AVRIL)
    assert (participant.antenne, demande.antenne) == (decor.antenne, decor.antenne)
    assert participant.mots.count() == 2
    assert (demande.statut, demande.organisation, demande.prescripteur) == (
        "orientee",
        decor.organisation,
        decor.agent,
    )
    assert (demande.orientee_par, demande.attente) == (decor.agent, "Un métier manuel")
    assert demande.premier_contact_le == AUJOURD_HUI


def test_les_numeros_ont_leur_forme_et_se_suivent(decor):
    premiere = orienter(**decor.demande())
    seconde = orienter(**decor.demande(identite=decor.identite(prenom="Yonas")))
    annee = AUJOURD_HUI.year
    assert premiere.numero.startswith(f"P-{annee}-")
    assert int(seconde.numero[7:]) == int(premiere.numero[7:]) + 1
    assert len(f"P-{annee}-0318") == len("P-2026-0318")
    assert seconde.participant.numero > premiere.participant.numero


def test_l_accord_garde_sa_date_son_moyen_et_ce_qui_le_montre(decor):
    accord = {"le": AUJOURD_HUI, "moyen": MoyenAccord.SIGNE, "trace": "M0 0L10 10"}
    demande = orienter(**decor.demande(accord=accord))
    assert (demande.accord_le, demande.accord_moyen, demande.accord_trace) == (AUJOURD_HUI, "signe", "M0 0L10 10")


def test_la_situation_devient_des_caracteristiques_datees(decor):
    demande = orienter(**decor.demande(situation={"situation": "chomeur", "niveau": "3", "ressources": ""}))
    faits = demande.participant.caracteristiques.order_by("genre")
    assert [(fait.genre, fait.valeur, fait.du) for fait in faits] == [
        ("niveau", "3", AUJOURD_HUI),
        ("situation", "chomeur", AUJOURD_HUI),
    ]


def test_un_genre_de_caracteristique_inconnu_est_une_faute_du_programme(decor):
    with pytest.raises(ValueError, match="santé"):
        orienter(**decor.demande(situation={"santé": "x"}))
    assert not Prescription.objects.exists()


def test_hors_du_territoire_la_demande_part_quand_meme_sans_antenne(decor):
    identite = decor.identite(commune=None, commune_hors_cud="Calais")
    demande = orienter(**decor.demande(identite=identite))
    assert (demande.antenne, demande.participant.lieu) == (None, "Calais")


@pytest.mark.parametrize(
    "champs",
    [{"premier_contact_le": DEMAIN}, {"accord": {"le": DEMAIN, "moyen": MoyenAccord.VIVE_VOIX}}],
    ids=["contact", "accord"],
)
def test_une_date_a_venir_est_refusee(decor, champs):
    with pytest.raises(TransitionImpossible, match="à venir"):
        orienter(**decor.demande(**champs))
    assert not Participant.objects.exists()


# Critères, cases, pièces.


def test_chaque_piece_exigee_et_chaque_preuve_d_un_critere_cru_a_sa_case(decor):
    demande = orienter(**decor.demande(criteres=[decor.rsa, decor.boeth]))
    assert {i.critere for i in demande.criteres_invoques.all()} == {decor.rsa, decor.boeth}
    cases = {ligne.type.code: ligne for ligne in demande.lignes.select_related("type")}
    assert set(cases) == {"identite", "accord_signe", "attestation_rsa", "rqth"}
    assert not any(ligne.piece_id for ligne in cases.values())
    assert all(ligne.verdict == Verdict.A_CONTROLER for ligne in cases.values())
    assert {code for code, ligne in cases.items() if ligne.du_prescripteur} == {"attestation_rsa", "rqth"}


def test_les_fichiers_apportes_remplissent_leurs_cases(decor):
    le_2_mai = datetime.date(2026, 5, 2)
    pieces = [(decor.identite_, valide(), None), (decor.attestation, valide("rsa.pdf"), le_2_mai)]
    demande = orienter(**decor.demande(pieces=pieces))
    cases = {ligne.type.code: ligne.piece for ligne in demande.lignes.select_related("type", "piece")}
    assert cases["identite"].nom == "cni.pdf"
    assert cases["identite"].participant == demande.participant
    assert cases["identite"].deposee_par == decor.agent
    assert cases["attestation_rsa"].etablie_le == le_2_mai
    assert cases["accord_signe"] is None


def test_tout_ou_rien_une_panne_a_la_fin_n_ecrit_ni_ligne_ni_fichier(decor, fichiers, monkeypatch):
    monkeypatch.setattr("prescriptions.actions.annoncer", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        orienter(**decor.demande(pieces=[(decor.identite_, valide(), None)]))
    assert not Prescription.objects.exists()
    assert not Participant.objects.exists()
    assert not Piece.objects.exists()
    assert not any(p.is_file() for p in fichiers.rglob("*"))


def test_dp1_chaque_ligne_ecrite_est_au_journal_avec_son_auteur(decor):
    demande = orienter(**decor.demande(criteres=[decor.rsa]))
    lignes = Ligne.objects.filter(participant_id=demande.participant_id, acte=Acte.CREATION)
    assert {ligne.objet_type for ligne in lignes} == {
        "participants.participant",
        "prescriptions.prescription",
        "prescriptions.critereinvoque",
        "prescriptions.lignepiece",
    }
    assert {ligne.auteur for ligne in lignes} == {decor.agent}


# La personne déjà connue.


@pytest.fixture
def connue(decor):
    return f.ParticipantFactory(
        prenom="Coralie",
        nom="Delplanque",
        naissance=LE_6_AVRIL,
        commune=f.CommuneFactory(),
        antenne=decor.antenne,
        telephone="06 39 98 00 00",
        email="",
    )


def test_une_personne_connue_sans_demande_en_cours_est_reprise_avec_ses_coordonnees_du_jour(decor, connue):
    demande = orienter(**decor.demande(identite=decor.identite(nom="DELPLANQUE", email="c@exemple.fr")))
    assert demande.participant == connue
    connue.refresh_from_db()
    assert (connue.nom, connue.telephone, connue.email) == ("Delplanque", "06 39 98 52 10", "c@exemple.fr")
    assert (connue.commune, connue.antenne) == (decor.commune, decor.antenne)


def test_une_personne_en_parcours_garde_ses_coordonnees_et_n_en_recoit_que_les_manquantes(decor, connue):
    f.ParcoursFactory(participant=connue)
    antenne = connue.antenne
    demande = orienter(**decor.demande(identite=decor.identite(email="c@exemple.fr")))
    connue.refresh_from_db()
    assert demande.participant == connue
    assert (connue.telephone, connue.email, connue.antenne) == ("06 39 98 00 00", "c@exemple.fr", antenne)


def test_une_personne_qui_a_deja_une_demande_en_cours_donne_un_dossier_a_rapprocher(decor, connue):
    f.PrescriptionFactory(participant=connue)
    demande = orienter(**decor.demande())
    assert demande.participant != connue
    connue.refresh_from_db()
    assert connue.telephone == "06 39 98 00 00"
    texte = decor.conseiller.envois.first().texte
    assert connue.numero in texte
    assert "Delplanque" not in texte


def test_une_reponse_deja_connue_ne_s_ecrit_pas_deux_fois(decor, connue):
    Caracteristique(participant=connue, genre="niveau", valeur="3").enregistrer(par=decor.agent)
    orienter(**decor.demande(situation={"niveau": "3", "ressources": "rsa"}))
    assert connue.caracteristiques.count() == 2


def test_depuis_un_dossier_la_demande_s_ouvre_dans_ce_dossier(decor, connue):
    demande = orienter(**decor.demande(par=decor.conseiller, organisation=None, participant=connue))
    assert (demande.participant, demande.organisation, demande.prescripteur) == (connue, None, None)
    assert demande.orientee_par == decor.conseiller
    assert not demande.lignes.filter(du_prescripteur=True).exists()


def test_depuis_un_dossier_une_demande_en_cours_refuse_l_autre(decor, connue):
    ouverte = f.PrescriptionFactory(participant=connue)
    with pytest.raises(TransitionImpossible, match=ouverte.numero):
        orienter(**decor.demande(par=decor.conseiller, organisation=None, participant=connue))
    assert Prescription.objects.count() == 1


def test_un_ancien_refus_n_empeche_pas_une_nouvelle_orientation(decor, connue):
    f.PrescriptionFactory(participant=connue, refusee=True)
    assert orienter(**decor.demande()).participant == connue


# Joindre.


def test_joindre_remplit_la_case_et_previent_que_la_demande_n_attendait_que_cela():
    prescription = dossiers.renvoyee()
    ligne = dossiers.ligne(prescription, "attestation_rsa")
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    assert joindre_piece(ligne, valide("rsa.pdf"), par=agent, etablie_le=AUJOURD_HUI) is True
    ligne.refresh_from_db()
    prescription.refresh_from_db()
    assert (ligne.piece.nom, ligne.verdict, ligne.piece.etablie_le) == ("rsa.pdf", Verdict.A_CONTROLER, AUJOURD_HUI)
    assert (prescription.statut, prescription.transmise_par) == ("a_controler", agent)


def test_joindre_avant_la_derniere_reponse_laisse_la_demande_a_completer():
    prescription = dossiers.demande("validee")
    lignes = [(dossiers.ligne(prescription, code), "illisible", "") for code in ("identite", "attestation_rsa")]
    prescription.renvoyer(par=dossiers.agent(Role.STATISTIQUES), motifs=[], pieces=lignes)
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR)
    assert joindre_piece(lignes[0][0], valide(), par=agent) is False
    prescription.refresh_from_db()
    assert prescription.statut == "a_completer"


def test_une_case_d_une_demande_close_ne_recoit_plus_rien(fichiers):
    prescription = dossiers.demande("refusee")
    with pytest.raises(TransitionImpossible, match="close"):
        joindre_piece(dossiers.ligne(prescription, "identite"), valide(), par=f.UtilisateurFactory())
    assert not any(p.is_file() for p in (fichiers / "pieces").rglob("*") if p.suffix == ".pdf" and len(p.stem) == 32)
