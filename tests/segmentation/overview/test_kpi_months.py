"""The key figures of a month: frozen by the run of its end, by hand, against the pure counting, and their names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from crm.account_list import AccountList
from crm.models import Account, CostKind, CostToServe, TradeDay, User
from segmentation.models import GradeSnapshot, KpiMonth
from segmentation.overview.filters import kpi_value
from segmentation.overview.kpi_sql import PERIODS, WHAT
from segmentation.overview.kpis import Kpi, sums, together, visible_months
from segmentation.scoring.kpis import adds_up, months_before
from segmentation.scoring.movement import customer_counts
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World

END = dt.date(2025, 6, 30)
MARCH = dt.date(2025, 3, 31)


def sold(account: Account, *days: dt.date, amount: float = 100, cost: float | None = 60) -> None:
    for day in days:
        make_trade_line(account, day, net_amount=amount, cost=cost)


def company(world: World) -> dict[str, Account]:
    """In the quarter to June: stays, is new, comes back, is lost; one returns goods only, one's cost is unknown."""
    rows = {
        "stays": [dt.date(2025, 2, 1), dt.date(2025, 4, 1)],
        "edge": [dt.date(2025, 3, 31), dt.date(2025, 6, 30)],
        "new": [dt.date(2025, 5, 5)],
        "back": [dt.date(2024, 6, 1), dt.date(2025, 6, 1)],
        "lost": [dt.date(2025, 1, 15)],
    }
    accounts = {name: make_account(world.rep, name=name, industry="Steel") for name in rows}
    for name, days in rows.items():
        sold(accounts[name], *days)
    accounts["returns"] = make_account(world.rep, name="returns")
    sold(accounts["returns"], dt.date(2025, 2, 2))
    make_trade_line(accounts["returns"], dt.date(2025, 5, 2), net_amount=-30, cost=-20, quantity=-1)
    accounts["no cost"] = make_account(world.colleague, name="no cost", industry="Paper")
    sold(accounts["no cost"], dt.date(2025, 2, 3), dt.date(2025, 6, 3), cost=None)
    sold(world.strangers_account, dt.date(2025, 6, 20), amount=1000, cost=500)
    compute(MARCH)
    compute(END)
    return accounts


def all_of(user: User, months: int = 3, month_end: dt.date = END) -> Kpi:
    return together(sums(visible_months(user).filter(month_end=month_end, months=months), "owner"))


def test_a_quarter_by_hand(world: World) -> None:
    company(world)
    kpi = all_of(world.analyst)
    # Active before: stays, edge, lost, returns, no cost. Now: stays, edge, new, back, no cost, the stranger's.
    assert (kpi.active_before, kpi.active) == (5, 6)
    assert (kpi.new, kpi.lost, kpi.reactivated) == (2, 2, 1)
    assert kpi.retention == pytest.approx(3 / 5)
    # 40 of each of four with a known cost, 500 of the stranger's.
    assert (kpi.costed, kpi.gross_profit) == (5, Decimal("660.00"))
    assert kpi.profitability == pytest.approx(660 / 5)


def test_cost_to_serve_is_the_customers_own_and_its_part_of_the_companys(world: World) -> None:
    accounts = company(world)
    for account, day, amount, kind in (
        (accounts["stays"], dt.date(2025, 5, 1), 30, CostKind.VISIT),
        (accounts["stays"], dt.date(2025, 3, 31), 1000, CostKind.VISIT),
        (accounts["stays"], dt.date(2025, 5, 1), 1000, CostKind.ACQUISITION),
        (accounts["lost"], dt.date(2025, 5, 1), 77, CostKind.SERVICE),
        (None, dt.date(2025, 4, 30), 66, CostKind.LOGISTICS),
    ):
        CostToServe.objects.create(account=account, spent_on=day, amount=amount, kind=kind)
    compute(END)
    assert all_of(world.analyst).cost_to_serve == Decimal(96)
    # Four of the team's customers with a known cost made 40 of the 660 each; one had a visit charged.
    assert all_of(world.manager).cost_to_serve == Decimal(30) + Decimal(66) * 160 / 660


@pytest.mark.parametrize("months", PERIODS)
def test_the_months_are_what_the_pure_counting_says(world: World, months: int) -> None:
    company(world)
    start, earlier = months_before(END, months), months_before(END, 2 * months)
    was, now, first = [], [], []
    for account in Account.objects.all():
        days = set(
            TradeDay.objects.filter(account=account, net_sales__gt=0).values_list("traded_on", flat=True)
        )
        was.append(any(earlier < day <= start for day in days))
        now.append(any(start < day <= END for day in days))
        first.append(bool(days) and min(days) > start)
    counts = customer_counts(was, now, first)
    kpi = all_of(world.analyst, months)
    for name in ("active_before", "active", "new", "lost", "reactivated"):
        assert getattr(kpi, name) == getattr(counts, name)[0], name


@pytest.mark.parametrize("column", ["owner", "territory", "region", "industry", "grade"])
def test_the_identity_holds_for_every_period_and_part(world: World, column: str) -> None:
    company(world)
    for months in PERIODS:
        parts = sums(KpiMonth.objects.filter(month_end=END, months=months), column)
        figures: Any = [
            [getattr(p, n) for p in parts] for n in ("active_before", "active", "new", "lost", "reactivated")
        ]
        assert np.all(adds_up(*figures))
        assert sum(part.active for part in parts) == all_of(world.analyst, months).active


def test_a_month_stays_as_it_was(world: World) -> None:
    accounts = company(world)
    before = list(KpiMonth.objects.filter(month_end=MARCH).order_by("pk").values())
    sold(accounts["lost"], dt.date(2025, 3, 1), amount=9999)
    Account.objects.filter(pk=accounts["stays"].pk).update(owner=world.stranger)
    compute(dt.date(2025, 7, 15))
    assert list(KpiMonth.objects.filter(month_end=MARCH).order_by("pk").values()) == before
    assert not KpiMonth.objects.filter(month_end=dt.date(2025, 7, 15)).exists()


def test_publishing_a_month_again_replaces_it(world: World) -> None:
    company(world)
    columns = ("month_end", "months", "owner", "active", "net_sales")
    before = list(KpiMonth.objects.order_by("pk").values_list(*columns))
    compute(END)
    after = list(KpiMonth.objects.order_by("month_end", "pk").values_list(*columns))
    assert after == before


def test_a_manager_sums_what_the_team_had(world: World) -> None:
    company(world)
    assert all_of(world.manager).active == all_of(world.analyst).active - 1
    assert all_of(world.stranger).active == 1


def test_upgraded_and_downgraded_are_between_the_two_ends(world: World) -> None:
    company(world)
    frozen = {
        end: dict(GradeSnapshot.objects.filter(month_end=end).values_list("account_id", "grade"))
        for end in (MARCH, END)
    }
    both = [
        pk for pk, grade in frozen[END].items() if grade is not None and frozen[MARCH].get(pk) is not None
    ]
    kpi = all_of(world.analyst)
    assert kpi.graded_at_both_ends == len(both)
    assert kpi.upgraded == len([pk for pk in both if frozen[END][pk] < frozen[MARCH][pk]])
    assert kpi.downgraded == len([pk for pk in both if frozen[END][pk] > frozen[MARCH][pk]])
    # A month before June's end nothing was frozen.
    assert all_of(world.analyst, 1).graded_at_both_ends == 0
    assert all_of(world.analyst, 1).upgrade_rate is None


@pytest.mark.parametrize("what", sorted(WHAT))
def test_the_list_names_whom_a_number_counts(world: World, what: str) -> None:
    company(world)
    for months in PERIODS:
        for user in (world.analyst, world.manager):
            listed = AccountList(user, {"kpi": kpi_value(what, END, months)})
            assert listed.found.count() == getattr(all_of(user, months), what.replace("-", "_"))
    grades = sums(KpiMonth.objects.filter(month_end=END, months=3), "grade")
    for part in grades:
        listed = AccountList(world.analyst, {"kpi": kpi_value(what, END, 3, part.key)})  # type: ignore[arg-type]
        assert listed.found.count() == getattr(part, what.replace("-", "_"))


@pytest.mark.parametrize(
    "value",
    [
        "new@never/3",
        "new@2025-06-30/7",
        "new@2025-06-29/3",
        "rich@2025-06-30/3",
        "new@2025-06-30",
        "new@9999-12-31/3",
        "new@0001-01-31/3",
    ],
)
def test_nonsense_in_the_address_narrows_to_nothing(world: World, value: str) -> None:
    company(world)
    assert AccountList(world.analyst, {"kpi": value}).found.count() == 0  # type: ignore[arg-type]


def test_merged_accounts_are_not_counted(world: World) -> None:
    accounts = company(world)
    Account.objects.filter(pk=accounts["new"].pk).update(merged_into=accounts["stays"])
    compute(END)
    assert all_of(world.analyst).new == 1


def test_an_empty_company_freezes_nothing_and_breaks_nothing(world: World) -> None:
    compute(END)
    assert all_of(world.analyst) == Kpi(None)
    assert all_of(world.analyst).profitability is None
