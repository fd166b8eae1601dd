"""Tokens by which programs log in: made, checked, revoked. Only a digest is ever stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import string

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm.models import ApiToken, Scope, User

ALPHABET = string.ascii_lowercase + string.digits
PREFIX_LENGTH = 8
# 50 letters of 36 are 258 bits: a plain digest is enough, there is nothing to guess.
SECRET_LENGTH = 50
USED_EVERY = dt.timedelta(minutes=1)


class TokenNameError(ValueError):
    """The user has a token of that name that still works."""


class TokenError(ValueError):
    """`code` says why: unknown, revoked, expired or inactive_user."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def scopes_of(scope: str) -> list[str]:
    """Whoever may write may read."""
    return [Scope.READ, Scope.WRITE] if scope == Scope.WRITE else [Scope.READ]


@transaction.atomic
def create_token(
    *,
    user: User,
    scope: str,
    now: dt.datetime,
    name: str = "",
    rate: str = "",
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """The row and the token itself, which nobody can show again. Without a name it is named by its beginning."""
    # Two clicks on "make" wait for each other here, and the second finds the name taken.
    User.objects.select_for_update().get(pk=user.pk)
    usable = ApiToken.objects.filter(user=user, name=name, revoked_at=None)
    if name and usable.filter(Q(expires_at=None) | Q(expires_at__gt=now)).exists():
        raise TokenNameError(name)
    prefix = "ms_" + _random(PREFIX_LENGTH)
    token = f"{prefix}_{_random(SECRET_LENGTH)}"
    row = ApiToken.objects.create(
        user=user,
        name=name or prefix,
        prefix=prefix,
        digest=digest_of(token),
        scopes=scopes_of(scope),
        rate=rate,
        expires_at=expires_at,
    )
    return row, token


def revoke_token(*, token: ApiToken, now: dt.datetime) -> None:
    """At once and for good; a second call keeps the first date."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def find_token(raw: str, *, now: dt.datetime) -> ApiToken:
    """The token's row with its user, or TokenError. Notes the use, at most once a minute."""
    digest = digest_of(raw)
    row = ApiToken.objects.select_related("user").filter(digest=digest).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        raise TokenError("unknown")
    if row.revoked_at is not None:
        raise TokenError("revoked")
    if row.expires_at is not None and row.expires_at <= now:
        raise TokenError("expired")
    if not row.user.is_active:
        raise TokenError("inactive_user")
    if row.last_used_at is None or row.last_used_at <= now - USED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def end_of(day: dt.date) -> dt.datetime:
    """When a token that works through `day` ends: the midnight after it, in the company's time zone."""
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
