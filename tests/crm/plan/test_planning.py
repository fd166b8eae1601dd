"""Planning a visit, moving it, calling it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import PlannedVisit, User
from tests.crm.plan.conftest import TODAY
from tests.factories import make_visit
from tests.fixtures import World

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("wednesday")
BODY = {"planned_on": "2026-07-03", "starts_at": "09:30", "purpose": "Quarterly review"}


def test_a_visit_is_planned_and_leads_back_where_one_came_from(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    new = f"/planned-visits/new/?account={world.account.pk}&next=/calendar/"
    page = client.get(new).content.decode()
    # Tomorrow, a Thursday, is offered.
    assert 'value="2026-07-02"' in page
    response = client.post(new, {**BODY, "next": "/calendar/"})
    assert response["Location"] == "/calendar/"
    plan = PlannedVisit.objects.get()
    assert (plan.user, plan.account, plan.planned_on, plan.starts_at) == (
        world.rep, world.account, dt.date(2026, 7, 3), dt.time(9, 30),
    )  # fmt: skip
    assert not plan.proposed


def test_the_page_never_leads_to_a_foreign_site(world: World, log_in: LogIn) -> None:
    address = f"/planned-visits/new/?account={world.account.pk}"
    response = log_in(world.rep).post(address, {**BODY, "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_a_double_click_plans_one_visit(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for time in ("09:30", "10:30"):
        client.post(f"/planned-visits/new/?account={world.account.pk}", {**BODY, "starts_at": time})
    assert PlannedVisit.objects.get().starts_at == dt.time(10, 30)


@pytest.mark.parametrize("day", ["", "2026-06-30", "2030-01-01", "2026-02-30", "soon"])
def test_a_day_that_is_over_or_none_is_refused(world: World, log_in: LogIn, day: str) -> None:
    response = log_in(world.rep).post(
        f"/planned-visits/new/?account={world.account.pk}", {**BODY, "planned_on": day}
    )
    assert response.status_code == 200
    assert "is-invalid" in response.content.decode()
    assert not PlannedVisit.objects.exists()


@pytest.mark.parametrize("account", ["", "x", "9" * 30, "-1"])
def test_an_address_without_an_account_is_not_found(world: World, log_in: LogIn, account: str) -> None:
    assert log_in(world.rep).get(f"/planned-visits/new/?account={account}").status_code == 404


def proposal(world: World, **fields: object) -> PlannedVisit:
    return PlannedVisit.objects.create(
        account=world.account,
        user=world.rep,
        planned_on=TODAY + dt.timedelta(days=1),
        starts_at=dt.time(9),
        proposed=True,
        **fields,
    )


def test_dragging_moves_the_day_and_leaves_the_rest(world: World, log_in: LogIn) -> None:
    plan = proposal(world, purpose="Samples")
    move = {"move": "1", "planned_on": "2026-07-06", "next": "/calendar/?week=2026-W27"}
    response = log_in(world.rep).post(f"/planned-visits/{plan.pk}/edit/", move)
    assert response["Location"] == "/calendar/?week=2026-W27"
    plan.refresh_from_db()
    assert (plan.planned_on, plan.starts_at, plan.purpose) == (dt.date(2026, 7, 6), dt.time(9), "Samples")
    assert not plan.proposed, "what a person touched is a plan"


def test_dragging_into_the_past_changes_nothing_and_says_so(world: World, log_in: LogIn) -> None:
    plan = proposal(world)
    response = log_in(world.rep).post(
        f"/planned-visits/{plan.pk}/edit/", {"move": "1", "planned_on": "2026-06-29"}, follow=True
    )
    assert "This day is over" in response.content.decode()
    plan.refresh_from_db()
    assert plan.planned_on == TODAY + dt.timedelta(days=1)


def test_a_proposal_is_accepted_or_called_off(world: World, log_in: LogIn) -> None:
    first, second = proposal(world), proposal(world)
    client = log_in(world.rep)
    client.post(f"/planned-visits/{first.pk}/accept/")
    client.post(f"/planned-visits/{second.pk}/cancel/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert not first.proposed
    assert second.cancelled_at is not None
    assert client.post(f"/planned-visits/{second.pk}/accept/").status_code == 404


def test_a_visit_that_was_made_can_not_be_moved_any_more(world: World, log_in: LogIn) -> None:
    plan = proposal(world)
    plan.visit = make_visit(world.account, world.rep, dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    plan.save()
    assert log_in(world.rep).get(f"/planned-visits/{plan.pk}/edit/").status_code == 404


def test_nobody_touches_the_plans_of_others(world: World, log_in: LogIn) -> None:
    plan = proposal(world)
    for user in (world.colleague, world.manager, world.administrator):
        for what in ("edit", "accept", "cancel"):
            assert log_in(user).post(f"/planned-visits/{plan.pk}/{what}/", BODY).status_code == 404
