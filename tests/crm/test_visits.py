"""Logging a visit: one per entry however often it is sent, only with people of the account, never in the future."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User, Visit
from crm.operations import RefusedError
from crm.visits.operations import log_visit
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
NEW = "/visits/new/"


def entry(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "account": world.account.pk,
        "client_key": str(uuid.uuid4()),
        "kind": "visit",
        "happened_at": "2024-05-06T10:30",
    } | fields


def test_account_and_kind_are_enough(world: World, log_in: LogIn) -> None:
    response = log_in(world.rep).post(NEW, entry(world))
    assert response["Location"] == world.account.get_absolute_url()
    visit = Visit.objects.get()
    assert (visit.user, visit.account, visit.kind) == (world.rep, world.account, "visit")
    assert timezone.localtime(visit.happened_at).isoformat()[:16] == "2024-05-06T10:30"


def test_sent_twice_is_one_visit(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account)
    client, data = log_in(world.rep), entry(world, note="Once", contacts=[person.pk], rating="2")
    for _attempt in range(3):
        assert client.post(NEW, data).status_code == 302
    visit = Visit.objects.get()
    assert list(visit.contacts.all()) == [person]
    assert "saved already" in client.get("/").content.decode()


def test_a_key_of_somebody_else_opens_nothing(world: World, log_in: LogIn) -> None:
    data = entry(world)
    log_in(world.rep).post(NEW, data)
    assert log_in(world.colleague).post(NEW, data).status_code == 404
    assert Visit.objects.get().user == world.rep


def test_log_visit_says_whether_it_was_new(world: World) -> None:
    key = uuid.uuid4()
    moment = dt.datetime(2024, 5, 6, 9, tzinfo=dt.UTC)

    def log(user: User) -> tuple[Visit, bool]:
        visit = Visit(account=world.account, user=user, happened_at=moment, client_key=key)
        return log_visit(visit=visit, contacts=[], user=user)

    first, created = log(world.rep)
    assert created
    assert log(world.rep) == (first, False)
    with pytest.raises(RefusedError):
        log(world.colleague)


def test_only_people_of_this_account_are_offered_and_taken(world: World, log_in: LogIn) -> None:
    here = make_contact(world.account, "Here")
    left = make_contact(world.account, "Left", left_on=dt.date(2020, 1, 1))
    elsewhere = make_contact(world.colleagues_account, "Elsewhere")
    client = log_in(world.colleague)
    form = client.get(f"{NEW}?account={world.account.pk}").context["form"]
    assert list(form.fields["contacts"].queryset) == [here]
    for stranger in (left, elsewhere):
        response = client.post(NEW, entry(world, contacts=[stranger.pk]))
        assert "contacts" in response.context["form"].errors
    assert not Visit.objects.exists()


def test_the_future_is_refused_with_a_sentence(world: World, log_in: LogIn) -> None:
    tomorrow = timezone.localtime() + dt.timedelta(days=1)
    response = log_in(world.rep).post(NEW, entry(world, happened_at=f"{tomorrow:%Y-%m-%dT%H:%M}"))
    assert "This lies in the future" in response.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("happened_at", "2024-02-30T10:00"),
        ("happened_at", "1066-10-14T10:00"),
        ("kind", "teleport"),
        ("rating", "3"),
        ("next_step_on", "2024-13-01"),
        ("client_key", "not-a-uuid"),
        ("purpose", "x" * 121),
    ],
)
def test_bad_values_are_told_by_field_and_nothing_typed_is_lost(
    world: World, log_in: LogIn, field: str, value: str
) -> None:
    response = log_in(world.rep).post(NEW, entry(world, note="Kept", **{field: value}))
    assert field in response.context["form"].errors
    assert "Kept" in response.content.decode()


def test_a_date_without_a_step_asks_what_is_to_be_done(world: World, log_in: LogIn) -> None:
    response = log_in(world.rep).post(NEW, entry(world, next_step_on="2024-06-01"))
    assert "next_step" in response.context["form"].errors


def test_accounts_out_of_sight_do_not_exist(world: World, log_in: LogIn) -> None:
    client = log_in(world.stranger)
    assert client.get(f"{NEW}?account={world.account.pk}").status_code == 404
    assert client.post(NEW, entry(world)).status_code == 404
    for nonsense in ("x", "-1", "9" * 30, "²"):
        assert client.get(NEW, {"account": nonsense}).status_code == 404


def test_choosing_begins_with_recent_accounts_and_finds_the_rest(world: World, log_in: LogIn) -> None:
    make_account(world.rep, number="C-OLD", name="Aaa Old")
    make_visit(world.account, world.rep, dt.datetime(2024, 5, 6, 9, tzinfo=dt.UTC))
    client = log_in(world.rep)
    page = client.get(NEW)
    assert [account.number for account in page.context["accounts"]] == ["C-REP", "C-OLD"]
    found = client.get(f"{NEW}?q=dfzc", headers={"HX-Request": "true", "HX-Target": "choices"})
    assert "Orient Bearing Co." in found.content.decode()
    assert "<html" not in found.content.decode()


def test_same_as_last_time_takes_over_kind_purpose_and_people(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account)
    moment = dt.datetime(2024, 5, 6, 9, tzinfo=dt.UTC)
    last = make_visit(world.account, world.rep, moment, kind="call", purpose="Prices", note="Secret")
    last.contacts.add(person)
    client = log_in(world.rep)
    assert "Same as last time" in client.get(f"{NEW}?account={world.account.pk}").content.decode()
    form = client.get(f"{NEW}?account={world.account.pk}&same=1").context["form"]
    assert (form["kind"].value(), form["purpose"].value()) == ("call", "Prices")
    assert form["contacts"].value() == [person.pk]
    assert not form["note"].value()


def test_only_the_author_edits(world: World, log_in: LogIn) -> None:
    visit = make_visit(world.account, world.rep, dt.datetime(2024, 5, 6, 9, tzinfo=dt.UTC))
    url = f"/visits/{visit.pk}/edit/"
    for other in (world.colleague, world.manager, world.administrator, world.stranger):
        assert log_in(other).get(url).status_code == 404
    response = log_in(world.rep).post(url, entry(world, note="Better", outcome="order"))
    assert response.status_code == 302
    visit.refresh_from_db()
    assert (visit.note, visit.outcome, Visit.objects.count()) == ("Better", "order", 1)


def test_lists_filter_and_export(world: World, log_in: LogIn) -> None:
    moment = dt.datetime(2024, 5, 6, 2, tzinfo=dt.UTC)
    make_visit(world.account, world.rep, moment, note="=cmd()", kind="call", rating=-2)
    make_visit(world.colleagues_account, world.colleague, moment)
    make_visit(world.strangers_account, world.stranger, moment)
    client = log_in(world.colleague)

    def listed(query: str = "") -> set[str]:
        return {visit.account.number for visit in client.get(f"/visits/{query}").context["page"]}

    assert listed() == {"C-REP", "C-COL"}
    assert listed("?mine=1") == {"C-COL"}
    assert listed("?kind=call") == {"C-REP"}
    assert listed("?q=dongfnag") == {"C-REP"}
    assert listed(f"?account={world.account.pk}") == {"C-REP"}
    assert client.get(f"/visits/?account={world.strangers_account.pk}").status_code == 404
    body = b"".join(client.get("/visits/export/?kind=call").streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(body))
    assert (row["Note"], row["Mood"], row["When"]) == ("'=cmd()", "Angry", "2024-05-06 10:00")


def test_lists_and_exports_show_what_the_rep_added(world: World, log_in: LogIn) -> None:
    moment = dt.datetime(2024, 5, 6, 2, tzinfo=dt.UTC)
    fields = {
        "competitor_news": "Cheaper by 5 %",
        "expected_order_amount": "120000",
        "expected_order_on": dt.date(2024, 7, 1),
        "not_about_us": True,
        "distance": 1234,
    }
    make_visit(world.account, world.rep, moment, **fields)
    client = log_in(world.rep)
    page = client.get("/visits/").content.decode()
    for words in (
        "Cheaper by 5 %",
        "¥120,000",
        "2024-07-01",
        "mood is not about us",
        "1.2 km from the address",
    ):
        assert words in page
    body = b"".join(client.get("/visits/export/").streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(body))
    told = (
        row["News of competitors"],
        row["Expected order"],
        row["Order expected on"],
        row["Mood is not about us"],
    )
    assert told == ("Cheaper by 5 %", "120000.00", "2024-07-01", "Yes")
    assert row["Distance to the address in metres"] == "1234"


def test_queries_do_not_grow_with_visits(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _round in range(2):
        for number in range(4):
            visit = make_visit(world.account, world.rep, dt.datetime(2024, 5, 6, number, tzinfo=dt.UTC))
            visit.contacts.add(make_contact(world.account))
        assert_query_count(client, "/visits/", "visit list")
        assert_query_count(client, f"{NEW}?account={world.account.pk}", "visit form")
        assert_query_count(client, NEW, "visit: choose the account")
