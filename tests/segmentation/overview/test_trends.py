"""Tiers and customer value over the months: sums of what was frozen, newest first; nothing where nothing is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from django.test import Client

from crm.models import User
from lifecycle.models import ValueSnapshot
from segmentation.dashboards import TierDashboard, tier_dashboard
from segmentation.models import GradeSnapshot
from tests.fixtures import World
from tests.segmentation.overview.test_movement_page import EARLIER, three_dates
from tests.segmentation.worlds import MONTH_END

LogIn = Callable[[User], Client]


def board_of(user: User, **data: str) -> TierDashboard:
    _form, board = tier_dashboard(user, data)
    assert board is not None
    return board


def test_grades_over_the_months_are_what_was_frozen(world: World) -> None:
    three_dates(world)
    board = board_of(world.analyst)
    assert [row[0] for row in board.accounts_trend.rows] == [MONTH_END, EARLIER]
    for counts, profits in zip(board.accounts_trend.rows, board.profit_trend.rows, strict=True):
        frozen = GradeSnapshot.objects.filter(month_end=counts[0])
        assert sum(counts[1:]) == frozen.count()
        for place, letter in enumerate("ABCD"):
            of_grade = [row.gross_profit_12m for row in frozen if row.grade == place]
            assert counts[1 + place] == len(of_grade), letter
            known = [profit for profit in of_grade if profit is not None]
            assert profits[1 + place] == (sum(known) if known else None), letter
    series = board.accounts_trend_chart.option["series"]
    assert list(series[0]["data"]) == [row[1] for row in reversed(board.accounts_trend.rows)]


def test_customer_value_sums_without_word_of_mouth_and_is_narrowed(world: World, log_in: LogIn) -> None:
    three_dates(world)
    ValueSnapshot.objects.all().delete()
    page = log_in(world.analyst).get("/tiers/").content.decode()
    assert "No lifetime values yet" in page
    for row in GradeSnapshot.objects.filter(month_end=MONTH_END):
        ValueSnapshot.objects.create(
            month_end=MONTH_END,
            account_id=row.account_id,
            run_id=row.run_id,
            lifetime_value=150.0,
            lifetime_value_without_referrals=100.0,
        )
    count = GradeSnapshot.objects.filter(month_end=MONTH_END).count()
    for user in (world.analyst, world.manager):
        (month,) = board_of(user).equity
        assert (month.month_end, month.value, month.customers) == (MONTH_END, 100.0 * count, count)
    assert board_of(world.analyst, owner=str(world.stranger.pk)).equity == []


def test_each_has_its_export(world: World, log_in: LogIn) -> None:
    three_dates(world)
    client = log_in(world.analyst)
    for slug in ("trend-accounts", "trend-profit", "equity", "top"):
        response = client.get(f"/tiers/{slug}.csv")
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert next(iter(csv.reader(io.StringIO(text))))
