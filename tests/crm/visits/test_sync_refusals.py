"""Entries that the server cannot take as they are: a reason for the rep, and nothing of it lost or guessed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, Opportunity, PipelineStage, Position, User, Visit
from crm.visits.rules import MAX_NOTE
from tests.crm.visits.test_sync import SYNC, entry
from tests.factories import make_contact
from tests.fixtures import World

LogIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("note", "话" * 100_000, f"at most {MAX_NOTE:,} are kept"),
        ("competitor_news", "x" * 5_001, "at most 5,000"),
        ("kind", "teleport", "teleport"),
        ("expected_order_amount", "-5", "not less than nothing"),
        ("expected_order_amount", "NaN", "number"),
        ("latitude", "91", "90"),
        ("next_step_on", "2024-06-01", ""),
    ],
)
def test_bad_values_come_back_by_field(
    world: World, log_in: LogIn, field: str, value: str, words: str
) -> None:
    answer = log_in(world.rep).post(SYNC, entry(world, **{field: value}))
    assert answer.status_code == 400
    told = answer.json()["errors"]
    assert words in " ".join(told.get(field, told.get("next_step", [])))
    assert not Visit.objects.exists()


def test_a_person_of_another_account_is_refused(world: World, log_in: LogIn) -> None:
    stranger = make_contact(world.colleagues_account)
    answer = log_in(world.rep).post(SYNC, entry(world, contacts=[stranger.pk]))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["contacts"])


def test_who_left_meanwhile_counts_and_who_is_gone_is_told(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account, "Left")
    Position.objects.filter(contact=person).update(left_on="2024-05-01")
    answer = log_in(world.rep).post(SYNC, entry(world, contacts=[person.pk, 999_999]))
    assert answer.status_code == 200
    assert "no longer on record" in answer.json()["notes"][0]
    assert list(Visit.objects.get().contacts.all()) == [person]


def test_an_opportunity_closed_meanwhile_is_left_out_and_told_another_accounts_refused(
    world: World, log_in: LogIn
) -> None:
    stage = PipelineStage.objects.create(name="S", order=900, probability=10)
    common = {
        "stage": stage,
        "amount": 5,
        "expected_on": "2024-08-01",
        "stage_since": "2024-01-01",
        "name": "D",
    }
    closed = Opportunity.objects.create(account=world.account, state="lost", closed_on="2024-02-01", **common)
    foreign = Opportunity.objects.create(account=world.colleagues_account, **common)
    client = log_in(world.rep)
    answer = client.post(SYNC, entry(world, opportunity=closed.pk))
    assert "without it" in answer.json()["notes"][0]
    assert Visit.objects.get().opportunity is None
    assert client.post(SYNC, entry(world, opportunity=foreign.pk)).status_code == 400


@pytest.mark.parametrize("number", ["taken", "99999999", "x", "", "9" * 40])
def test_taken_away_and_never_there_get_the_same_answer(world: World, log_in: LogIn, number: str) -> None:
    taken = world.strangers_account.pk if number == "taken" else number
    answer = log_in(world.rep).post(SYNC, entry(world, account=taken))
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_yours")
    assert "still on this device" in answer.json()["message"]
    assert not Visit.objects.exists()


def test_saved_before_it_was_taken_away_is_saved_but_not_named(world: World, log_in: LogIn) -> None:
    client, sent = log_in(world.rep), entry(world)
    client.post(SYNC, sent)
    Account.objects.filter(pk=world.account.pk).update(owner=world.stranger, territory=world.west)
    answer = client.post(SYNC, sent).json()
    assert (answer["state"], answer["account"], answer["url"]) == ("saved", "", "")
