"""Les communes d’un code postal, avec leur adhésion et leur antenne : pour remplir un formulaire d’adresse."""

from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from territoire.models import Commune


@require_safe
def communes(request):
    """JSON : [{insee, nom, adherente, antenne}] ; `adherente` vaut null tant que l’adhésion n’est pas renseignée."""
    aujourd_hui = timezone.localdate()
    trouvees = Commune.objects.du_code_postal(request.GET.get("code_postal", "")[:5]).avec_antenne(aujourd_hui)
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
