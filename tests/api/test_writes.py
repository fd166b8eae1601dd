"""Creating and changing: visible rows only, one revision at a time, a retry does nothing twice."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from crm.models import Account, Complaint, Contact, IdempotencyKey, Position, Product, Visit
from tests.api.test_problems import assert_problem
from tests.factories import make_contact

WHEN = "2025-06-01T10:00:00+08:00"


def visit(world, **fields):
    return {"account_id": world.account.pk, "happened_at": WHEN, **fields}


def test_a_rep_creates_an_account_of_their_own(world, api) -> None:
    body = {
        "name": "新客户",
        "identifiers": [{"source": "erp", "external_id": "77"}],
        "annual_revenue": "1.50",
    }
    response = api(world.rep).call("POST", "accounts", body)
    assert response.status_code == 201, response.content
    shown = response.json()
    account = Account.objects.get(pk=shown["id"])
    assert response["Location"] == f"/api/v1/accounts/{account.pk}"
    assert account.owner == world.rep
    assert account.number == shown["number"] != ""
    assert shown["identifiers"] == body["identifiers"]
    assert shown["annual_revenue"] == "1.50"
    found = api(world.rep).call("GET", "accounts?source=erp&external_id=77").json()["results"]
    assert [row["id"] for row in found] == [account.pk]


def test_an_identifier_in_use_is_refused_and_nothing_stays(world, api) -> None:
    before = Account.objects.count()
    taken = {"source": "test", "external_id": "C-STR"}
    body = {"name": "Copy", "identifiers": [{"source": "erp", "external_id": "1"}, taken]}
    errors = assert_problem(api(world.rep).call("POST", "accounts", body), 400, "invalid")["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [("#/identifiers/1", "unique")]
    assert Account.objects.count() == before


@pytest.mark.parametrize("field", ["parent_id", "owner_id", "territory_id"])
def test_what_is_out_of_sight_cannot_be_named(world, api, field: str) -> None:
    hidden = {"parent_id": world.strangers_account, "owner_id": world.stranger, "territory_id": world.west}[
        field
    ]
    body = {"name": "X", field: hidden.pk}
    errors = assert_problem(api(world.rep).call("POST", "accounts", body), 400, "invalid")["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [(f"#/{field}", "does_not_exist")]


def test_nobody_loses_an_account_from_sight_unawares(world, api) -> None:
    body = {"name": "Nobody's", "owner_id": None}
    response = api(world.manager).call("POST", "accounts", body)
    assert assert_problem(response, 400, "invalid")["errors"][0]["code"] == "out_of_sight"
    assert not Account.objects.filter(name="Nobody's").exists()


def test_a_hidden_parent_is_not_shown(world, api) -> None:
    Account.objects.filter(pk=world.account.pk).update(parent=world.strangers_account)
    assert api(world.rep).call("GET", f"accounts/{world.account.pk}").json()["parent_id"] is None
    assert (
        api(world.analyst).call("GET", f"accounts/{world.account.pk}").json()["parent_id"]
        == world.strangers_account.pk
    )


def test_a_change_by_etag(world, api) -> None:
    client = api(world.rep)
    path = f"accounts/{world.account.pk}"
    etag = client.call("GET", path)["ETag"]
    response = client.call("PATCH", path, {"city": "无锡"}, headers={"if-match": etag})
    assert response.status_code == 200
    assert response.json()["city"] == "无锡"
    assert response["ETag"] != etag
    late = client.call("PATCH", path, {"city": "上海"}, headers={"if-match": etag})
    assert assert_problem(late, 412, "precondition-failed")["revision"] == response.json()["revision"]
    world.account.refresh_from_db()
    assert world.account.city == "无锡"


def test_a_change_by_revision(world, api) -> None:
    client = api(world.rep)
    path = f"accounts/{world.account.pk}"
    assert client.call("PATCH", path, {"city": "A", "revision": 0}).json()["revision"] == 1
    assert_problem(client.call("PATCH", path, {"city": "B", "revision": 0}), 409, "conflict")
    assert_problem(client.call("PATCH", path, {"city": "B"}), 428, "precondition-required")
    assert_problem(client.call("PATCH", path, {"city": "B"}, headers={"if-match": "1"}), 400, "malformed")
    assert Account.objects.get(pk=world.account.pk).city == "A"


def test_a_rep_cannot_take_a_colleagues_account(world, api) -> None:
    Account.objects.filter(pk=world.colleagues_account.pk).update(territory=world.east)
    path = f"accounts/{world.colleagues_account.pk}"
    response = api(world.rep).call("PATCH", path, {"owner_id": world.rep.pk, "revision": 0})
    assert_problem(response, 400, "invalid")
    assert Account.objects.get(pk=world.colleagues_account.pk).owner == world.colleague


def test_groups_do_not_run_in_circles(world, api) -> None:
    Account.objects.filter(pk=world.colleagues_account.pk).update(parent=world.account)
    body = {"parent_id": world.colleagues_account.pk, "revision": 0}
    response = api(world.manager).call("PATCH", f"accounts/{world.account.pk}", body)
    assert assert_problem(response, 400, "invalid")["errors"][0]["code"] == "circle"


def test_a_contact_shows_only_visible_positions(world, api) -> None:
    person = make_contact(world.account, title="Buyer")
    person.positions.create(account=world.strangers_account, title="Secret adviser")
    shown = api(world.rep).call("GET", f"contacts/{person.pk}").json()
    assert [position["title"] for position in shown["positions"]] == ["Buyer"]
    assert len(api(world.analyst).call("GET", f"contacts/{person.pk}").json()["positions"]) == 2
    hidden = api(world.rep).call("GET", f"contacts?account_id={world.strangers_account.pk}").json()
    assert hidden["results"] == []


def test_the_stance_of_a_new_person_has_its_history(world, api) -> None:
    body = {
        "name": "王工",
        "positions": [{"account_id": world.account.pk, "stance": -1, "stance_noted_on": "2026-05-04"}],
    }
    answer = api(world.rep).call("POST", "contacts", body)
    assert answer.status_code == 201, answer.json()
    position = Position.objects.get(contact_id=answer.json()["id"])
    assert (position.stance, position.stance_noted_on) == (-1, dt.date(2026, 5, 4))
    change = position.stance_changes.get()
    assert (change.stance, change.noted_on, change.user) == (-1, dt.date(2026, 5, 4), world.rep)


def test_a_visit_is_the_callers(world, api) -> None:
    person = make_contact(world.account)
    response = api(world.rep).call(
        "POST", "visits", visit(world, contact_ids=[person.pk], user_id=world.stranger.pk)
    )
    assert response.status_code == 201, response.content
    row = Visit.objects.get(pk=response.json()["id"])
    assert row.user == world.rep
    assert list(row.contacts.all()) == [person]
    assert response.json()["happened_at"] == WHEN


def test_a_person_from_elsewhere_was_not_met(world, api) -> None:
    elsewhere = make_contact(world.colleagues_account)
    response = api(world.manager).call("POST", "visits", visit(world, contact_ids=[elsewhere.pk]))
    assert assert_problem(response, 400, "invalid")["errors"][0]["code"] == "not_at_account"
    assert not Visit.objects.exists()


def test_a_client_key_makes_one_visit(world, api) -> None:
    client, key = api(world.rep), str(uuid.uuid4())
    first = client.call("POST", "visits", visit(world, client_key=key, note="a"))
    again = client.call("POST", "visits", visit(world, client_key=key, note="b"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Visit.objects.count() == 1
    other = api(world.manager).call("POST", "visits", visit(world, client_key=key))
    assert_problem(other, 409, "conflict")


@pytest.mark.parametrize("field", ["happened_at", "opened_on"])
def test_the_future_has_not_happened(world, api, field: str) -> None:
    path, body = {
        "happened_at": ("visits", visit(world, happened_at="2999-01-01T00:00:00Z")),
        "opened_on": (
            "complaints",
            {"account_id": world.account.pk, "subject": "x", "opened_on": "2999-01-01"},
        ),
    }[field]
    errors = assert_problem(api(world.rep).call("POST", path, body), 400, "invalid")["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [(f"#/{field}", "future")]


def test_a_complaint_is_opened_and_resolved(world, api) -> None:
    client = api(world.rep)
    body = {"account_id": world.account.pk, "subject": "Noise", "opened_on": "2025-05-01", "severity": 3}
    complaint = client.call("POST", "complaints", body).json()
    path = f"complaints/{complaint['id']}"
    early = client.call("PATCH", path, {"resolved_on": "2025-04-30"})
    assert assert_problem(early, 400, "invalid")["errors"][0]["code"] == "order"
    moved = client.call("PATCH", path, {"account_id": world.colleagues_account.pk})
    assert moved.status_code == 400
    done = client.call("PATCH", path, {"resolved_on": "2025-05-09", "resolution": "Replaced"})
    assert done.status_code == 200, done.content
    assert Complaint.objects.get().resolution == "Replaced"
    assert client.call("GET", "complaints?open=true").json()["results"] == []


# Idempotency keys.


def keyed(client, body, key="k1", path="visits"):
    return client.call("POST", path, body, headers={"idempotency-key": key})


def test_a_retry_gets_the_first_answer(world, api) -> None:
    client = api(world.rep)
    first = keyed(client, visit(world))
    again = keyed(client, visit(world))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert Visit.objects.count() == 1


def test_a_key_is_not_for_two_requests(world, api) -> None:
    client = api(world.rep)
    keyed(client, visit(world))
    assert_problem(keyed(client, visit(world, note="else")), 422, "idempotency-key-reused")
    person = {"name": "x", "positions": [{"account_id": world.account.pk}]}
    assert_problem(keyed(client, person, path="contacts"), 422, "idempotency-key-reused")
    assert (Visit.objects.count(), Contact.objects.count()) == (1, 0)


def test_keys_belong_to_their_user(world, api) -> None:
    assert keyed(api(world.rep), visit(world)).status_code == 201
    other = keyed(api(world.manager), visit(world))
    assert other.status_code == 201
    assert "Idempotent-Replayed" not in other
    # Another token of the same user is the same client.
    assert keyed(api(world.rep), visit(world))["Idempotent-Replayed"] == "true"


def test_a_refused_request_leaves_no_key(world, api) -> None:
    client = api(world.rep)
    assert keyed(client, visit(world, kind="nonsense")).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert keyed(client, visit(world)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ".encode().decode("latin-1")])
def test_keys_that_cannot_be_kept(world, api, key: str) -> None:
    assert_problem(keyed(api(world.rep), visit(world), key), 400, "malformed")


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_done_once(world, api) -> None:
    """The second waits for the first on the key's row, then gets its answer."""
    client, answers = api(world.rep), []

    def send() -> None:
        try:
            answers.append(keyed(client, visit(world)))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert Visit.objects.count() == 1


def test_old_keys_go(world, api) -> None:
    IdempotencyKey.objects.create(user=world.rep, key="old", fingerprint="x", status=201, body="{}")
    IdempotencyKey.objects.update(created_at="2001-01-01T00:00:00Z")
    keyed(api(world.rep), visit(world))
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["k1"]


def test_products_are_for_those_who_keep_the_data(world, api) -> None:
    body = {"code": "6204", "name": "Bearing", "source": "erp", "external_id": "1", "list_price": "9.999999"}
    assert_problem(api(world.manager).call("POST", "products", body), 404, "not-found")
    assert not Product.objects.exists()
    assert api(world.analyst).call("POST", "products", body).json()["list_price"] == "9.999999"
    assert_problem(api(world.analyst).call("POST", "products", body), 400, "invalid")
