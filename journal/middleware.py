from journal.contexte import adresse, adresse_du_client


class JournalMiddleware:
    """Retient l’adresse du client le temps de la requête ; placé avant tout ce qui peut écrire une ligne."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        jeton = adresse_du_client.set(adresse(request))
        try:
            return self.get_response(request)
        finally:
            adresse_du_client.reset(jeton)
