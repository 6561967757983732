"""Entêtes de sécurité de toutes les réponses, erreurs et fichiers compris (BR2)."""

PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"


class EntetesMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if not request.path.startswith("/static/") or response.status_code not in (200, 304):
            response.headers["Cache-Control"] = "no-store, private"
        return response
