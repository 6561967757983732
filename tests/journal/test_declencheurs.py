"""Le journal ne se modifie pas : la base elle-même le refuse, en ORM comme en SQL."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from journal import declencheurs
from journal.actions import consigner
from journal.contexte import adresse_du_client
from journal.models import Acte, Bloc, Ligne, LigneScellee
from journal.scellement import sceller

pytestmark = pytest.mark.django_db


@pytest.fixture
def ligne():
    jeton = adresse_du_client.set("192.0.2.7")
    ligne = consigner(Acte.LECTURE, par="essai", motif="avant")
    adresse_du_client.reset(jeton)
    sceller()
    return ligne


def refuse(acte):
    with pytest.raises(DatabaseError, match=declencheurs.REFUS), transaction.atomic():
        acte()


def sql(ordre):
    with connection.cursor() as curseur:
        curseur.execute(ordre)


@pytest.mark.parametrize("modele", [Ligne, Bloc, LigneScellee])
class TestFerme:
    def test_on_n_y_efface_rien(self, ligne, modele):
        refuse(lambda: modele.objects.all()._raw_delete(modele.objects.db))
        refuse(lambda: sql(f"DELETE FROM {modele._meta.db_table}"))
        assert modele.objects.count() == 1

    def test_on_n_y_change_rien(self, ligne, modele):
        champ = {Ligne: "motif", Bloc: "precedente", LigneScellee: "precedente"}[modele]
        refuse(lambda: modele.objects.update(**{champ: "x"}))
        refuse(lambda: sql(f"UPDATE {modele._meta.db_table} SET {champ} = 'x'"))

    def test_on_n_y_remplace_rien(self, ligne, modele):
        """Sur SQLite, INSERT OR REPLACE efface sans que le déclencheur d’effacement s’en aperçoive."""
        table = modele._meta.db_table
        if connection.vendor == "sqlite":
            refuse(lambda: sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
        else:
            refuse(
                lambda: sql(
                    f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = {table}.id"
                )
            )
            sql("SET CONSTRAINTS ALL IMMEDIATE")
            refuse(lambda: sql(f"TRUNCATE {table} CASCADE"))


def test_un_scellement_ne_se_remplace_pas_sous_une_autre_cle(ligne):
    if connection.vendor != "sqlite":
        return
    refuse(
        lambda: sql(
            "INSERT OR REPLACE INTO journal_bloc (numero, scelle_le, nombre, precedente, empreinte) "
            "SELECT numero, scelle_le, nombre, precedente, 'x' FROM journal_bloc"
        )
    )


@pytest.mark.parametrize("colonne", declencheurs.COLONNES)
def test_aucune_colonne_d_une_ligne_ne_change(ligne, colonne):
    nouvelle = {"id": "id + 1", "le": "NULL", "objet_id": "participant_id", "champs": "'[1]'"}.get(colonne, "'1'")
    if colonne in ("objet_id", "participant_id", "auteur_id"):
        nouvelle = f"'{'0' * 32}'"
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(f"UPDATE journal_ligne SET {colonne} = {nouvelle}")


def test_la_liste_des_colonnes_fermees_est_complete():
    assert set(declencheurs.COLONNES) | {"adresse"} == {c.column for c in Ligne._meta.concrete_fields}


def test_l_adresse_du_client_peut_etre_videe_jamais_changee(ligne):
    refuse(lambda: Ligne.objects.update(adresse="192.0.2.8"))
    assert Ligne.objects.update(adresse=None) == 1
    refuse(lambda: Ligne.objects.update(adresse="192.0.2.8"))


def test_migrate_repose_les_declencheurs_perdus(ligne):
    """SQLite refait une table pour en changer une colonne, sans ses déclencheurs."""
    with connection.cursor() as curseur:
        for ordre in declencheurs._RETIRER[connection.vendor]():
            curseur.execute(ordre)
    Ligne.objects.update(adresse="192.0.2.8")
    call_command("migrate", verbosity=0)
    refuse(lambda: Ligne.objects.all().delete())


def test_une_ligne_a_un_auteur_ou_une_tache(db):
    with pytest.raises(DatabaseError), transaction.atomic():
        Ligne(acte=Acte.LECTURE).save()
