"""Which interactions reach an account's index: local days, roles, ratings; and one computation for everybody."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.models import Contact, DecisionRole
from crm.parameters import publish
from satisfaction.models import AccountSentiment
from satisfaction.scoring.sentiment_index import SentimentParameters
from satisfaction.sentiment.account import account_mood, history
from satisfaction.sentiment.index import MODEL, publish_indexes
from satisfaction.sentiment.interactions import load_interactions
from satisfaction.sentiment.waiting import read_waiting
from satisfaction.tasks import publish_sentiment
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World
from tests.satisfaction.sentiment.conftest import ANGRY, NOW, TODAY

SHANGHAI = ZoneInfo("Asia/Shanghai")


def days_before(days: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


def test_days_are_counted_where_the_company_is(world: World) -> None:
    for moment in (
        dt.datetime(2026, 6, 30, 0, 0, tzinfo=SHANGHAI),
        dt.datetime(2026, 6, 30, 23, 59, 59, tzinfo=SHANGHAI),
        dt.datetime(2026, 7, 1, 0, 0, tzinfo=SHANGHAI),  # still June 30 in Europe
        dt.datetime(2026, 6, 29, 23, 59, 59, tzinfo=SHANGHAI),
    ):
        make_visit(world.account, world.rep, moment, rating=2)
    values = SentimentParameters()
    ages = load_interactions(TODAY, values).age(TODAY).tolist()
    assert sorted(ages) == [0, 0, 1], "what happens after the date is not seen"
    tomorrow = TODAY + dt.timedelta(days=1)
    assert sorted(load_interactions(tomorrow, values).age(tomorrow).tolist()) == [0, 1, 1, 2]


def test_the_page_and_the_nightly_job_say_the_same(world: World) -> None:
    decider = make_contact(world.account, decision_role=DecisionRole.DECIDER)
    gatekeeper = make_contact(world.account, decision_role=DecisionRole.GATEKEEPER)
    for days, rating, people in ((3, 2, [decider]), (40, -1, [gatekeeper, decider]), (80, -2, [])):
        make_visit(world.account, world.rep, days_before(days), rating=rating).contacts.set(people)
    make_visit(world.account, world.rep, days_before(1), note=ANGRY).contacts.set([gatekeeper])
    make_visit(world.colleagues_account, world.colleague, days_before(1), rating=-2)
    read_waiting(today=TODAY)
    assert publish_indexes(as_of=TODAY) == 2
    stored = AccountSentiment.objects.get(account=world.account)
    figure = account_mood(world.account, TODAY).figure
    assert figure is not None
    assert stored.index is not None
    assert 50 + 50 * stored.index == pytest.approx(figure.value)
    assert 50 + 50 * (stored.low or 0) == pytest.approx(figure.low)
    months = history(world.account, TODAY)
    assert len(months) == 13
    assert months[-1].figure == figure
    poor = AccountSentiment.objects.get(account=world.colleagues_account)
    assert (poor.index, poor.interactions, poor.trend) == (None, 1, 0)


def test_who_was_met_decides_the_weight(world: World) -> None:
    roles = [DecisionRole.DECIDER, DecisionRole.USER, DecisionRole.NEGOTIATOR, DecisionRole.GATEKEEPER, ""]
    people: list[Contact] = [make_contact(world.account, decision_role=role) for role in roles]
    elsewhere = make_account()
    stranger = make_contact(elsewhere, decision_role=DecisionRole.DECIDER)
    for n, met in enumerate([*[[person] for person in people], [], [stranger], people]):
        make_visit(world.account, world.rep, days_before(n), rating=1).contacts.set(met)
    rows = load_interactions(TODAY, SentimentParameters())
    assert rows.role_weight.tolist() == [1.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 1.5]
    assert rows.contact.tolist()[-1] == people[0].pk, "the one with the most say"
    assert len(rows.met) == 5 + 1 + 5


def test_each_person_has_an_index_of_their_own(world: World) -> None:
    happy, angry = (make_contact(world.account, decision_role=DecisionRole.DECIDER) for _ in range(2))
    for days in (1, 2, 3):
        make_visit(world.account, world.rep, days_before(days), rating=2).contacts.set([happy])
        make_visit(world.account, world.rep, days_before(days), rating=-2).contacts.set([angry])
    people = account_mood(world.account, TODAY).people
    assert [person.contact for person in people] == [angry, happy]
    assert people[0].figure is not None
    assert people[1].figure is not None
    assert people[0].figure.value < 30 < 70 < people[1].figure.value


def test_the_reasons_are_those_that_pull_most(world: World) -> None:
    decider = make_contact(world.account, decision_role=DecisionRole.DECIDER)
    for days, rating in ((200, 2), (1, -2), (5, 1), (9, 2), (2, 0)):
        make_visit(world.account, world.rep, days_before(days), rating=rating).contacts.set([decider])
    mood = account_mood(world.account, TODAY)
    assert [reason.mood.visit.rating for reason in mood.reasons] == [-2, 2, 1]
    assert [reason.pull > 0 for reason in mood.reasons] == [False, True, True]
    assert mood.silent_days == 1


def test_silence_is_its_own_field(world: World) -> None:
    make_visit(world.account, world.rep, days_before(1200), rating=2)
    make_visit(world.account, world.rep, days_before(10), outcome="absent")
    mood = account_mood(world.account, TODAY)
    assert (mood.figure, mood.counted, mood.silent_days) == (None, 0, 1200)
    publish_indexes(as_of=TODAY)
    row = AccountSentiment.objects.get()
    assert (row.index, row.last_contact_on) == (None, TODAY - dt.timedelta(days=1200))
    assert account_mood(world.colleagues_account, TODAY).silent_days is None


def test_not_about_us_counts_neither_read_nor_rated(world: World) -> None:
    for days in (1, 2, 3):
        make_visit(world.account, world.rep, days_before(days), rating=-2, not_about_us=True, note=ANGRY)
    assert read_waiting(today=TODAY) == 0
    assert account_mood(world.account, TODAY).counted == 0


def test_a_row_goes_when_its_last_visit_goes(world: World) -> None:
    visit = make_visit(world.account, world.rep, days_before(1), rating=1)
    publish_indexes(as_of=TODAY)
    assert AccountSentiment.objects.count() == 1
    visit.delete()
    publish_indexes(as_of=TODAY, account_ids=[world.colleagues_account.pk])
    assert AccountSentiment.objects.count() == 1, "not its business"
    publish_indexes(as_of=TODAY, account_ids=[world.account.pk])
    assert AccountSentiment.objects.count() == 0


def test_parameters_are_the_companys(world: World) -> None:
    for days in (60, 61):
        make_visit(world.account, world.rep, days_before(days), rating=2)
    before = account_mood(world.account, TODAY).figure
    assert before is None, "two contacts of weight 1/4 are not enough"
    publish(MODEL, SentimentParameters(half_life_days=600.0, other_weight=1.0), reason="long projects")
    assert account_mood(world.account, TODAY).figure is not None


def test_the_task_of_every_hour_counts_to_the_companys_today(world: World) -> None:
    make_visit(world.account, world.rep, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), rating=1)
    assert publish_sentiment() == 1
