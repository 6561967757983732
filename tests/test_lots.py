"""Après un grand lot, la base sait combien de lignes tiennent ses tables : elle choisit ses index sur ce compte."""

import pytest
from django.db import connection

from dossier.tasks import analyser_la_base
from tests.factories import ParticipantFactory

COMPTES = {
    "sqlite": "SELECT stat FROM sqlite_stat1 WHERE idx = 'participant_par_antenne'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'participants_participant'",
}


def compte():
    with connection.cursor() as curseur:
        curseur.execute(COMPTES[connection.vendor])
        (premier,) = curseur.fetchone()
    return float(str(premier).split()[0])


@pytest.mark.django_db
def test_la_base_recompte_ses_tables_autant_de_fois_qu_on_le_demande():
    for nombre in (3, 5):
        ParticipantFactory.create_batch(nombre)
        analyser_la_base()
    assert compte() == 8
