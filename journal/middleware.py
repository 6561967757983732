from journal.contexte import adresse_du_client


class JournalMiddleware:
    """Retient l’adresse du client ; X-Forwarded-For n’est jamais crue (AU3), gunicorn pose REMOTE_ADDR."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        jeton = adresse_du_client.set(request.META.get("REMOTE_ADDR") or None)
        try:
            return self.get_response(request)
        finally:
            adresse_du_client.reset(jeton)
