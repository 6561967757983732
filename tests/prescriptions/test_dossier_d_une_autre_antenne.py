"""Une demande au nom de quelqu’un que suit une autre antenne : son dossier n’y passe qu’à la prise en charge, et cela se sait."""

import datetime

import pytest
from django.urls import reverse

from comptes.models import Role
from journal.models import Acte, Ligne
from notifications.models import Envoi
from participants.models import Caracteristique
from plie.exceptions import TransitionImpossible
from prescriptions.actions import orienter
from prescriptions.horloges import PREMIER_ENTRETIEN
from prescriptions.models import Prescription
from prescriptions.suivi import horloges_de
from tests import factories as f
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import LE_6_AVRIL

pytestmark = pytest.mark.django_db
AUJOURD_HUI = datetime.date.today()


@pytest.fixture
def connue():
    return f.ParticipantFactory(
        prenom="Coralie",
        nom="Delplanque",
        naissance=LE_6_AVRIL,
        commune=f.CommuneFactory(),
        antenne=f.AntenneFactory(nom="Grande-Synthe"),
        telephone="06 39 98 00 00",
        email="",
    )


@pytest.fixture
def ancienne(connue):
    return f.UtilisateurFactory(role=Role.CONSEILLER, antenne=connue.antenne)


def ouvrir(decor, **champs):
    """Un conseiller de Dunkerque ouvre la demande, sans être dans le dossier."""
    return orienter(**decor.demande(par=decor.conseiller, organisation=None, **champs))


def faits(personne):
    personne.refresh_from_db()
    return personne.antenne, personne.commune, personne.telephone, personne.email


def envois(destinataire):
    return Envoi.objects.filter(destinataire=destinataire, genre="dossier_repris", canal="application")


@pytest.mark.parametrize("antenne", [True, False], ids=["autre antenne", "hors du territoire"])
def test_ouvrir_une_demande_ne_change_rien_au_dossier_d_une_autre_antenne(decor, connue, antenne):
    avant = faits(connue)
    lieu = {} if antenne else {"commune": None, "commune_hors_cud": "Calais"}
    demande = orienter(
        **decor.demande(identite=decor.identite(email="c@exemple.fr", **lieu), situation={"niveau": "3"})
    )
    assert demande.participant == connue
    assert demande.antenne == (decor.antenne if antenne else None)
    assert faits(connue) == avant
    assert not connue.caracteristiques.exists()


def test_les_entretiens_passes_ne_se_lisent_pas_avant_la_prise_en_charge(decor, connue, ancienne, connexion):
    entretien = f.EntretienFactory(participant=connue, conseiller=ancienne, clos=True)
    adresse = reverse("entretiens:detail", args=[entretien.pk])
    ouvrir(decor)
    assert connexion(decor.conseiller).get(adresse).status_code == 404
    assert connexion(ancienne).get(adresse).status_code == 200


def test_avant_la_prise_en_charge_la_demande_ne_montre_ni_le_telephone_ni_le_dossier(decor, connue, connexion):
    demande = ouvrir(decor)
    page, dossier = demande.get_absolute_url(), reverse("dossier:participant", args=[connue.pk])
    lue = connexion(decor.conseiller).get(page).content.decode()
    assert "06 39 98 00 00" not in lue
    assert "+33639980000" not in lue
    assert dossier not in lue
    demande.prendre_en_charge(par=decor.conseiller)
    assert dossier in connexion(decor.conseiller).get(page).content.decode()


def test_la_prise_en_charge_donne_le_dossier_a_l_antenne_avec_ce_qui_avait_ete_dit(decor, connue):
    demande = ouvrir(decor, identite=decor.identite(email="c@exemple.fr"), situation={"niveau": "3"})
    demande.prendre_en_charge(par=decor.conseiller)
    assert faits(connue) == (decor.antenne, decor.commune, "06 39 98 52 10", "c@exemple.fr")
    assert [(x.genre, x.valeur) for x in connue.caracteristiques.all()] == [("niveau", "3")]
    demande.refresh_from_db()
    assert demande.a_reporter == {}


def test_l_ancienne_antenne_l_apprend_et_le_journal_le_garde(decor, connue, ancienne):
    fermee = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=connue.antenne, is_active=False)
    demande = ouvrir(decor)
    assert not envois(ancienne).exists()
    demande.prendre_en_charge(par=decor.conseiller)
    [envoi] = envois(ancienne)
    assert envoi.titre == f"Le dossier {connue.numero} passe à l’antenne de Dunkerque"
    assert "Delplanque" not in envoi.titre
    assert demande.numero in envoi.texte
    assert not envois(fermee).exists()
    assert not envois(decor.conseiller).exists()
    ligne = Ligne.objects.filter(objet_id=connue.pk, acte=Acte.MODIFICATION).latest("id")
    assert "antenne_id" in ligne.champs
    assert ligne.auteur == decor.conseiller
    assert connue.history.first().history_change_reason == f"Demande {demande.numero} prise en charge"


def test_le_referent_l_apprend_plutot_que_toute_son_antenne(decor, connue, ancienne):
    referente = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=connue.antenne)
    f.AffectationFactory(participant=connue, conseiller=referente)
    ouvrir(decor).prendre_en_charge(par=decor.conseiller)
    assert envois(referente).count() == 1
    assert not envois(ancienne).exists()


def test_pendant_un_parcours_la_prise_en_charge_ne_remplit_que_les_vides_et_n_emmene_pas_le_dossier(
    decor, connue, ancienne
):
    f.ParcoursFactory(participant=connue)
    Caracteristique(participant=connue, genre="niveau", valeur="4").enregistrer(par="test")
    antenne, commune, telephone, _ = faits(connue)
    demande = ouvrir(
        decor, identite=decor.identite(email="c@exemple.fr"), situation={"niveau": "3", "ressources": "rsa"}
    )
    assert faits(connue)[3] == ""
    demande.prendre_en_charge(par=decor.conseiller)
    assert faits(connue) == (antenne, commune, telephone, "c@exemple.fr")
    assert {(x.genre, x.valeur) for x in connue.caracteristiques.all()} == {("niveau", "4"), ("ressources", "rsa")}
    assert not envois(ancienne).exists()


def test_un_dossier_sans_antenne_ou_de_la_meme_est_repris_tout_de_suite(decor, connue):
    connue.antenne = None
    connue.enregistrer(par="test")
    demande = ouvrir(decor)
    assert faits(connue)[0] == decor.antenne
    assert demande.a_reporter == {}


def test_la_fiche_dit_ou_est_le_dossier_et_n_en_montre_rien(decor, connue, connexion):
    Caracteristique(participant=connue, genre="ressources", valeur="rsa").enregistrer(par="test")
    demande = orienter(**decor.demande(situation={"niveau": "3"}, pieces=[]))
    f.LignePieceFactory(prescription=demande, type=decor.attestation, jointe=True)
    page = connexion(decor.conseiller).get(demande.get_absolute_url()).content.decode()
    assert "Son dossier est à l’antenne de Grande-Synthe : il passera à la vôtre à la prise en charge." in page
    assert "Niveau d’études" in page
    assert "Ressources" not in page
    piece = demande.lignes.get(type=decor.attestation).piece
    assert reverse("participants:apercu", args=[piece.pk]) not in page
    Prescription.objects.get(pk=demande.pk).prendre_en_charge(par=decor.conseiller)
    page = connexion(decor.conseiller).get(demande.get_absolute_url()).content.decode()
    assert "Son dossier est à" not in page
    assert "Ressources" in page
    assert reverse("participants:apercu", args=[piece.pk]) in page
    fichier = connexion(decor.conseiller).get(reverse("participants:piece", args=[piece.pk]))
    fichier.close()
    assert fichier.status_code == 200


# Déjà participante : cela se dit tout de suite.


@pytest.fixture
def participante(decor, connue):
    f.ParcoursFactory(participant=connue)
    f.AffectationFactory(participant=connue, conseiller__prenom="Odile", conseiller__nom="Carlier")
    return connue


DEJA = "Déjà participante, suivie par Odile Carlier"


def test_l_antenne_apprend_des_l_orientation_que_la_personne_est_deja_en_parcours(decor, participante):
    orienter(**decor.demande())
    assert DEJA in decor.conseiller.envois.first().texte


def test_la_fiche_le_dit_et_n_offre_pas_de_transmettre(decor, participante, connexion):
    demande = orienter(**decor.demande())
    page = connexion(decor.conseiller).get(demande.get_absolute_url()).content.decode()
    assert (
        f"{DEJA} : la demande ne pourra pas être transmise tant que ce parcours est ouvert. Si c’est un double" in page
    )
    assert "donnez un rendez-vous" not in page
    demande.prendre_en_charge(par=decor.conseiller)
    page = connexion(decor.conseiller).get(demande.get_absolute_url()).content.decode()
    assert "Si c’est un double, classez-la sans suite." in page


def test_le_delai_du_premier_entretien_ne_repart_pas_pour_une_personne_en_parcours(decor, participante):
    demande = orienter(**decor.demande())
    assert demande.participant == participante
    assert horloges_de([demande]) == {}
    assert not PREMIER_ENTRETIEN.en_cours().filter(pk=demande.pk).exists()


@pytest.mark.parametrize(("sortie", "compte"), [(None, False), (0, False), (1, True)])
def test_seul_un_parcours_ouvert_le_jour_du_contact_arrete_l_horloge(decor, connue, sortie, compte):
    sorti_le = None if sortie is None else AUJOURD_HUI - datetime.timedelta(sortie)
    f.ParcoursFactory(participant=connue, statut="sorti" if sorti_le else "en_cours", sorti_le=sorti_le)
    demande = orienter(**decor.demande())
    assert bool(horloges_de([demande])) is compte


def test_l_entree_actee_le_jour_du_contact_garde_son_horloge():
    demande = dossiers.demande("prise")
    f.ParcoursFactory(participant=demande.participant, entre_le=demande.premier_contact_le)
    assert horloges_de([demande])


def test_la_demande_d_une_personne_en_parcours_ne_se_transmet_pas():
    demande = dossiers.demande("prise")
    f.ParcoursFactory(participant=demande.participant)
    with pytest.raises(TransitionImpossible, match="la fin du parcours déjà ouvert"):
        demande.transmettre(par=demande.conseiller)


def test_un_parcours_termine_n_empeche_rien():
    demande = dossiers.demande("prise")
    f.ParcoursFactory(participant=demande.participant, statut="sorti")
    demande.transmettre(par=demande.conseiller)
    assert demande.statut == "transmise"
