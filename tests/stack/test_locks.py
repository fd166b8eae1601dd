"""The lock files: whole, hashed, and free of addresses."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from config.stack.lock import LOCKS, compile_command

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)", re.M)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> set[tuple[str, str]]:
    return {(canonical(name), version) for name, version in ENTRY.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("name", [name for name, _, _ in LOCKS])
def test_every_package_is_pinned_with_hashes_and_without_an_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        if not block.startswith("#"):
            assert ENTRY.match(block), block[:80]
            assert "--hash=sha256:" in block, block[:80]
    assert "://" not in text


def test_each_lock_contains_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    base = project["project"]["dependencies"]
    extras = project["project"]["optional-dependencies"]
    wanted = {
        "requirements.lock": base,
        "requirements-dev.lock": base + extras["dev"],
        "requirements-bench.lock": base + extras["bench"],
        "requirements-node.lock": project["dependency-groups"]["node"],
        "requirements-uv.lock": project["dependency-groups"]["uv"],
    }
    for lock, requirements in wanted.items():
        names = {name for name, _ in pins(ROOT / lock)}
        missing = {canonical(re.split(r"[\[<>=;! ]", text)[0]) for text in requirements} - names
        assert not missing, f"{lock}: run `make lock`"


def test_the_locks_agree_so_that_one_environment_can_hold_them_all() -> None:
    base = pins(ROOT / "requirements.lock")
    assert base <= pins(ROOT / "requirements-dev.lock")
    assert base <= pins(ROOT / "requirements-bench.lock")
    developed = dict(pins(ROOT / "requirements-dev.lock"))
    for name, version in pins(ROOT / "requirements-bench.lock") - base:
        assert developed.get(name, version) == version, (
            f"{name} differs between dev and bench: run `make lock`"
        )


def test_the_npm_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


def test_locks_are_refreshed_under_the_constraints_of_the_earlier_ones() -> None:
    done: list[str] = []
    for output, sources, constraints in LOCKS:
        command = compile_command("uv", output, sources, constraints)
        assert set(constraints) <= set(done)
        assert "--generate-hashes" in command
        assert command[command.index("-o") + 1] == output
        done.append(output)
