"""The web server. The same file serves `make demo` and the containers; the environment tells them apart."""

import os

from config.env import env_int, env_str

bind = [f"{env_str('HOST', '127.0.0.1')}:{env_int('PORT', 8000, minimum=1, maximum=65535)}"]
worker_class = "gthread"
workers = env_int("WEB_CONCURRENCY", max(1, min(8, os.cpu_count() or 1)), minimum=1)
threads = env_int("WEB_THREADS", 4, minimum=1)
# Loaded once and then forked: a start in seconds, and a mistake in the code ends it at once with its traceback.
preload_app = True
# An import or an export of a million lines streams for minutes; gthread's workers stay alive meanwhile.
timeout = 120
graceful_timeout = 8
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
if os.path.isdir("/dev/shm"):  # noqa: S108 - the heartbeat file must not wait for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108
accesslog = "-"
errorlog = "-"
# Without the query string: searches hold people's names.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)s ms'
