"""The back-test page: dates from the ledger, figures worked out in the background, two versions side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from segmentation.modelling.backtest_dates import Ledger, schedule
from segmentation.modelling.backtest_jobs import OVERDUE, request_back_test, resume_back_tests, run_back_tests
from segmentation.modelling.backtest_report import Findings, Report
from segmentation.modelling.backtests import back_test
from segmentation.models import ModelBackTest, ScoringModel, ScoringModelVersion
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Direction, Percentile
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World

AS_OF = dt.date(2026, 1, 31)


def by(code: str, direction: Direction = Direction.HIGHER) -> GradingModel:
    return GradingModel(
        indicators=(Indicator(code, 1.0, Half.CURRENT, Percentile(direction)),),
        thresholds=BY_SHARE,
        grade_by=GradeBy.SHARE,
    )


def ledger_of_three_years(accounts: int = 6) -> None:
    """The larger the number of an account, the more it buys, every quarter, at a margin that it keeps."""
    for place in range(1, accounts + 1):
        account = make_account()
        for quarter in range(12):
            day = dt.date(2023, 3, 15) + dt.timedelta(days=91 * quarter)
            make_trade_line(account, day, net_amount=1000 * place, cost=800 * place)


def versions() -> tuple[ScoringModelVersion, ScoringModelVersion]:
    model = ensure_default_model().model
    right = publish_version(model=model, definition=by("net_sales"), reason="by sales")
    other = ScoringModel.objects.create(name="Upside down")
    wrong = publish_version(model=other, definition=by("net_sales", Direction.LOWER), reason="backwards")
    return right, wrong


def test_half_years_with_a_year_to_follow() -> None:
    found = schedule(Ledger(dt.date(2020, 3, 5), dt.date(2025, 11, 28)))
    assert found.months == 12
    assert found.dates == (
        dt.date(2022, 12, 31), dt.date(2023, 6, 30), dt.date(2023, 12, 31), dt.date(2024, 6, 30)
    )  # fmt: skip
    assert found.pairs[-1] == (dt.date(2024, 6, 30), dt.date(2025, 6, 30))


def test_a_young_ledger_is_judged_by_what_there_is() -> None:
    young = schedule(Ledger(dt.date(1997, 1, 1), dt.date(1998, 6, 30)))
    assert (young.months, young.dates) == (12, (dt.date(1997, 6, 30),))
    younger = schedule(Ledger(dt.date(2025, 1, 1), dt.date(2025, 12, 30)))
    assert (younger.months, younger.dates) == (6, (dt.date(2025, 6, 30),))


@pytest.mark.parametrize("ledger", [Ledger(None, None), Ledger(dt.date(2025, 1, 1), dt.date(2025, 11, 30))])
def test_too_short_is_no_date(ledger: Ledger) -> None:
    assert schedule(ledger).dates == ()


def test_the_last_day_of_a_february_in_a_leap_year() -> None:
    found = schedule(Ledger(dt.date(2022, 1, 1), dt.date(2024, 2, 29)))
    assert found.dates == (dt.date(2022, 12, 31),)


def test_the_page_says_that_the_history_is_too_short(world: World, log_in: Callable[..., Client]) -> None:
    version = ensure_default_model()
    for month in range(1, 5):
        make_trade_line(make_account(), dt.date(2025, month, 3))
    compute(dt.date(2025, 4, 30))
    client = log_in(world.manager)
    address = f"/models/{version.model_id}/back-test/"
    page = client.get(address).content.decode()
    assert "The history is too short" in page
    assert "2025-01-03" in page
    assert "Compute" not in page
    assert client.post(address).status_code == 302
    assert not ModelBackTest.objects.exists()


def test_asked_for_computed_and_compared(
    world: World, log_in: Callable[..., Client], django_capture_on_commit_callbacks: Any
) -> None:
    right, wrong = versions()
    ledger_of_three_years()
    compute(AS_OF)
    client = log_in(world.manager)
    address = f"/models/{right.model_id}/back-test/"
    chosen = {"version": right.pk, "with": wrong.pk}
    assert "Not computed yet" in client.get(address, chosen).content.decode()
    with django_capture_on_commit_callbacks():
        client.post(address, chosen)
    waiting = client.get(address, chosen).content.decode()
    assert "0 of 4 dates computed" in waiting
    state = client.get(f"{address}state/", chosen)
    assert "HX-Refresh" not in state.headers
    assert run_back_tests(right.pk) == 2
    assert "2 of 4 dates computed" in client.get(f"{address}state/", chosen).content.decode()
    assert run_back_tests(wrong.pk) == 2
    assert client.get(f"{address}state/", chosen).headers["HX-Refresh"] == "true"
    page = client.get(address, chosen)
    assert "How well it foresaw" in page.content.decode()
    report = page.context["report"]
    assert [row[0] for row in report.by_date.rows] == [
        dt.date(2024, 12, 31), dt.date(2024, 12, 31), dt.date(2024, 6, 30), dt.date(2024, 6, 30)
    ]  # fmt: skip
    gini = next(row for row in report.summary.rows if row[0] == "Whole score: Gini")
    assert gini[1:] == [pytest.approx(1.0), pytest.approx(-1.0), pytest.approx(2.0)]
    kept = next(row for row in report.summary.rows if row[0] == "Customers who kept their grade")
    assert kept[1] == 1.0
    # The best of six brought 6 of 21 parts; a fifth of six is 1.2 customers.
    capture = next(row for row in report.summary.rows if row[0] == "Whole score: top 20 % capture")
    assert capture[1] == pytest.approx((6 + 0.2 * 5) / 21)
    for slug in ("summary", "dates", "grades", "transitions", "gains"):
        file = client.get(f"{address}{slug}.csv", chosen)
        assert file.status_code == 200, slug
    assert client.get(f"{address}strange.csv", chosen).status_code == 404
    assert client.get(address, {"version": wrong.pk}).status_code == 404


def test_a_double_click_waits_once_and_a_lost_one_can_be_repeated(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    right, _wrong = versions()
    ledger_of_three_years(2)
    compute(AS_OF)
    now = timezone.now()
    with django_capture_on_commit_callbacks() as first:
        request_back_test(version=right, now=now)
        request_back_test(version=right, now=now)
    assert (len(first), ModelBackTest.objects.count()) == (1, 2)
    with django_capture_on_commit_callbacks() as again:
        request_back_test(version=right, now=now + OVERDUE * 2)
    assert (len(again), ModelBackTest.objects.count()) == (1, 2)


def test_what_was_lost_on_the_way_to_the_workers_is_resumed(db: None) -> None:
    right, wrong = versions()
    ledger_of_three_years(2)
    compute(AS_OF)
    for version in (right, wrong):
        request_back_test(version=version, now=timezone.now())
    # The messages are gone, and of one version a date was done before its worker died.
    back_test(right, dt.date(2024, 6, 30), dt.date(2025, 6, 30))
    assert resume_back_tests() == 3
    assert resume_back_tests() == 0
    assert Findings.of(wrong).waiting == 0


def test_earlier_figures_stay_until_the_new_ones_are_there(db: None) -> None:
    right, _wrong = versions()
    ledger_of_three_years(3)
    compute(AS_OF)
    request_back_test(version=right, now=timezone.now())
    run_back_tests(right.pk)
    request_back_test(version=right, now=timezone.now() + OVERDUE)
    report = Report(Findings.of(right))
    assert (report.waiting, report.is_ready) == (2, True)


def test_without_costs_net_sales_are_the_yardstick(world: World, log_in: Callable[..., Client]) -> None:
    right, _wrong = versions()
    for place in range(1, 4):
        account = make_account()
        for quarter in range(12):
            day = dt.date(2023, 3, 15) + dt.timedelta(days=91 * quarter)
            make_trade_line(account, day, net_amount=1000 * place, cost=None)
    compute(AS_OF)
    request_back_test(version=right, now=timezone.now())
    run_back_tests(right.pk)
    tested = Findings.of(right)
    assert tested.by_sales
    assert tested.done[0].result["whole"]["gini"] == pytest.approx(1.0)
    page = log_in(world.manager).get(f"/models/{right.model_id}/back-test/").content.decode()
    assert "judged by net sales instead of gross profit" in page
