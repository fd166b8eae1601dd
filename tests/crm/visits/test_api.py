"""Visits over REST carry all that the form does, under the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Account, Opportunity, PipelineStage, Visit
from crm.tokens import create_token
from tests.fixtures import World

URL = "/api/v1/visits"


@pytest.fixture
def rep(world: World) -> Client:
    secret = create_token(user=world.rep, scope="write", now=timezone.now())[1]
    return Client(headers={"authorization": f"Bearer {secret}"})


def visit(world: World, **fields: Any) -> dict[str, Any]:
    return {"account_id": world.account.pk, "happened_at": "2024-05-06T10:00:00+08:00"} | fields


def deal(account: Account) -> Opportunity:
    stage = PipelineStage.objects.order_by("order").first() or PipelineStage.objects.create(
        name="S", order=900, probability=10
    )
    return Opportunity.objects.create(
        account=account,
        name="Press",
        stage=stage,
        amount=5,
        expected_on="2024-08-01",
        stage_since="2024-01-01",
    )


def test_the_fields_of_the_form_go_in_and_come_out(world: World, rep: Client) -> None:
    Account.objects.filter(pk=world.account.pk).update(latitude="39.627", longitude="121.997")
    opportunity = deal(world.account)
    sent = visit(
        world, not_about_us=True, competitor_news="Cheaper", expected_order_amount="120000.50", rating=-1,
        expected_order_on="2024-07-01", opportunity_id=opportunity.pk, latitude="39.628000", longitude="121.997000",
    )  # fmt: skip
    answer = rep.post(URL, sent, content_type="application/json")
    assert answer.status_code == 201, answer.content
    shown = rep.get(answer["Location"]).json()
    assert {name: shown[name] for name in sent if name not in ("account_id", "happened_at")} == {
        name: value for name, value in sent.items() if name not in ("account_id", "happened_at")
    }
    assert shown["distance"] == 111
    assert Visit.objects.get().opportunity == opportunity


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"note": "x" * 100_000}, "note"),
        ({"expected_order_amount": "-1"}, "expected_order_amount"),
        ({"latitude": "91", "longitude": "0"}, "latitude"),
        ({"latitude": "39.1"}, "longitude"),
        ({"opportunity_id": "colleague's"}, "opportunity_id"),
        ({"opportunity_id": "stranger's"}, "opportunity_id"),
        ({"happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
    ],
)
def test_the_rules_of_the_form_hold_here_too(
    world: World, rep: Client, fields: dict[str, Any], told: str
) -> None:
    if "opportunity_id" in fields:
        whose = (
            world.colleagues_account if fields["opportunity_id"] == "colleague's" else world.strangers_account
        )
        Account.objects.filter(pk=world.colleagues_account.pk).update(territory=world.east)
        fields = {"opportunity_id": deal(whose).pk}
    answer = rep.post(URL, visit(world, **fields), content_type="application/json")
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not Visit.objects.exists()
