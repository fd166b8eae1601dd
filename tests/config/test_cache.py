"""Pages do without the cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache, caches
from django.test import Client, override_settings

from config.stack.processes import free_port
from crm.models import User
from tests.fixtures import World


@pytest.fixture
def nobody_listens(settings: object) -> str:
    return f"redis://127.0.0.1:{free_port()}/0"


def test_what_was_set_is_found_where_redis_runs() -> None:
    cache.set("colour", "green")
    assert cache.get("colour") == "green"


def test_dashboards_open_without_redis(
    world: World, log_in: Callable[[User], Client], nobody_listens: str
) -> None:
    gone = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": nobody_listens}}
    with override_settings(CACHES=gone):
        assert caches["default"].get("colour", "none") == "none"
        for path in ("/", "/tiers/", "/lifecycle/", "/satisfaction/"):
            assert log_in(world.manager).get(path).status_code == 200, path
