# Les commandes du dépôt. Rien n’est demandé : ni question, ni réglage préalable.
# PORT (8000) et PLIE_DONNEES (./donnees) viennent de l’environnement.

.DEFAULT_GOAL := aide
.PHONY: aide python-present installation demo test qualite services bench captures verrous
.NOTPARALLEL:

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3.14 python3 python,$(if $(shell $(p) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null | grep True),$(p))))
PY := .venv/bin/python

aide:
	@echo "make installation  met tout en place sans rien lancer"
	@echo "make demo          lance le logiciel avec un PLIE fictif de 300 personnes"
	@echo "make test          toutes les vérifications, SQLite et PostgreSQL, navigateur compris"
	@echo "make qualite       les seules relectures automatiques"
	@echo "make services      PostgreSQL et Redis privés pour développer"
	@echo "make bench         mesure les temps de réponse"
	@echo "make captures      refait les images du guide"
	@echo "make verrous       recalcule les versions figées après un changement de pyproject.toml"

python-present:
	@test -n "$(PYTHON)" || { echo "Il faut Python 3.11 ou plus récent (paquet python3)."; exit 1; }

installation: python-present
	@$(PYTHON) -m outils.installation demo

demo: python-present
	@$(PYTHON) -m outils.demonstration

test: python-present
	@$(PYTHON) -m outils.installation test
	@$(PY) -m outils.verifications

qualite: python-present
	@$(PYTHON) -m outils.installation test python
	@$(PY) -m outils.verifications qualite

services: python-present
	@$(PYTHON) -m outils.installation test systeme
	@$(PYTHON) -m outils.services --dossier .services

bench: python-present
	@$(PYTHON) -m outils.installation test
	@$(PYTHON) -m outils.services --durable -- $(PY) bench/run.py

captures: python-present
	@$(PYTHON) -m outils.installation test
	@PLIE_CAPTURES=docs/guide $(PY) -m pytest -q -m "navigateur and not postgresql and not redis" tests/navigateur

verrous:
	@uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 --group npm pyproject.toml -o requirements/base.txt
	@uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 --group dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt
