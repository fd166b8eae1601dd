"""How much retention is enough: own figures, the worked example, tiers, what there is no curve for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, CostToServe, User
from crm.snapshots import shown_run
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.retention import Answer, RetentionBoard, answer
from segmentation.equity.retention_forms import RetentionForm, usual_ceiling
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.equity.worlds import AS_OF

LogIn = Callable[[User], Client]


def board(user: User, **data: str) -> RetentionBoard:
    form = EquityScopeForm(data, user=user)
    assert form.is_valid()
    run = shown_run()
    assert run is not None
    return RetentionBoard(form, RetentionForm(data if "retention" in data else None), run)


def trade(account: Account, *days: dt.date, sales: int = 1000, cost: int = 600) -> None:
    for day in days:
        make_trade_line(account, day, sales, cost)


NOW, BEFORE = dt.date(2025, 3, 1), dt.date(2024, 3, 1)


@pytest.fixture
def base(world: World) -> World:
    """Four of five stayed, one is new; each earns 400. The stranger's earns as much as all of them together."""
    for number in range(5):
        trade(make_account(world.rep, name=f"Kept {number}"), BEFORE, *([] if number == 4 else [NOW]))
    trade(make_account(world.rep, name="New"), NOW)
    trade(world.strangers_account, BEFORE, NOW, sales=3000, cost=1000)
    compute(AS_OF)
    return world


def test_the_worked_example() -> None:
    """Section 22: R .9, k .02, m 500, i .10; today's point is any on that curve."""
    found = answer(
        spend=100, retention=0.9 * (1 - 2.718281828459045**-2), margin=500, ceiling=0.9, discount_rate=0.1
    )
    assert isinstance(found, Answer)
    assert found.best.spend == pytest.approx(174.05, abs=0.005)
    assert found.best.retention == pytest.approx(0.8723, abs=5e-5)
    assert found.best.value == pytest.approx(1248.69, abs=0.005)
    assert found.more == pytest.approx(74.05, abs=0.01)
    # A tenth of a point more: 1.86 of spend, which lowers the worth.
    assert found.further == pytest.approx(0.001 / (0.02 * 0.0277), rel=0.03)
    assert found.curve.retention(found.best.spend + found.further) == pytest.approx(
        found.best.retention + 0.001
    )


def test_own_figures_are_the_start(base: World) -> None:
    CostToServe.objects.create(
        account=Account.objects.get(name="New"), kind="retention", spent_on=NOW, amount=50
    )
    CostToServe.objects.create(kind="retention", spent_on=NOW, amount=400)
    # Another kind, and a year too early.
    CostToServe.objects.create(kind="visit", spent_on=NOW, amount=999)
    CostToServe.objects.create(kind="retention", spent_on=BEFORE, amount=999)
    own = board(base.manager).own
    assert (own.customers, own.before, own.retention, own.margin) == (5, 5, 0.8, 400)
    # Half of the company's 400 falls on these: 2000 of 4000 gross profit; and 50 of their own.
    assert own.spend == pytest.approx((200 + 50) / 5)
    assert board(base.analyst).own.before == 6


def test_what_somebody_enters_takes_its_place(base: World) -> None:
    entered = {"retention": "77.8", "spend": "100", "margin": "500", "ceiling": "90", "discount": "10"}
    found = board(base.manager, **entered).solved
    assert found is not None
    assert found.best.spend == pytest.approx(174, abs=1)
    table = board(base.manager, **entered).curve_table
    worth = [row[2] for row in table.rows]
    spend = [row[0] for row in table.rows]
    assert abs(spend[worth.index(max(worth))] - found.best.spend) < 500 / 60
    partly = board(base.manager, **(entered | {"margin": ""})).solved
    assert partly is not None
    assert partly.margin == 400
    assert board(base.manager, **(entered | {"ceiling": "0"})).answer is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spend": None}, "What keeping them costs"),
        ({"margin": -5}, "earn nothing"),
        ({"margin": None}, "not known"),
        ({"spend": 600}, "costs as much"),
        ({"retention": 0.9}, "maximum already"),
        ({"retention": 0}, "Nobody stayed"),
    ],
)
def test_where_there_is_no_curve_it_says_why(change: dict[str, float | None], words: str) -> None:
    given = {"spend": 100.0, "retention": 0.7, "margin": 500.0, "ceiling": 0.9, "discount_rate": 0.1}
    found = answer(**(given | change))  # type: ignore[arg-type]
    assert isinstance(found, str)
    assert words in found


def test_where_everybody_stayed_one_more_is_thought_to_go(base: World) -> None:
    CostToServe.objects.create(kind="retention", spent_on=NOW, amount=400)
    glass = board(base.stranger)
    assert (glass.own.retention, glass.own.for_curve) == (1.0, 0.5)
    assert glass.solved is not None
    assert glass.solved.retention == 0.5
    # Half of what is lost today where that is more than 95 %.
    assert usual_ceiling(0.98) == pytest.approx(99)
    assert usual_ceiling(0.5) == 95


def test_grades_stand_one_by_one(base: World) -> None:
    CostToServe.objects.create(kind="retention", spent_on=NOW, amount=400)
    found = board(base.analyst)
    assert not found.grades_are_old
    rows = found.tiers_table.rows
    assert rows
    assert sum(row[1] for row in rows) == 6
    for row in rows:
        assert row[-1] or row[6] is not None


def test_the_page_and_its_exports(base: World, log_in: LogIn) -> None:
    client = log_in(base.manager)
    query = "?retention=77.8&spend=100&margin=500&ceiling=90&discount=10"
    page = assert_query_count(client, f"/retention/{query}", "retention").content.decode()
    assert "Retention past 87.2% loses money." in page
    for slug in ("curve", "tiers"):
        assert client.get(f"/retention/{slug}.csv{query}").status_code == 200
    assert client.get("/retention/x.csv").status_code == 404
    assert "What keeping them costs is not known." in client.get("/retention/").content.decode()
    assert client.get("/retention/?retention=abc").status_code == 200
    assert log_in(base.rep).get("/retention/").status_code == 404


def test_before_the_first_run(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No figures yet" in client.get("/retention/").content.decode()
    assert client.get("/retention/curve.csv").status_code == 404
