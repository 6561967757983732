"""Un nom tapé par le partenaire se retrouve, se lit dans les listes et sort dans l’export, quelle que soit son écriture."""

import html

import pytest
from pytest_django.asserts import assertContains

from participants.models import Participant
from participants.noms import nettoyer
from tests.classeur import contenu, fermer, lignes
from tests.prescriptions.orientations import Decor

pytestmark = pytest.mark.django_db
NOMS = {
    "apostrophe droite": "D'Hœne",
    "apostrophe courbe": "D’Hœne",
    "traits d’union": "Van-den-Berghe",
    "ligature": "Cœurdœuvre",
    "vietnamien": "Nguyễn",
    "vietnamien décomposé": "Nguye\u0302\u0303n",
    "arabe": "الزهراء",
    "une lettre": "Ô",
    "cent vingt lettres": "Wolfeschlegel" * 9 + "abc",
    "cent vingt signes": ("Marie-Ange " * 11)[:120].strip(),
}


@pytest.mark.parametrize("tape", NOMS.values(), ids=NOMS)
def test_un_nom_va_du_formulaire_a_la_recherche_aux_listes_et_a_l_export(client, tape):
    decor = Decor()
    client.force_login(decor.agent)
    reponse = client.post("/orientations/nouvelle/", decor.formulaire(prenom="Zélie", nom=tape), follow=True)
    personne, ecrit = Participant.objects.get(), html.escape(nettoyer(tape))
    assert personne.nom == nettoyer(tape)
    assertContains(reponse, ecrit)
    assertContains(client.get("/orientations/", {"q": tape}), ecrit)
    client.force_login(decor.conseiller)
    for cherche in (tape, nettoyer(tape), f"{tape} Zélie", tape.lower()):
        trouve = client.get("/recherche/", {"q": cherche}, follow=True)
        assertContains(trouve, ecrit)
    assertContains(client.get("/prescriptions/"), ecrit)
    assert any(nettoyer(tape) in f"{ligne}" for ligne in lignes(contenu(client.get("/prescriptions/export/"))))


ETRANGES = ["x\0y", "9" * 5000, "é" * 9000, "<script>alert(1)</script>", "\0", "%", "٣", "'"]


@pytest.mark.parametrize(
    ("qui", "adresse", "parametres"),
    [
        ("conseiller", "/recherche/", ["q"]),
        ("conseiller", "/participants/", ["q", "texte", "antenne", "phase", "apres", "avant", "rang", "etat", "referent"]),
        ("conseiller", "/participants/export/", ["q", "texte", "antenne"]),
        ("conseiller", "/prescriptions/", ["etat", "antenne", "organisation", "texte", "apres", "avant", "rang"]),
        ("conseiller", "/delais/", ["q", "texte", "horloge", "etat", "apres", "rang", "antenne"]),
        ("conseiller", "/alertes/", ["apres"]),
        ("conseiller", "/territoire/communes/", ["code_postal", "q", "code"]),
        ("agent", "/orientations/", ["etat", "q", "texte", "apres", "avant"]),
    ],
)  # fmt: skip
def test_in1_une_adresse_fantaisiste_n_est_jamais_une_panne(client, qui, adresse, parametres):
    """Chaque valeur dans un paramètre, puis les quatre premières dans tous."""
    client.force_login(getattr(Decor(), qui))
    seules = [{parametres[rang % len(parametres)]: texte} for rang, texte in enumerate(ETRANGES)]
    for demande in seules + [dict.fromkeys(parametres, texte) for texte in ETRANGES[:4]]:
        reponse = client.get(adresse, demande)
        assert reponse.status_code < 500
        if reponse.streaming:
            fermer(reponse)
        else:
            assert "<script>alert(1)" not in reponse.content.decode()
