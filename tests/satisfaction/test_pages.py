"""Satisfaction on the account page and its dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, User
from satisfaction.explanations import attributes_of, parameters_of
from satisfaction.models import AccountSatisfaction, Survey, SurveyAnswer, SurveyItem, SurveyResponse
from tests.factories import make_account, make_contact, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
A = dt.date(2025, 6, 15)


@pytest.fixture
def items(db: None) -> list[SurveyItem]:
    survey = Survey.objects.create(code="care", title="Care")
    return [
        SurveyItem.objects.create(survey=survey, code=code, text=text, importance=weight)
        for code, text, weight in (("q", "Quality", 0.4), ("d", "Delivery", 0.35), ("s", "Service", 0.25))
    ]


def respond(
    account: Account, items: list[SurveyItem], pairs: list[tuple[float, float]], day: dt.date = A
) -> None:
    response = SurveyResponse.objects.create(
        survey=items[0].survey, account=account, contact=make_contact(account), answered_on=day
    )
    for item, (expected, perceived) in zip(items, pairs, strict=True):
        SurveyAnswer.objects.create(response=response, item=item, expected=expected, perceived=perceived)


def panel(client: Client, account: Account) -> str:
    return client.get(f"/accounts/{account.pk}/panels/satisfaction/").content.decode()


def test_the_reference_example_and_its_questions(
    world: World, log_in: LogIn, items: list[SurveyItem]
) -> None:
    """models.md section 2: C = 0.9815, fairly satisfied."""
    respond(world.account, items, [(8, 7.2), (9, 9.5), (6, 6)])
    run = compute(A)
    text = panel(log_in(world.rep), world.account)
    assert "C = 0.98" in text
    assert "Fairly satisfied" in text
    assert "1 person answered, last on 2025-06-15" in text
    lines = {line.text: line for line in attributes_of(world.account.pk, A, parameters_of(run))}
    assert lines["Quality"].ratio == pytest.approx(0.9)
    assert (lines["Quality"].expected, lines["Quality"].perceived) == (pytest.approx(80), pytest.approx(72))
    assert lines["Delivery"].ratio == pytest.approx(9.5 / 9)
    # The questions, weighted by importance, are the whole again.
    weights = {"Quality": 0.4, "Delivery": 0.35, "Service": 0.25}
    b = sum(weights[name] * (line.perceived or 0) for name, line in lines.items())
    a = sum(weights[name] * (line.expected or 0) for name, line in lines.items())
    assert b / a == pytest.approx(AccountSatisfaction.objects.get(account=world.account).ratio)


def test_people_who_disagree_are_shown_to(world: World, log_in: LogIn, items: list[SurveyItem]) -> None:
    respond(world.account, items, [(8, 9)] * 3)
    respond(world.account, items, [(8, 3)] * 3)
    compute(A)
    text = panel(log_in(world.rep), world.account)
    assert "2 people answered" in text
    assert "they differ by up to 67 points" in text


def test_stale_never_asked_and_no_expectation_say_so(
    world: World, log_in: LogIn, items: list[SurveyItem]
) -> None:
    client = log_in(world.rep)
    compute(A)
    assert "Nobody here has answered a survey" in panel(client, world.account)
    respond(world.account, items, [(8, 7)] * 3, dt.date(2023, 1, 2))
    compute(A)
    assert "The last answer is of 2023-01-02; after 18 months answers no longer count." in panel(
        client, world.account
    )
    Survey.objects.update(scale_low=0)
    respond(world.account, items, [(0, 7)] * 3)
    compute(A)
    assert "expected value is 0, so there is no ratio" in panel(client, world.account)


def test_dashboard_lists_the_least_satisfied_with_what_they_earn(
    world: World, log_in: LogIn, items: list[SurveyItem]
) -> None:
    for name, perceived in (("Angry", 4), ("Calm", 8), ("Glad", 10)):
        account = make_account(world.rep, name=name)
        make_trade_line(account, A, net_amount=1000, cost=300)
        respond(account, items, [(8, perceived)] * 3)
    stranger = world.strangers_account
    respond(stranger, items, [(8, 1)] * 3)
    compute(A)
    client = log_in(world.manager)
    page = client.get("/satisfaction/").content.decode()
    least = page[page.index("Least satisfied") :]
    assert ">Angry</a>" in least
    assert ">Calm</a>" not in least
    assert "700" in least
    assert "Stranger Gears" not in page
    assert "Stranger Gears" in log_in(world.analyst).get("/satisfaction/").content.decode()
    assert log_in(world.rep).get("/satisfaction/").status_code == 404
    # C of the three: 0.5, 1 and 1.25.
    assert "0.92" in page
    assert "median 1.00" in page
    for slug in ("classes", "least-satisfied"):
        assert client.get(f"/satisfaction/{slug}.csv").status_code == 200
    assert client.get("/satisfaction/none.csv").status_code == 404
    assert_query_count(client, "/satisfaction/", "satisfaction")
    more = make_account(world.rep, name="More")
    respond(more, items, [(8, 2)] * 3)
    compute(A)
    assert_query_count(client, "/satisfaction/", "satisfaction")


def test_dashboard_without_run_and_without_answers(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No satisfaction yet" in client.get("/satisfaction/").content.decode()
    compute(A)
    assert "Nobody has answered a survey here" in client.get("/satisfaction/").content.decode()
