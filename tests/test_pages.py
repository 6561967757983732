"""Lister sans OFFSET : les filtres par clé et les comptes plafonnés."""

import itertools

import pytest

from comptes.models import Utilisateur
from participants.models import Participant
from plie.pages import Compte, apres, combien, inverser
from tests.factories import ParticipantFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db
ORDRES = [["nom", "prenom", "pk"], ["-nom", "-prenom", "-pk"], ["nom", "-prenom", "pk"], ["-pk"]]


@pytest.mark.parametrize("ordre", ORDRES, ids=str)
def test_suivre_les_cles_rend_tout_dans_l_ordre_sans_doublon(ordre):
    for nom, prenom in itertools.product("ABB", "XYYZ"):
        ParticipantFactory(nom=nom, prenom=prenom)
    attendus = list(Participant.objects.order_by(*ordre))
    vus, cle = [], None
    while True:
        suite = Participant.objects.filter(apres(ordre, cle)) if cle else Participant.objects.all()
        page = list(suite.order_by(*ordre)[:3])
        if not page:
            break
        vus += page
        cle = [getattr(page[-1], champ.lstrip("-")) for champ in ordre]
    assert vus == attendus


def test_inverser():
    assert inverser(["nom", "-pk"]) == ["-nom", "pk"]


def test_plusieurs_comptes_en_une_requete(django_assert_num_queries):
    for _ in range(4):
        ParticipantFactory()
    moi = UtilisateurFactory()
    with django_assert_num_queries(1):
        comptes = (
            Utilisateur.objects.filter(pk=moi.pk)
            .order_by()
            .values(tous=Compte(Participant.objects.all()), deux=Compte(Participant.objects.all(), 2))
            .get()
        )
    assert comptes == {"tous": 4, "deux": 3}


@pytest.mark.parametrize(
    ("nombre", "texte"), [(0, "0"), (9_999, "9\u00a0999"), (10_000, "10\u00a0000"), (10_001, "plus de 10\u00a0000")]
)
def test_combien_se_dit(nombre, texte):
    assert combien(nombre) == texte


def test_compter_ce_que_rien_ne_peut_satisfaire_donne_zero():
    ParticipantFactory()
    compte = Compte(Participant.objects.filter(pk__in=[]))
    assert Participant.objects.annotate(n=compte).values_list("n", flat=True).get() == 0
