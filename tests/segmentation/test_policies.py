"""Service policies: what is proposed, what a leader changes, and what follows from it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from crm.models import Account, ModelParameters, Notice, PlannedVisit, User
from segmentation.cadence.standing import rules, standing
from segmentation.models import ServicePolicy, ServicePolicyChange
from segmentation.operations import ensure_default_model
from segmentation.policies import policies
from segmentation.scoring.cadence import CadenceState
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.cadence_world import NOW, TODAY, A, B, customer

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def address(grade: object = 0) -> str:
    return f"/policies/{ensure_default_model().model_id}/{grade}/"


def body(**changes: object) -> dict[str, object]:
    return {
        "visit_every_days": 30,
        "response_hours": 4,
        "discount_authority": 8,
        "credit_days": 90,
        **changes,
    }


def test_sensible_policies_stand_before_anybody_has_changed_one(world: World) -> None:
    ensure_default_model()
    days = {entry.name: entry.policy.visit_every_days for entry in policies()}
    assert days == {"A": 30, "B": 60, "C": 90, "D": 180, "Unrated": None}
    assert not ServicePolicy.objects.exists(), "reading writes nothing"


def test_before_any_model_there_are_none_and_the_pages_stand(world: World, log_in: LogIn) -> None:
    assert policies() == []
    client = log_in(world.manager)
    assert "No grades yet" in client.get("/policies/").content.decode()
    assert client.get(world.account.get_absolute_url()).status_code == 200
    assert client.get("/coverage/").status_code == 200


def test_a_change_is_on_record_and_the_state_follows_at_once(world: World, log_in: LogIn) -> None:
    account = customer(world.rep, A, 40, name="Forty days")

    def state() -> int:
        return int(standing(Account.objects.filter(pk=account.pk), TODAY, rules()).cadence.state[0])

    assert state() == CadenceState.OVERDUE
    client = log_in(world.manager)
    answer = client.post(address(), body(visit_every_days=90, discount_authority="12.5"))
    assert answer.status_code == 302
    assert state() == CadenceState.ON_TRACK
    policy = ServicePolicy.objects.get()
    assert (policy.discount_authority, policy.updated_by) == (Decimal("12.5"), world.manager)
    change = ServicePolicyChange.objects.get()
    assert change.author == world.manager
    assert change.values["visit_every_days"] == ["30", "90"]
    page = client.get("/policies/").content.decode()
    assert "30 → 90" in page
    assert str(world.manager) in page
    assert "90" in log_in(world.rep).get(account.get_absolute_url()).content.decode()


def test_saving_what_stands_there_is_no_change(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    client.post(address(1), body(visit_every_days=60))
    assert ServicePolicyChange.objects.count() == 1
    client.post(address(1), body(visit_every_days=60))
    assert ServicePolicyChange.objects.count() == 1


def test_a_new_interval_moves_proposals_and_tells_the_reps_concerned(world: World, log_in: LogIn) -> None:
    ours = customer(world.rep, A, 29)
    customer(world.colleague, B, 29)
    plan = PlannedVisit.objects.create(
        account=ours, user=world.rep, planned_on=dt.date(2026, 7, 2), proposed=True
    )
    log_in(world.manager).post(address(), body(visit_every_days=60))
    plan.refresh_from_db()
    # Last visit on 2 June: the 60 days end on Saturday, 1 August.
    assert plan.planned_on == dt.date(2026, 8, 3)
    notice = Notice.objects.get()
    assert notice.recipient == world.rep
    assert notice.message % notice.values == "Customers of grade A: a visit every 60 days from now on"


def test_no_visits_by_plan_is_a_policy_too(world: World, log_in: LogIn) -> None:
    account = customer(world.rep, A, 400)
    log_in(world.manager).post(address(), body(visit_every_days=""))
    found = standing(Account.objects.filter(pk=account.pk), TODAY, rules())
    assert found.cadence.state[0] == CadenceState.NO_PLAN


@pytest.mark.parametrize(
    "wrong",
    [
        {"visit_every_days": "0"},
        {"visit_every_days": "-3"},
        {"visit_every_days": "1001"},
        {"visit_every_days": "soon"},
        {"discount_authority": "101"},
        {"credit_days": "-1"},
    ],
)
def test_what_makes_no_sense_is_refused(world: World, log_in: LogIn, wrong: dict[str, str]) -> None:
    answer = log_in(world.manager).post(address(), body(**wrong))
    assert answer.status_code == 200
    assert "is-invalid" in answer.content.decode()
    assert not ServicePolicy.objects.exists()


def test_the_rules_are_changed_with_a_reason_and_kept(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    rule = {"kinds": ["visit", "call"], "lead_percent": "50", "lead_most_days": "90", "reason": "Calls count"}
    assert client.post("/policies/rules/", {**rule, "reason": ""}).status_code == 200
    assert client.post("/policies/rules/", {**rule, "kinds": []}).status_code == 200
    client.post("/policies/rules/", rule)
    found = rules().parameters
    assert (found.kinds, found.lead_share, found.lead_most_days) == (("visit", "call"), 0.5, 90)
    assert ModelParameters.objects.get(model="segmentation.cadence").published_by == world.manager
    ensure_default_model()
    assert "Calls count" in client.get("/policies/").content.decode()


def test_the_page_is_constant(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    client.post(address(), body(visit_every_days=31))
    assert_query_count(client, "/policies/", "policies")
    for days in range(32, 36):
        client.post(address(days % 4), body(visit_every_days=days))
    assert_query_count(client, "/policies/", "policies")
