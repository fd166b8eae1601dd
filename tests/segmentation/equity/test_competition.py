"""Competition: shares of wallet by group and account, who gains, who is met where, what drives the choice."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Competitor, Observation, User
from segmentation.equity.competition import CompetitionBoard
from segmentation.equity.forms import CompetitionForm
from tests.factories import make_account, make_trade_line
from tests.figures import compute, roll_up
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.equity.worlds import AS_OF, decide, demand, rate

LogIn = Callable[[User], Client]


def board(user: User, **data: str) -> CompetitionBoard:
    form = CompetitionForm(data, user=user)
    assert form.is_valid(), form.errors
    return CompetitionBoard(form, AS_OF)


@pytest.fixture
def market(world: World) -> World:
    """Three accounts: steel 1000 and paper 3000 of the rep's, and one of the stranger's."""
    world.account.industry, world.colleagues_account.industry = "Steel", "Paper"
    world.account.save()
    world.colleagues_account.save()
    make_trade_line(world.account, dt.date(2024, 3, 1), 400)
    make_trade_line(world.colleagues_account, dt.date(2024, 3, 1), 600)
    make_trade_line(world.strangers_account, dt.date(2024, 3, 1), 50)
    demand(world.account, 2023, 800, Rival=20)
    demand(world.account, 2024, 1000, Rival=35, Other=5)
    demand(world.colleagues_account, 2023, 3000, Rival=50)
    demand(world.colleagues_account, 2024, 3000, Rival=50.5)
    demand(world.strangers_account, 2024, 100, Rival=50)
    roll_up()
    return world


def test_groups_are_money_over_money(market: World) -> None:
    found = board(market.manager, by="industry")
    table = found.shares_table
    assert [str(column.title) for column in table.columns] == [
        "Industry", "Accounts", "Demand", "We", "Rival", "Other", "Unknown",
    ]  # fmt: skip
    assert [row[0] for row in table.rows] == ["Paper", "Steel"]
    assert table.rows[1][1:] == [1, 1000, 0.4, 0.35, 0.05, pytest.approx(0.2)]
    # (400 + 600) / 4000, and not the mean of 40 % and 20 %.
    assert table.total[3] == 0.25
    assert table.total[4] == pytest.approx((350 + 1515) / 4000)
    assert found.own_share == 0.25
    assert sum(table.total[3:]) == pytest.approx(1)


def test_nobody_counts_whom_they_do_not_see(market: World) -> None:
    assert board(market.manager).counted == 2
    assert board(market.analyst).counted == 3
    assert board(market.analyst, industry="Steel").counted == 1


def test_accounts_are_listed_by_what_there_is_to_win(market: World) -> None:
    rows = board(market.manager).accounts_table().rows
    assert [(row[0].value, row[3], row[1], row[7]) for row in rows] == [
        ("Colleague Pumps", 0.2, "Rival", pytest.approx(2400)),
        ("Orient Bearing Co.", 0.4, "Rival", pytest.approx(600)),
    ]


def test_a_competitor_gains_where_it_rose_by_a_point_or_more(market: World) -> None:
    rows = board(market.analyst).gains_table().rows
    # Half a point at the colleague's is nothing; the stranger's was not asked the year before.
    assert [(row[0].value, row[1], row[2], row[3], row[4]) for row in rows] == [
        ("Orient Bearing Co.", "Rival", 0.2, 0.35, pytest.approx(150)),
        ("Orient Bearing Co.", "Other", 0.0, 0.05, pytest.approx(50)),
    ]


def test_presence_is_told_by_shares_ratings_and_notes(market: World) -> None:
    day = dt.date(2025, 1, 1)
    rate(market.account, day, "Third", quality=5, price=6)
    rate(market.account, day, quality=6, price=8, ethics=1)
    Competitor.objects.filter(name="Third").update(english_name="Drei GmbH")
    Observation.objects.create(
        account=market.colleagues_account,
        kind="competition",
        observed_on=dt.date(2025, 1, 1),
        title="Offer by DREI gmbh seen on the table",
        user=market.rep,
    )
    found = board(market.manager)
    table = {row[0]: row[1:] for row in found.presence_table.rows}
    assert table == {
        "Rival": [2, 2, 0, 0, 0, None],
        "Other": [1, 1, 0, 0, 0, None],
        "Drei GmbH": [2, 0, 1, 0, 1, 1.5],
    }
    pairs = {(row[0], row[1]): row[2:] for row in found.pairs_table.rows}
    assert pairs["Rival", "Drei GmbH"] == [2, 1.0, 1.0]


def test_drivers_are_judged_until_there_are_a_hundred_decisions(market: World) -> None:
    decide([market.account], 99)
    few = board(market.manager)
    assert not few.weights.estimated
    assert "99" in few.weights.origin
    assert "100" in few.weights.origin
    weights = [row[4] for row in few.drivers_table.rows]
    assert weights == [pytest.approx(0.4 / 9)] * 9
    decide([market.colleagues_account], 201, seed=5)
    many = board(market.manager)
    assert many.weights.estimated
    quality, price = many.drivers_table.rows[:2]
    assert quality[4] == pytest.approx(0.6, abs=0.25)
    assert quality[8].startswith("sure")
    assert abs(price[4]) < 0.2
    assert many.drivers_table.rows[3][8] == "nobody was asked"


def test_who_stays_and_who_switches(market: World) -> None:
    account = market.account
    for number, (last, following) in enumerate([(0, 0), (0, 0), (0, 1), (1, 0)]):
        day = dt.date(2025, 1, 1 + number)
        for place, name in enumerate(("", "Rival")):
            rate(account, day, name, last=place == last, following=place == following, quality=5)
    # It is not said where it would buy next: no decision.
    rate(account, dt.date(2025, 2, 1), last=True, quality=5)
    rows = board(market.manager).switching_table.rows
    assert [row[1:] for row in rows] == [[3, 2.5 / 4, 1.5 / 4], [1, 1.5 / 2, 0.5 / 2]]
    assert not board(market.stranger).switching_table.rows


def test_the_page_and_every_export(market: World, log_in: LogIn) -> None:
    compute(AS_OF)
    decide([market.account], 3)
    client = log_in(market.manager)
    page = assert_query_count(client, "/competition/", "competition").content.decode()
    assert "Rival" in page
    for slug in ("shares", "accounts", "gains", "presence", "pairs", "drivers", "switching"):
        assert f"/competition/{slug}.csv" in page
        response = client.get(f"/competition/{slug}.csv?by=industry")
        assert response.status_code == 200
        assert len(list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))) > 1, slug
    assert client.get("/competition/nothing.csv").status_code == 404


def test_the_number_of_queries_does_not_grow(market: World, log_in: LogIn) -> None:
    compute(AS_OF)
    decide([market.account], 3)
    for number in range(5):
        account = make_account(market.rep, name=f"More {number}")
        demand(account, 2024, 100, Rival=50, Fourth=10)
        decide([account], 2, seed=number)
    assert_query_count(log_in(market.manager), "/competition/", "competition")


def test_nothing_known_says_what_to_do(world: World, log_in: LogIn) -> None:
    page = log_in(world.manager).get("/competition/").content.decode()
    assert "Nothing known of competitors here" in page
    assert log_in(world.rep).get("/competition/").status_code == 404
