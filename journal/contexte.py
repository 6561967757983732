"""L’adresse du client de la requête en cours, pour que les lignes disent d’où."""

from contextvars import ContextVar

adresse_du_client = ContextVar("adresse_du_client", default=None)
