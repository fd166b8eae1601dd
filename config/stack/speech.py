"""The few words every step of the set-up uses: progress lines, sentences for the user, the end of a log.

Standard library only, and syntax that Python 3.6 understands: bootstrap.py must speak on any machine.
"""

import os
import platform
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TICK_SECONDS = 10
# bootstrap.py hands its start on to the process it becomes, so that the clock runs through.
STARTED = float(os.environ.pop("MAINSTAY_STARTED", 0) or time.monotonic())
NO_NETWORK = re.compile(
    r"failed to establish a new connection|name or service not known|temporary failure in name"
    r"|max retries exceeded|read timed out|enotfound|eai_again|econnrefused|etimedout|network is unreachable"
)
UNTRUSTED = re.compile(
    r"self_signed_cert|unable_to_get_issuer|unable_to_verify_leaf|certificate_verify_failed"
)


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
            return "".join("    " + line.rstrip()[:200] + "\n" for line in log.readlines()[-lines:])
    except OSError:
        return ""


def run_logged(
    command: list, log_path: str, what: str, environ=None, cwd: str = ROOT, count=None, echo: bool = False
) -> int:
    """Run a command with its output in a log file; say now and then that it still runs; return its status.

    `count` may turn a line of output into a short word on how far the command is (or None). With `echo` the
    output is shown as well: for commands that report their own progress.
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
            for raw in process.stdout or ():
                line = raw.decode("utf-8", "replace")
                log.write(line)
                log.flush()
                if echo:
                    sys.stdout.write("        " + line.rstrip().rsplit("\r", 1)[-1] + "\n")
                    sys.stdout.flush()
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
            "A package that was downloaded is not the one in the lock file. Nothing was installed from it. "
            "Try again; if it stays so, the package index you use serves changed files."
        )
    elif UNTRUSTED.search(last):
        cause = (
            "The package index shows a certificate that this machine does not trust. Where a proxy is the reason, "
            "name its certificate: PIP_CERT=/path for pip, NODE_EXTRA_CA_CERTS=/path for npm."
        )
    elif NO_NETWORK.search(last):
        cause = (
            "The package index did not answer. Check the network (and the proxy settings), then run it again."
        )
    elif "no matching distribution" in last or "could not find a version" in last:
        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        cause = f"The package index has no file for this machine ({machine})."
    else:
        cause = "What it did so far is kept; running the same command again goes on from there."
    return StackError(
        f"{what} failed with status {status}. {cause}\nThe end of {log_path}:\n{tail(log_path)}"
    )
