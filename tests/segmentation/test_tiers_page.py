"""The tier dashboard: its figures, what they lead to, who sees which."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from crm.models import User
from satisfaction.models import SurveyItem
from segmentation.dashboards import TierDashboard, tier_dashboard
from segmentation.models import AccountGrade, GradeSnapshot
from tests.factories import make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]


def board_of(user: User, **data: str) -> TierDashboard:
    _form, board = tier_dashboard(user, data)
    assert board is not None
    return board


def listed(client: Client, url: str) -> set[str]:
    page = client.get(unescape(url)).content.decode()
    return {name for name in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon") if f">{name}</a>" in page}


def test_figures_are_sums_over_the_accounts(world: World) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    grades = list(AccountGrade.objects.all())
    assert board.graded == len([grade for grade in grades if grade.grade is not None])
    assert board.net_sales == sum(grade.net_sales_12m for grade in grades)
    assert board.gross_profit == sum(grade.gross_profit_12m or 0 for grade in grades)
    # "A Platinum": the letter with its name.
    table = {row[0].value.split()[0]: row[1] for row in board.grades_table.rows}
    for index, letter in enumerate("ABCD"):
        assert table[letter] == len([grade for grade in grades if grade.grade == index])


def test_movement_names_who_moved_and_why(world: World) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    up = {row[0].value: row for row in board.movers_table("up").rows}
    assert "Gamma" in up
    _name, grades, score, driver, profit = up["Gamma"]
    assert re.fullmatch(r"[B-D] → [A-C]", grades)
    assert score > 0
    assert driver.startswith(("Gross profit", "Net sales"))
    assert profit == 4050
    assert board.migration.upgraded == len(board.movers_table("up").rows)
    cells = [cell for row in board.movement_table.rows for cell in row[1:]]
    assert sum(cell.value for cell in cells) == AccountGrade.objects.count()
    moves = board.migration
    assert moves.graded_at_both_ends + moves.newly_graded == board.graded


@pytest.mark.parametrize(
    ("before", "now", "ending"),
    [
        ({}, {}, ""),
        ({"computed_grade": 2}, {}, " (confirmed)"),
        ({}, {"overridden": True}, " (set by hand)"),
        ({"overridden": True}, {}, " (was set by hand)"),
    ],
)
def test_a_mover_whose_score_hardly_changed_says_why(
    world: World, before: dict[str, Any], now: dict[str, Any], ending: str
) -> None:
    two_dates(world)
    board = board_of(world.analyst)
    GradeSnapshot.objects.filter(account__name="Gamma", month_end=board.month_end).update(
        **{"grade": 3, "computed_grade": 3, **before}
    )
    AccountGrade.objects.filter(account__name="Gamma").update(**{"grade": 2, "computed_grade": 2, **now})
    rows = {row[0].value: row[1] for row in board_of(world.analyst).movers_table("up").rows}
    assert rows["Gamma"] == f"D → C{ending}"


def test_every_number_leads_to_its_names(world: World, log_in: LogIn) -> None:
    two_dates(world)
    board, client = board_of(world.analyst), log_in(world.analyst)
    for row in board.grades_table.rows:
        assert len(listed(client, row[0].url)) == row[1]
    for row in board.movement_table.rows:
        for cell in row[1:]:
            assert bool(cell.url) == bool(cell.value)
            if cell.url:
                assert len(listed(client, cell.url)) == cell.value
    assert "Gamma" in listed(client, "/accounts/?moved=up")
    assert "Gamma" not in listed(client, "/accounts/?moved=down")


@pytest.mark.parametrize("value", ["sideways", "A>Z", "A>B@never", "Z", "up@2025-02-30"])
def test_an_unknown_filter_value_narrows_to_nothing(world: World, log_in: LogIn, value: str) -> None:
    two_dates(world)
    client = log_in(world.analyst)
    assert listed(client, f"/accounts/?moved={value}") == set()
    assert listed(client, f"/accounts/?grade={value}") == set()


def test_a_manager_sees_the_team_and_a_rep_nothing(world: World, log_in: LogIn) -> None:
    two_dates(world)
    make_trade_line(world.strangers_account, AS_OF, net_amount=10**6, cost=1)
    compute(AS_OF)
    assert board_of(world.manager).graded == board_of(world.analyst).graded - 1
    assert "Stranger Gears" not in log_in(world.manager).get("/tiers/").content.decode()
    assert "Stranger Gears" in log_in(world.analyst).get("/tiers/").content.decode()
    assert log_in(world.rep).get("/tiers/").status_code == 404
    assert log_in(world.rep).get("/tiers/grades.csv").status_code == 404


def test_filters_narrow_and_foreign_values_narrow_to_nothing(world: World) -> None:
    accounts = two_dates(world)
    alpha = accounts["Alpha"]
    alpha.industry, alpha.territory = "Steel", world.west
    alpha.save()
    assert board_of(world.analyst, industry="Steel").graded == 1
    assert board_of(world.analyst, territory=str(world.china.pk)).graded == 1
    assert board_of(world.analyst, owner=str(world.rep.pk)).graded == len(accounts) - 1  # Epsilon is unrated
    # West is not the manager's: offering it would tell that it exists.
    assert board_of(world.manager, territory=str(world.west.pk)).graded == 0


def test_losses_lift_the_curve_above_100_percent_and_the_page_says_so(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    page = log_in(world.analyst).get("/tiers/").content.decode()
    # Alpha 400, Beta 280, Gamma 50, Delta -30: 730 of 700.
    assert "it peaks at 104.3% with the first 3 customers" in page
    assert "1 customers are left out: their cost is not known." in page
    assert "it peaks" not in log_in(world.analyst).get("/tiers/?by=net_sales").content.decode()


def test_only_losses_have_no_shares(world: World, log_in: LogIn) -> None:
    make_trade_line(world.account, AS_OF, net_amount=10, cost=20)
    compute(AS_OF)
    page = log_in(world.analyst).get("/tiers/").content.decode()
    assert "shares of it mean nothing" in page


def test_before_the_first_run_and_before_the_first_month_end(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No grades yet" in client.get("/tiers/").content.decode()
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    assert "Nothing to compare with yet" in client.get("/tiers/").content.decode()


@pytest.mark.parametrize("slug", ["grades", "movement", "kpi", "pareto", "movers-up", "movers-down"])
def test_tables_download(world: World, log_in: LogIn, slug: str) -> None:
    two_dates(world)
    client = log_in(world.manager)
    response = client.get(f"/tiers/{slug}.csv")
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))  # type: ignore[call-overload]
    board = board_of(world.manager)
    assert rows[0] == board.table(slug).export_headers()
    assert len(rows) == len(board.table(slug).rows) + 1
    workbook = b"".join(client.get(f"/tiers/{slug}.xlsx"))  # type: ignore[call-overload]
    assert workbook.startswith(b"PK")


def test_no_such_download(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert client.get("/tiers/grades.csv").status_code == 404
    two_dates(world)
    assert client.get("/tiers/secrets.csv").status_code == 404
    assert client.get("/tiers/grades.exe").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    assert_query_count(client, "/tiers/", "tiers")
    for _turn in range(3):
        for account in make_customers(world.rep, SurveyItem.objects.get()).values():
            make_trade_line(account, AS_OF, net_amount=70, cost=10)
    compute(AS_OF)
    assert_query_count(client, "/tiers/", "tiers")


def test_in_chinese(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/tiers/").content.decode()
    for word in ("客户分级", "毛利润占比", "基尼系数", "升级客户", "稳定期"):
        assert word in page
