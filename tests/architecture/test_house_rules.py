"""The rules of the house that no linter knows: sizes, directions, strict CSP, no addresses of registries."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

ROOT = Path(__file__).resolve().parents[2]
TOWER = ["crm", "satisfaction", "lifecycle", "segmentation", "config"]
MAX_LINES = 300
TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".gitignore",
    ".npmrc",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh-CN.md",
    "config",
    "crm",
    "docker-compose.yml",
    "docs",
    "lifecycle",
    "manage.py",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "satisfaction",
    "segmentation",
    "static",
    "templates",
    "tests",
}


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def test_code_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked(".py", ".js", ".css")
        if "migrations" not in path.parts and (lines := len(path.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert not long


def test_the_top_level_holds_only_what_design_names() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    extra = {name for name in names - TOP_LEVEL if not re.fullmatch(r"requirements[a-z-]*\.lock", name)}
    assert not extra, "needs a decision file in docs/decisions"


def test_templates_hold_no_inline_script_or_style() -> None:
    inline = re.compile(
        r'<script(?![^>]*\b(src|type="application/json"))[^>]*>|<style\b|\son[a-z]+="|\sstyle="'
    )
    found = [
        str(path.relative_to(ROOT)) for path in tracked(".html") if inline.search(path.read_text("utf-8"))
    ]
    assert not found


def test_no_file_names_a_registry_or_a_download_address() -> None:
    hosts = re.compile(
        "|".join(["registry\\.npm" + "js", "files\\.python" + "hosted", "pypi" + "\\.org/simple"])
    )
    suffixes = (".txt", ".json", ".toml", ".lock", ".md", ".yml", ".py", ".cfg", "")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked(*suffixes)
        if hosts.search(path.read_text("utf-8", "ignore"))
    ]
    assert not found


def floor(label: str) -> int | None:
    return TOWER.index(label) if label in TOWER else None


@pytest.mark.parametrize("label", TOWER)
def test_foreign_keys_point_down_and_leave_no_trace_below(label: str) -> None:
    for model in apps.get_app_config(label).get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
                continue
            below = floor(field.related_model._meta.app_label)
            if below is None or below == floor(label):
                continue
            where = f"{model.__name__}.{field.name}"
            assert below < (floor(label) or 0), f"{where} points up"
            assert field.remote_field.hidden, f'{where} needs related_name="+"'


def test_sql_of_an_app_names_no_table_of_a_floor_above() -> None:
    """import-linter sees imports; raw SQL could still climb."""
    climbing = []
    for path in tracked(".py"):
        label = path.relative_to(ROOT).parts[0]
        level = floor(label)
        if level is None or "migrations" in path.parts:
            continue
        for upper in TOWER[level + 1 :]:
            if re.search(rf"\b{upper}_[a-z]+\b", path.read_text("utf-8")):
                climbing.append(f"{path.relative_to(ROOT)} names a table of {upper}")
    assert not climbing


def test_imports_go_down_only() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
