"""The trade history: the same figures as everywhere, to the cent, and every one leads to its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from crm.models import Account, AccountFacts, ProductFamily, User
from crm.trade.reading import read_trade
from crm.trade.report import TradeReport
from tests.factories import make_complaint, make_product, make_trade_line
from tests.figures import compute, roll_up
from tests.fixtures import World
from tests.query_counts import assert_query_count

A = dt.date(2025, 6, 30)
LogIn = Callable[[User], Client]


@pytest.fixture
def account(world: World) -> Account:
    family = ProductFamily.objects.create(name="Ball bearings", name_zh="球轴承")
    ball, other = make_product(family=family), make_product()
    own = world.account
    make_trade_line(own, dt.date(2024, 1, 10), 1000, cost=600, quantity=10, product=ball, list_price=110)
    make_trade_line(
        own, dt.date(2024, 7, 1), 1200, cost=600, quantity=10, product=ball, list_price=125, marketing_cost=7
    )
    make_trade_line(
        own,
        dt.date(2025, 6, 30),
        300,
        cost=200,
        quantity=3,
        product=other,
        payment_days=73,
        financing_rate="0.05",
    )
    make_trade_line(own, dt.date(2025, 7, 1), 9999, cost=1)
    make_complaint(own, dt.date(2025, 2, 1))
    make_complaint(own, dt.date(2025, 7, 2))
    compute(A)
    return own


def test_the_newest_year_is_the_year_of_the_facts(account: Account) -> None:
    trade = read_trade(account, as_of=A, years=2)
    facts = AccountFacts.objects.get(account=account)
    now = trade.years[0]
    assert (now.first, now.last) == (dt.date(2024, 7, 1), A)
    assert now.net_sales == facts.net_sales_12m == 1500
    assert now.gross_profit == facts.gross_profit_12m == 700
    assert (
        (now.sales_discount, now.marketing_cost)
        == (facts.sales_discount_12m, facts.marketing_cost_12m)
        == (50, 7)
    )
    assert now.financing_cost == facts.financing_cost_12m == Decimal("3.0000")
    assert trade.years[1].net_sales == facts.net_sales_prior_12m == 1000
    assert (now.occasions, now.complaints, now.lines) == (2, 1, 2)
    assert now.contribution == 690
    assert now.margin == pytest.approx(700 / 1500)


def test_months_without_trade_stand_there_too_and_add_up(account: Account) -> None:
    trade = read_trade(account, as_of=A, years=2)
    assert len(trade.months) == 24
    assert sum(month.net_sales for month in trade.months) == 2500
    assert sum(month.complaints for month in trade.months) == 1


def test_families_and_the_bridge(account: Account) -> None:
    trade = read_trade(account, as_of=A, years=2)
    assert [(row.name, row.now.net_sales, row.before.net_sales) for row in trade.families] == [
        ("Ball bearings", 1200, 1000),
        ("", 300, 0),
    ]
    bridge = trade.bridge
    # The same ten bearings for 200 more; the other product is new.
    assert (bridge.before, bridge.after) == (400, 700)
    assert (bridge.price, bridge.new, bridge.volume, bridge.cost) == (200, 100, 0, 0)
    assert sum(bridge.parts) == pytest.approx(300)


def test_costs_unknown_of_most_lines_leave_no_profit(world: World) -> None:
    for day in (1, 2, 3):
        make_trade_line(world.account, dt.date(2025, 6, day), 100, cost=None if day > 1 else 50)
    roll_up()
    report = TradeReport(read_trade(world.account, as_of=A, years=1))
    assert report.trade.years[0].gross_profit is None
    assert [row[1] for row in report.waterfall_table.rows][:4] == [300, 0, 300, None]
    # The picture ends where the figures do.
    assert report.waterfall_chart.option["xAxis"]["data"] == ["Value at list price", "Discount", "Net sales"]


def test_every_figure_leads_to_its_lines(account: Account, log_in: LogIn, world: World) -> None:
    client = log_in(world.rep)
    report = TradeReport(read_trade(account, as_of=A, years=2))
    for table, figures in (("years", [1500, 1000]), ("families", [1200, 300])):
        for row, expected in zip(report.table(table).rows, figures, strict=True):
            page = client.get(row[0].url).context["totals"]
            assert page["net_sales"] == expected


def test_nothing_traded(world: World, log_in: LogIn) -> None:
    page = log_in(world.rep).get(f"/accounts/{world.account.pk}/trade/history/?years=5")
    assert "No trade on record" in page.content.decode()


@pytest.mark.parametrize("table", ["years", "months", "families", "waterfall", "bridge", "rhythm"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_as_files(account: Account, log_in: LogIn, world: World, table: str, kind: str) -> None:
    answer = log_in(world.rep).get(f"/accounts/{account.pk}/trade/history/{table}.{kind}")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 50


def test_unknown_tables_and_strangers_find_nothing(account: Account, log_in: LogIn, world: World) -> None:
    assert log_in(world.rep).get(f"/accounts/{account.pk}/trade/history/shoes.csv").status_code == 404
    assert log_in(world.stranger).get(f"/accounts/{account.pk}/trade/history/").status_code == 404


def test_queries(account: Account, log_in: LogIn, world: World) -> None:
    assert_query_count(log_in(world.rep), f"/accounts/{account.pk}/trade/history/", "trade history")
    for day in range(1, 20):
        make_trade_line(account, dt.date(2025, 3, day), product=make_product())
    compute(A)
    assert_query_count(log_in(world.rep), f"/accounts/{account.pk}/trade/history/?years=5", "trade history")
