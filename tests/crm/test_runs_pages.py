"""The pages of runs: who sees them, what they say at each state, when polling ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Run, RunRange, RunState, RunStep, StepState, User
from tests.figures import compute
from tests.fixtures import World

LogIn = Callable[[User], Client]
A = dt.date(2025, 6, 30)


@pytest.mark.parametrize("role", ["manager", "analyst", "administrator"])
def test_leaders_see_runs(world: World, log_in: LogIn, role: str) -> None:
    run = compute(A)
    client = log_in(world.users[role])
    assert "2025-06-30" in client.get("/runs/").content.decode()
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "Published" in page
    assert "Trade of each account" in page


def test_reps_do_not(world: World, log_in: LogIn) -> None:
    run = compute(A)
    client = log_in(world.rep)
    for response in (client.get("/runs/"), client.get(f"/runs/{run.pk}/"), client.post("/runs/new/")):
        assert response.status_code == 404
    assert Run.objects.count() == 1


def test_an_empty_list_says_what_to_do(world: World, log_in: LogIn) -> None:
    page = log_in(world.manager).get("/runs/").content.decode()
    assert "No figures have been computed yet" in page
    assert page.count("Recompute now") == 1


def test_pressing_twice_is_one_run(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    addresses = {client.post("/runs/new/").headers["Location"] for _ in range(2)}
    run = Run.objects.get()
    assert addresses == {f"/runs/{run.pk}/"}
    assert (run.as_of, run.trigger, run.requested_by) == (timezone.localdate(), "button", world.manager)


def test_a_running_run_is_polled_and_a_finished_one_is_not(world: World, log_in: LogIn) -> None:
    run = Run.objects.create(as_of=A, trigger="button", state=RunState.RUNNING)
    step = RunStep.objects.create(run=run, position=1, slug="crm.facts", state=StepState.RUNNING)
    RunRange.objects.create(step=step, lower=1, upper=2, done=True)
    RunRange.objects.create(step=step, lower=3, upper=4)
    client = log_in(world.manager)
    page = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert 'value="1" max="2"' in page
    assert "<html" not in page
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error="ValueError: <no>")
    page = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in page
    assert "ValueError: &lt;no&gt;" in page


def test_the_number_of_queries_does_not_grow(
    world: World, log_in: LogIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for n in range(60):
        Run.objects.create(as_of=A - dt.timedelta(days=n), trigger="button", requested_by=world.manager)
    client = log_in(world.manager)
    client.get("/runs/")
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get("/runs/")
