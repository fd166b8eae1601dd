"""What stands behind a grade: trade lines of its own window, rank of how many, what is missing, causes of changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Account
from crm.overrides import set_override
from segmentation.causes import Cause, cause_text, changes_of
from segmentation.explanations import explain
from segmentation.models import GradeInterval, GradeOverride
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Percentile
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World

LogIn = Callable[..., Client]
MARCH, APRIL, MAY = dt.date(2025, 3, 31), dt.date(2025, 4, 30), dt.date(2025, 5, 31)


def model(*codes: str, window: int = 365) -> GradingModel:
    return GradingModel(
        indicators=tuple(
            Indicator(code, 1 / len(codes), Half.CURRENT, Percentile(), window=window) for code in codes
        ),
        thresholds=BY_SHARE,
        grade_by=GradeBy.SHARE,
        hysteresis=0.0,
    )


def publish(definition: GradingModel, reason: str = "test") -> None:
    publish_version(model=ensure_default_model().model, definition=definition, reason=reason)


@pytest.fixture
def climber(world: World) -> Account:
    """The smallest of ten, who becomes the largest in April by a large order."""
    for place in range(1, 10):
        make_trade_line(make_account(), dt.date(2025, 1, 10), net_amount=1000 * place, cost=600 * place)
    make_trade_line(world.account, dt.date(2025, 1, 10), net_amount=500, cost=300)
    return world.account


def test_links_lead_to_the_trade_lines_of_the_window(climber: Account, world: World, log_in: LogIn) -> None:
    publish(model("net_sales", "growth", "recency", "satisfaction", window=730))
    compute(MAY)
    lines = reverse("crm:account-trade-lines", args=[climber.pk])
    text = log_in(world.rep).get(f"/accounts/{climber.pk}/panels/grade/").content.decode()
    text = text.replace("&amp;", "&")
    assert f"{lines}?from=2023-06-02&to=2025-05-31" in text
    assert f"{lines}?to=2025-05-31" in text
    found = explain(climber)
    assert found is not None
    assert found.span_of("growth") == (dt.date(2021, 6, 2), MAY)
    assert found.span_of("satisfaction") is None


def test_the_linked_lines_add_up_to_the_raw_value(climber: Account) -> None:
    """The window is half-open: its first day is in, the day before is not."""
    publish(model("net_sales", window=90))
    for day, amount in ((dt.date(2025, 3, 2), 7), (dt.date(2025, 3, 3), 11), (MAY, 13)):
        make_trade_line(climber, day, net_amount=amount, cost=1)
    compute(MAY)
    found = explain(climber)
    assert found is not None
    first, last = found.span_of("net_sales") or (None, None)
    assert first == dt.date(2025, 3, 3)
    lines = climber.trade_lines.filter(traded_on__gte=first, traded_on__lte=last)
    assert float(sum(line.net_sales for line in lines)) == found.explanation.indicators[0].raw == 24


def test_rank_of_how_many_and_what_is_missing(climber: Account, world: World, log_in: LogIn) -> None:
    publish(model("net_sales", "satisfaction"))
    compute(MAY)
    found = explain(climber)
    assert found is not None
    assert (found.figures.rank, found.ranked_among, found.missing) == (10, 10, ["satisfaction"])


def test_every_change_has_its_cause(climber: Account, world: World) -> None:
    publish(model("net_sales", "occasions"))
    compute(MARCH)
    make_trade_line(climber, dt.date(2025, 4, 20), net_amount=90_000, cost=50_000)
    compute(APRIL)
    publish(model("cooperation_years"), "By years alone")
    compute(MAY)
    changes = changes_of(climber)
    assert [(change.grade, change.cause) for change in changes] == [
        ("C", Cause.FIRST), ("A", Cause.INDICATOR), (changes[2].grade, Cause.MODEL)
    ]  # fmt: skip
    moved = changes[1]
    assert (moved.indicator, moved.interval.valid_from) == ("net_sales", APRIL)
    # From the last of ten (percentile 5) to the first (95), at half the weight.
    assert moved.points == pytest.approx(45)
    assert cause_text(moved) == "Net sales +45.0 points"
    assert changes[2].reason == "By years alone"


def test_a_grade_set_by_hand_and_its_end_are_told_as_such(climber: Account, world: World) -> None:
    publish(model("net_sales"))
    compute(MARCH)
    said = set_override(
        GradeOverride,
        account=climber,
        value=0,
        reason="Large project",
        author=world.manager,
        today=APRIL,
        now=timezone.now(),
        valid_to=MAY,
    )
    GradeOverride.objects.filter(pk=said.pk).update(valid_from=APRIL)
    compute(APRIL)
    compute(MAY)
    assert [change.cause for change in changes_of(climber)] == [
        Cause.FIRST, Cause.SET_BY_HAND, Cause.HAND_ENDED
    ]  # fmt: skip
    assert "Large project" in cause_text(changes_of(climber)[1])


def test_without_frozen_figures_the_cause_is_not_made_up(climber: Account) -> None:
    publish(model("net_sales"))
    compute(dt.date(2025, 4, 10))
    make_trade_line(climber, dt.date(2025, 4, 20), net_amount=90_000, cost=50_000)
    compute(dt.date(2025, 4, 25))
    assert GradeInterval.objects.filter(account=climber).count() == 2
    assert [change.cause for change in changes_of(climber)] == [Cause.FIRST, Cause.UNKNOWN]


def test_the_api_says_the_same(climber: Account, world: World, log_in: LogIn) -> None:
    publish(model("net_sales", "satisfaction", window=180))
    compute(MARCH)
    make_trade_line(climber, dt.date(2025, 4, 20), net_amount=90_000, cost=50_000)
    compute(APRIL)
    answer = log_in(world.rep).get(f"/api/v1/grades/{climber.pk}/explanation").json()
    assert (answer["rank"], answer["ranked_among"], answer["missing"]) == (1, 10, ["satisfaction"])
    sales, satisfaction = answer["indicators"]
    assert (sales["window"], sales["trade_from"], sales["trade_to"]) == (180, "2024-11-02", "2025-04-30")
    assert (satisfaction["window"], satisfaction["trade_to"], satisfaction["reason"]) == (
        0,
        None,
        "no_survey",
    )
    newest, oldest = answer["history"]
    assert (newest["grade"], newest["cause"], newest["indicator"]) == ("A", "indicator", "net_sales")
    assert (oldest["cause"], oldest["valid_to"]) == ("first", "2025-04-30")
