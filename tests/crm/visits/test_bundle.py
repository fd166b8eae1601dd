"""What a phone keeps: the rep's customers in the order of interest, and of their people no more than the form needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from crm.models import Contact, Opportunity, PipelineStage, PlannedVisit, User
from crm.visits.bundle import offline_bundle
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
URL = "/offline/bundle/"
TODAY = dt.date(2024, 5, 6)


def test_planned_then_visited_then_own_then_the_rest_and_nobody_elses(world: World) -> None:
    own = make_account(world.rep, name="Own", number="C-OWN")
    planned = make_account(world.rep, name="Planned", number="C-PLAN")
    PlannedVisit.objects.create(
        account=planned, user=world.rep, planned_on=TODAY, starts_at="09:30", purpose="Offer"
    )
    PlannedVisit.objects.create(account=world.strangers_account, user=world.rep, planned_on=TODAY)
    make_visit(world.account, world.rep, dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC))
    territorial = make_account(world.colleague, world.east, name="Of the territory", number="C-TER")
    bundle = offline_bundle(world.rep, TODAY)
    assert [account["id"] for account in bundle["accounts"]] == [
        planned.pk, world.account.pk, own.pk, territorial.pk,
    ]  # fmt: skip
    assert bundle["plan"] == [{"account": planned.pk, "on": "2024-05-06", "at": "09:30", "purpose": "Offer"}]


def test_of_people_only_number_name_and_title(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account, "李工", title="总工程师", stance=-1, decision_role="decider")
    Contact.objects.filter(pk=person.pk).update(
        mobile="13800001111", email="li@example.cn", note="Heart trouble"
    )
    make_contact(world.account, "Left", left_on=dt.date(2020, 1, 1))
    stage = PipelineStage.objects.create(name="S", order=900, probability=10)
    deal = Opportunity.objects.create(
        account=world.account,
        name="Press",
        stage=stage,
        amount=5,
        expected_on="2024-08-01",
        stage_since="2024-01-01",
    )
    visit = make_visit(
        world.account, world.rep, dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC), kind="call", purpose="Prices"
    )
    visit.contacts.add(person)
    response = log_in(world.rep).get(URL)
    [account] = [one for one in response.json()["accounts"] if one["id"] == world.account.pk]
    assert account["people"] == [[person.pk, "李工", "总工程师"]]
    assert account["opportunities"] == [[deal.pk, "Press"]]
    assert account["last"] == {"kind": "call", "purpose": "Prices", "contacts": [person.pk]}
    assert "dfzc" in account["search"]
    text = response.content.decode()
    for secret in ("13800001111", "li@example.cn", "Heart", "decider", "Left"):
        assert secret not in text
    assert "no-store" in response["Cache-Control"]


def test_unchanged_is_not_sent_again(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    etag = client.get(URL)["ETag"]
    again = client.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    make_account(world.rep, name="New")
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 200


def test_queries_do_not_grow(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _round in range(2):
        for number in range(4):
            account = make_account(world.rep)
            make_contact(account)
            PlannedVisit.objects.create(account=account, user=world.rep, planned_on=timezone.localdate())
            visit = make_visit(account, world.rep, dt.datetime(2024, 5, number + 1, 9, tzinfo=dt.UTC))
            visit.contacts.add(make_contact(account))
        assert_query_count(client, URL, "offline bundle")
