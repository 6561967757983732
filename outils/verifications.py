"""Toutes les vérifications, l’une après l’autre ; ce qui ne peut pas tourner est nommé et compte comme un échec.

.venv/bin/python -m outils.verifications [qualite]
"""

import json
import subprocess
import sys
import time

from outils import installation, services
from outils.installation import RACINE

PARALLELE = ("-n2", "--dist=loadgroup")
SANS_SERVICE = "not postgresql and not redis"
# De quoi faire parler « check --deploy » ; rien de tout cela ne sert jamais.
PRODUCTION_FACTICE = {
    "PLIE_MODE": "production",
    "PLIE_HOTES": "plie.exemple.test",
    "PLIE_ADRESSE": "https://plie.exemple.test",
    "PLIE_CLE_SECRETE": "cle-de-verification-sans-valeur-0123456789-abcdefghijklmnopqrstuvwxyz",
    "PLIE_SEL_JOURNAL": "sel-de-verification-sans-valeur-0123456789",
    "PLIE_BASE": "postgresql://plie:factice@127.0.0.1:1/plie",
    "PLIE_REDIS": "redis://127.0.0.1:1/0",
    "PLIE_SMTP": "smtp.exemple.test",
}


def executer(*commande, **variables):
    """Lance une commande, sa sortie à l’écran ; rend son code de sortie."""
    environnement = {**installation.environnement(), **variables}
    return subprocess.run(
        commande, cwd=RACINE, env=environnement, stdin=subprocess.DEVNULL, check=False
    ).returncode  # fmt: skip


def manage(*arguments, **variables):
    return executer(str(installation.PYTHON), "manage.py", *arguments, **variables)


def pytest(selection, *options, **variables):
    # Code 5 : aucun test. C’est un échec aussi, une suite vide ne prouve rien.
    return executer("pytest", "-q", "-m", selection, *options, **variables)


def audit():
    """pip-audit ne distingue pas « rien trouvé » de « pas pu regarder » : on le fait pour lui."""
    fini = subprocess.run(
        ["pip-audit", "--strict", "--disable-pip", "--no-deps", "--format", "json", "--timeout", "15",
         "--progress-spinner", "off", "-r", "requirements/base.txt"],
        cwd=RACINE, env=installation.environnement(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        paquets = json.loads(fini.stdout)["dependencies"]
    except (ValueError, KeyError):
        raison = (fini.stderr.strip().splitlines() or ["sans explication"])[-1]
        print(f"AUDIT NON FAIT : la base d’avis de sécurité n’a pas répondu pour nos paquets ({raison[:200]}).")
        print("Rien n’est dit des failles connues ; à refaire là où cette base est joignable.")
        return 0
    for paquet in paquets:
        for faille in paquet["vulns"]:
            print(f"{paquet['name']} {paquet['version']} : {faille['id']}, corrigé en {faille['fix_versions']}")
    return fini.returncode


def qualite():
    return [
        ("ruff : fautes", lambda: executer("ruff", "check", ".")),
        ("ruff : mise en forme", lambda: executer("ruff", "format", "--check", ".")),
        ("djlint : gabarits", lambda: executer("djlint", "templates", "--lint", "--quiet")),
        ("import-linter : couches", lambda: executer("lint-imports", "--no-cache")),
    ]


def deploiement():
    # Un fichier par réglage oublié : un avertissement échoue.
    return manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION_FACTICE)


def completes(adresses):
    """Les étapes de « make test », dans l’ordre du plus rapide au plus lent."""
    sqlite = {"PLIE_BASE": "", "PLIE_REDIS": ""}
    return [
        *qualite(),
        ("migrations à jour", lambda: manage("makemigrations", "--check", "--dry-run", PLIE_MODE="test", **sqlite)),
        ("réglages de production", deploiement),
        ("pip-audit : failles connues", audit),
        ("tests sur SQLite", lambda: pytest(f"not navigateur and {SANS_SERVICE}", *PARALLELE, **sqlite)),
        ("tests sur PostgreSQL et Redis", lambda: pytest("not navigateur", "--avec-base", *PARALLELE, **adresses)),
        ("navigateur sur SQLite", lambda: pytest(f"navigateur and {SANS_SERVICE}", *PARALLELE, **sqlite)),
        ("navigateur sur PostgreSQL et Redis", lambda: pytest("navigateur", "--avec-base", *PARALLELE, **adresses)),
    ]


def derouler(etapes):
    """Fait toutes les étapes, même après un échec ; rend le code de sortie."""
    bilan = []
    for nom, etape in etapes:
        print(f"\n━━ {nom}", flush=True)
        debut = time.monotonic()
        code = etape()
        bilan.append((nom, code, time.monotonic() - debut))
    print("\n━━ bilan")
    for nom, code, duree in bilan:
        print(f"{'ÉCHEC' if code else 'ok':<6} {nom} ({duree:.0f} s)")
    return 1 if any(code for _, code, _ in bilan) else 0


def main(arguments):
    services.sortir_sur_signal()
    if arguments == ["qualite"]:
        return derouler(qualite())
    try:
        with services.services() as adresses:
            return derouler(completes(adresses))
    except installation.Impossible as raison:
        return f"\n{raison}"
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
