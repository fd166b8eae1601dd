"""A web server of its own process that can be killed and started again at the same address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """Works on this test's database, files and session key."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # A name and no number: to a browser both are a secure context, cookies go by the name.
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--insecure", "--noreload", f"127.0.0.1:{self.port}"],
            cwd=ROOT,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _attempt in range(600):
            assert self.process.poll() is None, "the server ended by itself"
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def _environment() -> dict[str, str]:
    parameters = connection.get_connection_params()
    host, port = parameters.get("host", ""), parameters.get("port", "")
    name = f"{parameters.get('user', '')}:{parameters.get('password', '')}@/{parameters['dbname']}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{name}?host={host}" + (f"&port={port}" if port else ""),
        "DJANGO_SETTINGS_MODULE": "tests.browser.server_settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "TEST_MEDIA": str(settings.MEDIA_ROOT),
    }
