"""The customer pyramid and the level of relationship: counts, margins, policies, gaps by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, User, ValueCase, ValueCaseKind, VisitKind, VisitOutcome
from segmentation.dashboards import tier_dashboard
from segmentation.models import AccountGrade
from segmentation.policies import FIELDS, change_policy, policies
from segmentation.scoring.relationships import Level
from segmentation.value.pyramid_board import PyramidBoard, pyramid_board
from segmentation.value.relations import relations
from tests.factories import make_account, make_trade_line, make_visit
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, two_dates

LogIn = Callable[[User], Client]
NOON = dt.time(12)


def board_of(user: User, **data: str) -> PyramidBoard:
    _form, board = pyramid_board(user, data)
    assert board is not None
    return board


def level_of(account: Account) -> Level:
    at = relations(AS_OF, 4)
    return Level(int(at.actual[list(at.account_id).index(account.pk)]))


def meet(account: Account, user: User, day: dt.date, **fields: object) -> None:
    make_visit(account, user, dt.datetime.combine(day, NOON), **fields)


def test_counts_money_and_margin_of_every_tier(world: World) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    _form, tiers = tier_dashboard(world.analyst, {})
    assert tiers is not None
    for tier in board.tiers:
        own = list(AccountGrade.objects.filter(grade=tier.place))
        assert tier.accounts == len(own)
        profit = sum(float(row.gross_profit_12m or 0) for row in own)
        sales = sum(float(row.net_sales_12m) for row in own if row.gross_profit_12m is not None)
        assert (tier.gross_profit or 0) == pytest.approx(profit)
        assert tier.margin == (pytest.approx(profit / sales) if sales else None)
    assert sum(tier.risen or 0 for tier in board.tiers) == tiers.migration.upgraded > 0
    assert sum(tier.fallen or 0 for tier in board.tiers) == tiers.migration.downgraded
    assert [[str(c) for c in row] for row in board.movement_table.rows] == [
        [str(c) for c in row] for row in tiers.movement_table.rows
    ]


def test_the_tiers_have_their_names_in_both_languages(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    page = client.get("/pyramid/").content.decode()
    assert "A Platinum" in page
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/pyramid/").content.decode()
    for word in ("A 白金", "B 黄金", "C 铁", "D 铅", "客户金字塔", "合伙型", "平均毛利率"):
        assert word in page


def test_policies_stand_beside_the_tiers(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.analyst)
    assert "Annual rebate, prices held for the year" in client.get("/pyramid/").content.decode()
    entry = policies()[0]
    values = {name: getattr(entry.policy, name) for name in FIELDS} | {
        "structural_benefits": "A crane of their own"
    }
    change_policy(entry=entry, values=values, author=world.manager)
    # Also for those whose pages are kept.
    assert "A crane of their own" in client.get("/pyramid/").content.decode()


def test_the_level_that_shows(world: World) -> None:
    account, rep = world.account, world.rep
    for days in (300, 200, 100, 40):
        make_trade_line(account, AS_OF - dt.timedelta(days=days))
    compute(AS_OF)
    assert level_of(account) == Level.BASIC
    meet(account, rep, AS_OF - dt.timedelta(days=350), kind=VisitKind.CALL)
    assert level_of(account) == Level.REACTIVE
    # Nobody was there: that is no contact.
    meet(account, rep, AS_OF - dt.timedelta(days=290), outcome=VisitOutcome.ABSENT)
    meet(account, rep, AS_OF - dt.timedelta(days=170), kind=VisitKind.CALL)
    meet(account, rep, AS_OF - dt.timedelta(days=69), kind=VisitKind.CALL)
    assert level_of(account) == Level.REACTIVE
    # The thirtieth day after the second purchase of four.
    meet(account, rep, AS_OF - dt.timedelta(days=10), kind=VisitKind.CALL)
    assert level_of(account) == Level.ACCOUNTABLE
    for days in (365, 30, 20, 0):
        meet(account, rep, AS_OF - dt.timedelta(days=days))
    # The first of these is a day too old, a visit of tomorrow too young.
    meet(account, rep, AS_OF + dt.timedelta(days=1))
    assert level_of(account) == Level.ACCOUNTABLE
    meet(account, rep, AS_OF - dt.timedelta(days=364), kind=VisitKind.ONLINE)
    assert level_of(account) == Level.PROACTIVE
    case = {"happened_on": AS_OF, "benefit": 1, "user": rep}
    ValueCase.objects.create(account=account, kind=ValueCaseKind.REFERRAL, **case)
    assert level_of(account) == Level.PROACTIVE
    ValueCase.objects.create(account=account, kind=ValueCaseKind.KNOWLEDGE, **case)
    assert level_of(account) == Level.PARTNERSHIP


def test_gaps_are_named_and_close_when_we_come(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    board = board_of(world.analyst)
    named = {row[0].value for row in board.gaps_table().rows}
    assert "Alpha" in named
    assert board.gaps == len(named)
    # Few customers of a high margin deserve a partnership: only a joint project closes that.
    for name in named:
        ValueCase.objects.create(
            account=accounts[name], kind=ValueCaseKind.TRADE, happened_on=AS_OF, benefit=1, user=world.rep
        )
    assert board_of(world.analyst).gaps == 0
    assert (
        "Every account gets what its tier is worth."
        in log_in(world.analyst).get("/pyramid/").content.decode()
    )


def test_the_pyramid_by_profit_alone(world: World) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    rows = {row[0]: row for row in board.profit_table.rows}
    # Gamma first, Alpha and Beta next; Delta lost money; of Epsilon's lines half have no cost.
    assert [rows[name][2] for name in ("Platinum", "Gold", "Iron", "Lead", "Unrated")] == [1, 2, 0, 1, 1]
    assert rows["Platinum"][5] == 4050
    # The month's end before Gamma's order: Alpha stood there; as many in each, but other ones.
    assert [rows[name][4] for name in ("Platinum", "Gold", "Iron", "Lead", "Unrated")] == [1, 2, 0, 1, 1]
    # Ranked among all, shown those chosen.
    alone = board_of(world.analyst, owner=str(world.stranger.pk)).profit_table
    assert [row[2] for row in alone.rows] == [0, 0, 0, 0]


def test_levels_add_up(world: World) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    for tier, row in zip(board.tiers, board.levels_table.rows, strict=True):
        assert sum(cell.value for cell in row[3:8]) == tier.accounts


def test_who_sees_what(world: World, log_in: LogIn) -> None:
    two_dates(world)
    make_trade_line(world.strangers_account, AS_OF, net_amount=10**6, cost=1)
    compute(AS_OF)
    # Aim at the same for a tier whoever looks.
    assert [tier.target for tier in board_of(world.manager).tiers] == [
        tier.target for tier in board_of(world.analyst).tiers
    ]
    assert "Stranger Gears" not in log_in(world.manager).get("/pyramid/").content.decode()
    assert log_in(world.rep).get("/pyramid/").status_code == 404
    assert board_of(world.analyst, owner=str(world.stranger.pk)).accounts == 1


def test_before_any_run_and_with_nobody(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No grades yet" in client.get("/pyramid/").content.decode()
    make_trade_line(world.strangers_account, AS_OF)
    compute(AS_OF)
    assert "No graded customers here" in client.get("/pyramid/").content.decode()


@pytest.mark.parametrize("slug", ["tiers", "levels", "gaps", "movement", "profit"])
def test_tables_download(world: World, log_in: LogIn, slug: str) -> None:
    two_dates(world)
    client = log_in(world.manager)
    text = b"".join(client.get(f"/pyramid/{slug}.csv")).decode("utf-8-sig")  # type: ignore[call-overload]
    assert len(text.splitlines()) == len(board_of(world.manager).table(slug).rows) + 1
    assert client.get("/pyramid/secrets.csv").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    assert_query_count(client, "/pyramid/", "pyramid")
    for number in range(6):
        make_trade_line(make_account(world.rep, name=f"More {number}"), AS_OF, net_amount=7000, cost=10)
    compute(AS_OF)
    assert_query_count(client, "/pyramid/", "pyramid")
