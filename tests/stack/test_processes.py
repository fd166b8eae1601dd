"""Processes that must not outlive their parent, ports, and the register of what an earlier start left."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from config.stack.processes import (
    Program,
    Register,
    end_session,
    free_port,
    port_is_taken,
    wait_until,
    write_private,
)
from config.stack.speech import StackError

ROOT = Path(__file__).resolve().parents[2]
FAMILY = "sleep 300 & sleep 300 & wait"


def gone(pids: list[int], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
            return True
        time.sleep(0.05)
    return False


def family_of(process: subprocess.Popen[bytes]) -> list[int]:
    deadline = time.monotonic() + 10
    while len(children := psutil.Process(process.pid).children()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [process.pid, *(child.pid for child in children)]


def test_a_process_is_ended_with_all_it_started(tmp_path: Path) -> None:
    process = Program("family", ["/bin/sh", "-c", f"trap '' TERM; {FAMILY}"], tmp_path / "log").start()
    pids = family_of(process)
    end_session(process, stop_signal=signal.SIGTERM, seconds=0.2)
    assert gone(pids)


@pytest.mark.fault
def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib; from config.stack.processes import Program;"
        f"p = Program('child', ['sleep', '300'], pathlib.Path({str(tmp_path / 'log')!r})).start();"
        "print(p.pid, flush=True); time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone([child])


def test_a_program_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="Valkey cannot be started: No such file"):
        Program("Valkey", ["/no/such/program"], tmp_path / "log").start()


def test_a_process_that_dies_at_its_start_is_shown_with_its_log(tmp_path: Path) -> None:
    program = Program("Web server", ["/bin/sh", "-c", "echo the reason; exit 7"], tmp_path / "log")
    with pytest.raises(StackError, match=r"Web server ended at its start with status 7(.|\n)*the reason"):
        wait_until(lambda: False, program.start(), program, seconds=10)


def test_ports() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert port_is_taken(holder.getsockname()[1])
    assert not port_is_taken(free_port())


def test_private_files_are_private(tmp_path: Path) -> None:
    path = tmp_path / "run" / "secret"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text("utf-8") == "two"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.fault
def test_what_an_earlier_start_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    left = Program("Worker", ["/bin/sh", "-c", FAMILY], tmp_path / "log").start()
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        pids = family_of(left)
        created = psutil.Process(left.pid).create_time()
        path = tmp_path / "processes.json"
        # The bystander has the number of a process that was once ours: its time of birth tells them apart.
        rows = [
            [left.pid, "Worker", created],
            [bystander.pid, "Web server", created - 1000],
            [2**22 - 3, "old", 1.0],
        ]
        path.write_text(json.dumps(rows), "utf-8")
        reaper = threading.Thread(target=left.wait)
        reaper.start()
        assert Register(path).end_leftovers() == ["Worker"]
        reaper.join(10)
        assert gone(pids)
        assert bystander.poll() is None
        assert not path.exists()
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("text", ["", "not json", "{}", '[["x"]]', "[[1]]"])
def test_a_damaged_register_is_no_obstacle(tmp_path: Path, text: str) -> None:
    path = tmp_path / "processes.json"
    path.write_text(text, "utf-8")
    assert Register(path).end_leftovers() == []
    assert os.listdir(tmp_path) == []
