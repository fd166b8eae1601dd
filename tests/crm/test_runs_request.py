"""Asking for a run twice is asking once."""

from __future__ import annotations

import datetime as dt

from crm.models import Run, RunScope, RunState
from crm.runs import request_run
from tests.figures import compute

A = dt.date(2025, 6, 30)


def test_the_same_date_asked_for_twice_is_one_run(db: None) -> None:
    first = request_run(as_of=A, trigger="button")
    assert request_run(as_of=A, trigger="command") == first
    assert request_run(as_of=A - dt.timedelta(days=1), trigger="button") != first
    Run.objects.filter(pk=first.pk).update(state=RunState.PUBLISHED)
    assert request_run(as_of=A, trigger="button") != first


def test_changed_accounts_wait_in_one_run_but_not_behind_one_that_has_begun(db: None) -> None:
    compute(A)
    waiting = request_run(as_of=A, trigger="button", scope=RunScope.CHANGED)
    assert request_run(as_of=A, trigger="button", scope=RunScope.CHANGED) == waiting
    Run.objects.filter(pk=waiting.pk).update(state=RunState.RUNNING)
    assert request_run(as_of=A, trigger="button", scope=RunScope.CHANGED) != waiting
