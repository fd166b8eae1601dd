"""`make lock`: refresh the lock files, with a uv that is itself locked and lives in an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

from config.env import home
from config.stack.assets import npm
from config.stack.speech import ROOT, StackError, explain, run_logged, say

# Output, what goes in, and the locks it must agree with. The order matters: each is made under the earlier ones.
LOCKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("requirements.lock", ("pyproject.toml",), ()),
    ("requirements-dev.lock", ("pyproject.toml", "--extra", "dev"), ("requirements.lock",)),
    (
        "requirements-bench.lock",
        ("pyproject.toml", "--extra", "bench"),
        ("requirements.lock", "requirements-dev.lock"),
    ),
    ("requirements-node.lock", ("--group", "node"), ()),
    ("requirements-uv.lock", ("--group", "uv"), ()),
)
# No address of a package index goes into a lock: hashes say what is meant, wherever it comes from.
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header")
NO_ADDRESSES = ("--no-emit-index-url", "--no-emit-find-links", "--quiet")


def uv() -> str:
    directory = home() / "uv"
    program = directory / "bin" / "uv"
    log = str(home() / "log" / "setup.log")
    if not program.exists():
        say("Installing uv from requirements-uv.lock")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--no-input",
            "--target",
            str(directory),
        ]
        pip += ["--disable-pip-version-check", "-r", str(Path(ROOT) / "requirements-uv.lock")]
        status = run_logged(pip, log, "installing uv")
        if status != 0:
            raise explain(log, status, "Installing uv")
    return str(program)


def compile_command(
    program: str, output: str, sources: tuple[str, ...], constraints: tuple[str, ...]
) -> list[str]:
    command = [program, "pip", "compile", *sources, *OPTIONS, *NO_ADDRESSES, "-o", output]
    for constraint in constraints:
        command += ["-c", constraint]
    return command


def refresh(*, upgrade: bool = False) -> None:
    program = uv()
    for output, sources, constraints in LOCKS:
        say(f"Resolving {output}")
        command = compile_command(program, output, sources, constraints)
        if upgrade:
            command.append("--upgrade")
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            raise StackError(
                f"{output} could not be resolved; uv's own words are above. Nothing else was changed."
            )
    say("Resolving package-lock.json")
    command, environ = npm()
    action = ["update", "--package-lock-only"] if upgrade else ["install", "--package-lock-only"]
    run = subprocess.run([*command, *action, "--ignore-scripts"], cwd=ROOT, env=environ)
    if run.returncode != 0:
        raise StackError("package-lock.json could not be resolved; npm's own words are above.")
    text = (Path(ROOT) / "package-lock.json").read_text(encoding="utf-8")
    if '"resolved"' in text:
        raise StackError("package-lock.json holds addresses: run it with the .npmrc of this repository.")
    say(f"Done: look at `git diff --stat` in {os.path.relpath(ROOT)}")
