"""What every test may use. PostgreSQL and Valkey are started by config/settings_test.py (config.stack.testing)."""

import os
import shutil
import sys
from pathlib import Path

import pytest

pytest_plugins = ["tests.fixtures"]

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Tests may start the programs of the environment they run in, activated or not."""
    binaries = str(Path(sys.executable).parent)
    if binaries not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"


# Files of few tests that take minutes: begun last, they leave the other processes with nothing to do.
LONG = ("test_every_page", "tests/stack/", "tests/browser/", "tests/fault/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((place for place, part in enumerate(LONG) if part in path), len(LONG))

    items.sort(key=place)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller stops the servers after the last worker has gone; a worker started none."""
    from config.stack.testing import stop_services

    stop_services()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Dashboards are kept per run, and the throttle counts: no test sees what another left."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def own_language() -> None:
    """A request leaves its reader's language behind in the thread: no test speaks that of another."""
    from django.utils import translation

    translation.deactivate()


def find_chromium() -> str | None:
    """The system's Chromium: CHROMIUM names one, else the first on PATH."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data sets beside the repository: real input for tests, never a part of the product."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"NO SHARED DATA: {SHARED_DATA} does not exist")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. In CI its absence is a failure: a green run must have seen the pages."""
    path = find_chromium()
    if path is None:
        message = "NO CHROMIUM: install it (Debian: apt-get install chromium) or set CHROMIUM to its path"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in capitals what was not tested, so that nobody takes the run for a whole one."""
    missing: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for mark in ("CHROMIUM", "SHARED DATA"):
            if mark in reason:
                missing[mark] = missing.get(mark, 0) + 1
    for mark, count in missing.items():
        terminalreporter.write_sep("!", f"NO {mark}: {count} TESTS WERE SKIPPED", red=True, bold=True)
