"""One demo at a time in each home directory, and `make reset`, which ends it and deletes what it made."""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import IO

from config.env import home
from config.stack.placement import outside
from config.stack.processes import Register
from config.stack.speech import StackError, say

LOGINS = "demo-logins.txt"
UNFINISHED = "demo-load-unfinished"


class Lock:
    """One demo per home directory. The kernel frees the lock when its holder is gone, however it went."""

    def __init__(self, base: Path) -> None:
        self.path = base / "run" / "lock"
        self.file: IO[str] | None = None

    def take(self, port: int) -> None:
        self.path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            holder = self.holder()
            raise StackError(
                f"A demo runs here already: http://127.0.0.1:{holder.get('port', '?')} "
                f"(process {holder.get('pid', '?')}). Use that one, or stop it with Ctrl-C in its window."
            ) from None
        self.file = file
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "port": port}))
        file.flush()

    def holder(self) -> dict[str, int]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: int(found[name]) for name in ("pid", "port")}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def is_held(self) -> bool:
        try:
            with self.path.open("a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False


def reset(*, yes: bool) -> None:
    """Stop a running demo and delete its data, after asking."""
    base = home()
    if not yes:
        if not sys.stdin.isatty():
            raise StackError("Nothing was deleted: to do so without being asked, say `make reset YES=1`.")
        answer = input(f"Stop the demo and delete its database, files and log-ins in {base}? Type yes: ")
        if answer.strip().lower() != "yes":
            raise StackError("Nothing was deleted.")
    lock = Lock(base)
    if lock.is_held():
        pid = lock.holder().get("pid")
        if not pid:
            raise StackError("A demo is just starting. Stop it with Ctrl-C in its window, then try again.")
        say(f"Stopping the running demo (process {pid})")
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 90
        while lock.is_held():
            if time.monotonic() > deadline:
                raise StackError(f"The demo (process {pid}) did not stop. Nothing was deleted.")
            time.sleep(0.2)
    Register(base / "run" / "processes.json").end_leftovers()
    delete_data(base)
    say("Deleted; the next `make demo` starts afresh")
    if os.environ.get("DATABASE_URL"):
        say("The database that DATABASE_URL names was not touched")


def delete_data(base: Path) -> None:
    """Exactly what a demo makes; never the directory itself, which may hold other things."""
    for directory in (outside(base), *(base / name for name in ("postgres", "valkey", "media", "run"))):
        shutil.rmtree(directory, ignore_errors=True)
        if directory.exists():
            raise StackError(f"{directory} could not be deleted whole. Is it another user's?")
    for name in ("secret-key", "postgres-password", LOGINS, UNFINISHED):
        (base / name).unlink(missing_ok=True)
    for log in (base / "log").glob("*.log"):
        log.unlink()
