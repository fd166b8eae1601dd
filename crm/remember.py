"""Figures change when a run is published, and pages ask for them all day: what was worked out once is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language

from crm.access import SEES_EVERYTHING
from crm.models import Account, Role, Territory, User

if TYPE_CHECKING:
    from crm.models import Run

T = TypeVar("T")
# For those who see all, a renamed account shows after this time at the latest; a new run at once.
SECONDS = 300
# What somebody else works out anew (`renew` below) is kept much longer: until then it is shown as it was.
A_DAY = 24 * 3600
ASKED_AGAIN = 60

_renewing: ContextVar[bool] = ContextVar("renewing", default=False)


@contextmanager
def renewing() -> Iterator[None]:
    """Everything asked for within is worked out anew and kept: for whoever prepares pages."""
    token = _renewing.set(True)
    try:
        yield
    finally:
        _renewing.reset(token)


def remember(
    user: User,
    run: Run | None,
    name: str,
    compute: Callable[[], T],
    *parts: Any,
    renew: Callable[[], bool] | None = None,
) -> T:
    """What `compute` gives for this run, language and `parts`, kept for everybody who sees the same accounts.

    A manager's own changes with everything that `visible_accounts` looks at: territories, people in them, and any
    account that is edited or handed over. A rep's few accounts are computed afresh.

    `renew` asks somebody else to work it out anew (see `renewing`) and says whether that one will. With it, those who
    see all get what is kept at once; when an account was edited since, they see that from the next time on.
    """
    sight = _sight(user)
    if sight is None:
        return compute()
    made = (run.pk, run.finished_at) if run else None
    text = repr((name, sight, made, get_language(), parts))
    key = f"figures:{hashlib.sha256(text.encode()).hexdigest()}"
    lasting = renew is not None and sight == EVERYTHING
    kept = None if _renewing.get() else cache.get(key)
    if kept is not None and lasting and _is_old(kept[1]):
        # Asked once a minute, however many look. Where nobody can be asked, it is worked out here.
        asked = not cache.add(f"{key}:asked", True, ASKED_AGAIN)
        if not asked and renew is not None and not renew():
            kept = None
    if kept is None:
        now = timezone.now()
        kept = (compute(), now)
        cache.set(key, kept, A_DAY if lasting else SECONDS)
    found: T = kept[0]
    return found


def _is_old(made_at: dt.datetime) -> bool:
    """Some minutes old, and an account was edited since."""
    if timezone.now() - made_at <= dt.timedelta(seconds=SECONDS):
        return False
    edited = last_edit()
    return edited is not None and edited >= made_at


def last_edit() -> dt.datetime | None:
    """When any account was last changed: what depends on accounts alone is kept until then."""
    return Account.objects.aggregate(last=Max("updated_at"))["last"]


EVERYTHING = ("all",)


def _sight(user: User) -> tuple[Any, ...] | None:
    """Read once a request."""
    if "_sight" not in user.__dict__:
        user.__dict__["_sight"] = _look(user)
    found: tuple[Any, ...] | None = user.__dict__["_sight"]
    return found


def _look(user: User) -> tuple[Any, ...] | None:
    if user.role in SEES_EVERYTHING:
        return EVERYTHING
    if user.role != Role.MANAGER:
        return None
    territories = Territory.objects.within(user.territory_paths)
    places = list(territories.order_by("pk").values_list("pk", flat=True))
    team = list(
        User.objects.filter(territories__in=places).order_by("pk").values_list("pk", flat=True).distinct()
    )
    return (user.pk, tuple(places), tuple(team), last_edit())
