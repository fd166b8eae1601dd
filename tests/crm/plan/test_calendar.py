"""The week as a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import PersonalDataLog, PersonalDataUse, PersonalDetails, PlannedVisit, Task, User
from crm.plan.birthdays import birthdays
from crm.plan.week import monday_of, week, week_name
from tests.crm.plan.conftest import TODAY
from tests.factories import make_contact, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("wednesday")
MONDAY = dt.date(2026, 6, 29)


def entries(world: World, reader: User, person: User) -> dict[str, list[str]]:
    days = week(reader, person, MONDAY, TODAY)
    return {f"{day.date:%a}": [entry.kind for entry in day.entries] for day in days if day.entries}


def fill(world: World) -> None:
    account, rep = world.account, world.rep
    step = {"next_step": "Offer", "next_step_on": dt.date(2026, 7, 3)}
    # Half past eight in the evening of Tuesday in UTC is Wednesday in Shanghai.
    make_visit(account, rep, dt.datetime(2026, 6, 30, 20, 30, tzinfo=dt.UTC), **step)
    PlannedVisit.objects.create(account=account, user=rep, planned_on=dt.date(2026, 7, 5))
    PlannedVisit.objects.create(account=account, user=rep, planned_on=dt.date(2026, 7, 6))
    Task.objects.create(account=account, assignee=rep, creator=rep, title="Call", due_on=dt.date(2026, 6, 29))


def test_everything_stands_on_its_day_in_the_companys_time(world: World) -> None:
    fill(world)
    assert entries(world, world.rep, world.rep) == {
        "Mon": ["task"], "Wed": ["visit"], "Fri": ["step"], "Sun": ["planned"],
    }  # fmt: skip


def test_a_leader_sees_the_week_of_the_team_and_only_what_the_leader_may_see(
    world: World, log_in: LogIn
) -> None:
    fill(world)
    secret = PlannedVisit.objects.create(
        account=world.strangers_account, user=world.rep, planned_on=TODAY, purpose="Secret"
    )
    assert entries(world, world.manager, world.rep)["Wed"] == ["visit"]
    client = log_in(world.manager)
    page = client.get(f"/calendar/?week=2026-W27&person={world.rep.pk}").content.decode()
    assert "Orient Bearing" in page
    assert secret.purpose not in page
    assert "draggable" not in page, "a leader looks, and moves nothing"
    assert client.get(f"/calendar/?person={world.stranger.pk}").status_code == 404
    assert log_in(world.colleague).get(f"/calendar/?person={world.rep.pk}").status_code == 404


def test_a_day_with_more_visits_than_fit_is_marked(world: World, log_in: LogIn) -> None:
    world.rep.visits_a_day = 1
    world.rep.save()
    for _turn in range(2):
        PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on=TODAY)
    day = next(day for day in week(world.rep, world.rep, MONDAY, TODAY) if day.date == TODAY)
    assert (day.visits, day.room, day.is_over) == (2, 1, True)
    assert "2/1" in log_in(world.rep).get("/calendar/").content.decode()


def test_weeks_are_those_of_iso_8601(world: World, log_in: LogIn) -> None:
    assert monday_of("2026-W53", TODAY) == dt.date(2026, 12, 28)
    assert week_name(dt.date(2026, 12, 28)) == "2026-W53"
    assert monday_of("2027-W01", TODAY) == dt.date(2027, 1, 4)
    for wrong in ("", "2026-W54", "2026-W00", "0001-W01", "9999-W52", "next", "2026-27", "²026-W27"):
        assert monday_of(wrong, TODAY) == MONDAY, wrong
        assert log_in(world.rep).get("/calendar/", {"week": wrong}).status_code == 200


def test_a_made_plan_is_shown_once_as_the_visit(world: World) -> None:
    visit = make_visit(world.account, world.rep, dt.datetime(2026, 6, 30, 3, tzinfo=dt.UTC))
    PlannedVisit.objects.create(
        account=world.account, user=world.rep, planned_on=dt.date(2026, 6, 30), visit=visit
    )
    assert entries(world, world.rep, world.rep) == {"Tue": ["visit"]}


def birthday(world: World, born: dt.date) -> None:
    PersonalDetails.objects.create(contact=make_contact(world.account, "李寿星"), birth_date=born)


def test_birthdays_need_the_right_and_leave_a_trace(world: World) -> None:
    birthday(world, dt.date(1970, 7, 2))
    assert entries(world, world.rep, world.rep) == {}
    assert not PersonalDataLog.objects.exists()
    world.rep.sees_personal_details = True
    assert entries(world, world.rep, world.rep) == {"Thu": ["birthday"]}
    log = PersonalDataLog.objects.get()
    assert (log.user, log.use) == (world.rep, PersonalDataUse.BIRTHDAY)


def test_the_29th_of_february_is_the_28th_in_other_years_and_the_turn_of_the_year_counts(
    world: World,
) -> None:
    world.rep.sees_personal_details = True
    birthday(world, dt.date(1972, 2, 29))
    found = birthdays(world.rep, world.rep, dt.date(2026, 2, 23), dt.date(2026, 3, 1))
    assert [day for day, _name, _account in found] == [dt.date(2026, 2, 28)]
    found = birthdays(world.rep, world.rep, dt.date(2028, 2, 28), dt.date(2028, 3, 5))
    assert [day for day, _name, _account in found] == [dt.date(2028, 2, 29)]
    birthday(world, dt.date(1980, 1, 1))
    found = birthdays(world.rep, world.rep, dt.date(2026, 12, 28), dt.date(2027, 1, 3))
    assert [day for day, _name, _account in found] == [dt.date(2027, 1, 1)]


def test_the_calendar_is_constant(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    fill(world)
    assert_query_count(client, "/calendar/?week=2026-W27", "calendar")
    for _turn in range(4):
        fill(world)
    assert_query_count(client, "/calendar/?week=2026-W27", "calendar")
