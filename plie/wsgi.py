import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")
application = get_wsgi_application()

from plie.controles import exiger  # noqa: E402  (après le chargement des apps)

exiger()
