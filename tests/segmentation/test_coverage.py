"""Coverage per rep, against figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client

from crm.forms.scope import ScopeForm
from crm.models import PlannedVisit, User
from segmentation.cadence.coverage import Coverage
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.cadence_world import NOW, TODAY, A, B, C, customer

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def team(world: World) -> World:
    world.rep.visits_a_day = 1
    world.rep.save()
    customer(world.rep, A, 31, name="Late A")
    customer(world.rep, A, 0, name="Seen A")
    customer(world.rep, B, name="New B")
    customer(world.rep, None, name="No plan")
    customer(world.colleague, C, 80, name="Due C", territory=world.east)
    customer(world.stranger, A, 99, name="Far away", territory=world.west)
    return world


def board(user: User, query: str = "") -> Coverage:
    form = ScopeForm(QueryDict(query), user=user)
    form.is_valid()
    return Coverage(form, user, TODAY)


def plain(rows: list[list[object]]) -> list[list[object]]:
    return [[getattr(value, "value", value) for value in row] for row in rows]


def test_customers_are_counted_by_rep_and_state(team: World) -> None:
    table = board(team.manager).states_table
    rows = {row[0]: row[1:] for row in plain(table.rows)}
    # In plan, overdue, never, due, on track, reached in time.
    assert rows[str(team.rep)] == [3, 1, 1, 0, 1, pytest.approx(1 / 3)]
    assert rows[str(team.colleague)] == [1, 0, 0, 1, 0, 1.0]
    assert str(team.stranger) not in rows
    assert plain([table.total])[0][1:] == [4, 1, 1, 1, 1, pytest.approx(0.5)]


def test_grades_stand_apart_and_lead_to_the_names(team: World, log_in: LogIn) -> None:
    table = board(team.manager).grades_table
    rows = {(row[0], row[1]): row[2:7] for row in plain(table.rows)}
    assert rows[str(team.rep), "A"] == [30, 2, 1, 0, 0]
    assert rows[str(team.rep), "B"] == [60, 1, 0, 1, 0]
    late = next(row for row in table.rows if row[1] == "A")[4]
    page = log_in(team.manager).get(late.url).content.decode()
    assert "Late A" in page
    assert "Seen A" not in page


def test_what_is_needed_is_set_against_what_fits(team: World) -> None:
    """July 2026 has 31 days and 23 from Monday to Friday."""
    for _turn in range(2):
        PlannedVisit.objects.create(account=team.account, user=team.rep, planned_on=dt.date(2026, 7, 6))
    PlannedVisit.objects.create(account=team.account, user=team.rep, planned_on=dt.date(2026, 8, 3))
    rows = {row[0]: row[1:] for row in plain(board(team.manager).load_table.rows)}
    needed, fits, load, made, planned, full = rows[str(team.rep)]
    assert needed == pytest.approx(31 / 30 + 31 / 30 + 31 / 60)
    assert fits == 23
    assert load == pytest.approx(needed / 23)
    assert (made, planned, full) == (1, 2, "07-06 (2)")
    assert rows[str(team.colleague)][1] == 23 * 4
    assert rows[str(team.colleague)][-1] is None


def test_the_overdue_are_named_most_urgent_first(team: World) -> None:
    customer(team.rep, B, 200, name="Later B")
    rows = plain(board(team.manager).overdue_table(10).rows)
    assert [row[0] for row in rows] == ["Later B", "Late A"]
    assert rows[1][1:] == ["A", str(team.rep), dt.date(2026, 6, 30), 1]


def test_the_page_its_filters_and_its_files(team: World, log_in: LogIn) -> None:
    client = log_in(team.manager)
    page = client.get("/coverage/").content.decode()
    assert "Late A" in page
    assert "Far away" not in page
    only = client.get(f"/coverage/?owner={team.colleague.pk}").content.decode()
    assert "Late A" not in only
    response = client.get("/coverage/overdue.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "Late A" in text
    assert "Far away" not in text
    assert client.get("/coverage/nosuch.csv").status_code == 404
    assert client.get("/coverage/reps.pdf").status_code == 404
    assert "Far away" in log_in(team.analyst).get("/coverage/").content.decode()


def test_the_page_is_constant(team: World, log_in: LogIn) -> None:
    client = log_in(team.manager)
    assert_query_count(client, "/coverage/", "coverage")
    for days in range(31, 36):
        customer(team.rep, A, days)
        customer(team.colleague, B, days, territory=team.east)
    assert_query_count(client, "/coverage/", "coverage")
