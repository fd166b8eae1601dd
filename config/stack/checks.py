"""`make check` and `make test`."""

import os
import secrets
import subprocess
import sys

from config.stack import assets
from config.stack.programs import PYTHON, manage
from config.stack.speech import ROOT, StackError, say
from config.stack.testing import ensure_services, stop_services

PACKAGES = ("config", "segmentation", "lifecycle", "satisfaction", "crm")


def checks() -> list[tuple[str, list[str]]]:
    binaries = os.path.dirname(PYTHON)
    return [
        ("lint", [f"{binaries}/ruff", "check", "."]),
        ("format", [f"{binaries}/ruff", "format", "--check", "."]),
        ("types", [PYTHON, "-m", "mypy", *PACKAGES]),
        ("import contracts", [f"{binaries}/lint-imports"]),
        ("migrations", manage("makemigrations", "--check", "--dry-run")),
        ("deployment", manage("check", "--deploy", "--fail-level", "WARNING")),
        ("translations", manage("messages", "check")),
    ]


def check() -> None:
    """Every check, also after one has failed: the list of what is wrong should be whole."""
    # Django's own checks look for the front-end packages.
    assets.build()
    ensure_services()
    os.environ.update(
        {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "HTTPS": "True",
            "ALLOWED_HOSTS": "crm.example.com",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
    )
    failed = []
    try:
        for name, command in checks():
            say(f"Checking: {name}")
            if subprocess.run(command, cwd=ROOT).returncode != 0:
                failed.append(name)
    finally:
        stop_services()
    if failed:
        raise StackError(f"Not in order: {', '.join(failed)}.")
    say("Everything is in order")


def test(arguments: list[str]) -> None:
    """Assets, then pytest in this process's place: its summary is the last thing on the screen."""
    assets.build()
    workers = max(1, min(8, os.cpu_count() or 1))
    say(f"Running the tests in {workers} processes")
    sys.stdout.flush()
    os.chdir(ROOT)
    # Importing the launcher has set DJANGO_SETTINGS_MODULE, which would count for more than pyproject.toml.
    command = [
        PYTHON,
        "-m",
        "pytest",
        "--ds",
        "config.settings_test",
        "-n",
        str(workers),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
    ]
    command += arguments
    os.execv(command[0], command)  # noqa: S606


def bench(arguments: list[str]) -> None:
    """The benchmarks bring settings of their own."""
    os.chdir(ROOT)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.execv(PYTHON, [PYTHON, "-m", "tests.bench", *arguments])  # noqa: S606
