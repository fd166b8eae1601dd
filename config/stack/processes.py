"""Child processes that cannot outlive their parent, and how to end what an earlier start left behind."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.stack.speech import StackError, tail

PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec nothing may import or allocate much.
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """A preexec_fn: the kernel sends the child this signal when the thread that started it is gone."""

    def arm() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)

    return arm


@dataclass(frozen=True)
class Program:
    """How to start one of the processes, and how to ask it politely to stop."""

    name: str
    command: Sequence[str]
    log: Path
    environ: Mapping[str, str] | None = None
    user: int | None = None
    group: int | None = None
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 20

    def start(self) -> subprocess.Popen[bytes]:
        """Started in a session of its own: Ctrl-C reaches the launcher alone, which stops all in order."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=None if self.environ is None else dict(self.environ),
                cwd=self.cwd,
                user=self.user,
                group=self.group,
                extra_groups=None if self.group is None else [],
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
            )
        except OSError as error:
            raise StackError(
                f"{self.name} cannot be started: {error.strerror} ({self.command[0]})."
            ) from None
        finally:
            os.close(descriptor)


def end_session(process: subprocess.Popen[bytes], *, stop_signal: int, seconds: float) -> None:
    """Ask, wait, and then kill the process together with whatever it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # Started with a session of its own, so its id is that of its process group.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], program: Program, *, seconds: float = 60
) -> None:
    """Return once `ready` says so; a process that dies first or never gets there is a StackError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise StackError(
                f"{program.name} ended at its start with status {process.returncode}. "
                f"The end of {program.log}:\n"
                f"{tail(str(program.log))}"
            )
        if time.monotonic() > deadline:
            raise StackError(
                f"{program.name} did not answer within {seconds:.0f} seconds. The end of {program.log}:\n"
                f"{tail(str(program.log))}"
            )
        time.sleep(0.05)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_taken(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


class Register:
    """The processes of this start, on disk: should the launcher be killed, the next one ends what is left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[int, tuple[str, float]] = {}

    def add(self, name: str, pid: int) -> None:
        try:
            self.known[pid] = (name, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return
        write_private(self.path, json.dumps([[pid, *rest] for pid, rest in self.known.items()]))

    def clear(self) -> None:
        self.known.clear()
        self.path.unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End the processes of an earlier start that still live; a number now another's is left alone."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            entries = [(int(pid), str(name), float(created)) for pid, name, created in rows]
        except (OSError, ValueError, TypeError):
            entries = []
        ended = []
        for pid, name, created in reversed(entries):
            try:
                process = psutil.Process(pid)
                if abs(process.create_time() - created) > 1:
                    continue
                family = [process, *process.children(recursive=True)]
                process.send_signal(signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)
                alive = psutil.wait_procs(family, timeout=15)[1]
                for survivor in alive:
                    with suppress(psutil.NoSuchProcess):
                        survivor.kill()
                ended.append(name)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        self.clear()
        return ended
