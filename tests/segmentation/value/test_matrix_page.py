"""The value matrix: who stands where, what it stands on, who moved, who sees it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client

from crm.models import Account, CategorySpend, Run, User
from lifecycle.models import AccountLifecycle, AccountValue, ValueInput, ValueJudgement
from satisfaction.models import AccountSatisfaction
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.scoring.matrix import (
    CurrentBasis,
    PotentialBasis,
    Quadrant,
    annuity,
    current_value,
    potential_rank,
    value_matrix,
)
from segmentation.value.matrix_board import MatrixBoard, matrix_board
from segmentation.value.reading import standing
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]


def board_of(user: User, **data: str) -> MatrixBoard:
    cache.clear()
    _form, board = matrix_board(user, data)
    assert board is not None
    return board


def names_at(client: Client, url: str) -> set[str]:
    page = client.get(unescape(url)).content.decode()
    return {name for name in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon") if f">{name}</a>" in page}


def at(account: Account) -> tuple[float, int, float, int]:
    found = standing(AS_OF)
    place = list(found.account_id).index(account.pk)
    return (
        found.current.values[place],
        found.current.basis[place],
        found.obtainable[place],
        found.potential.basis[place],
    )


def test_what_the_current_value_stands_on() -> None:
    found = current_value([100, np.nan, np.nan, np.nan], [10, 20, np.nan, np.nan], [50, 50, 100, np.nan])
    assert found.basis.tolist() == [
        CurrentBasis.FORECAST, CurrentBasis.RUN_RATE, CurrentBasis.SALES, CurrentBasis.UNKNOWN
    ]  # fmt: skip
    # 30 of 100 costed sales are profit; three years at 10 %.
    factor = 1 / 1.1 + 1 / 1.21 + 1 / 1.331
    np.testing.assert_allclose(found.values, [100, 20 * factor, 30 * factor, np.nan])
    assert annuity(0.1, 3) == pytest.approx(factor)


def test_without_any_cost_sales_stand_for_value() -> None:
    found = current_value([np.nan] * 2, [np.nan] * 2, [50, 100])
    assert found.values[1] == 2 * found.values[0] > 0


def test_money_and_scores_are_ranked_each_in_their_own_kind() -> None:
    found = potential_rank([1e6, 10.0, np.nan, np.nan, np.nan], [1, 99, 90, 30, np.nan])
    assert found.values[:4].tolist() == [75, 25, 75, 25]
    assert np.isnan(found.values[4])
    assert found.basis.tolist() == [0, 0, 1, 1, PotentialBasis.UNKNOWN]
    # Whoever has a demand on record is no worse for it: the middle is that of its own kind.
    ranks, basis = [60.0, 60.0, 20.0, 10.0, 90.0], [1, 1, 1, 0, 0]
    quadrant = value_matrix([1] * 5, ranks, basis=basis).quadrant
    assert quadrant.tolist() == [Quadrant.GOLD] * 4 + [Quadrant.PLATINUM]


def test_the_forecast_and_the_demand_are_used_where_they_are_known(world: World) -> None:
    accounts = two_dates(world)
    alpha, beta = accounts["Alpha"], accounts["Beta"]
    AccountValue.objects.all().delete()
    worth, basis, _money, kind = at(alpha)
    assert (worth, basis) == (pytest.approx(400 * annuity(0.1, 3)), CurrentBasis.RUN_RATE)
    assert kind == PotentialBasis.SCORE
    AccountValue.objects.create(account=alpha, run=Run.objects.latest("pk"), predicted=12345.0, margin=0.4)
    AccountSatisfaction.objects.filter(account=alpha).update(index=80)
    AccountLifecycle.objects.filter(account=alpha).update(loyalty=50)
    dated = {"year": 2024, "estimated_on": dt.date(2025, 1, 5)}
    CategorySpend.objects.create(account=alpha, amount=2900, **dated)
    # Later than the date of the figures: not known then.
    CategorySpend.objects.create(account=beta, amount=9999, year=2025, estimated_on=dt.date(2025, 7, 1))
    worth, basis, money, kind = at(alpha)
    assert (worth, basis, kind) == (12345, CurrentBasis.FORECAST, PotentialBasis.DEMAND)
    assert money == pytest.approx(2000 * 0.5 * 0.8 * 0.5 * 0.4 * annuity(0.1, 3))
    assert at(beta)[3] == PotentialBasis.SCORE
    judged = ValueJudgement.objects.create(
        account=alpha, part=ValueInput.SPENDING, value=Decimal(4900), reason="asked", author=world.manager
    )
    ValueJudgement.objects.filter(pk=judged.pk).update(created_at=dt.datetime(2025, 6, 1, tzinfo=dt.UTC))
    assert at(alpha)[2] == pytest.approx(4000 * 0.5 * 0.8 * 0.5 * 0.4 * annuity(0.1, 3))


def test_what_people_enter_counts_at_once_on_page_and_list(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    client = log_in(world.analyst)
    page = client.get("/value-matrix/").context["body"]
    listed = {
        slug: names_at(client, f"/accounts/?quadrant={slug}") for slug in ("platinum", "gold", "iron", "lead")
    }
    AccountSatisfaction.objects.filter(account=accounts["Gamma"]).update(index=90)
    AccountLifecycle.objects.filter(account=accounts["Gamma"]).update(loyalty=90)
    assert client.get("/value-matrix/").context["body"] == page
    CategorySpend.objects.create(
        account=accounts["Gamma"], amount=10**6, year=2024, estimated_on=dt.date(2025, 1, 5)
    )
    # Alone in its kind it stands in the middle of it: high no more.
    assert client.get("/value-matrix/").context["body"] != page
    assert "Gamma" in names_at(client, "/accounts/?quadrant=gold")
    assert sum(len(names) for names in listed.values()) <= 5


def test_cost_unknown_is_estimated_and_said(world: World) -> None:
    accounts = two_dates(world)
    AccountValue.objects.all().delete()
    assert at(accounts["Epsilon"])[1] == CurrentBasis.SALES
    assert board_of(world.analyst).bases["sales"] == 1


def test_quadrants_add_up_and_lead_to_their_names(world: World, log_in: LogIn) -> None:
    two_dates(world)
    board, client = board_of(world.analyst), log_in(world.analyst)
    assert sum(card.accounts for card in board.cards.values()) == AccountGrade.objects.count() == 5
    for card in board.cards.values():
        assert len(names_at(client, card.url)) == card.accounts
    profit = sum(card.gross_profit or 0 for card in board.cards.values())
    assert profit == pytest.approx(400 + 280 + 4050 - 30)
    assert len(board.points.table.rows) == 5 - board.unrated.accounts


def test_movement_since_a_month_end_is_named(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    board, client = board_of(world.analyst), log_in(world.analyst)
    # Gamma's order of 5000 made it the one that carries the business: the others fell below the cut.
    gamma = next(row for row in board.movers_table.rows if row[0].value == "Gamma")
    assert gamma[1].startswith(("Iron", "Lead"))
    assert gamma[2].startswith(("Platinum", "Gold"))
    for row in board.movement_table.rows:
        for cell in row[1:]:
            assert bool(cell.url) == bool(cell.value)
            if cell.url:
                assert len(names_at(client, cell.url)) == cell.value
    # The list says which cell it shows.
    cell = next(cell for row in board.movement_table.rows for cell in row[1:] if cell.url)
    assert "2025-05-31 – today" in client.get(unescape(cell.url)).content.decode()
    moved = {row[0].value for row in board.table("movers").rows}
    assert names_at(client, "/accounts/?quadrant_moved=any") == moved
    assert board.moved == len(moved)
    # Whoever was not there yet is not said to have moved.
    GradeSnapshot.objects.filter(account=accounts["Gamma"]).delete()
    assert "Gamma" not in {row[0].value for row in board_of(world.analyst).table("movers").rows}


@pytest.mark.parametrize("query", ["quadrant=diamond", "quadrant_moved=iron", "quadrant_moved=iron>x@2025-05-31",
                                   "quadrant_moved=any@never"])  # fmt: skip
def test_an_unknown_filter_value_narrows_to_nothing(world: World, log_in: LogIn, query: str) -> None:
    two_dates(world)
    assert names_at(log_in(world.analyst), f"/accounts/?{query}") == set()


def test_limits_are_everybodys_and_rows_only_those_seen(world: World, log_in: LogIn) -> None:
    two_dates(world)
    make_trade_line(world.strangers_account, AS_OF, net_amount=10**6, cost=1)
    compute(AS_OF)
    manager, analyst = board_of(world.manager), board_of(world.analyst)
    assert manager.current_cut == analyst.current_cut
    assert manager.accounts == analyst.accounts - 1
    assert "Stranger Gears" not in log_in(world.manager).get("/value-matrix/").content.decode()
    assert "Stranger Gears" in log_in(world.analyst).get("/value-matrix/").content.decode()
    assert log_in(world.rep).get("/value-matrix/").status_code == 404
    assert board_of(world.analyst, owner=str(world.stranger.pk)).accounts == 1


def test_before_any_run_and_with_nobody(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No figures yet" in client.get("/value-matrix/").content.decode()
    assert client.get("/value-matrix/quadrants.csv").status_code == 404
    assert names_at(client, "/accounts/?quadrant=gold") == set()
    compute(AS_OF)
    assert "No graded customers here" in client.get("/value-matrix/").content.decode()


def test_one_customer_and_all_alike(world: World) -> None:
    make_trade_line(world.account, AS_OF, net_amount=10, cost=20)
    compute(AS_OF)
    # A loss brings no value, and nobody is above the middle of one.
    assert board_of(world.analyst).cards[Quadrant.LEAD].accounts == 1


@pytest.mark.parametrize("slug", ["quadrants", "accounts", "movement", "movers"])
def test_tables_download(world: World, log_in: LogIn, slug: str) -> None:
    two_dates(world)
    client = log_in(world.manager)
    text = b"".join(client.get(f"/value-matrix/{slug}.csv")).decode("utf-8-sig")  # type: ignore[call-overload]
    assert len(text.splitlines()) == len(board_of(world.manager).table(slug).rows) + 1
    assert client.get("/value-matrix/secrets.csv").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    assert_query_count(client, "/value-matrix/", "value matrix")
    for number in range(6):
        account = make_account(world.rep, name=f"More {number}")
        make_trade_line(account, AS_OF, net_amount=70 + number, cost=10)
    compute(AS_OF)
    assert_query_count(client, "/value-matrix/", "value matrix")


def test_in_chinese(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    client = log_in(world.manager)
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/value-matrix/").content.decode()
    for word in ("价值矩阵", "白金", "铁质", "增值潜力"):
        assert re.search(word, page)
