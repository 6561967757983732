"""Ce conteneur est-il en vie ?  python -m outils.vie [web|worker|beat]

web : 200 comme 503 (c’est un autre service qui est en panne) valent vivant. worker et beat : l’âge de leur pouls.
"""

import contextlib
import http.client
import os
import sys
import time
from pathlib import Path

TOLERANCE = 60  # secondes


def web():
    hote = (os.environ.get("PLIE_HOTES") or "localhost").split()[0]
    liaison = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
    with contextlib.closing(liaison), contextlib.suppress(OSError, http.client.HTTPException):
        liaison.request("GET", "/sante/", headers={"Host": hote})
        return liaison.getresponse().status in (200, 503)
    return False


def bat(qui):
    with contextlib.suppress(OSError):
        pouls = Path(os.environ.get("PLIE_DONNEES", "donnees")) / "battements" / qui
        return time.time() - pouls.stat().st_mtime <= TOLERANCE
    return False


if __name__ == "__main__":
    qui = sys.argv[1] if len(sys.argv) > 1 else "web"
    sys.exit(0 if (web() if qui == "web" else bat(qui)) else 1)
