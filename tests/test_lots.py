"""Un grand lot écrit les mêmes valeurs qu’un enregistrement à la fois, et la base sait ensuite ce que tiennent ses tables."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.safestring import mark_safe

from dossier.tasks import analyser_la_base
from entretiens.models import RendezVous
from entretiens.models.rendez_vous import StatutRendezVous
from journal.actions import empreinte
from journal.models import Ligne
from participants.models import Caracteristique, GenreCaracteristique, TypePiece
from plie.lots import inserer
from tests.factories import ParticipantFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db
COMPTES = {
    "sqlite": "SELECT stat FROM sqlite_stat1 WHERE idx = 'participant_par_antenne'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'participants_participant'",
}
A_PARIS = datetime.datetime(
    2026, 3, 29, 3, 30, 0, 123456, tzinfo=ZoneInfo("Europe/Paris")
)  # le matin de l’heure d’été


@pytest.fixture
def decor():
    return {"participant": ParticipantFactory(), "conseiller": UtilisateurFactory()}


CAS = {
    "des dates, une énumération": lambda d: Caracteristique(
        participant=d["participant"], genre=GenreCaracteristique.LANGUES, valeur="a", du=A_PARIS.date()
    ),
    "une heure de Paris, un champ vide": lambda d: RendezVous(
        **d, debut=A_PARIS, statut=StatutRendezVous.HONORE, antenne=None
    ),
    "du JSON, des signes qui servent au pilote": lambda d: TypePiece(
        code=f"type-{TypePiece.objects.count()}",
        libelle=mark_safe("100 %s,\tl’« été » \\N \\. \n"),
        points=["Lisible", {"à": None}],
        validite_mois=3,
    ),
}


@pytest.mark.parametrize("cas", CAS)
def test_un_lot_ecrit_ce_qu_ecrit_un_enregistrement(decor, cas):
    seul = CAS[cas](decor).enregistrer(par="test")
    # Deux dans le lot : une colonne où tout n’est pas de la même classe est préparée valeur par valeur.
    en_lot, _ = type(seul).objects.creer_en_masse([CAS[cas](decor), _texte(CAS[cas](decor))], par="test")
    assert _valeurs(en_lot) == _valeurs(seul)
    assert _valeurs(en_lot.history.get()) == _valeurs(seul.history.get())
    relu = type(seul).objects.get(pk=en_lot.pk)
    assert Ligne.objects.get(objet_id=en_lot.pk).empreinte == empreinte(relu, ["*"])


def _texte(objet):
    """Le même, ses énumérations en texte nu."""
    for champ in objet._meta.concrete_fields:
        if isinstance(valeur := getattr(objet, champ.attname), str):
            setattr(objet, champ.attname, str(valeur) + ("x" if champ.name == "code" else ""))
    return objet


def _valeurs(objet):
    relu = type(objet)._base_manager.get(pk=objet.pk)
    sauf = {"id", "code", "history_id", "history_date"}
    return {c.attname: getattr(relu, c.attname) for c in relu._meta.concrete_fields if c.attname not in sauf}


def test_l_historique_d_un_lot_suit_l_ordre_du_lot():
    types = [TypePiece(code=f"t{n}", libelle=str(n)) for n in range(9)]
    TypePiece.objects.creer_en_masse(types, par="test")
    ordre = TypePiece.history.order_by("history_id").values_list("code", flat=True)
    assert list(ordre)[-9:] == [t.code for t in types]


def test_un_double_dans_un_lot_est_refuse_comme_par_un_enregistrement():
    """Le scellement du journal compte sur cette erreur quand deux workers scellent ensemble."""
    with pytest.raises(IntegrityError), transaction.atomic():
        inserer([TypePiece(code="meme", libelle=str(n)) for n in range(2)])
    assert not TypePiece.objects.filter(code="meme").exists()


def test_un_lot_vide_n_ecrit_rien():
    assert TypePiece.objects.creer_en_masse([], par="test") == []


def test_la_base_recompte_ses_tables_autant_de_fois_qu_on_le_demande():
    for nombre in (3, 5):
        ParticipantFactory.create_batch(nombre)
        analyser_la_base()
    with connection.cursor() as curseur:
        curseur.execute(COMPTES[connection.vendor])
        (compte,) = curseur.fetchone()
    assert float(str(compte).split()[0]) == 8
