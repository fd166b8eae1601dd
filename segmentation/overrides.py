"""Grades set by a person: who, why, until when. The computed grade stays beside; a run never overwrites the word."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from crm.models import Account, User
from crm.refresh import refresh_account
from crm.snapshots import shown_run
from segmentation.models import GradeOverride


def set_grade(
    *, account: Account, grade: int, reason: str, author: User, today: dt.date, valid_to: dt.date
) -> GradeOverride:
    """Set a grade by hand; an earlier word that still holds is revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        _revoke(account)
        run = shown_run()
        override = GradeOverride.objects.create(
            account=account,
            value=grade,
            reason=reason,
            author=author,
            # It shall hold in the figures that are shown, whose date may lie before today.
            valid_from=min(today, run.as_of) if run else today,
            valid_to=valid_to,
        )
        refresh_account(account, author)
    return override


def revoke_grade(*, account: Account, author: User) -> int:
    """Take the word back: the model's grade holds again. Returns how many were revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        revoked = _revoke(account)
        if revoked:
            refresh_account(account, author)
    return revoked


def grade_override_of(account: Account, day: dt.date) -> GradeOverride | None:
    """What a person says on a day, if anything."""
    return (
        GradeOverride.objects.select_related("author")
        .filter(account=account, revoked_at__isnull=True, valid_from__lte=day, valid_to__gt=day)
        .order_by("-pk")
        .first()
    )


def _revoke(account: Account) -> int:
    return GradeOverride.objects.filter(account=account, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
