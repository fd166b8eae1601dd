"""Graded accounts without a run: a grade in force is a row, a visit is a row, and that is all the cadence reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.models import Account, Run, RunState, User, Visit
from segmentation.models import AccountGrade, GradeInterval
from segmentation.operations import ensure_default_model
from tests.factories import make_account, make_visit

TODAY = dt.date(2026, 7, 1)
NOW = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)  # nine o'clock in Shanghai
A, B, C, D = range(4)


def _run() -> Run:
    found = Run.objects.filter(as_of=TODAY).first()
    return found or Run.objects.create(as_of=TODAY, trigger="command", state=RunState.PUBLISHED)


def grade(account: Account, place: int | None) -> Account:
    """The grade in force from now on."""
    version = ensure_default_model()
    indicators = len(version.definition["indicators"])
    figures: dict[str, Any] = {
        "version": version,
        "grade": place,
        "computed_grade": place,
        "coverage": 1,
        "raw": [None] * indicators,
        "points": [None] * indicators,
        "reasons": [0] * indicators,
        "net_sales_12m": 0,
        "run": _run(),
    }
    AccountGrade.objects.update_or_create(account=account, defaults=figures)
    return account


def regrade(account: Account, before: int, now: int, since: dt.date = TODAY) -> None:
    """As a run publishes it: the interval before ends where the new one begins."""
    version, run = ensure_default_model(), _run()
    GradeInterval.objects.filter(account=account).delete()
    common = {"account": account, "version": version, "run": run}
    GradeInterval.objects.create(value=before, valid_from=dt.date(2026, 1, 1), valid_to=since, **common)
    GradeInterval.objects.create(value=now, valid_from=since, **common)
    grade(account, now)


def visited(account: Account, days_ago: int, **fields: Any) -> Visit:
    """At noon in Shanghai."""
    day = TODAY - dt.timedelta(days=days_ago)
    at = dt.datetime.combine(day, dt.time(4), dt.UTC)
    assert account.owner is not None
    return make_visit(account, account.owner, at, **fields)


def customer(owner: User, place: int | None, days_ago: int | None = None, **fields: Any) -> Account:
    account = grade(make_account(owner, **fields), place)
    if days_ago is not None:
        visited(account, days_ago)
    return account
