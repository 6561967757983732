"""Du jour à l’instant : les jours se comptent à Paris, les moments se gardent en UTC."""

import datetime

from django.utils import timezone

MINUIT = datetime.time()


def a(jour, heure=MINUIT):
    """L’instant `heure` (de Paris) du `jour` ; la nuit du changement d’heure, le premier instant qui existe."""
    return timezone.make_aware(datetime.datetime.combine(jour, heure))


def dans(jours):
    """La date, à Paris, dans `jours` jours ; négatif, avant aujourd’hui."""
    return timezone.localdate() + datetime.timedelta(jours)
