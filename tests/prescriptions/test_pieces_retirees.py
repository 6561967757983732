"""Une pièce que l’antivirus a retirée, ou pas encore jugée, ne prouve rien et ne se dit pas conforme."""

import pytest
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role
from participants.fichiers import QUARANTAINE
from participants.models import TypePiece
from plie.exceptions import TransitionImpossible
from prescriptions.eligibilite import Preuve, lire
from prescriptions.listes import Verdict
from prescriptions.referentiels import charger
from prescriptions.tasks import ouvrir_les_cases_manquantes
from tests import factories as f
from tests.prescriptions.dossiers import agent, demande, ligne

pytestmark = pytest.mark.django_db


def retirer(prescription, code):
    piece = ligne(prescription, code).piece
    piece.retiree_le = timezone.now()
    piece.enregistrer(par="antivirus")


def test_une_piece_retiree_ne_prouve_plus_rien_et_bloque_l_accord():
    prescription = demande("validee")
    retirer(prescription, "identite")
    resultat = next(r for r in prescription.eligibilite().resultats if r.code == "identite")
    assert resultat.preuve == Preuve.NON_PROUVE
    with pytest.raises(TransitionImpossible, match="infecté"):
        prescription.accorder(par=agent(Role.STATISTIQUES))


def test_une_piece_retiree_est_a_redonner_avant_de_transmettre():
    prescription = demande("prise")
    assert lire(prescription).manque_de_pieces() == []
    retirer(prescription, "identite")
    assert ["Pièce d’identité" in m for m in lire(prescription).manque_de_pieces()] == [True]


@pytest.mark.parametrize(
    "champs", [{"antivirus": QUARANTAINE}, {"retiree_le": timezone.now()}], ids=["attend", "retirée"]
)
def test_une_piece_que_personne_n_a_pu_lire_ne_se_dit_pas_conforme(champs):
    prescription = demande("validee", verdict=Verdict.A_CONTROLER)
    case = ligne(prescription, "identite")
    for nom, valeur in champs.items():
        setattr(case.piece, nom, valeur)
    case.piece.enregistrer(par="antivirus")
    with pytest.raises(TransitionImpossible, match="personne n’a pu le lire"):
        case.controler(Verdict.CONFORME, par=agent(Role.STATISTIQUES))


def test_la_fiche_dit_qu_elle_est_a_redonner(connexion):
    prescription = demande("prise")
    retirer(prescription, "identite")
    assert (
        "fichier infecté, à redonner"
        in connexion(prescription.conseiller)
        .get(reverse("prescriptions:detail", args=[prescription.pk]))
        .content.decode()
    )


# Un type devenu exigé de tous.


def test_une_piece_devenue_obligatoire_ouvre_sa_case_dans_les_demandes_en_cours():
    en_cours, close = demande("prise"), demande("refusee")
    rib = f.TypePieceFactory(libelle="RIB", obligatoire=True)
    ouvrir_les_cases_manquantes()
    ouvrir_les_cases_manquantes()
    assert en_cours.lignes.filter(type=rib).count() == 1
    assert not close.lignes.filter(type=rib).exists()


def test_au_referentiel_aucune_piece_ne_trahit_un_critere_discret():
    charger()
    types = TypePiece.objects.filter(criteres__sensible=True, obligatoire=False)
    assert types.exists()
    assert not types.filter(sensible=False).exists()
