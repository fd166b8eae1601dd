"""What a person sets against a model: who, why, until when. The computed value stays beside; no run overwrites it.

A leader's word counts at once. A rep's is a proposal, which a leader who sees the account approves or refuses.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from crm.access import users_seeing
from crm.models import Account, NoticeKind, Role, User
from crm.models.history import Override, OverrideState
from crm.notices.operations import notify
from crm.refresh import refresh_account
from crm.snapshots import shown_run

AnyOverride = TypeVar("AnyOverride", bound=Override)

DECIDES = "override_figures"
PROPOSED = gettext_noop("%(person)s proposes another value for %(account)s: %(reason)s")
APPROVED = gettext_noop("%(person)s approved your proposal for %(account)s. %(word)s")
REFUSED = gettext_noop("%(person)s refused your proposal for %(account)s. %(word)s")
# Of the managers who see an account; beyond that nobody feels meant.
MOST_TOLD = 20


class OverrideRefusedError(Exception):
    """The decision cannot be taken: `reason` is "decided" (somebody else was faster) or "ended"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    """A leader's word, which replaces the one that holds; or a rep's proposal, which replaces the rep's earlier one."""
    decides = author.can(DECIDES)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if decides:
            _revoke(model, account, now)
        else:
            _proposals(model, account).filter(author=author).update(revoked_at=now)
        override: AnyOverride = model._default_manager.create(
            account=account,
            value=value,
            reason=reason,
            author=author,
            valid_from=_start(today),
            valid_to=valid_to,
            state=OverrideState.APPROVED if decides else OverrideState.PROPOSED,
            decided_by=author if decides else None,
            decided_at=now if decides else None,
        )
        if decides:
            refresh_account(account, author)
        else:
            _tell_leaders(override)
    return override


def decide_override(
    override: Override, *, approve: bool, word: str, user: User, today: dt.date, now: dt.datetime
) -> None:
    """Approve or refuse a proposal, once. OverrideRefusedError: it is no longer to be decided."""
    model = type(override)
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=override.account_id)
        waiting = _proposals(model, account).select_for_update().filter(pk=override.pk).first()
        if waiting is None:
            raise OverrideRefusedError("decided")
        if approve and waiting.valid_to <= today:
            raise OverrideRefusedError("ended")
        if approve:
            _revoke(model, account, now)
            waiting.valid_from = _start(today)
        waiting.state = OverrideState.APPROVED if approve else OverrideState.REFUSED
        waiting.decided_by, waiting.decided_at, waiting.decision = user, now, word
        waiting.save()
        if approve:
            refresh_account(account, user)
        notify(
            recipient=waiting.author,
            kind=NoticeKind.ALERT,
            message=APPROVED if approve else REFUSED,
            values={"person": user, "account": account, "word": word},
            key=f"override:{model._meta.label_lower}:{waiting.pk}:decided",
            path=account.get_absolute_url(),
            account=account,
        )


def revoke_override(model: type[Override], *, account: Account, author: User, now: dt.datetime) -> int:
    """Take the word back: the model's value holds again. Somebody who only proposes takes back the proposal."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if not author.can(DECIDES):
            return _proposals(model, account).filter(author=author).update(revoked_at=now)
        revoked = _revoke(model, account, now)
        if revoked:
            refresh_account(account, author)
    return revoked


def said_of(
    model: type[AnyOverride], account: Account, day: dt.date
) -> tuple[AnyOverride | None, list[AnyOverride]]:
    """What holds on a day, and what waits for a decision, oldest first. One query; two where anything was said."""
    holds = Q(state=OverrideState.APPROVED, valid_from__lte=day, valid_to__gt=day)
    said = model._default_manager.filter(
        holds | Q(state=OverrideState.PROPOSED), account=account, revoked_at__isnull=True
    )
    # Of most accounts nobody has said anything: who said it is read only where somebody has.
    rows = said.prefetch_related("author", "decided_by").order_by("pk")
    waiting = [row for row in rows if row.state == OverrideState.PROPOSED]
    holding = [row for row in rows if row.state == OverrideState.APPROVED]
    return (holding[-1] if holding else None), waiting


def _proposals(model: type[AnyOverride], account: Account) -> QuerySet[AnyOverride]:
    waiting = model._default_manager.filter(state=OverrideState.PROPOSED, revoked_at__isnull=True)
    return waiting.filter(account=account)


def _revoke(model: type[Override], account: Account, now: dt.datetime) -> int:
    holding = model._default_manager.filter(state=OverrideState.APPROVED, revoked_at__isnull=True)
    return holding.filter(account=account).update(revoked_at=now)


def _start(today: dt.date) -> dt.date:
    """It shall hold in the figures that are shown, whose date may lie before today."""
    run = shown_run()
    return min(today, run.as_of) if run else today


def _tell_leaders(override: Override) -> None:
    """The managers who see the account; where there are none, those who keep the data."""
    account = override.account
    seeing = users_seeing(User.objects.all(), account)
    leaders = list(seeing.filter(role=Role.MANAGER).distinct()[:MOST_TOLD])
    for leader in leaders or list(seeing.filter(role=Role.ADMINISTRATOR).distinct()[:MOST_TOLD]):
        notify(
            recipient=leader,
            kind=NoticeKind.ALERT,
            message=PROPOSED,
            values={"person": override.author, "account": account, "reason": override.reason},
            key=f"override:{override._meta.label_lower}:{override.pk}:proposed",
            path=account.get_absolute_url(),
            account=account,
        )
