"""The satisfaction step reads the right answers: the latest of each person, fresh ones, on their own scales."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Account, Contact, DecisionRole
from crm.scoring.reasons import Reason
from satisfaction.models import (
    AccountSatisfaction,
    SatisfactionSnapshot,
    Survey,
    SurveyAnswer,
    SurveyItem,
    SurveyResponse,
)
from satisfaction.scoring.ratio import RatioClass
from tests.factories import make_account, make_contact
from tests.figures import compute

A = dt.date(2025, 6, 15)


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def make_survey(low: int = 1, high: int = 10, **items: float) -> Survey:
    survey = Survey.objects.create(
        code=f"s{Survey.objects.count()}", title="S", scale_low=low, scale_high=high
    )
    for code, importance in (items or {"quality": 1.0}).items():
        SurveyItem.objects.create(survey=survey, code=code, text=code, importance=importance)
    return survey


def answer(
    survey: Survey,
    account: Account,
    contact: Contact | None = None,
    day: dt.date = A,
    **marks: tuple[float | None, float | None],
) -> SurveyResponse:
    response = SurveyResponse.objects.create(survey=survey, account=account, contact=contact, answered_on=day)
    for code, (expected, perceived) in marks.items():
        item = survey.items.get(code=code)
        SurveyAnswer.objects.create(response=response, item=item, expected=expected, perceived=perceived)
    return response


def found(account: Account) -> AccountSatisfaction:
    return AccountSatisfaction.objects.get(account=account)


def test_the_example_of_the_specification(account: Account) -> None:
    survey = make_survey(0, 10, quality=0.40, service=0.35, price=0.25)
    answer(survey, account, quality=(8, 7.2), service=(9, 9.5), price=(6, 6))
    compute(A)
    row = found(account)
    assert row.ratio == pytest.approx(0.9815, abs=5e-5)
    assert row.mean_of_ratios == pytest.approx(0.9794, abs=5e-5)
    assert row.difference == pytest.approx(-1.45)  # -0.145 marks of 10
    assert (row.satisfaction_class, row.respondents, row.reason) == (RatioClass.NEUTRAL, 1, Reason.OK)
    assert row.answered_on == A


def test_nobody_asked_has_no_row(account: Account) -> None:
    compute(A)
    assert not AccountSatisfaction.objects.exists()


def test_stale_answers_give_a_reason_and_no_ratio(account: Account) -> None:
    answer(make_survey(), account, day=dt.date(2023, 12, 15), quality=(8, 9))
    compute(A)
    row = found(account)
    assert (row.ratio, row.index, row.reason) == (None, None, Reason.STALE_SURVEY)
    assert row.answered_on == dt.date(2023, 12, 15)


def test_answers_after_the_date_are_not_known_yet(account: Account) -> None:
    survey = make_survey()
    answer(survey, account, day=A - dt.timedelta(days=30), quality=(8, 4))
    answer(survey, account, day=A + dt.timedelta(days=1), quality=(8, 8))
    compute(A)
    assert found(account).ratio == 0.5


def test_of_each_person_the_latest_answer_counts(account: Account) -> None:
    survey = make_survey()
    person = make_contact(account)
    answer(survey, account, person, A - dt.timedelta(days=100), quality=(10, 2))
    answer(survey, account, person, A - dt.timedelta(days=10), quality=(10, 9))
    compute(A)
    assert (found(account).ratio, found(account).respondents) == (0.9, 1)


def test_people_weigh_by_their_say(account: Account) -> None:
    survey = make_survey(0, 10)
    decider = make_contact(account, decision_role=DecisionRole.DECIDER)
    executor = make_contact(account, decision_role=DecisionRole.EXECUTOR)
    answer(survey, account, decider, quality=(10, 10))
    answer(survey, account, executor, quality=(10, 6))
    compute(A)
    row = found(account)
    assert row.ratio == pytest.approx((3 * 10 + 1 * 6) / 40)
    assert (row.respondents, row.spread) == (2, pytest.approx(40))


def test_an_expectation_of_zero(account: Account) -> None:
    answer(make_survey(0, 10), account, quality=(0, 5))
    compute(A)
    row = found(account)
    assert (row.ratio, row.satisfaction_class, row.reason) == (None, None, Reason.ZERO_EXPECTATION)
    assert (row.difference, row.index) == (50, 50)


def test_an_answer_off_its_scale_is_no_answer_and_stops_nobody(account: Account) -> None:
    survey = make_survey(1, 5)
    answer(survey, account, quality=(5, 55))
    other = make_account()
    answer(survey, other, quality=(5, 4))
    compute(A)
    assert found(account).reason == Reason.MISSING_INPUT
    assert found(other).ratio == 0.8


def test_the_month_end_is_frozen(account: Account) -> None:
    survey = make_survey()
    answer(survey, account, day=dt.date(2025, 5, 2), quality=(10, 8))
    compute(dt.date(2025, 5, 31))
    answer(survey, account, day=dt.date(2025, 5, 20), quality=(10, 4))
    compute(A)
    assert SatisfactionSnapshot.objects.get().ratio == 0.8
    compute(dt.date(2025, 5, 31))  # asked for that very date: frozen anew
    assert SatisfactionSnapshot.objects.get().ratio == pytest.approx(0.6)
