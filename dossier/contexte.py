"""Ce que le cadre de chaque page attend : navigation, structure, alertes."""


def cadre(request):
    return {}
