"""What a person sets against a model: who, why, until when. The computed value stays beside; no run overwrites it."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db import transaction

from crm.models import Account, User
from crm.models.history import Override, OverrideState
from crm.refresh import refresh_account
from crm.snapshots import shown_run

AnyOverride = TypeVar("AnyOverride", bound=Override)


def set_override(
    model: type[AnyOverride],
    *,
    account: Account,
    value: int,
    reason: str,
    author: User,
    valid_to: dt.date,
    today: dt.date,
    now: dt.datetime,
) -> AnyOverride:
    """Set a value by hand; an earlier word that still holds is revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        _revoke(model, account, now)
        run = shown_run()
        override: AnyOverride = model._default_manager.create(
            account=account,
            value=value,
            reason=reason,
            author=author,
            # It shall hold in the figures that are shown, whose date may lie before today.
            valid_from=min(today, run.as_of) if run else today,
            valid_to=valid_to,
        )
        refresh_account(account, author)
    return override


def revoke_override(model: type[Override], *, account: Account, author: User, now: dt.datetime) -> int:
    """Take the word back: the model's value holds again. Returns how many were revoked."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        revoked = _revoke(model, account, now)
        if revoked:
            refresh_account(account, author)
    return revoked


def override_of(model: type[AnyOverride], account: Account, day: dt.date) -> AnyOverride | None:
    """What a person says on a day, if anything."""
    return (
        model._default_manager.select_related("author")
        .filter(account=account, state=OverrideState.APPROVED, revoked_at__isnull=True)
        .filter(valid_from__lte=day, valid_to__gt=day)
        .order_by("-pk")
        .first()
    )


def _revoke(model: type[Override], account: Account, now: dt.datetime) -> int:
    return model._default_manager.filter(account=account, revoked_at__isnull=True).update(revoked_at=now)
