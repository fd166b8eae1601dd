#!/usr/bin/env python3
"""Make the virtual environment from a hash-locked requirements file, then run `python -m config.stack` in it.

    python3 config/stack/bootstrap.py [--lock base|dev|bench] [COMMAND [ARGUMENT...]]

Standard library only, and syntax that an old Python 3 understands too: this file must be able to say "your
Python is too old".
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from config.stack.speech import ROOT, STARTED, StackError, explain, run_logged, say
else:  # run by its path: with config as a package, Celery would have to be installed
    from speech import ROOT, STARTED, StackError, explain, run_logged, say

OLDEST, NEWEST = (3, 11), (3, 13)
LOCKS = {"base": "requirements.lock", "dev": "requirements-dev.lock", "bench": "requirements-bench.lock"}
STAMP = "mainstay-setup.json"
NEEDED_BYTES = {"base": 1200 * 1024 * 1024, "dev": 2000 * 1024 * 1024, "bench": 1600 * 1024 * 1024}


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
        f"Mainstay needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}; {sys.executable} is "
        f"{platform.python_version()} and no other was found. Install one, or name it: "
        "make demo PYTHON=/path/to/python3.12"
    )


def check_machine(lock: str) -> None:
    """Refuse, before anything is written, a machine on which the installation cannot end well."""
    system, machine = platform.system(), platform.machine()
    if system != "Linux" or machine not in ("x86_64", "aarch64"):
        raise StackError(
            f"The bundled PostgreSQL and Valkey run on Linux, x86_64 or aarch64; this is {system} {machine}. "
            "Use the containers: see docker-compose.yml."
        )
    parent = os.path.dirname(venv_dir())
    if not os.access(parent, os.W_OK):
        raise StackError(f"{parent} is not writable for you: the virtual environment goes there.")
    free = shutil.disk_usage(parent).free
    if free < NEEDED_BYTES[lock]:
        raise StackError(
            f"Not enough disk space at {parent}: {free // 1048576} MB are free, "
            f"the installation needs about {NEEDED_BYTES[lock] // 1048576} MB."
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
            f"{python} has no venv module. On Debian and Ubuntu: apt-get install python3-venv "
            "(or python3.12-venv, by its version); then run the same command again."
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
    # The dev and bench locks contain the base one, and are made under its constraints.
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


def main(arguments: list) -> None:
    lock = "base"
    if arguments[:1] == ["--lock"]:
        if len(arguments) < 2 or arguments[1] not in LOCKS:
            raise StackError("--lock takes one of: {}".format(", ".join(sorted(LOCKS))))
        lock, arguments = arguments[1], arguments[2:]
    if sys.version_info < OLDEST:
        # Let the fitting interpreter do everything; without one, find_python says so.
        python = find_python()
        os.execv(python, [python, os.path.abspath(__file__), "--lock", lock, *arguments])  # noqa: S606
    python = setup(lock)
    if not arguments:
        say(f"Ready: {python}")
        return
    os.chdir(ROOT)
    os.environ["MAINSTAY_STARTED"] = str(STARTED)
    os.execv(python, [python, "-m", "config.stack", *arguments])  # noqa: S606


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
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
