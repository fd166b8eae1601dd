"""Opportunities over REST: entered once, changed by revision, moved and decided as on the pages."""

from __future__ import annotations

import uuid

import pytest

from crm.models import Competitor, Opportunity
from tests.api.test_problems import assert_problem
from tests.crm.opportunities.support import make_opportunity, stage


def body(world, **fields):
    return {
        "account_id": world.account.pk,
        "name": "Spindles",
        "amount": "12.50",
        "expected_on": "2026-09-30",
        **fields,
    }


def test_a_program_enters_one(world, api) -> None:
    stage(1)
    Competitor.objects.create(name="北辰精轴", english_name="Nordlager")
    headers = {"idempotency-key": str(uuid.uuid4())}
    for _retry in range(2):
        response = api(world.rep).call(
            "POST", "opportunities", body(world, competitors=["nordlager", "A, B"]), headers=headers
        )
        assert response.status_code == 201, response.content
    row = Opportunity.objects.get()
    assert (row.owner, row.stage.order, row.currency) == (world.rep, 1, "CNY")
    shown = response.json()
    assert shown["competitors"] == ["A, B", "北辰精轴"]
    assert shown["effective_probability"] == 10
    assert row.changes.count() == 1
    found = (
        api(world.rep)
        .call("GET", f"opportunities?account_id={world.account.pk}&state=open")
        .json()["results"]
    )
    assert [entry["id"] for entry in found] == [row.pk]
    assert not api(world.stranger).call("GET", "opportunities").json()["results"]


def test_moved_won_and_reopened_by_revision(world, api) -> None:
    row = make_opportunity(world.account, world.rep)
    client, path = api(world.rep), f"opportunities/{row.pk}"
    assert_problem(client.call("PATCH", path, {"name": "X"}), 428, "precondition-required")
    etag = client.call("GET", path)["ETag"]
    moved = client.call("PATCH", path, {"stage_id": stage(2).pk, "amount": "20"}, headers={"if-match": etag})
    assert (moved.status_code, moved.json()["stage_id"]) == (200, stage(2).pk)
    assert len(row.changes.order_by("pk").last().unmet) == 3
    assert_problem(
        client.call("PATCH", path, {"name": "X"}, headers={"if-match": etag}), 412, "precondition-failed"
    )
    revision = moved.json()["revision"]
    lost = {
        "state": "lost",
        "close_reason": "price",
        "closed_on": "2026-06-01",
        "lost_to": "Kessel",
        "revision": revision,
    }
    answer = client.call("PATCH", path, lost)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["lost_to"]) == ("lost", "Kessel")
    again = client.call("PATCH", path, {"state": "open", "revision": answer.json()["revision"]}).json()
    assert (again["state"], again["closed_on"], again["lost_to"]) == ("open", None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": "won"}, "close_reason"),
        ({"closed_on": "2026-01-01"}, "closed_on"),
        ({"quoted_on": "2999-01-01"}, "quoted_on"),
        ({"amount": "-1"}, "amount"),
        ({"probability": 101}, "probability"),
        ({"stage_id": 10**9}, "stage_id"),
    ],
)
def test_what_makes_no_sense_is_refused(world, api, change, field) -> None:
    row = make_opportunity(world.account, world.rep)
    response = api(world.rep).call("PATCH", f"opportunities/{row.pk}", {"revision": 0, **change})
    assert assert_problem(response, 400, "invalid")["errors"][0]["pointer"] == f"#/{field}"
    row.refresh_from_db()
    assert (row.revision, row.state) == (0, "open")


def test_an_opportunity_stays_with_its_account_and_its_people(world, api) -> None:
    row = make_opportunity(world.account, world.rep)
    path = f"opportunities/{row.pk}"
    for change in ({"account_id": world.strangers_account.pk}, {"owner_id": world.stranger.pk}):
        assert_problem(api(world.rep).call("PATCH", path, {"revision": 0, **change}), 400, "invalid")
