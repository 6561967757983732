"""Serveur web, le même en démonstration et en production."""

import os

bind = f"{os.environ.get('PLIE_ECOUTE', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("PLIE_PROCESSUS", "2"))
worker_class = "sync"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # le battement de cœur n’attend jamais le disque
timeout = 60  # secondes
graceful_timeout = 30
max_requests, max_requests_jitter = 5000, 500
umask = 0o027
control_socket_disable = True
loglevel = "warning"

# Ni adresse du client, ni référent, ni requête : une recherche contient un nom (DP3).
accesslog = "-" if os.environ.get("PLIE_MODE") == "production" else None
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
