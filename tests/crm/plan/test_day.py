"""My day: what a rep has to see to, what one tap does, and the way between the places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, PlannedVisit, User, Visit
from crm.plan.board import day_route, sections
from crm.plan.day import NextStepsSource, PlannedVisitsSource
from tests.crm.plan.conftest import TODAY
from tests.factories import make_account, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("wednesday")


def promise(world: World, due: dt.date, words: str = "Send the offer", user: User | None = None) -> Visit:
    return make_visit(
        world.account,
        user or world.rep,
        dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC),
        next_step=words,
        next_step_on=due,
    )


def plan(account: Account, user: User, day: dt.date, **fields: object) -> PlannedVisit:
    return PlannedVisit.objects.create(account=account, user=user, planned_on=day, **fields)


def place(account: Account, latitude: float, longitude: float) -> Account:
    account.latitude, account.longitude = latitude, longitude  # type: ignore[assignment]
    account.save()
    return account


def test_a_next_step_is_shown_with_its_delay_until_it_is_done(world: World, log_in: LogIn) -> None:
    visit = promise(world, TODAY - dt.timedelta(days=3))
    promise(world, TODAY + dt.timedelta(days=1), "Tomorrow's")
    client = log_in(world.rep)
    page = client.get("/").content.decode()
    assert "Send the offer" in page
    assert "3 days overdue" in page
    assert "Tomorrow&#x27;s" not in page
    client.post(f"/next-steps/{visit.pk}/", {"action": "done", "next": "/"})
    visit.refresh_from_db()
    assert visit.next_step_done_at is not None
    assert NextStepsSource().items(user=world.rep, today=TODAY) == []


def test_a_next_step_put_off_comes_back_on_its_day(world: World, log_in: LogIn) -> None:
    visit = promise(world, TODAY)
    client = log_in(world.rep)
    for wrong in ("", "2026-07-01", "2026-06-01", "tomorrow", "2099-01-01"):
        client.post(f"/next-steps/{visit.pk}/", {"action": "postpone", "until": wrong})
        visit.refresh_from_db()
        assert visit.next_step_on == TODAY, wrong
    client.post(f"/next-steps/{visit.pk}/", {"action": "postpone", "until": "2026-07-08"})
    assert NextStepsSource().items(user=world.rep, today=TODAY) == []
    later = NextStepsSource().items(user=world.rep, today=dt.date(2026, 7, 8))
    assert [item.title for item in later] == ["Send the offer"]


def test_only_whoever_promised_it_can_see_to_it(world: World, log_in: LogIn) -> None:
    visit = promise(world, TODAY)
    for user in (world.colleague, world.manager, world.stranger):
        assert log_in(user).post(f"/next-steps/{visit.pk}/", {"action": "done"}).status_code == 404
    visit.refresh_from_db()
    assert visit.next_step_done_at is None


def test_todays_visits_stand_by_time_before_those_that_were_missed(world: World) -> None:
    other = make_account(world.rep, name="Second Mill")
    plan(world.account, world.rep, TODAY - dt.timedelta(days=1), purpose="Missed")
    plan(other, world.rep, TODAY, purpose="Late", starts_at=dt.time(15))
    plan(world.account, world.rep, TODAY, purpose="Early", starts_at=dt.time(9))
    plan(world.account, world.rep, TODAY - dt.timedelta(days=1), purpose="Never accepted", proposed=True)
    plan(world.account, world.rep, TODAY, purpose="Called off", cancelled_at=dt.datetime.now(dt.UTC))
    plan(world.account, world.rep, TODAY + dt.timedelta(days=1), purpose="Tomorrow")
    plan(world.account, world.colleague, TODAY, purpose="Somebody else's")
    items = PlannedVisitsSource().items(user=world.rep, today=TODAY)
    assert [item.title for item in items] == ["09:00 Early", "15:00 Late", "Missed"]
    assert "not logged" in items[2].detail


def test_a_plan_for_an_account_that_went_to_another_team_is_not_shown(world: World) -> None:
    plan(world.strangers_account, world.rep, TODAY)
    assert PlannedVisitsSource().items(user=world.rep, today=TODAY) == []


def test_the_route_orders_todays_places_and_lists_those_without_one(world: World) -> None:
    """Shanghai, then Hangzhou, then Beijing, though planned the other way round; nobody flies back and forth."""
    for name, where in {
        "Beijing": (39.9, 116.4),
        "Hangzhou": (30.27, 120.15),
        "Nowhere": None,
    }.items():
        account = make_account(world.rep, name=name)
        if where:
            place(account, *where)
        plan(account, world.rep, TODAY)
    board = sections(world.rep, TODAY)
    route = day_route(board, world.rep, TODAY, start=(31.23, 121.47))
    assert [stop.account.name for stop in route.stops] == ["Hangzhou", "Beijing"]
    assert [item.account.name for item in route.without_place] == ["Nowhere"]
    assert route.stops[0].leg_km == pytest.approx(164, abs=3)
    assert route.total_km == pytest.approx(sum(stop.leg_km for stop in route.stops))
    assert route.stops[0].geo.startswith("geo:30.27")


def test_the_device_tells_where_it_is_and_the_order_follows(world: World, log_in: LogIn) -> None:
    for name, latitude in (("North", 40), ("Middle", 35), ("South", 30)):
        plan(place(make_account(world.rep, name=f"{name} Mill"), latitude, 120), world.rep, TODAY)
    client = log_in(world.rep)

    def order(**here: str) -> list[str]:
        page = client.post("/day/route/", here).content.decode()
        return sorted(("North", "Middle", "South"), key=page.index)

    assert order(latitude="41", longitude="120") == ["North", "Middle", "South"]
    assert order(latitude="29", longitude="120") == ["South", "Middle", "North"]
    # A device that lies about the globe is not followed.
    assert order(latitude="910", longitude="x") == order()


def test_a_leader_keeps_the_cards_of_the_team(world: World, log_in: LogIn) -> None:
    assert log_in(world.manager).get("/").content.decode().count('id="card-at-risk"') == 1
    assert 'id="card-tiers"' in log_in(world.manager).get("/").content.decode()
    assert 'id="card-tiers"' not in log_in(world.rep).get("/").content.decode()


def test_a_days_page_costs_the_same_for_one_entry_and_for_many(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for turn in range(5):
        account = place(make_account(world.rep), 30 + turn / 10, 120)
        plan(account, world.rep, TODAY)
        make_visit(
            account,
            world.rep,
            dt.datetime(2026, 6, 1, turn, tzinfo=dt.UTC),
            next_step="Call",
            next_step_on=TODAY,
        )
        if turn in (0, 4):
            assert_query_count(client, "/", "my-day")


def test_names_of_customers_are_text_not_markup(world: World, log_in: LogIn) -> None:
    evil = make_account(world.rep, name="<script>alert(1)</script>")
    plan(place(evil, 30, 120), world.rep, TODAY, purpose="<b>bold</b>")
    page = log_in(world.rep).get("/").content.decode()
    assert "<script>alert" not in page
    assert "<b>bold" not in page
