"""The address that phones send to: each entry once, whatever happened meanwhile, or a reason why not."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.models import (
    Account,
    Opportunity,
    PipelineStage,
    PlannedVisit,
    StanceChange,
    StanceSource,
    User,
    Visit,
)
from crm.visits.rules import SCHEMA
from tests.factories import make_account, make_contact
from tests.fixtures import World

LogIn = Callable[[User], Client]
SYNC = "/visits/sync/"


def entry(world: World, **fields: Any) -> dict[str, Any]:
    now = timezone.now().isoformat()
    return {
        "account": world.account.pk,
        "client_key": str(uuid.uuid4()),
        "user": world.rep.pk,
        "schema": SCHEMA,
        "device_now": now,
        "saved_at": now,
        "kind": "visit",
        "happened_at": "2024-05-06T10:30",
    } | fields


def wall(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_an_entry_with_everything(world: World, log_in: LogIn) -> None:
    Account.objects.filter(pk=world.account.pk).update(latitude="39.627", longitude="121.997")
    person = make_contact(world.account, "李工")
    stage = PipelineStage.objects.create(name="S", order=900, probability=10)
    deal = Opportunity.objects.create(
        account=world.account,
        name="Press",
        stage=stage,
        amount=5,
        expected_on="2024-08-01",
        stage_since="2024-01-01",
    )
    plan = PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on="2024-05-06")
    later = PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on="2024-05-07")
    sent = entry(
        world, contacts=[person.pk], outcome="order", rating="-1", not_about_us="on", note="<b>Note</b>",
        purpose="Prices",
        competitor_news="Cheaper by 5 %", expected_order_amount="120000.50", expected_order_on="2024-07-01",
        opportunity=deal.pk, next_step="Offer", next_step_on="2024-05-20", latitude="39.628000",
        longitude="121.997000", location_accuracy="12", stance_source="said", **{f"stance-{person.pk}": "1"},
    )  # fmt: skip
    answer = log_in(world.rep).post(SYNC, sent)
    assert answer.status_code == 200, answer.content
    visit = Visit.objects.get()
    assert answer.json() == {
        "state": "saved",
        "visit": visit.pk,
        "created": True,
        "account": "Orient Bearing Co.",
        "url": world.account.get_absolute_url(),
        "notes": [],
    }
    assert list(visit.contacts.all()) == [person]
    assert (visit.rating, visit.not_about_us, visit.note) == (-1, True, "<b>Note</b>")
    assert (str(visit.expected_order_amount), visit.opportunity, visit.next_step) == (
        "120000.50",
        deal,
        "Offer",
    )
    # A thousandth of a degree of latitude.
    assert visit.distance == 111
    assert visit.location_accuracy == 12
    [change] = StanceChange.objects.all()
    assert (change.stance, change.source, change.noted_on) == (1, StanceSource.SAID, dt.date(2024, 5, 6))
    assert (change.visit, change.position.contact) == (visit, person)
    plan.refresh_from_db()
    later.refresh_from_db()
    assert (plan.visit, later.visit) == (visit, None)


def test_the_same_entry_any_number_of_times_is_one_visit(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account)
    client = log_in(world.rep)
    sent = entry(world, contacts=[person.pk], note="Once", **{f"stance-{person.pk}": "-1"})
    answers = [client.post(SYNC, sent).json() for _attempt in range(3)]
    assert [answer["created"] for answer in answers] == [True, False, False]
    assert len({answer["visit"] for answer in answers}) == 1
    assert (Visit.objects.count(), StanceChange.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_the_same_moment_make_one_visit(world: World) -> None:
    person = make_contact(world.account)
    PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on="2024-05-06")
    PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on="2024-05-06")
    sent = entry(world, contacts=[person.pk], **{f"stance-{person.pk}": "1"})
    barrier, answers = threading.Barrier(4), []

    def send() -> None:
        client = Client()
        client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
        barrier.wait()
        answers.append(client.post(SYNC, sent))
        connection.close()

    threads = [threading.Thread(target=send) for _tab in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum(answer.json()["created"] for answer in answers) == 1
    assert (Visit.objects.count(), StanceChange.objects.count()) == (1, 1)
    assert PlannedVisit.objects.filter(visit=None).count() == 1


def test_a_queue_of_two_hundred(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    queue = [entry(world, note=f"Visit {number}") for number in range(200)]
    for sent in queue + queue[150:]:
        assert client.post(SYNC, sent).status_code == 200
    notes = Visit.objects.filter(user=world.rep).values_list("note", flat=True)
    assert sorted(notes) == sorted(sent["note"] for sent in queue)


def test_an_edited_entry_replaces_what_was_sent_before(world: World, log_in: LogIn) -> None:
    """The first answer never reached the phone, the rep wrote on, and sent again."""
    client, sent = log_in(world.rep), entry(world, note="First")
    client.post(SYNC, sent)
    answer = client.post(SYNC, sent | {"note": "Better", "edited": "1", "outcome": "order"})
    assert answer.json()["created"] is False
    visit = Visit.objects.get()
    assert (visit.note, visit.outcome) == ("Better", "order")


def test_a_clock_a_day_ahead_or_behind_is_put_right_and_told(world: World, log_in: LogIn) -> None:
    client, now = log_in(world.rep), timezone.now()
    for days in (1, -1):
        device = now + dt.timedelta(days=days)
        times = {
            "happened_at": wall(device - dt.timedelta(hours=2)),
            "saved_at": (device - dt.timedelta(hours=1)).isoformat(),
            "device_now": device.isoformat(),
        }
        answer = client.post(SYNC, entry(world, **times))
        assert answer.status_code == 200, answer.content
        assert "24 hours off" in answer.json()["notes"][0]
        visit = Visit.objects.latest("pk")
        assert abs(visit.happened_at - (now - dt.timedelta(hours=2))) < dt.timedelta(minutes=2)
        assert visit.happened_at <= timezone.now()


def test_a_visit_in_the_future_is_refused_with_the_field(world: World, log_in: LogIn) -> None:
    tomorrow = wall(timezone.now() + dt.timedelta(days=1))
    answer = log_in(world.rep).post(SYNC, entry(world, happened_at=tomorrow))
    assert answer.status_code == 400
    assert (answer.json()["state"], list(answer.json()["errors"])) == ("attention", ["happened_at"])
    assert not Visit.objects.exists()


def test_a_merged_account_leads_on_to_the_one_that_is_left(world: World, log_in: LogIn) -> None:
    kept = make_account(world.rep, name="Kept", number="C-KEPT")
    Account.objects.filter(pk=world.account.pk).update(merged_into=kept)
    answer = log_in(world.rep).post(SYNC, entry(world))
    assert answer.json()["account"] == "Kept"
    assert "merged meanwhile" in answer.json()["notes"][0]
    assert Visit.objects.get().account == kept


def test_logged_out_is_told_in_json(world: World) -> None:
    client = Client()
    for path in (SYNC, "/visits/sync/photo/", "/visits/sync/handover/"):
        answer = client.post(path, entry(world))
        assert (answer.status_code, answer.json()["state"]) == (401, "login")
    for path in ("/offline/session/", "/offline/bundle/"):
        assert client.get(path).status_code == 401
    assert not Visit.objects.exists()


def test_another_user_sends_nothing_of_it(world: World, log_in: LogIn) -> None:
    sent = entry(world)
    client = log_in(world.colleague)
    assert client.post(SYNC, sent).json()["reason"] == "other_user"
    log_in(world.rep).post(SYNC, sent)
    assert client.post(SYNC, sent | {"user": world.colleague.pk}).json()["reason"] == "other_user"
    assert Visit.objects.get().user == world.rep


def test_an_unknown_schema_and_a_missing_key_wait_for_the_rep(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert client.post(SYNC, entry(world, schema="99")).json()["reason"] == "schema"
    assert client.post(SYNC, entry(world, client_key="nonsense")).json()["reason"] == "invalid"


def test_the_token_of_the_session_address_lets_the_post_through(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
    sent = entry(world)
    assert client.post(SYNC, sent).status_code == 403
    who = client.get("/offline/session/")
    assert who["Cache-Control"].startswith("max-age=0")
    assert who.json()["user"] == world.rep.pk
    assert client.post(SYNC, sent, headers={"X-CSRFToken": who.json()["csrf"]}).status_code == 200
    # Tokens change at each log-in: what the phone kept is worth nothing, the session address gives a new one.
    client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
    fresh = client.get("/offline/session/").json()["csrf"]
    assert client.post(SYNC, entry(world), headers={"X-CSRFToken": fresh}).status_code == 200


def test_a_rep_at_the_form_finds_the_message_on_the_next_page(world: World, log_in: LogIn) -> None:
    answer = log_in(world.rep).post(SYNC, entry(world, announce="1"))
    assert "saved" in str(next(iter(get_messages(answer.wsgi_request))))


def test_an_edited_entry_of_an_account_taken_away_stays_on_the_phone(world: World, log_in: LogIn) -> None:
    client, sent = log_in(world.rep), entry(world, note="First")
    client.post(SYNC, sent)
    Account.objects.filter(pk=world.account.pk).update(owner=world.stranger, territory=world.west)
    answer = client.post(SYNC, sent | {"note": "Better", "edited": "1"})
    assert answer.json()["reason"] == "not_yours"
    assert Visit.objects.get().note == "First"
