"""Figures change when a run is published, and pages ask for them all day: what was worked out once is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.db.models import Max
from django.utils.translation import get_language

from crm.access import SEES_EVERYTHING
from crm.models import Account, Role, Territory, User

if TYPE_CHECKING:
    from crm.models import Run

T = TypeVar("T")
# For those who see all, a renamed account shows after this time at the latest; a new run at once.
SECONDS = 300


def remember(user: User, run: Run | None, name: str, compute: Callable[[], T], *parts: Any) -> T:
    """What `compute` gives for this run, language and `parts`, kept for everybody who sees the same accounts.

    A manager's own changes with everything that `visible_accounts` looks at: territories, people in them, and any
    account that is edited or handed over. A rep's few accounts are computed afresh.
    """
    sight = _sight(user)
    if sight is None:
        return compute()
    made = (run.pk, run.finished_at) if run else None
    text = repr((name, sight, made, get_language(), parts))
    key = f"figures:{hashlib.sha256(text.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        kept = (compute(),)
        cache.set(key, kept, SECONDS)
    found: T = kept[0]
    return found


def last_edit() -> dt.datetime | None:
    """When any account was last changed: what depends on accounts alone is kept until then."""
    return Account.objects.aggregate(last=Max("updated_at"))["last"]


def _sight(user: User) -> tuple[Any, ...] | None:
    """Read once a request."""
    if "_sight" not in user.__dict__:
        user.__dict__["_sight"] = _look(user)
    found: tuple[Any, ...] | None = user.__dict__["_sight"]
    return found


def _look(user: User) -> tuple[Any, ...] | None:
    if user.role in SEES_EVERYTHING:
        return ("all",)
    if user.role != Role.MANAGER:
        return None
    territories = Territory.objects.within(user.territory_paths)
    places = list(territories.order_by("pk").values_list("pk", flat=True))
    team = list(
        User.objects.filter(territories__in=places).order_by("pk").values_list("pk", flat=True).distinct()
    )
    return (user.pk, tuple(places), tuple(team), last_edit())
