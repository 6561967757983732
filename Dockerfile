# Deux étapes, les mêmes scripts d’installation que sur un poste. Aucun secret ici : tout vient de l’environnement.

FROM python:3.11-slim-bookworm AS construction
WORKDIR /app
COPY outils/ outils/
COPY requirements/base.txt requirements/base.txt
COPY package.json package-lock.json .npmrc ./
# Node sert à construire et ne part pas dans l’image.
RUN python -m outils.installation image python node
COPY . .
RUN python -m outils.installation image icones

FROM python:3.11-slim-bookworm
WORKDIR /app
COPY outils/installation.py outils/installation.py
RUN python -m outils.installation image systeme \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /donnees --create-home plie
COPY --from=construction /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PLIE_MODE=production \
    PLIE_DONNEES=/donnees \
    PLIE_ECOUTE=0.0.0.0 \
    PORT=8000 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER plie
VOLUME /donnees
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "outils.vie"]
CMD ["gunicorn", "plie.wsgi"]
