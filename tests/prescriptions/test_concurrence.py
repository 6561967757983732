"""Vingt envois en même temps n’ont qu’un effet (RE3), et personne n’attend l’autre sans fin."""

import pytest
from django.test import Client
from django.urls import reverse

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from parcours.models import Affectation, Parcours
from plie.exceptions import TransitionImpossible
from prescriptions.models import LignePiece, Prescription
from tests.factories import PieceFactory
from tests.parallele import en_parallele
from tests.prescriptions.dossiers import VERBES, agent, demande, ligne, prete

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
NOMBRE = 20


@pytest.mark.parametrize("verbe", VERBES)
def test_vingt_fois_le_meme_verbe_n_a_qu_un_effet(verbe):
    prescription, par = prete(verbe)
    arguments, avant = VERBES[verbe][3], prescription.history.count()

    def acte(rang):
        return getattr(Prescription.objects.get(pk=prescription.pk), verbe)(par=par, **arguments)

    resultats = en_parallele(NOMBRE, acte)
    refus = [r for r in resultats if isinstance(r, Exception)]
    assert len(refus) == NOMBRE - 1
    assert all(isinstance(r, TransitionImpossible) for r in refus), refus
    assert prescription.history.count() == avant + 1
    assert Prescription.objects.get(pk=prescription.pk).statut == VERBES[verbe][1]


@pytest.mark.parametrize("meme_jeton", [True, False])
def test_vingt_envois_de_l_acte_d_entree_n_ouvrent_qu_un_parcours(meme_jeton):
    prescription, par = demande("accordee"), agent(Role.ANIMATION)
    jeton, adresse = nouveau_jeton(), reverse("prescriptions:acter_entree", args=[prescription.pk])

    def envoyer(rang):
        client = Client()
        client.force_login(par)
        return client.post(adresse, {"jeton": jeton if meme_jeton else nouveau_jeton()}).status_code

    codes = en_parallele(NOMBRE, envoyer)
    assert Parcours.objects.count() == Affectation.objects.filter(au=None).count() == 1
    assert set(codes) == ({302} if meme_jeton else {302, 409})
    if not meme_jeton:
        assert codes.count(302) == 1


def test_juger_joindre_et_renvoyer_a_la_fois_ne_se_bloquent_pas():
    """Chacun prend la demande avant ses cases : pas d’interblocage, et des refus qui s’expliquent."""
    prescription, par = demande("validee"), agent(Role.STATISTIQUES)
    case = ligne(prescription, "domicile")
    piece = PieceFactory(participant=prescription.participant, type=case.type)

    def acte(rang):
        case_lue = LignePiece.objects.get(pk=case.pk)
        demande_lue = Prescription.objects.get(pk=prescription.pk)
        if rang % 3 == 0:
            return case_lue.controler("manquante", par=par)
        if rang % 3 == 1:
            return case_lue.joindre(piece, par=par)
        return demande_lue.renvoyer(par=par, motifs=[], pieces=[(case_lue, "illisible", "")])

    erreurs = [r for r in en_parallele(12, acte) if isinstance(r, Exception)]
    assert all(isinstance(e, TransitionImpossible) for e in erreurs), erreurs
