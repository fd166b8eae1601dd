"""A version graded at a past date: from what was known then, judged by what came after."""

from __future__ import annotations

import datetime as dt

import pytest

from segmentation.modelling.backtests import back_test
from segmentation.models import ModelBackTest
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Percentile
from tests.factories import make_account, make_trade_line
from tests.figures import roll_up

THEN, UNTIL = dt.date(2024, 12, 31), dt.date(2025, 12, 31)
BY_SALES = GradingModel(
    indicators=(Indicator("net_sales", 1.0, Half.CURRENT, Percentile()),),
    thresholds=BY_SHARE,
    grade_by=GradeBy.SHARE,
)


def test_a_version_is_judged_by_what_followed(db: None) -> None:
    version = publish_version(model=ensure_default_model().model, definition=BY_SALES, reason="test")
    for place, (before, after) in enumerate([(900, 400), (700, 300), (500, 0), (300, 20), (100, -10)]):
        account = make_account()
        make_trade_line(account, dt.date(2024, 6, 1), net_amount=before, cost=before // 2)
        make_trade_line(account, dt.date(2025, 6, 1), net_amount=1000, cost=1000 - after)
        # Later than the horizon, and larger than everything: it must not be looked at.
        make_trade_line(account, dt.date(2026, 1, 1), net_amount=10_000 * (place + 1), cost=1)
    newcomer = make_account()
    make_trade_line(newcomer, dt.date(2025, 3, 1), net_amount=5000, cost=1)
    roll_up()
    result = back_test(version, THEN, UNTIL).result
    # The newcomer was no customer then.
    assert result["accounts"] == 5
    assert result["grades"] == ["A", "B", "C"]
    assert result["outcome"]["accounts"] == [1, 2, 2, 0]
    assert result["outcome"]["profit"] == [400, 300, 10, 0]
    assert result["whole"]["top_capture"] == pytest.approx(400 / 720)
    assert result["whole"] == result["current"]
    assert result["future"]["gini"] is None
    assert 0.8 < result["whole"]["gini"] < 1
    assert back_test(version, THEN, UNTIL).pk == ModelBackTest.objects.get().pk


def test_without_customers_there_are_no_figures(db: None) -> None:
    version = publish_version(model=ensure_default_model().model, definition=BY_SALES, reason="test")
    result = back_test(version, THEN, UNTIL).result
    assert result["accounts"] == 0
    assert result["whole"]["gini"] is None
    assert result["stability"] is None
