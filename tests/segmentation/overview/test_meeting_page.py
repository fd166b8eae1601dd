"""The sheet for the monthly meeting: everything of one month as frozen, for whoever may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import User
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.overview.drawings import bars, columns
from segmentation.overview.meeting import Meeting, meeting_of
from segmentation.overview.movement import movement_board
from tests.factories import make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.overview.test_movement_page import EARLIER, three_dates
from tests.segmentation.worlds import AS_OF, MONTH_END

LogIn = Callable[[User], Client]


def sheet_of(user: User, query: str = "") -> Meeting:
    _form, sheet = meeting_of(user, QueryDict(query), AS_OF)
    assert sheet is not None
    return sheet


def test_the_newest_frozen_month_against_the_one_before(world: World) -> None:
    three_dates(world)
    sheet = sheet_of(world.analyst)
    assert (sheet.month_end, sheet.before) == (MONTH_END, EARLIER)
    frozen = GradeSnapshot.objects.filter(month_end=MONTH_END)
    assert sheet.tiers.total[1] == frozen.count()
    assert sheet.gross_profit == sum((row.gross_profit_12m or Decimal(0)) for row in frozen)
    assert sheet.kpi is not None
    assert sheet.kpi.new == 1
    assert [row[0] for row in sheet.kpis.rows] == ["2025-05", "2025-03"]


def test_it_says_what_the_page_of_movement_says(world: World) -> None:
    three_dates(world)
    sheet = sheet_of(world.manager)
    _form, board = movement_board(world.manager, QueryDict("since=2025-03-31&until=2025-05-31"))
    assert board is not None
    assert sheet.migration.upgraded == board.migration.upgraded
    shown = [[cell.value for cell in row[1:]] for row in sheet.movement.rows]
    assert shown == [[cell.value for cell in row[1:]] for row in board.movement_table.rows]
    assert sheet.movers[0].rows == board.movers_table("up").rows


def test_a_month_on_paper_does_not_change_with_the_present(world: World) -> None:
    three_dates(world)

    def figures(sheet: Meeting) -> list[object]:
        return [sheet.tiers.export_rows(), sheet.movement.export_rows(), sheet.kpis.export_rows(),
                sheet.largest.export_rows(), sheet.largest_share, sheet.risky.export_rows()]  # fmt: skip

    before = figures(sheet_of(world.analyst))
    AccountGrade.objects.update(grade=3, gross_profit_12m=1)
    assert figures(sheet_of(world.analyst)) == before


def test_the_first_month_has_nothing_to_compare_with(world: World, log_in: LogIn) -> None:
    three_dates(world)
    page = log_in(world.analyst).get("/meeting/?month=2025-03-31").content.decode()
    assert "first month on record" in page
    assert sheet_of(world.analyst, "month=2025-03-31").movers == []


def test_dependence_is_the_largest_share(world: World) -> None:
    three_dates(world)
    sheet = sheet_of(world.analyst)
    profits = [float(p) for p in GradeSnapshot.objects.filter(month_end=MONTH_END).values_list("gross_profit_12m", flat=True) if p is not None and p > 0]  # fmt: skip  # noqa: E501
    assert sheet.largest_share == pytest.approx(max(profits) / sum(profits))
    assert sheet.largest.rows[0][0].value == "Alpha"


def test_who_sees_what(world: World, log_in: LogIn) -> None:
    three_dates(world)
    make_trade_line(world.strangers_account, dt.date(2025, 6, 1), net_amount=10**6, cost=1)
    compute(dt.date(2025, 6, 30))
    assert "Stranger Gears" in log_in(world.analyst).get("/meeting/").content.decode()
    assert "Stranger Gears" not in log_in(world.manager).get("/meeting/").content.decode()
    assert log_in(world.rep).get("/meeting/").status_code == 404


def test_no_month_and_a_wrong_month_get_a_word(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    assert "No month is frozen yet" in client.get("/meeting/").content.decode()
    three_dates(world)
    assert "no figures of that month" in client.get("/meeting/?month=2025-04-30").content.decode()
    assert "No customers here" in client.get(f"/meeting/?owner={world.stranger.pk}").content.decode()


def test_queries_do_not_grow_with_the_base(world: World, log_in: LogIn) -> None:
    three_dates(world)
    assert_query_count(log_in(world.manager), "/meeting/", "meeting")


def test_drawings_hold_losses_unknowns_and_nothing() -> None:
    drawing = bars(
        "Profit", [("A", "good", 100.0, "100"), ("B", "bad", -20.0, "-20"), ("C", "muted", None, "–")]
    )
    assert [part.width for part in drawing.parts][1:] == [0, 0]
    assert len(drawing.words) == 6
    assert bars("Nothing", []).parts == []
    stacked = columns("Won", ["05", "06"], [("good", [3, 0]), ("bad", [-2, 0])])
    assert len(stacked.parts) == 2
    up, down = stacked.parts
    assert up.y + up.height == pytest.approx(stacked.ground)
    assert down.y == pytest.approx(stacked.ground)
    assert columns("Nothing", [], []).parts == []
