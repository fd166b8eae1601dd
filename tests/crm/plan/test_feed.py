"""The calendar feed, read back as a calendar program would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar, Event, Todo

from crm.models import CalendarFeed, PlannedVisit, Task, User
from crm.plan.feed import feed_of
from crm.plan.operations import new_feed, revoke_feeds
from tests.crm.plan.conftest import NOW, TODAY
from tests.factories import make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("wednesday")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def link(user: User) -> str:
    return f"/calendar/feed/{new_feed(user=user, now=NOW)[1]}.ics"


def plan(world: World, **fields: object) -> PlannedVisit:
    defaults = {"account": world.account, "user": world.rep, "planned_on": dt.date(2026, 7, 3)}
    return PlannedVisit.objects.create(**{**defaults, **fields})


def read(user: User) -> Calendar:
    return Calendar.from_ical(feed_of(user, NOW))


def events(user: User) -> dict[str, Event]:
    return {str(event["uid"]): event for event in read(user).walk("VEVENT")}


def todos(user: User) -> dict[str, Todo]:
    return {str(todo["uid"]): todo for todo in read(user).walk("VTODO")}


def test_a_visit_with_a_time_is_an_hour_in_the_companys_zone(world: World) -> None:
    made = plan(world, starts_at=dt.time(9, 30), purpose="Quarterly review")
    event = events(world.rep)[f"planned-visit-{made.pk}@mainstay"]
    assert event.decoded("dtstart") == dt.datetime(2026, 7, 3, 9, 30, tzinfo=SHANGHAI)
    assert event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(hours=1)
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert [str(zone["tzid"]) for zone in read(world.rep).walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert str(event["summary"]) == "Quarterly review: Orient Bearing Co."
    assert event["status"] == "CONFIRMED"
    assert event.decoded("dtstamp").tzinfo is not None


def test_a_visit_without_a_time_is_a_whole_day(world: World) -> None:
    made = plan(world, proposed=True)
    event = events(world.rep)[f"planned-visit-{made.pk}@mainstay"]
    assert event.decoded("dtstart") == dt.date(2026, 7, 3)
    assert event.decoded("dtend") == dt.date(2026, 7, 4)
    assert event["status"] == "TENTATIVE"


def test_what_is_called_off_is_told_so_under_the_same_name_and_later(world: World) -> None:
    made = plan(world)
    before = events(world.rep)[f"planned-visit-{made.pk}@mainstay"]
    later = NOW + dt.timedelta(hours=2)
    PlannedVisit.objects.filter(pk=made.pk).update(cancelled_at=later, updated_at=later)
    after = events(world.rep)[f"planned-visit-{made.pk}@mainstay"]
    assert after["status"] == "CANCELLED"
    assert after["sequence"] > before["sequence"]
    assert after.decoded("dtstamp") > before.decoded("dtstamp")


def test_next_steps_and_tasks_are_to_dos(world: World) -> None:
    visit = make_visit(
        world.account, world.rep, NOW, next_step="Send offer", next_step_on=dt.date(2026, 7, 8)
    )
    common = {"assignee": world.rep, "creator": world.rep}
    task = Task.objects.create(title="Report", due_on=dt.date(2026, 7, 9), urgent=True, **common)
    done = Task.objects.create(title="Old", due_on=TODAY, done_at=NOW, **common)
    ancient = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    Task.objects.create(title="Ancient", due_on=dt.date(2025, 1, 1), done_at=ancient, **common)
    found = todos(world.rep)
    assert set(found) == {
        f"next-step-{visit.pk}@mainstay",
        f"task-{task.pk}@mainstay",
        f"task-{done.pk}@mainstay",
    }
    assert found[f"next-step-{visit.pk}@mainstay"].decoded("due") == dt.date(2026, 7, 8)
    assert found[f"task-{task.pk}@mainstay"]["priority"] == 1
    assert found[f"task-{done.pk}@mainstay"]["status"] == "COMPLETED"


def test_lines_are_folded_escaped_and_end_as_the_standard_says(world: World) -> None:
    text = "采购，谈判; 框架, 合同\\n" * 6 + "\x07bell"
    plan(world, purpose=text[:120], starts_at=dt.time(9))
    body = feed_of(world.rep, NOW)
    assert body.endswith(b"\r\n")
    lines = body.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert b"\x07" not in body
    for line in lines:
        line.decode()  # no character is cut in two
    summary = str(next(iter(events(world.rep).values()))["summary"])
    assert text[:60] in summary


def test_only_accounts_still_in_sight(world: World) -> None:
    plan(world)
    world.account.owner, world.account.territory = world.stranger, world.west
    world.account.save()
    assert events(world.rep) == {}


def test_the_feed_speaks_the_readers_language(world: World) -> None:
    plan(world)
    world.rep.language = "zh-hans"
    world.rep.save()
    assert "东方轴承" in str(next(iter(events(world.rep).values()))["summary"])


def test_the_address_needs_no_log_in_and_is_not_changed_for_nothing(world: World) -> None:
    plan(world)
    address, client = link(world.rep), Client()
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    same = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    assert not same.content
    plan(world)
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 200
    assert client.post(address).status_code == 405


def test_a_revoked_link_and_a_leavers_link_are_not_found(world: World) -> None:
    first = link(world.rep)
    second = link(world.rep)
    client = Client()
    assert client.get(first).status_code == 404, "a new link ends the one before"
    assert client.get(second).status_code == 200
    world.rep.is_active = False
    world.rep.save()
    assert client.get(second).status_code == 404
    world.rep.is_active = True
    world.rep.save()
    revoke_feeds(user=world.rep, now=NOW)
    assert client.get(second).status_code == 404


def test_the_secret_is_shown_once_and_kept_nowhere(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    page = client.post("/settings/calendar-link/").content.decode()
    secret = page.split("/calendar/feed/")[1].split(".ics")[0]
    assert Client().get(f"/calendar/feed/{secret}.ics").status_code == 200
    assert secret not in client.get("/settings/").content.decode()
    feed = CalendarFeed.objects.get()
    assert secret not in (feed.digest, str(feed.__dict__))
    client.post("/settings/calendar-link/revoke/")
    assert Client().get(f"/calendar/feed/{secret}.ics").status_code == 404


def test_the_feed_is_constant(world: World) -> None:
    address = link(world.rep)
    Client().get(address)
    for turn in range(4):
        plan(world, starts_at=dt.time(9 + turn))
        make_visit(world.account, world.rep, NOW, next_step="x", next_step_on=TODAY)
        if turn in (0, 3):
            assert_query_count(Client(), address, "calendar-feed")
