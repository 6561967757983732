"""Les fichiers d’une orientation en cours de saisie, et le brouillon que l’on reprend."""

import datetime

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from comptes import brouillons
from comptes.models import Role
from prescriptions.models import Depot, Prescription
from tests import factories as f
from tests.prescriptions.orientations import PAGE, fichier, jour, poster

pytestmark = pytest.mark.django_db

AUJOURD_HUI = datetime.date.today()


@pytest.fixture
def navigateur(connexion, decor):
    return connexion(decor.agent)


# Les fichiers.


def test_un_fichier_accepte_est_garde_tout_de_suite_avec_un_type_propose(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier("CNI recto.pdf")]), "pieces")
    depot = Depot.objects.get()
    assert (depot.utilisateur, depot.nom) == (decor.agent, "CNI recto.pdf")
    assertContains(reponse, f'name="depot" value="{depot.pk}"')
    assertContains(reponse, 'value="identite" selected')
    assertNotContains(reponse, "<html")
    assert not Prescription.objects.exists()


def test_un_fichier_refuse_dit_pourquoi_et_ne_perd_pas_les_autres(navigateur, decor):
    piege = fichier("virus.pdf", b"MZ" + b"\0" * 200)
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier(), piege]))
    assertContains(reponse, "virus.pdf")
    assertContains(reponse, "son contenu est un programme")
    assertContains(reponse, f'name="depot" value="{Depot.objects.get().pk}"')
    assertContains(reponse, "Veut un métier manuel.")
    assert not Prescription.objects.exists()


def test_apres_une_erreur_les_fichiers_deja_acceptes_ne_sont_pas_redemandes(navigateur, decor):
    formulaire = decor.formulaire(motif="", pieces=[fichier("cni.pdf")])
    poster(navigateur, formulaire)
    depot = Depot.objects.get()
    suite = decor.formulaire(depot=[str(depot.pk)]) | {
        f"type-{depot.pk}": "identite",
        f"date-{depot.pk}": "02/05/2026",
    }
    poster(navigateur, suite)
    piece = Prescription.objects.get().lignes.get(type__code="identite").piece
    assert (piece.nom, piece.etablie_le) == ("cni.pdf", datetime.date(2026, 5, 2))
    assert not Depot.objects.exists()


def test_un_fichier_sans_type_arrete_l_envoi_et_le_dit(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier("scan0001.pdf")]))
    assertContains(reponse, "Dites ce que c’est.")
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("date", "phrase"),
    [("31/02/2026", "Cette date n’existe pas"), (jour(2), "Cette date est à venir"), ("1/1/2020", "plus récent")],
)
def test_la_date_d_un_fichier_se_verifie(navigateur, decor, date, phrase):
    poster(navigateur, decor.formulaire(pieces=[fichier("rsa.pdf")]), "pieces")
    depot = Depot.objects.get()
    donnees = {"depot": [str(depot.pk)], f"type-{depot.pk}": "attestation_rsa", f"date-{depot.pk}": date}
    assertContains(poster(navigateur, donnees, "pieces"), phrase)


def test_un_fichier_retire_disparait_du_serveur(navigateur, decor, fichiers):
    poster(navigateur, decor.formulaire(pieces=[fichier()]), "pieces")
    depot = Depot.objects.get()
    reponse = poster(navigateur, {"depot": [str(depot.pk)], "retirer": str(depot.pk)}, "pieces")
    assertNotContains(reponse, "cni.pdf")
    assert not Depot.objects.exists()
    assert not any(p.is_file() for p in fichiers.rglob("*"))


def test_sans_script_ajouter_ou_retirer_un_fichier_garde_ce_qui_est_tape(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier()], garder="1"))
    assertContains(reponse, "cni.pdf")
    assertContains(reponse, "Veut un métier manuel.")
    assertNotContains(reponse, "à corriger")
    assert not Prescription.objects.exists()


def test_les_fichiers_d_un_autre_ne_se_prennent_pas(navigateur, decor, connexion):
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    poster(connexion(autre), decor.formulaire(pieces=[fichier("sien.pdf")]), "pieces")
    depot = Depot.objects.get()
    navigateur = connexion(decor.agent)
    assertNotContains(poster(navigateur, {"depot": [str(depot.pk)]}, "pieces"), "sien.pdf")
    poster(navigateur, {"depot": [str(depot.pk)], "retirer": str(depot.pk)}, "pieces")
    assert Depot.objects.filter(pk=depot.pk).exists()


def test_le_brouillon_rend_aussi_les_fichiers(navigateur, decor):
    poster(navigateur, decor.formulaire(pieces=[fichier()]), "pieces")
    depot = Depot.objects.get()
    contenu = {"prenom": "Coralie", "depot": str(depot.pk), f"type-{depot.pk}": "identite", "criteres": "RSA"}
    brouillons.garder(decor.agent, "orientation", contenu)
    reponse = navigateur.get(PAGE)
    assertContains(reponse, 'value="Coralie"')
    assertContains(reponse, "cni.pdf")
    assertContains(reponse, 'value="RSA" id="id_criteres_0" checked')
    assertContains(reponse, "Brouillon gardé à")


def test_vingt_fichiers_au_plus(navigateur, decor, monkeypatch):
    monkeypatch.setattr("prescriptions.depots.MAXIMUM", 2)
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier(f"cni{n}.pdf") for n in range(3)]), "pieces")
    assertContains(reponse, "2 fichiers au plus")
    assert Depot.objects.count() == 2


@pytest.mark.parametrize("depot", ["", "abc", "%00"])
def test_ce_qui_n_est_pas_une_cle_de_fichier_est_ignore(navigateur, decor, depot):
    poster(navigateur, decor.formulaire(depot=[depot]))
    assert Prescription.objects.count() == 1


def test_la_cle_d_un_fichier_d_un_autre_ne_le_donne_pas(navigateur, decor, connexion):
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    poster(connexion(autre), decor.formulaire(pieces=[fichier("secret.pdf")]), "pieces")
    reponse = poster(connexion(decor.agent), decor.formulaire(depot=[str(Depot.objects.get().pk)]))
    assertContains(reponse, "n’est plus gardé")
    assertNotContains(reponse, "secret.pdf")
    assert not Prescription.objects.exists()


# Le brouillon d’une personne n’habille pas la suivante.


@pytest.fixture
def brouillon(navigateur, decor):
    """Une orientation laissée en chemin, avec une pièce."""
    poster(navigateur, decor.formulaire(pieces=[fichier("CNI.pdf")]), "pieces")
    depot = str(Depot.objects.get().pk)
    contenu = {"prenom": "Coralie", "nom": "Delplanque", "depot": depot, f"type-{depot}": "identite"}
    brouillons.garder(decor.agent, "orientation", contenu)
    return depot


def test_un_brouillon_repris_dit_de_qui_il_est(navigateur, brouillon):
    reponse = navigateur.get(PAGE)
    assertContains(reponse, "Brouillon pour Coralie Delplanque.")
    assertContains(reponse, 'name="recommencer"')


def test_un_brouillon_sans_nom_le_dit_sans_faute(navigateur, decor):
    brouillons.garder(decor.agent, "orientation", {"code_postal": "59140"})
    assertContains(navigateur.get(PAGE), "Brouillon sans nom.")


def test_une_page_vierge_n_a_rien_a_reprendre(navigateur):
    assertNotContains(navigateur.get(PAGE), "recommencer")


def test_recommencer_efface_le_texte_et_les_fichiers(navigateur, brouillon):
    assert navigateur.post(PAGE, {"recommencer": "1"}).url == PAGE
    assert not Depot.objects.exists()
    reponse = navigateur.get(PAGE)
    assertNotContains(reponse, "Coralie")
    assertNotContains(reponse, "CNI.pdf")


def test_envoyer_pour_une_autre_avec_ses_fichiers_se_confirme_une_fois(navigateur, decor, brouillon):
    envoi = decor.formulaire(prenom="Yonas", depot=[brouillon], reprise_de="Coralie Delplanque")
    envoi[f"type-{brouillon}"] = "identite"
    reponse = poster(navigateur, envoi)
    assertContains(reponse, "Ce brouillon était pour Coralie Delplanque. Pour Yonas Delplanque, vérifiez : CNI.pdf.")
    assert not Prescription.objects.exists()
    poster(navigateur, envoi | {"vu": "autre_personne"})
    assert Prescription.objects.count() == 1


def test_la_meme_personne_autrement_ecrite_ne_se_confirme_pas(navigateur, decor, brouillon):
    envoi = decor.formulaire(nom="DELPLANQUE", depot=[brouillon], reprise_de="Coralie Delplanque")
    poster(navigateur, envoi | {f"type-{brouillon}": "identite"})
    assert Prescription.objects.count() == 1
