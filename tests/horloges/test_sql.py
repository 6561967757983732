"""La base et Python disent la même chose de la même horloge, arrêts compris."""

import datetime
import random

import pytest

from horloges.registre import COLONNES, DEFINITIONS, mesure_de
from tests.factories import EntretienFactory, PrescriptionFactory, aujourd_hui
from tests.horloges.factories import ArretFactory
from tests.horloges.oracle import mesurer

pytestmark = pytest.mark.django_db
CAS = 120


def _arrets(hasard, debut):
    for _ in range(hasard.randint(0, 4)):
        du = debut + datetime.timedelta(hasard.randint(-15, 45))
        au = None if hasard.random() < 0.2 else du + datetime.timedelta(hasard.randint(0, 25))
        yield du, au


def test_chaque_horloge_se_mesure_pareil_par_la_base_et_par_le_calcul():
    hasard, attendues, le = random.Random(30), {}, aujourd_hui()
    for _ in range(CAS):
        debut = le - datetime.timedelta(hasard.randint(0, 60))
        demande = PrescriptionFactory(premier_contact_le=debut)
        arrets = list(_arrets(hasard, debut))
        for du, au in arrets:
            ArretFactory(participant=demande.participant, du=du, au=au)
        fin = None
        if hasard.random() < 0.4:
            fin = debut + datetime.timedelta(hasard.randint(0, (le - debut).days))
            EntretienFactory(participant=demande.participant, premier_complet=True, jour=fin)
        attendues[demande.pk] = mesurer(debut, fin, 30, arrets, le=le)

    definition = DEFINITIONS["premier_entretien"]
    participants = [ligne["participant_id"] for ligne in definition.en_cours().values("participant_id")]
    lignes = list(definition.du_dossier(participants).values(*COLONNES))
    lignes += definition.chronometrer(definition.finies()).values(*COLONNES)
    assert {ligne["objet_id"] for ligne in lignes} == set(attendues)
    for ligne in lignes:
        attendue, trouvee = attendues[ligne["objet_id"]], mesure_de(ligne, le)
        assert (trouvee.etat, trouvee.echeance, trouvee.ecoules) == (
            attendue.etat,
            attendue.echeance,
            attendue.ecoules,
        )
        if attendue.est_finie:
            assert trouvee.net == attendue.net
