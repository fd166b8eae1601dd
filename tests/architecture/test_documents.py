"""The documents promise nothing that is not there: files, links, tests, commands and variables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = [*READMES, *sorted((ROOT / "docs").rglob("*.md"))]
BAD_INPUT = ROOT / "docs" / "bad-input.md"
# Read by the launcher and Django itself, not by settings: of use to developers only.
NOT_FOR_README = {"MAINSTAY_VENV", "MAINSTAY_STARTED", "MAINSTAY_VERSION"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


def test_the_tests_that_bad_input_names_exist() -> None:
    named = re.findall(r"`((?:imports|tests)/[\w/.:]+)`", BAD_INPUT.read_text("utf-8"))
    named = [name for name in named if "test_" in name.rsplit("/", 1)[-1]]
    missing = []
    for name in named:
        if name.startswith("imports/"):
            name = f"tests/crm/imports/test_bad_input.py::{name.removeprefix('imports/')}"
        path, _, function = name.partition("::")
        if not function:
            continue
        tree = ast.parse((ROOT / path).read_text("utf-8")) if (ROOT / path).exists() else ast.Module([], [])
        if function not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(name)
    assert len(named) > 25
    assert not missing


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_commands_of_the_readme_exist_with_their_options(readme: Path) -> None:
    rows = re.findall(
        r"^\| `((?:import_ledger|recompute|create_token|load_demo)[^`]*)`", readme.read_text("utf-8"), re.M
    )
    assert len(rows) == 4
    known = get_commands()
    for row in rows:
        name = row.split()[0]
        assert name in known, f"no command {name}"
        app = known[name]
        command = load_command_class(app, name) if isinstance(app, str) else app
        options = command.create_parser("manage.py", name)._option_string_actions
        assert set(re.findall(r"--[a-z-]+", row)) <= set(options), name


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_readme_lists_every_variable_that_the_code_reads(readme: Path) -> None:
    read: set[str] = set()
    for path in [*(ROOT / "config").rglob("*.py"), *(ROOT / "crm").rglob("*.py")]:
        read |= set(
            re.findall(
                r"(?:env_(?:str|bool|int|list|secret)|service_url)\(\s*\"([A-Z][A-Z_]+)\"",
                path.read_text("utf-8"),
            )
        )
    table = set(re.findall(r"`([A-Z][A-Z_]{3,})`", readme.read_text("utf-8")))
    assert read - NOT_FOR_README <= table
    assert "DATABASE_URL" in read


def test_both_readmes_name_the_same_things() -> None:
    """Code spans are the same in every language; only what stands for a value is translated."""
    spans = []
    for readme in READMES:
        found = set(re.findall(r"`([^`\n]+)`", readme.read_text("utf-8")))
        spans.append({span for span in found if "://" not in span and span.isascii() and span != "NAME_FILE"})
    assert spans[0] == spans[1]
