"""Planning visits and seeing to next steps: atomic, keyword-only."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from crm.models import Account, CalendarFeed, PlannedVisit, User, Visit


@transaction.atomic
def plan_visit(
    *, account: Account, user: User, day: dt.date, starts_at: dt.time | None = None, purpose: str = ""
) -> tuple[PlannedVisit, bool]:
    """Plan a visit; planning the same account for the same day again changes that plan instead of making a second.

    The user's row is locked, so that a double click makes one.
    """
    User.objects.select_for_update().get(pk=user.pk)
    there = PlannedVisit.objects.filter(
        account=account, user=user, planned_on=day, cancelled_at=None, visit=None
    ).first()
    if there is None:
        plan = PlannedVisit.objects.create(
            account=account, user=user, planned_on=day, starts_at=starts_at, purpose=purpose
        )
        return plan, True
    there.starts_at, there.purpose = starts_at or there.starts_at, purpose or there.purpose
    there.proposed = False
    there.save()
    return there, False


def change_plan(*, plan: PlannedVisit, day: dt.date, starts_at: dt.time | None, purpose: str) -> None:
    """Whoever touches a proposal makes it a plan."""
    plan.planned_on, plan.starts_at, plan.purpose, plan.proposed = day, starts_at, purpose, False
    plan.save()


def cancel_plan(*, plan: PlannedVisit, now: dt.datetime) -> None:
    """Kept, so that calendar programs hear of it."""
    plan.cancelled_at = now
    plan.save(update_fields=["cancelled_at", "updated_at"])


def finish_next_step(*, visit: Visit, now: dt.datetime) -> None:
    visit.next_step_done_at = now
    visit.save(update_fields=["next_step_done_at", "updated_at"])


def postpone_next_step(*, visit: Visit, day: dt.date) -> None:
    visit.next_step_on = day
    visit.save(update_fields=["next_step_on", "updated_at"])


def digest_of(secret: str) -> str:
    """All that is kept of a calendar link's secret: 256 bits of chance need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def new_feed(*, user: User, now: dt.datetime) -> tuple[CalendarFeed, str]:
    """A calendar link and its secret, which is shown once; the links before it stop working."""
    User.objects.select_for_update().get(pk=user.pk)
    revoke_feeds(user=user, now=now)
    secret = secrets.token_urlsafe(32)
    return CalendarFeed.objects.create(user=user, digest=digest_of(secret)), secret


def revoke_feeds(*, user: User, now: dt.datetime) -> int:
    return CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
