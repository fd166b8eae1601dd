"""After a change of grade or policy: proposals that nobody has accepted follow, and the owner is told.

What a person planned or accepted is never touched. Everything here may run twice: the same change gives one notice, and
a proposal that already stands where it belongs stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from crm.models import Account, Notice, NoticeKind, PlannedVisit, User
from segmentation.cadence.standing import Rules, rules, standing
from segmentation.cadence.wording import due_date
from segmentation.models import AccountGrade, ServicePolicyChange
from segmentation.policies import Key
from segmentation.scoring.cadence import CadenceState, lead_days

# How far back a change of grade is looked for: longer than any machine is switched off.
LOOK_BACK = dt.timedelta(days=14)
_UNRATED = -1

CHANGED = gettext_noop("%(account)s: grade %(before)s is now %(now)s, a visit every %(days)s days")
NO_LONGER = gettext_noop("%(account)s: grade %(before)s is now %(now)s, no visits by plan any more")
POLICY = gettext_noop("Customers of grade %(grade)s: a visit every %(days)s days from now on")
POLICY_NONE = gettext_noop("Customers of grade %(grade)s: no visits by plan any more")


@dataclass(frozen=True)
class Replanned:
    moved: int
    withdrawn: int
    notices: int


@dataclass(frozen=True)
class GradeMove:
    account_id: int
    account: str
    owner_id: int | None
    before: Key
    now: Key
    since: dt.date


@transaction.atomic
def replan(*, today: dt.date, now: dt.datetime) -> Replanned:
    """The night's work: notices of changed intervals, and every open proposal where it belongs."""
    found = rules()
    moves = [
        move
        for move in recent_moves(today - LOOK_BACK)
        if found.every.get(move.before) != found.every.get(move.now)
    ]
    told = _tell_of_grades(moves, found)
    moved, withdrawn = settle_proposals({move.account_id for move in moves}, found, today, now)
    return Replanned(moved, withdrawn, told)


@transaction.atomic
def replan_policy(*, change: ServicePolicyChange, today: dt.date, now: dt.datetime) -> Replanned:
    """A policy has another interval now: proposals to its customers follow, their owners are told once."""
    policy, found = change.policy, rules()
    of_grade = AccountGrade.objects.filter(version__model=policy.model_id, grade=policy.grade)
    graded = of_grade.values("account_id")
    open_to = PlannedVisit.objects.filter(proposed=True, account__in=graded)
    moved, withdrawn = settle_proposals(set(open_to.values_list("account_id", flat=True)), found, today, now)
    days = policy.visit_every_days
    owners = User.objects.filter(pk__in=Account.objects.filter(pk__in=graded).values("owner"), is_active=True)
    notices = [
        Notice(
            recipient=owner,
            kind=NoticeKind.GRADE,
            message=POLICY if days else POLICY_NONE,
            values={"grade": found.name(policy.model_id, policy.grade), "days": days},
            path=reverse("segmentation:policies"),
            key=f"policy:{change.pk}",
        )
        for owner in owners
    ]
    return Replanned(moved, withdrawn, len(Notice.objects.bulk_create(notices, ignore_conflicts=True)))


def recent_moves(since: dt.date) -> list[GradeMove]:
    """Accounts whose grade in force began after `since` and followed another one. A first grade is no move."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id, a.name, a.owner_id, bv.model_id, nullif(b.value, %(unrated)s),
                   iv.model_id, nullif(i.value, %(unrated)s), i.valid_from
            FROM segmentation_gradeinterval i
            JOIN segmentation_gradeinterval b ON b.account_id = i.account_id AND b.valid_to = i.valid_from
            JOIN segmentation_scoringmodelversion iv ON iv.id = i.version_id
            JOIN segmentation_scoringmodelversion bv ON bv.id = b.version_id
            JOIN crm_account a ON a.id = i.account_id AND a.merged_into_id IS NULL
            WHERE i.valid_to IS NULL AND i.valid_from > %(since)s AND (b.value, bv.model_id) <> (i.value, iv.model_id)
            ORDER BY a.id
            """,
            {"since": since, "unrated": _UNRATED},
        )
        return [
            GradeMove(pk, name, owner, (old_model, old), (model, grade), since)
            for pk, name, owner, old_model, old, model, grade, since in cursor.fetchall()
        ]


def _tell_of_grades(moves: Collection[GradeMove], found: Rules) -> int:
    owners = {move.owner_id for move in moves if move.owner_id}
    active = set(User.objects.filter(pk__in=owners, is_active=True).values_list("pk", flat=True))
    notices = []
    for move in moves:
        if move.owner_id is None or move.owner_id not in active:
            continue
        days = found.every.get(move.now)
        notices.append(
            Notice(
                recipient_id=move.owner_id,
                kind=NoticeKind.GRADE,
                account_id=move.account_id,
                message=CHANGED if days else NO_LONGER,
                values={
                    "account": move.account,
                    "before": found.name(*move.before),
                    "now": found.name(*move.now),
                    "days": days,
                },
                path=reverse("crm:account-detail", args=[move.account_id]),
                key=f"cadence:{move.account_id}:{move.since:%Y-%m-%d}:{move.now[0]}:{move.now[1]}",
            )
        )
    before = Notice.objects.count()
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return Notice.objects.count() - before


def settle_proposals(
    changed: Collection[int], found: Rules, today: dt.date, now: dt.datetime
) -> tuple[int, int]:
    """Move or withdraw open proposals; returns how many of each. `changed`: accounts with another interval now."""
    proposals = list(
        PlannedVisit.objects.select_for_update(of=("self",))
        .filter(proposed=True, cancelled_at=None, visit=None)
        .select_related("user")
        .order_by("pk")
    )
    if not proposals:
        return 0, 0
    accounts = Account.objects.filter(
        pk__in={proposal.account_id for proposal in proposals}, merged_into=None
    )
    at = standing(accounts, today, found)
    leads = lead_days(at.every, found.parameters)
    place_of = {int(pk): place for place, pk in enumerate(at.account_ids)}
    moved, withdrawn = [], []
    for proposal in proposals:
        place = place_of.get(proposal.account_id)
        state = None if place is None else CadenceState(int(at.cadence.state[place]))
        if (
            place is None
            or state == CadenceState.NO_PLAN
            or proposal.planned_on < today
            or at.owner_ids[place] != proposal.user_id
        ):
            withdrawn.append(proposal)
            continue
        due = due_date(at.cadence, place)
        if due is None:
            continue
        first = due - dt.timedelta(days=int(leads[place]))
        if proposal.planned_on < first and proposal.account_id not in changed:
            # The customer was visited meanwhile.
            withdrawn.append(proposal)
        elif proposal.account_id in changed and not first <= proposal.planned_on <= max(due, today + _SOON):
            proposal.planned_on = first_working_day(max(due, today + dt.timedelta(days=1)))
            moved.append(proposal)
    for proposal in withdrawn:
        proposal.cancelled_at = proposal.updated_at = now
    for proposal in moved:
        proposal.updated_at = now
    PlannedVisit.objects.bulk_update(withdrawn, ["cancelled_at", "updated_at"])
    PlannedVisit.objects.bulk_update(moved, ["planned_on", "updated_at"])
    return len(moved), len(withdrawn)


# Whoever is late already may wait this long in the proposal that stands.
_SOON = dt.timedelta(days=7)


def first_working_day(day: dt.date) -> dt.date:
    """The day itself, or the Monday after a week-end."""
    return dt.date.fromisoformat(str(np.busday_offset(np.datetime64(day, "D"), 0, roll="forward")))
