"""The command lines of Mainstay's own processes: the same for `make demo` and for the containers."""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from config.env import env_int, env_list, home
from config.stack.speech import ROOT, StackError

PYTHON = sys.executable
NAMES = ("web", "worker", "beat")


def manage(*arguments: str) -> list[str]:
    return [PYTHON, "manage.py", *arguments]


def command(name: str) -> list[str]:
    """What starts the web server, the worker or beat."""
    if name == "web":
        return [PYTHON, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application"]
    celery = [PYTHON, "-m", "celery", "-A", "config", name, "--loglevel", "INFO"]
    if name == "worker":
        concurrency = env_int("WORKER_CONCURRENCY", max(1, min(4, os.cpu_count() or 1)), minimum=1)
        return [*celery, "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]
    if name == "beat":
        return [*celery, "--schedule", str(home() / "run" / "beat-schedule"), "--pidfile", ""]
    raise StackError(f"There is no process {name!r}: {', '.join(NAMES)}.")


def serve(name: str) -> None:
    """Become that process (containers start this way)."""
    arguments = command(name)
    os.chdir(ROOT)
    (home() / "run").mkdir(mode=0o711, parents=True, exist_ok=True)
    os.execv(arguments[0], arguments)  # noqa: S606


def web_answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether /healthz says that the web server runs and reaches its database."""
    public = next(
        (name for name in env_list("ALLOWED_HOSTS", ["localhost"]) if not name.startswith("*")), "localhost"
    )
    request = urllib.request.Request(
        f"http://{host}:{port}/healthz", headers={"Host": public.lstrip("."), "X-Forwarded-Proto": "https"}
    )
    # Never through a proxy: this is the machine itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as response:
            return response.status == 200 and json.load(response).get("status") == "ok"
    except (urllib.error.URLError, OSError, ValueError):
        return False


def healthy(name: str) -> bool:
    """The container's health check."""
    if name == "web":
        return web_answers(env_int("PORT", 8000))
    from config.celery import app

    if name == "worker":
        return bool(app.control.inspect(timeout=5, destination=[f"celery@{os.uname().nodename}"]).ping())
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=5)
    return True


def build_environ(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """For steps that read the settings and need no server: collecting static files in a container's build."""
    result = dict(os.environ if environ is None else environ)
    result.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
    if not (result.get("SECRET_KEY") or result.get("SECRET_KEY_FILE")):
        result["SECRET_KEY"] = "only-while-building-" + os.urandom(16).hex()
    return result


def log_directory(base: Path) -> Path:
    return base / "log"
