"""`manage.py recompute`: every figure as of a date, computed and published."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from config import nightly
from crm.models import Run, RunScope, RunState
from crm.runs import NothingPublished, newest_full_run

# Before this, windows of two years would leave the calendar; nobody has trade from then.
_EARLIEST = dt.date(1900, 1, 1)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2025-12-31 ({error})") from error


class Command(BaseCommand):
    # Figures depend on no page: a broken template is no reason to leave them old.
    requires_system_checks: list[str] = []
    help = (
        "Compute every figure as of a date and publish it. Exit status: 0 published, 1 the run failed, "
        "2 the command was not understood or the date cannot be computed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=_date, metavar="YYYY-MM-DD", help="default: today")
        parser.add_argument(
            "--month-ends-from",
            type=_date,
            metavar="YYYY-MM-DD",
            help="first every month's end from this date on, to build up history",
        )
        parser.add_argument(
            "--changed-only",
            action="store_true",
            help="only accounts that changed since the newest full run, as of its date",
        )
        parser.add_argument("--json", action="store_true", help="a summary in JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        runs: list[Run] = []
        error = ""
        try:
            dates, scope = self._dates(options)
            for as_of in dates:
                runs.append(self._recompute(as_of, scope))
                if runs[-1].state != RunState.PUBLISHED:
                    error = runs[-1].error
                    break
        except OperationalError as caught:
            error = f"the database gave up: {str(caught).strip()}"
        if options["json"]:
            self.stdout.write(json.dumps(_summary(runs, error), ensure_ascii=False))
        elif not error:
            last = runs[-1]
            self.stdout.write(f"Run {last.pk} as of {last.as_of}: {last.get_state_display()}")
        if error:
            raise CommandError(error, returncode=1)

    def _dates(self, options: dict[str, Any]) -> tuple[list[dt.date], str]:
        today = timezone.localdate()
        as_of: dt.date | None = options["as_of"]
        first: dt.date | None = options["month_ends_from"]
        if options["changed_only"]:
            base = newest_full_run()
            if first is not None:
                raise CommandError("--changed-only and --month-ends-from exclude each other", returncode=2)
            if base is None or as_of not in (None, base.as_of):
                raise CommandError(
                    f"--changed-only brings the newest full run up to date ({base.as_of if base else 'there is none'})",
                    returncode=2,
                )
            return [base.as_of], RunScope.CHANGED
        as_of = as_of or today
        if as_of > today:
            raise CommandError(f"{as_of} is in the future: today is {today}", returncode=2)
        if as_of < _EARLIEST or (first is not None and first < _EARLIEST):
            raise CommandError(f"dates before {_EARLIEST} cannot be computed", returncode=2)
        if first is None:
            return [as_of], RunScope.FULL
        if first > as_of:
            raise CommandError(f"--month-ends-from {first} is later than {as_of}", returncode=2)
        ends = nightly.month_ends(first, as_of)
        return (ends if ends and ends[-1] == as_of else [*ends, as_of]), RunScope.FULL

    def _recompute(self, as_of: dt.date, scope: str) -> Run:
        started = time.monotonic()
        self._say(f"{as_of}: ")

        said: set[str] = set()

        def progress(slug: str, done: int, total: int) -> None:
            if done >= total and slug not in said:
                said.add(slug)
                self._say(f"{slug} ")

        try:
            run = nightly.recompute(as_of=as_of, trigger="command", scope=scope, progress=progress)
        except NothingPublished as error:
            raise CommandError(str(error), returncode=2) from error
        self._say(f"{run.state}, {time.monotonic() - started:.1f} s\n")
        return run

    def _say(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _summary(runs: list[Run], error: str) -> dict[str, Any]:
    described = [_describe(run) for run in runs]
    last = described[-1] if described else {"run": None, "as_of": None, "state": "failed", "steps": []}
    return {**last, "error": error, "runs": [{k: d[k] for k in ("run", "as_of", "state")} for d in described]}


def _describe(run: Run) -> dict[str, Any]:
    return {
        "run": run.pk,
        "as_of": run.as_of.isoformat(),
        "scope": run.scope,
        "state": run.state,
        "model_versions": run.model_versions,
        "steps": [
            {"slug": step.slug, "rows": step.rows, "ms": step.milliseconds}
            for step in run.steps.order_by("position")
        ],
    }
