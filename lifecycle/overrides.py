"""Stages set by a person: who, why, until when. The computed stage stays beside; a run never overwrites the word."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from crm.models import Account, User
from crm.refresh import refresh_account
from crm.snapshots import shown_run
from lifecycle.models import StageOverride


def set_stage(
    *, account: Account, stage: int, reason: str, author: User, today: dt.date, valid_to: dt.date
) -> StageOverride:
    """Set a stage by hand; an earlier word that still holds is revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        _revoke(account)
        run = shown_run()
        override = StageOverride.objects.create(
            account=account,
            value=stage,
            reason=reason,
            author=author,
            # It shall hold in the figures that are shown, whose date may lie before today.
            valid_from=min(today, run.as_of) if run else today,
            valid_to=valid_to,
        )
        refresh_account(account, author)
    return override


def revoke_stage(*, account: Account, author: User) -> int:
    """Take the word back: the model's stage holds again. Returns how many were revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        revoked = _revoke(account)
        if revoked:
            refresh_account(account, author)
    return revoked


def stage_override_of(account: Account, day: dt.date) -> StageOverride | None:
    """What a person says on a day, if anything."""
    return (
        StageOverride.objects.select_related("author")
        .filter(account=account, revoked_at__isnull=True, valid_from__lte=day, valid_to__gt=day)
        .order_by("-pk")
        .first()
    )


def _revoke(account: Account) -> int:
    return StageOverride.objects.filter(account=account, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
