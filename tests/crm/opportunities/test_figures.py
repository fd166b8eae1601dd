"""Forecast and analysis against figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import Competitor, User
from crm.pipeline.analysis import Analysis, period_of
from crm.pipeline.forecast import AHEAD, Forecast
from crm.pipeline.listing import OpportunityList
from tests.crm.opportunities.support import TODAY, course, make_opportunity
from tests.fixtures import World

LogIn = Callable[[User], Client]


def pipeline(user: User, query: str = "who=team") -> OpportunityList:
    return OpportunityList(user, QueryDict(query), TODAY)


def test_each_month_holds_what_is_expected_in_it(world: World) -> None:
    def expected(day: dt.date, amount: int, **fields: object) -> None:
        make_opportunity(world.account, world.rep, 1, expected_on=day, amount=Decimal(amount), **fields)

    expected(TODAY - dt.timedelta(days=1), 7000)  # overdue although it is this month
    expected(TODAY, 1000)  # 10 % of the first stage
    expected(dt.date(2026, 6, 30), 1000, probability=50)
    expected(dt.date(2026, 7, 1), 2000, probability=100)
    expected(dt.date(2027, 6, 30), 500, probability=100)
    expected(dt.date(2027, 7, 1), 300, probability=100)  # later
    make_opportunity(world.account, world.rep, state="won", closed_on=dt.date(2026, 3, 1), amount=Decimal(40))
    make_opportunity(world.account, world.rep, state="won", closed_on=dt.date(2026, 2, 28), amount=Decimal(9))
    make_opportunity(world.account, world.rep, state="won", closed_on=TODAY, amount=Decimal(60))
    found = Forecast(pipeline(world.manager))
    assert found.overdue == {"count": 1, "amount": 7000, "weighted": 700}
    weights = found.by_month.weighted
    assert weights[1:3].tolist() == [600, 2000]
    assert weights[AHEAD + 1] == 500
    assert weights[AHEAD + 2] == 300
    assert found.weighted == 3400
    assert found.won == 100
    rows = {row[0].value if hasattr(row[0], "value") else row[0]: row for row in found.month_table.rows}
    assert rows["2026-03"][1] == 40
    assert rows["2026-06"][1:] == [60, 600, 2000, 2]
    assert rows["2027-06"][1:] == [None, 500, 500, 1]


def test_reps_add_up_to_the_months(world: World) -> None:
    for owner, amount in ((world.rep, 100), (world.colleague, 300), (None, 50)):
        make_opportunity(world.account, owner, amount=Decimal(amount), probability=50)
    make_opportunity(world.account, world.rep, amount=Decimal(11), state="won")
    found = Forecast(pipeline(world.manager))
    table = found.rep_table
    assert [row[0].value for row in table.rows] == ["colleague", "王伟", "Nobody"]
    assert table.total[-2:] == [found.weighted, found.won] == [225, 11]


@pytest.fixture
def decided(world: World) -> World:
    atlas = Competitor.objects.create(name="Atlas")
    for state, amount, days, reason, rival in (
        ("won", 100, 10, "quality", atlas),
        ("won", 300, 30, "quality", None),
        ("won", 200, 50, "price", atlas),
        ("lost", 400, 6, "price", atlas),
        ("lost", 1000, None, "", None),
    ):
        row = make_opportunity(
            world.account, world.rep, 2, state=state, amount=Decimal(amount), close_reason=reason,
            inquired_on=None if days is None else TODAY - dt.timedelta(days=days),
            lost_to=rival if state == "lost" else None,
        )  # fmt: skip
        if rival:
            row.competitors.add(rival)
        begin = TODAY - dt.timedelta(days=days or 20)
        middle = begin + dt.timedelta(days=(days or 20) // 2)
        # There and back and there again: the times in a stage are added up.
        course(row, world.rep, (1, "open", begin), (2, "open", middle), (2, state, TODAY))
    make_opportunity(world.account, world.rep, state="won", closed_on=TODAY - dt.timedelta(days=800))
    make_opportunity(world.account, world.rep)
    return world


def test_win_rates_and_times(decided: World) -> None:
    found = Analysis(pipeline(decided.manager), 24)
    total = found.total
    assert (total["won"], total["lost"]) == (3, 2)
    assert total["by_count"] == 0.6
    assert total["by_amount"] == 600 / 2000
    assert found.selection_days == {"all": 20, "won": 30, "lost": 6, "count": 4}
    assert Analysis(pipeline(decided.manager), 0).total["decided"] == 6


def test_reasons_competitors_and_stages(decided: World) -> None:
    found = Analysis(pipeline(decided.manager), 24)
    reasons = {row[0]: row[1:] for row in found.reason_table.rows}
    assert reasons["Price"] == [1, 200.0, 1, 400.0]
    assert reasons["not on record"] == [0, 0.0, 1, 1000.0]
    rivals = {row[0]: row[1:] for row in found.competitor_table.rows}
    assert rivals["Atlas"][:4] == [2, 1, 1, pytest.approx(2 / 3)]
    assert rivals["no competitor on record"][:3] == [1, 1, 0]
    stages = {row[0]: row[1:] for row in found.stage_table.rows}
    assert stages["Inquiry"] == [15, 3, pytest.approx(6.5), 2]
    assert stages["Quotation"] == [None, 0, None, 0]


def test_nothing_decided_shows_no_rate(world: World, log_in: LogIn) -> None:
    assert "Nothing decided yet" in log_in(world.rep).get("/pipeline/analysis/").content.decode()
    assert Analysis(pipeline(world.rep), 12).total["by_count"] is None


def test_a_stranger_reads_nothing_of_it(decided: World) -> None:
    assert Analysis(pipeline(decided.stranger), 0).total["decided"] == 0
    assert Forecast(pipeline(decided.stranger)).weighted == 0


@pytest.mark.parametrize(("text", "months"), [("", 24), ("12", 12), ("all", 0), ("7", 24), ("²", 24)])
def test_an_unknown_period_is_the_usual_one(text: str, months: int) -> None:
    assert period_of(text) == months


def test_files_of_the_figures(decided: World, log_in: LogIn) -> None:
    client = log_in(decided.manager)
    for slug in ("reasons", "competitors", "reps", "stages"):
        response = client.get(f"/pipeline/analysis/{slug}.csv?period=all")
        assert b"".join(response.streaming_content).count(b"\n") > 1, slug  # type: ignore[attr-defined]
    assert client.get("/pipeline/analysis/nothing.csv").status_code == 404
    assert client.get("/pipeline/forecast/months.pdf").status_code == 404
