"""A throw-away PostgreSQL and Valkey for the tests, started once per run by whoever asks first.

config/settings_test.py calls `ensure_services` before the settings are read; the workers of pytest-xdist find
DATABASE_URL and REDIS_URL in the environment they inherit. Both servers die with the process that started
them.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from config.stack.postgres import THROWAWAY, Postgres
from config.stack.processes import Program, end_session
from config.stack.valkey import Valkey

PREFIX = "mainstay-tests-"
_started: list[tuple[Program, subprocess.Popen[bytes]]] = []
_directories: list[Path] = []


def ensure_services() -> None:
    """Set DATABASE_URL and REDIS_URL where they are not, by starting what they should point to."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        sweep()
        _start_services()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker:
        # pytest-django gives each worker a database of its own; a cache of its own goes with it.
        parts = urlsplit(os.environ["REDIS_URL"])
        os.environ["REDIS_URL"] = parts._replace(path=f"/{int(worker) + 1}").geturl()


def _start_services() -> None:
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o711)
    _directories.append(home)
    atexit.register(stop_services)
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(home, log=home / "log" / "postgres.log", options=THROWAWAY)
        _directories.append(postgres.placement.directory)
        process = postgres.start()
        _started.append((postgres.program(), process))
        os.environ["DATABASE_URL"] = postgres.url()
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(home, log=home / "log" / "valkey.log", durable=False)
        process = valkey.start()
        _started.append((valkey.program(), process))
        os.environ["REDIS_URL"] = valkey.url


def stop_services() -> None:
    """Stop what `ensure_services` started here and remove its files. A second call does nothing."""
    while _started:
        program, process = _started.pop()
        end_session(process, stop_signal=program.stop_signal, seconds=program.stop_seconds)
    while _directories:
        shutil.rmtree(_directories.pop(), ignore_errors=True)


def sweep() -> None:
    """Remove the directories of test runs that were killed before they could do so themselves."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(ValueError, OSError):
            owner = int(directory.name.removeprefix(PREFIX).split("-", 1)[0])
            if directory.stat().st_uid == os.geteuid() and not psutil.pid_exists(owner):
                shutil.rmtree(directory, ignore_errors=True)
