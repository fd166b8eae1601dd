"""`manage.py recompute`: which dates it takes, and what it says of them."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.models import Run
from tests.factories import make_account, make_trade_line

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "options",
    [
        {"as_of": dt.date(2999, 1, 1)},
        {"as_of": dt.date(1899, 12, 31)},
        {"as_of": dt.date(2025, 1, 31), "month_ends_from": dt.date(2025, 2, 28)},
        {"as_of": dt.date(2025, 1, 31), "changed_only": True},
        {"changed_only": True, "month_ends_from": dt.date(2025, 1, 31)},
    ],
)
def test_dates_that_cannot_be_computed_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("recompute", **options)
    assert refusal.value.returncode == 2
    assert not Run.objects.exists()


@pytest.mark.parametrize("text", ["2025-02-30", "yesterday", "31.12.2025", ""])
def test_a_date_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="not a date"):
        call_command("recompute", f"--as-of={text}")


def test_an_empty_company_is_computed_too() -> None:
    out = StringIO()
    call_command("recompute", as_of=dt.date(2025, 6, 30), json=True, stdout=out)
    summary = json.loads(out.getvalue())
    assert (summary["state"], summary["as_of"], summary["error"]) == ("published", "2025-06-30", "")


def test_month_ends_come_before_the_date_itself() -> None:
    account = make_account()
    make_trade_line(account, dt.date(2025, 4, 2))
    out = StringIO()
    call_command(
        "recompute", as_of=dt.date(2025, 6, 15), month_ends_from=dt.date(2025, 4, 30), json=True, stdout=out
    )
    assert [run["as_of"] for run in json.loads(out.getvalue())["runs"]] == [
        "2025-04-30",
        "2025-05-31",
        "2025-06-15",
    ]
