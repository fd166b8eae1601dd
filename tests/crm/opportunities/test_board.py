"""Board and list: columns with their sums, moves by the board, filters, order, export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import ExchangeRate, OpportunityChange, SavedView, User
from crm.pipeline import board
from crm.pipeline.board import board_of
from crm.pipeline.listing import OpportunityList
from crm.pipeline.norms import mark_stale, usual_days
from crm.pipeline.slots import DecisionsDue, OpportunitiesOfAccount
from tests.crm.opportunities.support import TODAY, course, make_opportunity, stage
from tests.factories import make_account
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


def listed(user: User, **parameters: str) -> OpportunityList:
    query = QueryDict(mutable=True)
    query.update(parameters)
    return OpportunityList(user, query, TODAY)


def test_a_column_adds_up_in_the_reporting_currency_and_says_what_it_cannot(world: World) -> None:
    ExchangeRate.objects.create(currency="EUR", valid_on=TODAY - dt.timedelta(days=400), rate=Decimal(7))
    ExchangeRate.objects.create(currency="EUR", valid_on=TODAY - dt.timedelta(days=4), rate=Decimal(8))
    ExchangeRate.objects.create(currency="EUR", valid_on=TODAY + dt.timedelta(days=4), rate=Decimal(9))
    make_opportunity(world.account, world.rep, 2, amount=Decimal(1000))
    make_opportunity(world.account, world.rep, 2, amount=Decimal(100), currency="EUR", probability=50)
    make_opportunity(world.account, world.rep, 2, amount=Decimal(5), currency="JPY")
    found = board_of(listed(world.rep))
    column = found.columns[1]
    assert (column.count, column.amount, column.unknown) == (3, 1800, 1)
    assert column.weighted == 0.25 * 1000 + 0.5 * 800
    assert found.missing == ["JPY"]
    assert len(column.cards) == 3


def test_my_own_and_the_teams(world: World) -> None:
    mine = make_opportunity(world.account, world.rep)
    team = make_opportunity(world.account, world.colleague)
    make_opportunity(world.strangers_account, world.stranger)
    assert list(listed(world.rep).found) == [mine]
    assert set(listed(world.rep, who="team").found) == {mine, team}
    assert set(listed(world.manager).found) == {mine, team}
    assert listed(world.administrator).found.count() == 3


def test_filters_narrow_and_nonsense_narrows_to_nothing(world: World) -> None:
    july = make_opportunity(world.account, world.rep, 3, name="July", expected_on=dt.date(2026, 7, 31))
    make_opportunity(world.account, world.rep, 1, name="August", expected_on=dt.date(2026, 8, 1))
    won = make_opportunity(world.account, world.rep, 1, name="Gone", state="won")
    for parameters in (
        {"month": "2026-07"}, {"stage": str(stage(3).pk)}, {"q": "jul"},
        {"q": "dongfang", "month": "2026-07", "owner": str(world.rep.pk), "territory": str(world.east.pk)},
    ):  # fmt: skip
        assert list(listed(world.manager, **parameters).found) == [july], parameters
    assert list(listed(world.manager, state="won").found) == [won]
    assert listed(world.manager, state="all").found.count() == 3
    for parameters in (
        {"month": "x"},
        {"stage": "x"},
        {"owner": "9" * 30},
        {"territory": "-1"},
        {"q": "\0zzz"},
    ):
        assert not listed(world.manager, **parameters).found.exists(), parameters


def test_the_list_sorts_by_worth_across_currencies(world: World) -> None:
    ExchangeRate.objects.create(currency="EUR", valid_on=TODAY, rate=Decimal(8))
    small = make_opportunity(world.account, world.rep, amount=Decimal(500))
    large = make_opportunity(world.account, world.rep, amount=Decimal(100), currency="EUR")
    unknown = make_opportunity(world.account, world.rep, amount=Decimal(1), currency="JPY")
    assert list(listed(world.rep, sort="-amount").rows()) == [large, small, unknown]
    assert list(listed(world.rep, sort="amount").rows()) == [small, large, unknown]
    assert set(listed(world.rep, sort="password").rows()) == {small, large, unknown}


def test_long_columns_end_in_the_list(world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "CARDS", 2)
    for number in range(5):
        make_opportunity(world.account, world.rep, name=f"Deal {number}")
    page = log_in(world.rep).get("/pipeline/").content.decode()
    assert page.count("data-card ") == 2
    assert "3 more in the list" in page


def test_a_move_on_the_board_brings_the_board_back(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, 1)
    client = log_in(world.rep)
    body = {"stage": str(stage(2).pk), "seen_in": str(stage(1).pk), "board": "who=me"}
    asked = client.post(f"/opportunities/{row.pk}/move/", body, headers={"HX-Target": "board"})
    assert asked["HX-Retarget"] == "#pipeline-dialog-body"
    assert "We know who decides" in asked.content.decode()
    row.refresh_from_db()
    assert row.stage.order == 1, "asked first"
    done = client.post(
        f"/opportunities/{row.pk}/move/", body | {"confirmed": "1"}, headers={"HX-Target": "board"}
    )
    assert 'id="board"' in done.content.decode()
    row.refresh_from_db()
    assert row.stage.order == 2
    late = client.post(
        f"/opportunities/{row.pk}/move/", body | {"confirmed": "1"}, headers={"HX-Target": "board"}
    )
    assert "a colleague moved it" in late.content.decode()
    assert OpportunityChange.objects.count() == 1


def test_without_scripts_the_question_is_a_page(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, 1)
    client = log_in(world.rep)
    body = {"stage": str(stage(2).pk)}
    assert "Move all the same" in client.post(f"/opportunities/{row.pk}/move/", body).content.decode()
    assert client.post(f"/opportunities/{row.pk}/move/", body | {"confirmed": "1"}).status_code == 302
    assert client.post(f"/opportunities/{row.pk}/move/", {"stage": "x"}).status_code == 404


def test_what_stands_longer_than_won_ones_did_is_marked(world: World, log_in: LogIn) -> None:
    for days in (4, 6, 8, 10, 12):
        won = make_opportunity(world.account, world.rep, 1, state="won", closed_on=TODAY)
        begin = TODAY - dt.timedelta(days=days)
        course(won, world.rep, (1, "open", begin), (1, "won", TODAY))
    assert usual_days(TODAY) == {stage(1).pk: 8.0}
    fresh = make_opportunity(world.account, world.rep, 1, stage_since=TODAY - dt.timedelta(days=8))
    stale = make_opportunity(world.account, world.rep, 1, stage_since=TODAY - dt.timedelta(days=9))
    late = make_opportunity(world.account, world.rep, 1, expected_on=TODAY - dt.timedelta(days=1))
    elsewhere = make_opportunity(world.account, world.rep, 2, stage_since=TODAY - dt.timedelta(days=900))
    rows = [fresh, stale, late, elsewhere]
    mark_stale(rows, TODAY)
    assert [row.is_stale for row in rows] == [False, True, True, False]  # type: ignore[attr-defined]


def test_the_pages_cost_the_same_at_any_size(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    stage(1)
    for _round in range(2):
        for order in (1, 2):
            row = make_opportunity(world.account, world.rep, order)
            course(row, world.rep, (1, "open", TODAY - dt.timedelta(days=3)), (order, "open", TODAY))
            gone = make_opportunity(world.account, world.rep, order, state="won", close_reason="price")
            course(gone, world.rep, (order, "open", TODAY - dt.timedelta(days=3)), (order, "won", TODAY))
        assert_query_count(client, "/pipeline/", "pipeline board")
        assert_query_count(client, "/pipeline/list/?state=all", "pipeline list")
        assert_query_count(client, "/pipeline/forecast/", "pipeline forecast")
        assert_query_count(client, "/pipeline/analysis/?period=all", "pipeline analysis")
        assert_query_count(client, f"/accounts/{world.account.pk}/opportunities/", "account opportunities")
        assert_query_count(client, f"/opportunities/{row.pk}/", "opportunity")


def test_the_export_has_what_the_list_has(world: World, log_in: LogIn) -> None:
    make_opportunity(world.account, world.rep, name="=cmd()", note="x")
    make_opportunity(world.account, world.rep, name="Gone", state="lost", close_reason="price")
    response = log_in(world.rep).get("/pipeline/export/?format=csv")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=cmd()" in text
    assert "Gone" not in text
    assert len(text.strip().splitlines()) == 2


def test_a_view_of_the_list_is_kept(world: World, log_in: LogIn) -> None:
    body = {"page": "opportunities", "name": "Won", "query": "state=won"}
    assert log_in(world.rep).post("/saved-views/", body)["Location"].startswith("/pipeline/list/?state=won")
    assert SavedView.objects.get().name == "Won"


def test_my_day_names_what_is_due_and_late(world: World) -> None:
    for days in (-3, 0, 7, 8):
        day = TODAY + dt.timedelta(days=days)
        make_opportunity(world.account, world.rep, name=f"In {days}", expected_on=day)
    make_opportunity(make_account(world.stranger, world.west), world.rep, expected_on=TODAY)
    make_opportunity(world.account, world.colleague, expected_on=TODAY)
    items = DecisionsDue().items(user=world.rep, today=TODAY)
    assert [item.title.split(":")[0] for item in items] == ["In -3", "In 0", "In 7"]
    assert [item.tone for item in items] == ["bad", "warn", "warn"]


def test_the_timeline_tells_moves_and_decisions(world: World) -> None:
    row = make_opportunity(world.account, world.rep, 2)
    days = [TODAY - dt.timedelta(days=day) for day in (9, 5, 1)]
    course(row, world.rep, (1, "open", days[0]), (2, "open", days[1]), (2, "won", days[2]))
    before = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    entries = OpportunitiesOfAccount().entries(account=world.account, user=world.rep, before=before, most=2)
    assert [entry.tone for entry in entries] == ["good", ""]
    assert entries[0].at > entries[1].at
