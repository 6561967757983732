"""Le web répond-il ? Pour la surveillance d’un conteneur : 200 comme 503 (un autre service est en panne) sont en vie."""

import contextlib
import http.client
import os
import sys


def vivant():
    hote = (os.environ.get("PLIE_HOTES") or "localhost").split()[0]
    liaison = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
    with contextlib.closing(liaison), contextlib.suppress(OSError, http.client.HTTPException):
        liaison.request("GET", "/sante/", headers={"Host": hote})
        return liaison.getresponse().status in (200, 503)
    return False


if __name__ == "__main__":
    sys.exit(0 if vivant() else 1)
