"""Un conseiller ouvre la demande : le même formulaire, dans son périmètre."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from prescriptions.models import Prescription
from tests import factories as f
from tests.prescriptions.orientations import LE_6_AVRIL

pytestmark = pytest.mark.django_db
PAGE = "/prescriptions/nouvelle/"


@pytest.fixture
def navigateur(connexion, decor):
    return connexion(decor.conseiller)


@pytest.fixture
def connue(decor):
    return f.ParticipantFactory(
        prenom="Coralie", nom="Delplanque", naissance=LE_6_AVRIL, antenne=decor.antenne, commune=decor.commune
    )


def test_une_personne_venue_d_elle_meme_ouvre_une_demande_spontanee(navigateur, decor):
    reponse = navigateur.post(PAGE, decor.formulaire())
    demande = Prescription.objects.get()
    assert reponse.url == demande.get_absolute_url()
    assert (demande.organisation, demande.prescripteur, demande.orientee_par) == (None, None, decor.conseiller)
    assert (demande.statut, demande.antenne) == ("orientee", decor.antenne)


def test_une_personne_connue_de_l_antenne_est_nommee_avec_son_referent(navigateur, decor, connue):
    f.AffectationFactory(participant=connue, conseiller__prenom="Claire", conseiller__nom="Vandamme")
    qui = {"prenom": "Coralie", "nom": "Delplanck", "naissance": "06/04/2001"}
    reponse = navigateur.post(f"{PAGE}?fragment=connue", qui, headers={"HX-Request": "true"})
    assertContains(reponse, "Coralie Delplanque")
    assertContains(reponse, "référent : Claire Vandamme")
    assertContains(reponse, f"?participant={connue.pk}")


def test_une_personne_d_une_autre_antenne_reste_masquee(navigateur, decor):
    ailleurs = f.ParticipantFactory(prenom="Coralie", nom="Delplanque", naissance=LE_6_AVRIL, telephone="")
    qui = {"prenom": "Coralie", "nom": "Delplanque", "naissance": "06/04/2001"}
    reponse = navigateur.post(f"{PAGE}?fragment=connue", qui, headers={"HX-Request": "true"})
    assertContains(reponse, "une autre antenne")
    for secret in (ailleurs.numero, ailleurs.antenne.nom, str(ailleurs.pk)):
        assertNotContains(reponse, secret)


def test_depuis_un_dossier_l_identite_est_acquise(navigateur, decor, connue):
    reponse = navigateur.get(PAGE, {"participant": connue.pk})
    assertContains(reponse, "Coralie Delplanque")
    assertNotContains(reponse, 'name="prenom"')
    formulaire = {c: v for c, v in decor.formulaire().items() if c not in ("prenom", "nom", "naissance")}
    navigateur.post(f"{PAGE}?participant={connue.pk}", formulaire)
    assert Prescription.objects.get().participant == connue


def test_une_demande_deja_en_cours_est_refusee_avec_son_numero(navigateur, decor, connue):
    ouverte = f.PrescriptionFactory(participant=connue)
    reponse = navigateur.post(f"{PAGE}?participant={connue.pk}", decor.formulaire())
    assertContains(reponse, f"déjà une demande en cours : {ouverte.numero}")
    assertContains(reponse, "Veut un métier manuel.")
    assert Prescription.objects.count() == 1


@pytest.mark.parametrize("cle", ["abc", "0190a5c8-0000-7000-8000-000000000000"])
def test_un_dossier_qui_n_existe_pas_est_introuvable(navigateur, cle):
    assert navigateur.get(PAGE, {"participant": cle}).status_code == 404


def test_le_dossier_d_une_autre_antenne_est_introuvable(navigateur):
    assert navigateur.get(PAGE, {"participant": f.ParticipantFactory().pk}).status_code == 404


def test_ouverte_pour_une_autre_antenne_la_demande_n_est_plus_a_soi(navigateur, decor):
    autre = f.SecteurFactory(commune__insee="59999").commune
    f.CodePostalFactory(commune=autre, code="59999")
    reponse = navigateur.post(PAGE, decor.formulaire(code_postal="59999", commune=autre.insee), follow=True)
    assert reponse.redirect_chain[-1][0] == "/prescriptions/"
    assertContains(reponse, "est prévenue")


@pytest.mark.parametrize("role", [r for r in Role if r != Role.CONSEILLER])
def test_seul_un_conseiller_ouvre_une_demande(connexion, role):
    assert connexion(f.UtilisateurFactory(role=role)).get(PAGE).status_code == 403


def test_le_mot_du_partenaire_n_y_est_pas(navigateur):
    reponse = navigateur.get(PAGE)
    assertContains(reponse, "Ouvrir la demande")
    assertNotContains(reponse, "Mes orientations</h2>")
