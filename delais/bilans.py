"""Compter les engagements tenus et rompus des douze derniers mois, sans charger une seule horloge."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from delais.models import Bilan
from horloges.registre import DEFINITIONS
from horloges.sql import Ecart

MOIS = 12
TERME = Coalesce(F("fin_le"), F("abandon_le"))
TENUE = Q(fin_le__isnull=False, ecoules__gte=0, ecoules__lte=F("limite"))
ROMPUE = Q(ecoules__gt=F("limite"))


def premier_mois(le=None):
    """Le premier jour du plus ancien des douze mois montrés, celui de `le` compris."""
    le = le or timezone.localdate()
    rang = le.year * 12 + le.month - MOIS
    return datetime.date(rang // 12, rang % 12 + 1, 1)


def etablir(le=None):
    """Remplace les bilans par ceux des douze mois qui finissent à `le`. Rend le nombre de lignes écrites.

    Deux comptes en même temps écriraient les mêmes lignes : la base arrête le second, celui du premier vaut pour les deux.
    """
    depuis, maintenant = premier_mois(le), timezone.now()
    bilans = [
        Bilan(horloge=code, compte_le=maintenant, **ligne)
        for code, definition in DEFINITIONS.items()
        for ligne in _comptes(definition, depuis)
    ]
    try:
        with transaction.atomic():
            Bilan.objects.all().delete()
            Bilan.objects.bulk_create(bilans, batch_size=1000)
    except IntegrityError:
        return 0
    return len(bilans)


def terminer(definition, horloges, depuis):
    """Des horloges finies à partir de `depuis`, avec `terme_le`, `limite` et `ecoules` (jours)."""
    horloges = definition.limiter(horloges).annotate(terme_le=TERME).filter(terme_le__gte=depuis)
    return horloges.annotate(ecoules=Ecart(F("terme_le"), F("debut_le")))


def _comptes(definition, depuis):
    return (
        terminer(definition, definition.finies(), depuis)
        .values("antenne_id", "conseiller_id", mois=TruncMonth("terme_le"))
        .annotate(tenues=Count("pk", filter=TENUE), rompues=Count("pk", filter=ROMPUE))
        .filter(Q(tenues__gt=0) | Q(rompues__gt=0))
        .order_by()
    )
