"""`make demo` as a whole: every process for real, only the demo company left out (it has tests of its own)."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.stack.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_COMPANY = """
import sys
from config.stack import demo
from config.stack.speech import StackError

class Empty(demo.Demo):
    def database(self):
        self.manage("migrate", "--noinput", what="bringing the tables up to date")

demo.assets.build = lambda: None
demo.Demo = Empty
sys.argv = ["config.stack", "demo", "--port", sys.argv[1]]
from config.stack.__main__ import main
sys.exit(main())
"""
Environ = dict[str, str]


@pytest.fixture
def environ() -> Iterator[Environ]:
    """A home of its own, and no servers named: the demo starts them."""
    with tempfile.TemporaryDirectory(prefix="mainstay-demo-") as name:
        Path(name).chmod(0o711)
        kept = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
        }
        yield kept | {"MAINSTAY_HOME": name, "DJANGO_SETTINGS_MODULE": "config.settings"}


def stack(environ: Environ, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config.stack", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environ | more,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def start(environ: Environ, port: int) -> tuple[subprocess.Popen[str], Callable[[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_COMPANY, str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def read_until(words: str) -> str:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if words in line:
                return text
        raise AssertionError(f"it ended before it said {words!r}:\n{text}")

    return process, read_until


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def processes_of(environ: Environ) -> list[psutil.Process]:
    """Everything that runs for this home, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.environ().get("MAINSTAY_HOME") == environ["MAINSTAY_HOME"]
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def none_left(environ: Environ, seconds: float = 20) -> bool:
    return not psutil.wait_procs(processes_of(environ), timeout=seconds)[1]


@pytest.mark.fault
def test_start_watch_reset_and_stop(environ: Environ) -> None:
    port = free_port()
    demo, read_until = start(environ, port)
    try:
        read_until("Stop: Ctrl-C")
        assert answers(port)
        home = Path(environ["MAINSTAY_HOME"])
        for secret in (
            "secret-key",
            "postgres-password",
            "run/DATABASE_URL",
            "run/REDIS_URL",
            "run/valkey.conf",
        ):
            assert (home / secret).stat().st_mode & 0o077 == 0, secret

        # Commands beside the running demo find its servers by themselves.
        command = [sys.executable, "manage.py", "migrate", "--check"]
        assert subprocess.run(command, cwd=ROOT, env=environ, capture_output=True).returncode == 0
        for name in ("web", "worker", "beat"):
            servers = {
                key: (home / "run" / key).read_text("utf-8").strip() for key in ("DATABASE_URL", "REDIS_URL")
            }
            assert stack(environ, "healthy", name, PORT=str(port), **servers).returncode == 0, name

        second = stack(environ, "demo", "--port", str(free_port()))
        assert second.returncode == 1
        assert f"A demo runs here already: http://127.0.0.1:{port} (process {demo.pid})" in second.stderr

        refused = stack(environ, "reset")
        assert refused.returncode == 1
        assert "Nothing was deleted" in refused.stderr
        assert answers(port)

        web = next(
            process for process in psutil.Process(demo.pid).children() if "gunicorn" in process.cmdline()
        )
        web.kill()
        assert "starting it again" in read_until("Web server ended with status -9")
        deadline = time.monotonic() + 30
        while not answers(port):
            assert time.monotonic() < deadline, "the web server did not come back"
            time.sleep(0.2)

        # The broker dies: the worker does not hang on it, and takes orders again as soon as it is back.
        broker = next(
            process for process in psutil.Process(demo.pid).children() if "valkey" in process.name()
        )
        broker.kill()
        read_until("Valkey ended with status -9")
        deadline = time.monotonic() + 60
        while stack(environ, "healthy", "worker", **servers).returncode != 0:
            assert time.monotonic() < deadline, "the worker did not come back"

        (home / "notes.txt").write_text("not the demo's", "utf-8")
        reset = stack(environ, "reset", "--yes", "1")
        assert reset.returncode == 0, reset.stderr
        assert demo.wait(10) == 0
        assert none_left(environ)
        assert not answers(port)
        assert (home / "notes.txt").exists()
        assert not [name for name in ("postgres", "valkey", "secret-key") if (home / name).exists()]
    finally:
        demo.kill()
        demo.wait()
        assert demo.stdout is not None
        demo.stdout.close()


@pytest.mark.fault
def test_a_killed_launcher_leaves_nothing_behind_and_the_next_start_recovers(environ: Environ) -> None:
    port = free_port()
    demo, read_until = start(environ, port)
    read_until("Stop: Ctrl-C")
    assert len(processes_of(environ)) > 5
    demo.kill()
    demo.wait()
    assert demo.stdout is not None
    demo.stdout.close()

    again, read_until = start(environ, port)
    try:
        read_until("Stop: Ctrl-C")
        assert answers(port)
        again.send_signal(signal.SIGINT)
        assert "Everything has stopped" in read_until("Everything has stopped")
        assert again.wait(30) == 0
        assert none_left(environ)
    finally:
        again.kill()
        again.wait()
        assert again.stdout is not None
        again.stdout.close()


def test_a_taken_port_is_named_with_the_way_out(environ: Environ) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = stack(environ, "demo", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "make demo PORT=" in done.stderr
    assert none_left(environ)


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "8000.5", "٣"])
def test_a_port_that_is_none(environ: Environ, text: str) -> None:
    done = stack(environ, "demo", "--port", text)
    assert done.returncode == 2
    assert "is not a port" in done.stderr


@pytest.mark.parametrize(
    ("servers", "sentence"),
    [
        ({"DATABASE_URL": "mysql://u@h/x"}, "runs on PostgreSQL 15 or later"),
        (
            {"DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x"},
            "The database that DATABASE_URL names, at 127.0.0.1:1",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "The server that REDIS_URL names cannot be used"),
        ({"REDIS_URL": "nonsense"}, "The server that REDIS_URL names cannot be used"),
    ],
)
def test_servers_that_are_named_but_not_there(environ: Environ, servers: Environ, sentence: str) -> None:
    script = WITHOUT_COMPANY
    if "DATABASE_URL" not in servers:
        servers = servers | {"DATABASE_URL": os.environ["DATABASE_URL"]}
    done = subprocess.run(
        [sys.executable, "-c", script, str(free_port())],
        cwd=ROOT,
        env=environ | servers,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
    assert none_left(environ)
