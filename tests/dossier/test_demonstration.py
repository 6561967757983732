"""La démonstration est lue par des gens du métier : son histoire doit être possible, et son français juste."""

import re

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from comptes.models import Role, RoleAttribue
from entretiens.models import Entretien, RendezVous
from parcours.models import Affectation
from participants.models import Caracteristique
from plie.templatetags.interface import de
from prescriptions.models import Avis, CritereInvoque, Prescription

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _plie(django_db_setup, django_db_blocker):
    """Une seule démonstration pour tout le fichier, défaite à la fin."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("referentiels", verbosity=0)
        call_command("demo", participants=130, verbosity=0)
        yield
        transaction.set_rollback(True)


def test_nul_n_est_transmis_avant_son_premier_entretien():
    transmises = Prescription.objects.exclude(transmise_le=None)
    assert transmises.count() > 50
    for demande in transmises:
        premier = Entretien.objects.filter(participant=demande.participant_id).earliest("jour")
        assert premier.jour < timezone.localdate(demande.transmise_le), demande
        fin = demande.accordee_le or demande.refusee_le or demande.transmise_le
        assert demande.orientee_le <= demande.prise_en_charge_le <= demande.transmise_le <= fin, demande


def test_une_demande_close_ne_laisse_ni_rendez_vous_prevu_ni_conseiller_pressenti():
    closes = Prescription.objects.filter(statut__in=["refusee", "sans_suite"]).values("participant")
    assert len(closes) > 3
    assert not RendezVous.objects.filter(participant__in=closes, statut="prevu").exists()
    assert not Affectation.objects.filter(participant__in=closes, au=None).exists()


def test_la_situation_dite_va_avec_les_criteres_invoques():
    dits = {(c.participant_id, c.genre): c.valeur for c in Caracteristique.objects.all()}
    for demande in Prescription.objects.all():
        codes = set(CritereInvoque.objects.filter(prescription=demande).values_list("critere__code", flat=True))
        assert not {"DELD", "DETLD"} <= codes
        if codes & {"DELD", "DETLD"}:
            assert dits[demande.participant_id, "situation"] == "chomeur_longue_duree"
        if "RSA" in codes:
            assert dits[demande.participant_id, "ressources"] == "rsa"
        if "NIVEAU3" in codes:
            assert dits[demande.participant_id, "niveau"] in "123"


def test_rien_ne_s_elide_mal_ni_ne_hesite_sur_le_genre():
    ecrits = [
        *Prescription.objects.values_list("attente", flat=True),
        *Avis.objects.values_list("motivation", flat=True),
    ]
    for entretien in Entretien.objects.all():
        ecrits += [entretien.objectif, entretien.synthese]
    for texte in ecrits:
        assert not re.search(r"\bde [aàâeéèêiîoôu]|elle ou lui|[{}]", texte), texte


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        ("aide-soignant", "d’aide-soignant"),
        ("couvreur", "de couvreur"),
        ("Hondschoote", "de Hondschoote"),
        ("Armbouts-Cappel", "d’Armbouts-Cappel"),
    ],
)
def test_de_s_elide_devant_une_voyelle(nom, attendu):
    assert de(nom) == attendu


def test_chaque_conseiller_a_sa_ligne_a_son_antenne():
    conseillers = RoleAttribue.objects.filter(role=Role.CONSEILLER).select_related("utilisateur", "antenne")
    numeros = [attribution.utilisateur.telephone for attribution in conseillers]
    assert len(set(numeros)) == len(numeros)
    assert all(a.utilisateur.telephone[:-1] == a.antenne.telephone[:-1] for a in conseillers)
