"""Dashboards are prepared by a worker after a run: the first look costs no more than the second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.nightly import run_chain
from config.warm import PAGES, prepare, prepare_all
from crm.models import User
from crm.runs import request_run
from tests.figures import roll_up
from tests.fixtures import World
from tests.segmentation.worlds import AS_OF, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]
SNAPSHOTS = ("segmentation_gradesnapshot", "lifecycle_lifecyclesnapshot", "lifecycle_valuesnapshot")


def reads(client: Client, url: str) -> list[str]:
    """The queries over frozen figures that a page costs."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    sums = [query["sql"] for query in captured if "sum(" in query["sql"].lower()]
    return [sql for sql in sums if any(table in sql for table in SNAPSHOTS)]


def test_the_first_look_after_a_run_adds_nothing_up(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.analyst)
    cache.clear()
    assert reads(client, "/tiers/")
    cache.clear()
    prepare_all()
    for name in PAGES:
        assert reads(client, reverse(name)) == []
    # Whoever sees less is no part of it.
    assert reads(log_in(world.manager), "/tiers/")


def test_a_published_run_has_the_dashboards_prepared(
    world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customers(world.rep, make_survey())
    roll_up()
    cache.clear()
    run = request_run(as_of=AS_OF, trigger="button", announced=False)
    run_chain(run.pk)
    page: dict[str, Any] = {}
    monkeypatch.setattr(
        "crm.views.dashboards.render_to_string", lambda *given, **named: page.setdefault("made", given)
    )
    assert log_in(world.analyst).get("/tiers/").status_code == 200
    assert not page


def test_one_broken_page_leaves_the_others(
    world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_dates(world)
    cache.clear()
    monkeypatch.setattr("config.warm.PAGES", ("no:such-page", "segmentation:tiers"))
    prepare_all()
    assert reads(log_in(world.analyst), "/tiers/") == []


def test_nobody_who_sees_all_is_no_error(world: World) -> None:
    User.objects.filter(pk__in=[world.analyst.pk, world.administrator.pk]).update(is_active=False)
    assert prepare("/tiers/", "en") is False
