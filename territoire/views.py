"""Les communes d’un code postal, avec leur adhésion et leur antenne : pour remplir un formulaire d’adresse."""

import re

from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from territoire.models import Commune


@require_safe
def communes(request):
    """JSON : [{insee, nom, adherente, antenne}] ; `adherente` vaut null tant que l’adhésion n’est pas renseignée."""
    aujourd_hui, code_postal = timezone.localdate(), request.GET.get("code_postal", "")
    if not re.fullmatch("[0-9]{5}", code_postal):
        return JsonResponse([], safe=False)
    trouvees = Commune.objects.du_code_postal(code_postal).avec_antenne(aujourd_hui)
    return JsonResponse(
        [
            {
                "insee": commune.insee,
                "nom": commune.nom,
                "adherente": commune.est_adherente(aujourd_hui),
                "antenne": commune.nom_antenne,
            }
            for commune in trouvees
        ],
        safe=False,
    )
