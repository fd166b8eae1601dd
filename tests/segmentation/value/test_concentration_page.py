"""80/20: the curve, Gini, the few by name, dependence; one number on every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Account, User
from segmentation import queries
from segmentation.dashboards import tier_dashboard
from segmentation.scoring.pareto import Risk, dependence
from segmentation.value.concentration import ConcentrationBoard, concentration_board, earnings
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]


def board_of(user: User, **data: str) -> ConcentrationBoard:
    _form, board = concentration_board(user, data)
    assert board is not None
    return board


def test_dependence_by_hand() -> None:
    found = dependence([50, 30, 10, 5, 3, 2, -40, np.nan])
    assert (found.largest_share, found.five_share) == (0.5, 0.98)
    assert found.equal_customers == pytest.approx(1 / (0.25 + 0.09 + 0.01 + 0.0025 + 0.0009 + 0.0004))
    assert found.risk == Risk.HIGH
    # Seven alike: the five stand for 71 %, but nobody is large among so few.
    assert dependence([1] * 7).risk == Risk.MEDIUM
    assert dependence([1] * 100).risk == Risk.LOW
    assert dependence([30] * 2 + [1] * 400).risk == Risk.LOW
    assert dependence([-1, 0, np.nan]).risk is None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine is no fault of ours
@given(st.lists(st.integers(-100, 1000), min_size=1, max_size=40), st.sampled_from([0.01, 0.14, 7.1, 1000.0]))
def test_dependence_knows_neither_order_nor_currency(values: list[int], rate: float) -> None:
    one, other = dependence(values), dependence(np.array(values[::-1]) * rate)
    np.testing.assert_allclose(
        [one.largest_share, one.five_share], [other.largest_share, other.five_share], rtol=1e-9
    )
    assert np.isnan(one.largest_share) or 0 < one.largest_share <= one.five_share <= 1 + 1e-9


def test_the_tiers_page_says_the_same(world: World) -> None:
    two_dates(world)
    _form, tiers = tier_dashboard(world.analyst, {})
    board = board_of(world.analyst)
    assert tiers is not None
    assert (board.gini, board.top_share) == (tiers.gini, tiers.top_share)
    assert board.table("pareto").rows == tiers.pareto_table.rows
    assert [row[:2] for row in board.carriers_table().rows] == [
        row[:2] for row in tiers.top_table.rows[: board.carriers]
    ]


@pytest.mark.parametrize("by", ["gross_profit", "net_sales"])
def test_any_window_reads_as_the_published_year(world: World, by: str) -> None:
    two_dates(world)
    published = queries.earnings(Account.objects.all(), f"{by}_12m")
    # One day less than the year's window leaves out nothing here, and goes the other way.
    read = earnings(Account.objects.all(), by, 364, AS_OF)
    assert read.account_ids.tolist() == published.account_ids.tolist()
    np.testing.assert_allclose(read.values, published.values)


def test_a_longer_window_counts_more(world: World) -> None:
    make_trade_line(world.account, AS_OF - dt.timedelta(days=729), net_amount=100, cost=60)
    make_trade_line(world.account, AS_OF - dt.timedelta(days=730), net_amount=7, cost=1)
    make_trade_line(world.account, AS_OF, net_amount=10, cost=6)
    compute(AS_OF)
    assert board_of(world.analyst).pareto.total == 4
    assert board_of(world.analyst, window="730").pareto.total == 44
    assert board_of(world.analyst, window="730", by="net_sales").pareto.total == 110
    # Nonsense in the address narrows to nothing, as with every filter.
    assert board_of(world.analyst, window="x").accounts == 0


def test_the_few_are_named(world: World, log_in: LogIn) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    # Gamma 4050 of 4700 is 86 %.
    assert [row[1].value for row in board.carriers_table().rows] == ["Gamma"]
    assert board.largest_share == pytest.approx(4050 / (4050 + 400 + 280))
    assert board.dependence.risk == Risk.HIGH
    page = log_in(world.analyst).get("/concentration/").content.decode()
    assert "1 customer brings 80 % of the total." in page
    assert "customers lose money" in page


def test_only_losses_have_no_shares(world: World, log_in: LogIn) -> None:
    make_trade_line(world.account, AS_OF, net_amount=10, cost=20)
    compute(AS_OF)
    page = log_in(world.analyst).get("/concentration/").content.decode()
    assert "shares of it mean nothing" in page


def test_who_sees_what(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    make_trade_line(world.strangers_account, AS_OF, net_amount=10**6, cost=1)
    compute(AS_OF)
    assert "Stranger Gears" not in log_in(world.manager).get("/concentration/").content.decode()
    assert "Stranger Gears" in log_in(world.analyst).get("/concentration/").content.decode()
    assert log_in(world.rep).get("/concentration/").status_code == 404
    assert board_of(world.manager, window="730").accounts == board_of(world.manager).accounts == 5


def test_before_any_run(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No figures yet" in client.get("/concentration/").content.decode()
    assert client.get("/concentration/pareto.csv").status_code == 404


@pytest.mark.parametrize("slug", ["pareto", "lorenz", "carriers", "dependence"])
def test_tables_download(world: World, log_in: LogIn, slug: str) -> None:
    two_dates(world)
    client = log_in(world.manager)
    text = b"".join(client.get(f"/concentration/{slug}.csv?window=730")).decode("utf-8-sig")  # type: ignore[call-overload]
    assert len(text.splitlines()) == len(board_of(world.manager, window="730").table(slug).rows) + 1
    assert client.get("/concentration/secrets.csv").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    assert_query_count(client, "/concentration/?window=730", "concentration")
    for number in range(6):
        make_trade_line(make_account(world.rep, name=f"More {number}"), AS_OF, net_amount=7000, cost=10)
    compute(AS_OF)
    assert_query_count(client, "/concentration/?window=730", "concentration")
