"""Visits by cadence: on the list, on the account, in my day; proposals, and what a change of grade does to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from config.schedule import CELERY_BEAT_SCHEDULE
from crm import parameters
from crm.models import Account, Notice, PlannedVisit, User
from segmentation.cadence.proposals import propose_week
from segmentation.cadence.replanning import first_working_day, replan
from segmentation.cadence.slots import VisitsDueSource
from segmentation.cadence.standing import PARAMETERS, in_states, rules, standing
from segmentation.models import GradeInterval
from segmentation.scoring.cadence import CadenceParameters, CadenceState
from segmentation.tasks import replan_visits
from tests.factories import make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.cadence_world import NOW, TODAY, A, B, C, D, customer, grade, regrade, visited

LogIn = Callable[[User], Client]
S = CadenceState


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def states() -> dict[str, CadenceState]:
    found = standing(Account.objects.all(), TODAY, rules())
    names = dict(Account.objects.values_list("pk", "name"))
    return {
        names[int(pk)]: S(int(state))
        for pk, state in zip(found.account_ids, found.cadence.state, strict=True)
    }


@pytest.fixture
def five(world: World) -> dict[str, Account]:
    """One of the rep's customers in every state."""
    return {
        "Overdue": customer(world.rep, A, 31, name="Overdue"),
        "Due": customer(world.rep, B, 50, name="Due"),
        "On track": customer(world.rep, D, 100, name="On track"),
        "Never": customer(world.rep, C, name="Never"),
        "Unrated": customer(world.rep, None, 400, name="Unrated"),
    }


def test_every_account_has_its_state(five: dict[str, Account], world: World) -> None:
    found = states()
    assert {name: found[name] for name in five} == {
        "Overdue": S.OVERDUE,
        "Due": S.DUE,
        "On track": S.ON_TRACK,
        "Never": S.NEVER,
        "Unrated": S.NO_PLAN,
    }
    assert found["Colleague Pumps"] == S.NO_PLAN, "a prospect has no grade at all"


def test_the_list_finds_by_sql_what_the_arithmetic_says(five: dict[str, Account], world: World) -> None:
    for days in range(20, 34):
        customer(world.rep, A, days)
    found, known = states(), rules()
    for state in S:
        listed = in_states(Account.objects.all(), [state], TODAY, known)
        assert {account.name for account in listed} == {name for name, at in found.items() if at == state}, (
            state
        )


def test_a_change_of_grade_counts_at_once(five: dict[str, Account]) -> None:
    assert states()["On track"] == S.ON_TRACK
    grade(five["On track"], A)
    assert states()["On track"] == S.OVERDUE
    grade(five["Overdue"], None)
    assert states()["Overdue"] == S.NO_PLAN


def test_what_counts_as_a_visit_can_be_said(five: dict[str, Account]) -> None:
    """A call is none, nobody at home is none, an online meeting is one; a company may see it otherwise."""
    account = five["Overdue"]
    visited(account, 1, kind="call")
    visited(account, 2, outcome="absent")
    assert states()["Overdue"] == S.OVERDUE
    visited(account, 3, kind="online")
    assert states()["Overdue"] == S.ON_TRACK
    parameters.publish(PARAMETERS, CadenceParameters(kinds=("visit",)), reason="Only visits")
    assert states()["Overdue"] == S.OVERDUE


def test_an_evening_in_utc_is_the_next_day_here(world: World) -> None:
    account = customer(world.rep, A, name="Evening")
    make_visit(account, world.rep, dt.datetime(2026, 5, 31, 17, tzinfo=dt.UTC))  # 1 June, one o'clock
    assert states()["Evening"] == S.DUE
    assert {a.name for a in in_states(Account.objects.all(), [S.DUE], TODAY, rules())} == {"Evening"}


def test_list_filter_column_and_account_page_say_the_same(
    five: dict[str, Account], world: World, log_in: LogIn
) -> None:
    client = log_in(world.rep)
    page = client.get("/accounts/?visit=overdue").content.decode()
    assert "1 day overdue" in page
    assert "Due</a>" not in page
    needed = client.get("/accounts/?visit=needed").content.decode()
    assert all(name in needed for name in ("Overdue", "Due", "Never"))
    assert five["On track"].get_absolute_url() not in needed
    assert five["Overdue"].get_absolute_url() not in client.get("/accounts/?visit=nonsense").content.decode()
    account = client.get(f"{five['Overdue'].get_absolute_url()}panels/service/").content.decode()
    assert "1 day overdue" in account
    assert "What customers of grade A get" in account
    assert "Change the policy" not in account, "a rep reads it"


def test_my_day_lists_own_due_customers_most_urgent_first(five: dict[str, Account], world: World) -> None:
    customer(world.colleague, A, 300, name="Somebody else's", territory=world.east)
    source = VisitsDueSource()
    items = source.items(user=world.rep, today=TODAY)
    assert [item.account.name for item in items] == ["Overdue", "Never", "Due"]
    assert items[0].detail == "Grade A: every 30 days"
    PlannedVisit.objects.create(account=five["Overdue"], user=world.rep, planned_on=TODAY)
    assert [item.account.name for item in source.items(user=world.rep, today=TODAY)] == ["Never", "Due"]


def test_due_visits_are_constant(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for turn in range(6):
        customer(world.rep, A, 40 + turn)
        if turn in (0, 5):
            assert_query_count(client, "/accounts/?visit=needed", "account-list-visits-due")


def test_a_week_is_proposed_within_what_fits_and_once(five: dict[str, Account], world: World) -> None:
    world.rep.visits_a_day = 1
    world.rep.save()
    PlannedVisit.objects.create(account=five["On track"], user=world.rep, planned_on=TODAY)
    monday = TODAY - dt.timedelta(days=2)
    assert propose_week(user=world.rep, monday=monday, today=TODAY) == 2
    proposals = PlannedVisit.objects.filter(proposed=True).order_by("planned_on")
    assert [(plan.account.name, plan.planned_on.day) for plan in proposals] == [("Overdue", 2), ("Never", 3)]
    assert propose_week(user=world.rep, monday=monday, today=TODAY) == 0
    first = proposals.first()
    assert first is not None
    PlannedVisit.objects.filter(pk=first.pk).update(cancelled_at=NOW)
    assert propose_week(user=world.rep, monday=monday, today=TODAY) == 1
    assert not PlannedVisit.objects.filter(account=five["Overdue"], cancelled_at=None).exists(), (
        "what was dropped is not proposed again that week"
    )


def test_the_week_is_proposed_accepted_and_dropped_on_its_page(
    five: dict[str, Account], world: World, log_in: LogIn
) -> None:
    client = log_in(world.rep)
    address = "/week-proposal/?week=2026-W27"
    page = client.post(address, follow=True).content.decode()
    assert "3 visits proposed" in page
    assert "Overdue" in page
    client.post(address, {"action": "accept"})
    assert PlannedVisit.objects.filter(proposed=False).count() == 3
    assert not PlannedVisit.objects.filter(planned_on__lt=TODAY).exists()
    past = client.post("/week-proposal/?week=2026-W20", follow=True).content.decode()
    assert "This week is over" in past


def propose(account: Account, day: dt.date) -> PlannedVisit:
    assert account.owner is not None
    return PlannedVisit.objects.create(account=account, user=account.owner, planned_on=day, proposed=True)


def test_a_longer_interval_moves_the_proposal_and_tells_the_owner_once(world: World) -> None:
    account = customer(world.rep, A, 29, name="Steady")
    plan = propose(account, dt.date(2026, 7, 2))
    own = PlannedVisit.objects.create(account=account, user=world.rep, planned_on=dt.date(2026, 7, 3))
    regrade(account, A, C)
    for _night in range(2):
        replan(today=TODAY, now=NOW)
    plan.refresh_from_db()
    own.refresh_from_db()
    # Last visit 2 June and 90 days: 31 August, a Monday.
    assert plan.planned_on == dt.date(2026, 8, 31)
    assert plan.proposed
    assert own.planned_on == dt.date(2026, 7, 3), "what a person planned is never touched"
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (world.rep, "grade")
    assert notice.message % notice.values == "Steady: grade A is now C, a visit every 90 days"


def test_a_shorter_interval_brings_the_proposal_forward(world: World) -> None:
    account = customer(world.rep, D, 40)
    plan = propose(account, dt.date(2026, 11, 18))
    regrade(account, D, A)
    replan(today=TODAY, now=NOW)
    plan.refresh_from_db()
    assert plan.planned_on == TODAY + dt.timedelta(days=1)


def test_a_grade_that_asks_for_no_visits_withdraws_the_proposal(world: World) -> None:
    account = customer(world.rep, A, 29)
    plan = propose(account, dt.date(2026, 7, 2))
    regrade(account, A, -1)
    grade(account, None)
    replan(today=TODAY, now=NOW)
    plan.refresh_from_db()
    assert plan.cancelled_at is not None
    assert "no visits by plan any more" in Notice.objects.get().message


def test_proposals_that_have_had_their_day_are_withdrawn(world: World) -> None:
    old = propose(customer(world.rep, A, 40), TODAY - dt.timedelta(days=1))
    seen = propose(customer(world.rep, A, 0), TODAY + dt.timedelta(days=1))
    handed_over = customer(world.rep, A, 40)
    gone = propose(handed_over, TODAY + dt.timedelta(days=1))
    handed_over.owner = world.colleague
    handed_over.save()
    stays = propose(customer(world.rep, A, 40), TODAY + dt.timedelta(days=1))
    done = replan(today=TODAY, now=NOW)
    assert (done.moved, done.withdrawn, done.notices) == (0, 3, 0)
    for plan in (old, seen, gone):
        plan.refresh_from_db()
        assert plan.cancelled_at == NOW
    stays.refresh_from_db()
    assert stays.cancelled_at is None


def test_first_grades_and_old_changes_make_no_noise(world: World) -> None:
    first = customer(world.rep, A)
    regrade(first, B, A)
    GradeInterval.objects.filter(account=first, valid_to__isnull=False).delete()
    regrade(customer(world.rep, A), B, A, since=TODAY - dt.timedelta(days=60))
    assert replan(today=TODAY, now=NOW).notices == 0


def test_the_night_does_it(world: World) -> None:
    account = customer(world.rep, A, 29)
    regrade(account, A, C)
    replan_visits()
    assert Notice.objects.count() == 1
    assert CELERY_BEAT_SCHEDULE["replan-visits"]["task"] == replan_visits.name


def test_a_week_end_gives_way_to_its_monday() -> None:
    days = [first_working_day(dt.date(2026, 7, day)) for day in (3, 4, 5, 6)]
    assert days == [dt.date(2026, 7, 3), *[dt.date(2026, 7, 6)] * 3]
