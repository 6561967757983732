"""Les lignes s’enchaînent par blocs ; une ligne changée ou manquante se voit."""

import io
import tracemalloc

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from journal import declencheurs, scellement
from journal.models import Acte, Bloc, Ligne, LigneScellee
from journal.scellement import sceller, verifier
from journal.tasks import sceller as tache
from tests.parallele import en_parallele


def lignes(nombre, **champs):
    return Ligne.objects.bulk_create(Ligne(acte=Acte.LECTURE, tache="essai", **champs) for _ in range(nombre))


@pytest.fixture
def forcer(db):
    """Ce que ferait quelqu’un qui tient la base : retirer les déclencheurs, changer, les reposer."""

    def _forcer(ordre, *parametres):
        with connection.cursor() as curseur:
            for retrait in declencheurs._RETIRER[connection.vendor]():
                curseur.execute(retrait)
            curseur.execute(ordre, parametres)
            for pose in declencheurs._POSER[connection.vendor]():
                curseur.execute(pose)

    return _forcer


@pytest.mark.django_db
class TestSceller:
    def test_tout_ce_qu_aucun_bloc_ne_tient_est_scelle_une_fois(self):
        lignes(7)
        assert sceller() == 7
        assert sceller() == 0
        lignes(2)
        tache()
        assert list(Bloc.objects.values_list("numero", "nombre")) == [(1, 7), (2, 2)]
        assert verifier() == []

    def test_un_bloc_a_une_taille(self, monkeypatch):
        monkeypatch.setattr(scellement, "TAILLE_D_UN_BLOC", 4)
        lignes(10)
        assert sceller() == 10
        assert list(Bloc.objects.values_list("nombre", flat=True)) == [4, 4, 2]
        assert verifier() == []

    def test_une_ligne_arrivee_en_retard_avec_un_plus_petit_numero_est_scellee(self):
        """Jamais « id > dernier » : une transaction lente valide après coup."""
        premiere, *_ = lignes(3)
        sceller()
        Ligne(id=premiere.pk - 1, acte=Acte.LECTURE, tache="lente").save(force_insert=True)
        assert sceller() == 1
        assert verifier() == []

    def test_le_scellement_lit_hors_transaction(self, monkeypatch):
        """Personne n’attend le scellement pour écrire : sur SQLite une transaction est un verrou."""
        profondeurs, enchainer = set(), scellement._enchainer
        monkeypatch.setattr(
            scellement,
            "_enchainer",
            lambda *a: profondeurs.add(len(connection.savepoint_ids)) or enchainer(*a),
        )
        lignes(3)
        avant = len(connection.savepoint_ids)
        sceller()
        assert profondeurs == {avant}


@pytest.mark.django_db(transaction=True)
def test_plusieurs_scellements_en_meme_temps_ne_scellent_rien_deux_fois(monkeypatch):
    monkeypatch.setattr(scellement, "TAILLE_D_UN_BLOC", 10)
    lignes(60)
    resultats = en_parallele(6, lambda rang: sceller())
    assert all(isinstance(r, int) for r in resultats), resultats
    sceller()
    assert LigneScellee.objects.count() == 60
    assert verifier() == []


@pytest.mark.django_db
class TestVerifier:
    @pytest.fixture
    def dix_mille(self):
        lignes(10_000, motif="m", champs=["nom"])
        sceller()

    def test_dp2_une_ligne_changee_parmi_dix_mille_est_trouvee(self, dix_mille, forcer):
        victime = Ligne.objects.order_by("id")[6_543].pk
        forcer("UPDATE journal_ligne SET motif = 'n' WHERE id = %s", victime)
        assert [(d.ligne_id, d.raison) for d in verifier()] == [(victime, "ligne modifiée")]

    def test_dp2_une_ligne_manquante_parmi_dix_mille_est_trouvee(self, dix_mille, forcer):
        victime = Ligne.objects.order_by("id")[9_999].pk
        forcer("DELETE FROM journal_ligne WHERE id = %s", victime)
        assert [(d.ligne_id, d.raison) for d in verifier()] == [(victime, "ligne manquante")]

    def test_verifier_ne_tient_qu_un_bloc_en_memoire(self, monkeypatch):
        monkeypatch.setattr(scellement, "TAILLE_D_UN_BLOC", 500)
        sommets = []
        for nombre in (1_000, 9_000):
            lignes(nombre)
            sceller()
            tracemalloc.start()
            verifier()
            sommets.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert sommets[1] < 1.5 * sommets[0]


@pytest.mark.django_db
class TestChaine:
    @pytest.fixture(autouse=True)
    def trois_blocs(self, monkeypatch):
        monkeypatch.setattr(scellement, "TAILLE_D_UN_BLOC", 3)
        lignes(9, motif="m")
        sceller()

    @pytest.mark.parametrize(
        "ordre",
        [
            "UPDATE journal_ligne SET champs = '[\"x\"]' WHERE id = (SELECT MIN(id) FROM journal_ligne)",
            "UPDATE journal_ligne SET tache = 'autre' WHERE id = (SELECT MAX(id) FROM journal_ligne)",
            "UPDATE journal_lignescellee SET empreinte = 'x' WHERE rang = 1",
            "UPDATE journal_lignescellee SET precedente = 'x' WHERE rang = 2",
            "DELETE FROM journal_lignescellee WHERE rang = 2",
            "UPDATE journal_bloc SET empreinte = 'x' WHERE numero = 2",
            "UPDATE journal_bloc SET precedente = 'x' WHERE numero = 3",
            "UPDATE journal_bloc SET nombre = 4 WHERE numero = 1",
            "UPDATE journal_bloc SET numero = 9 WHERE numero = 3",
        ],
    )
    def test_toute_retouche_se_voit(self, forcer, ordre):
        assert verifier() == []
        forcer(ordre)
        assert verifier()

    def test_un_bloc_entier_retire_se_voit(self, forcer):
        forcer("DELETE FROM journal_lignescellee WHERE bloc_id = (SELECT id FROM journal_bloc WHERE numero = 2)")
        forcer("DELETE FROM journal_bloc WHERE numero = 2")
        assert any("ne suit pas" in d.raison for d in verifier())

    def test_refaire_la_chaine_demande_le_sel(self, forcer):
        """Qui n’a que la base ne peut pas recalculer les empreintes : une autre clé donne une autre chaîne."""
        with override_settings(SEL_JOURNAL="un autre sel"):
            assert len(verifier()) == 9

    def test_la_commande_le_dit_et_echoue(self, forcer):
        sortie = io.StringIO()
        call_command("verifier_scellements", stdout=sortie)
        assert "sain" in sortie.getvalue()
        forcer("DELETE FROM journal_ligne WHERE id = (SELECT MIN(id) FROM journal_ligne)")
        erreurs = io.StringIO()
        with pytest.raises(CommandError, match="1 défaut"):
            call_command("verifier_scellements", stderr=erreurs)
        assert "ligne manquante" in erreurs.getvalue()
