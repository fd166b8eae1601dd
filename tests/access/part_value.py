"""Value pages and key accounts."""

from __future__ import annotations

from typing import Any

from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {}
