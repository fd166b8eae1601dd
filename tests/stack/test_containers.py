"""There is no Docker engine here, so what can be checked without one is: the schema, the steps, the secrets."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.stack.programs import NAMES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def dockerfile_steps(*kinds: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line.split(" ", 1)[1] for line in text.splitlines() if line.split(" ", 1)[0] in kinds]


def test_the_compose_file_follows_its_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_check_can_fail(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text("utf-8").replace("healthcheck:", "healthchek:"), "utf-8")
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(broken),
    ]
    assert subprocess.run(command, capture_output=True).returncode == 1


def test_the_image_is_built_by_the_scripts_that_make_runs() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    steps = [step for step in dockerfile_steps("RUN") if "config/stack" in step]
    assert steps == ["python3 config/stack/bootstrap.py", "python3 config/stack/bootstrap.py assets"]
    assert "config/stack/bootstrap.py" in makefile
    # The first step runs with these files alone, so that its layer is kept while the lock is the same.
    copied = shlex.split(dockerfile_steps("COPY")[1])[:-1]
    assert [Path(name).name for name in copied] == ["bootstrap.py", "speech.py"]


def test_bootstrap_needs_no_file_that_the_image_does_not_copy_first() -> None:
    for name in ("bootstrap.py", "speech.py"):
        source = (ROOT / "config/stack" / name).read_text("utf-8")
        ours = set(re.findall(r"^\s*from (config[\w.]*|speech) import", source, re.M))
        assert ours <= {"config.stack.speech", "speech"}


def test_the_image_starts_as_an_ordinary_user_and_its_command_exists() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert text.index("USER mainstay") < text.index("CMD")
    command = json.loads(dockerfile_steps("CMD")[0])
    assert command[1:] == ["-m", "config.stack", "serve", "web"]
    done = subprocess.run(
        [sys.executable, "-m", "config.stack", "serve", "--help"], cwd=ROOT, capture_output=True
    )
    assert done.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_process_is_a_service_with_a_health_check(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    assert services[name]["command"][1:] == ["-m", "config.stack", "serve", name]
    assert services[name]["healthcheck"]["test"][2:] == ["-m", "config.stack", "healthy", name]
    assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_servers_have_health_checks_and_keep_their_data(services: dict[str, dict[str, Any]]) -> None:
    for name in ("postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]
        assert services[name]["volumes"]
        assert "ports" not in services[name], "reachable from outside without need"


def test_no_secret_has_a_default_and_none_is_in_the_image() -> None:
    text = COMPOSE.read_text("utf-8")
    used = set(re.findall(r"\$\{(\w*(?:KEY|PASSWORD)\w*)(.?.?)", text))
    assert {name for name, _ in used} == {"SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"}
    assert {mark for _, mark in used} == {":?"}, "each is required, with a message"
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert not re.search(r"^(ENV|ARG).*(KEY|PASSWORD|TOKEN)", image, re.M)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {"var", ".env", ".git"} <= set(ignored)
