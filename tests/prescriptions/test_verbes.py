"""Un verbe se décide sous verrou, sur la demande que l’on a lue ; l’entrée, avec un référent qui l’est encore."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from plie.exceptions import TransitionImpossible
from prescriptions.listes import MotifRetour
from prescriptions.listes import StatutPrescription as S
from prescriptions.models import Prescription
from prescriptions.views import liste
from tests import factories as f
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, demande, ligne, prete, renvoyee

pytestmark = pytest.mark.django_db


def url(nom, prescription):
    return reverse(f"prescriptions:{nom}", args=[prescription.pk])


def relue(prescription):
    return Prescription.objects.get(pk=prescription.pk)


def adresse_affichee(client, nom, prescription):
    """L’adresse que porte le bouton, telle que la page l’a montrée."""
    page = client.get(prescription.get_absolute_url()).content.decode()
    return re.search(rf'action="({re.escape(url(nom, prescription))}[^"]*)"', page)[1]


@pytest.fixture
def pendant(monkeypatch):
    """pendant(acte) : l’acte se fait juste avant que l’envoi ne verrouille la demande."""
    verrouiller, reste = Prescription.verrouiller, []

    def _verrouiller(self):
        while reste:
            reste.pop()()
        return verrouiller(self)

    monkeypatch.setattr(Prescription, "verrouiller", _verrouiller)
    return reste.append


def test_la_responsable_ne_refuse_pas_une_demande_passee_au_controle_entre_temps(connexion, pendant):
    prescription, par = prete("refuser")
    client, autre = connexion(par), agent(Role.RESPONSABLE)
    pendant(lambda: relue(prescription).valider_pertinence(par=autre))
    donnees = {"motif": "criteres", "dirigee_vers": "France Travail"}
    reponse = client.post(url("refuser", prescription), donnees)
    assertContains(reponse, "les Statistiques, une demande au contrôle", status_code=409)
    assert relue(prescription).statut != S.REFUSEE


def test_on_ne_valide_pas_une_demande_renvoyee_puis_revenue_sans_l_avoir_relue(connexion):
    prescription, par = prete("valider_pertinence")
    client = connexion(par)
    lue = adresse_affichee(client, "valider_pertinence", prescription)
    prescription.renvoyer(par=par, motifs=["avis"], texte="Précisez.")
    prescription.donner_avis(par=prescription.conseiller, sens="reserve", motivation="Repris.")
    prescription.transmettre(par=prescription.conseiller)
    assertContains(client.post(lue, follow=True), "a changé depuis que vous l’avez ouverte")
    assert relue(prescription).statut == S.TRANSMISE
    client.post(adresse_affichee(client, "valider_pertinence", prescription))
    assert relue(prescription).statut == S.A_CONTROLER


# Acter l’entrée


def fermer(compte):
    compte.is_active = False
    compte.enregistrer(par="test")


def retirer_son_role(compte):
    for attribution in compte.attributions.all():
        attribution.supprimer(par="test")


@pytest.mark.parametrize("perdre", [fermer, retirer_son_role], ids=["compte fermé", "rôle retiré"])
def test_personne_n_entre_avec_un_referent_qui_ne_l_est_plus(connexion, perdre):
    prescription, par = prete("acter_entree")
    perdre(prescription.conseiller)
    with pytest.raises(TransitionImpossible, match="n’est plus conseiller"):
        relue(prescription).acter_entree(par=par)
    page = connexion(par).get(prescription.get_absolute_url())
    assertContains(page, "n’est plus conseiller : choisissez un autre référent")
    assertContains(page, "Acter avec un autre référent")


def test_le_bouton_du_bandeau_acte_avec_le_referent_propose(connexion):
    prescription, par = prete("acter_entree")
    page = connexion(par).get(prescription.get_absolute_url())
    geste = page.context["tour"]["geste"]
    caches = {champ.html_name: str(champ.value()) for champ in geste.form.hidden_fields()}
    connexion(par).post(geste.url, caches)
    assert relue(prescription).statut == S.ENTREE_ACTEE
    assert prescription.participant.affectations.get(au=None).conseiller == prescription.conseiller


def test_acter_avec_un_autre_referent_demande_lequel(connexion):
    prescription, par = prete("acter_entree")
    donnees = {"jeton": nouveau_jeton(), "autre": "True", "referent": "", "motif": "Plus proche"}
    assertContains(connexion(par).post(url("acter_entree", prescription), donnees), "Choisissez le référent.")
    assert relue(prescription).statut == S.ACCORDEE


def test_le_lot_dit_la_vraie_raison_d_une_entree_annulee(monkeypatch):
    prescription, par = prete("acter_entree")

    def annulee(self, **_):
        self.statut = S.ENTREE_ACTEE
        raise TransitionImpossible("Dites pourquoi la personne change de référent.")

    monkeypatch.setattr(Prescription, "acter_entree", annulee)
    assert "change de référent" in liste._acter(relue(prescription), par)


def test_une_entree_prevue_plus_tard_attend_son_jour_sans_rouvrir_le_controle(connexion):
    """La personne aura l’âge du critère le jour prévu : rien n’est tombé."""
    prescription = demande("accordee")
    prescription.entree_prevue_le = AUJOURD_HUI() + 10 * JOUR
    prescription.enregistrer(par="test")
    senior = f.CritereFactory(code="SENIOR")
    senior.types.set([ligne(prescription, "identite").type])
    personne = prescription.participant
    personne.naissance = (AUJOURD_HUI() + 5 * JOUR).replace(year=personne.naissance.year)
    personne.enregistrer(par="test")
    senior.age_min = personne.age() + 1
    senior.enregistrer(par="test")
    invoque = prescription.criteres_invoques.get()
    invoque.critere = senior
    invoque.enregistrer(par="test")
    page = connexion(agent(Role.ANIMATION)).get(prescription.get_absolute_url())
    assertContains(page, "elle s’acte à partir de ce jour")
    assertNotContains(page, "ne peut plus être actée")


# Le retour


def test_un_retour_dit_toujours_ce_qu_il_a_demande(connexion):
    """Fournie, la pièce n’est plus demandée ; ce qui l’avait été reste lisible, pour l’une et pour l’autre."""
    prescription = renvoyee()
    case = ligne(prescription, "attestation_rsa")
    case.joindre(f.PieceFactory(participant=prescription.participant, type=case.type), par=prescription.conseiller)
    page = connexion(prescription.conseiller).get(prescription.get_absolute_url())
    (retour,) = page.context["retours"]
    (piece,) = retour["pieces"]
    assert (piece["nom"], piece["motif"], piece["accepte"]) == ("Attestation RSA", "expirée", "CAF")
    assert piece["fournie"]
    assertContains(page, "Fournie depuis")


def test_une_piece_fournie_ne_demande_pas_de_reponse_ecrite():
    prescription = demande("validee")
    case, par = ligne(prescription, "attestation_rsa"), agent(Role.STATISTIQUES)
    prescription.renvoyer(par=par, motifs=["avis", "pieces"], pieces=[(case, "expiree", "")])
    manque = prescription.manque_pour_completer()
    assert [m for m in manque if m.cible == "retours"] == [
        "une réponse au retour : " + MotifRetour("avis").label.lower()
    ]


def test_une_reponse_refusee_se_dit_en_haut_de_la_page(connexion):
    prescription = renvoyee()
    envoi = {"jeton": nouveau_jeton(), "message": ""}
    page = connexion(prescription.conseiller).post(url("message", prescription), envoi)
    assertContains(page, "Votre réponse n’est pas partie")


# Une date qui manque n’est pas une date passée


@pytest.mark.parametrize(
    ("etablie", "mot"),
    [(None, "Date à lire"), (400 * JOUR, "Expiré"), (80 * JOUR, "Ne tiendra pas")],
    ids=["sans date", "passée", "avant l’entrée"],
)
def test_une_preuve_dit_pourquoi_elle_ne_vaut_pas(etablie, mot):
    prescription = demande("validee")
    piece = ligne(prescription, "attestation_rsa").piece
    piece.etablie_le = etablie and AUJOURD_HUI() - etablie
    piece.enregistrer(par="test")
    resultats = prescription.eligibilite(AUJOURD_HUI() + 60 * JOUR).resultats
    assert next(r for r in resultats if r.code == "RSA").libelle_preuve == mot
