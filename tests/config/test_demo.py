"""The demo company: the same every time, readable in both languages, and varied enough to make the models speak."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import transaction

from config.demo import load as demo
from config.demo import season
from config.demo.dice import texts
from config.demo.names import companies
from crm.models import (
    Account,
    Complaint,
    Position,
    Run,
    TradeLine,
    User,
    Visit,
)
from lifecycle.models import AccountLifecycle
from satisfaction.models import SurveyAnswer
from segmentation.models import AccountGrade, EquityStudy, GradeSnapshot, ModelBackTest

AS_OF = dt.date(2025, 3, 14)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def load_command(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("load_demo", as_of=AS_OF, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def fingerprint() -> list[list[Any]]:
    """Everything generated, by names instead of ids and without the times of writing."""
    return [
        list(TradeLine.objects.order_by("external_id").values_list(
            "external_id", "account__number", "product__code", "traded_on", "order_number", "quantity", "unit_price",
            "list_price", "discount", "net_amount", "cost", "marketing_cost", "payment_days", "exchange_rate",
            "cancelled",
        )),
        list(Account.objects.order_by("number").values_list(
            "number", "name", "english_name", "parent__number", "owner__username", "territory__name", "employees",
            "annual_revenue", "industry_position", "latitude", "search_text",
        )),
        list(Position.objects.order_by("contact__external_id").values_list(
            "contact__name", "account__number", "title", "decision_role", "influence", "stance", "stance_noted_on",
        )),
        list(Visit.objects.order_by("client_key", "contacts__external_id").values_list(
            "client_key", "account__number", "happened_at", "note", "rating", "next_step", "next_step_on",
            "contacts__name",
        )),
        list(Complaint.objects.order_by("account__number", "opened_on", "subject").values_list(
            "account__number", "opened_on", "subject", "resolved_on", "satisfied_with_resolution",
        )),
        sorted(SurveyAnswer.objects.values_list(
            "response__account__number", "response__answered_on", "response__contact__external_id", "item__code",
            "expected", "perceived", "importance",
        ), key=str),
    ]  # fmt: skip


def discarded_load(accounts: int, as_of: dt.date = AS_OF) -> list[list[Any]]:
    with transaction.atomic():
        demo.load(as_of=as_of, accounts=accounts, say=lambda text: None)
        found = fingerprint()
        transaction.set_rollback(True)
    return found


def test_two_loads_give_the_same_company() -> None:
    first, second = discarded_load(40), discarded_load(40)
    assert all(first)
    assert first == second


def test_note_templates_are_many_and_fill_in() -> None:
    for language in ("zh", "en"):
        groups = {k: v for k, v in texts(f"visits_{language}").items() if k not in ("purposes", "next_steps")}
        notes = [note for group in groups.values() for note in group]
        assert len(notes) == len(set(notes)) >= 60


@pytest.mark.parametrize("count", [20, 99, 100, 300, 900])
def test_names_of_companies_never_repeat(count: int) -> None:
    names = [company.name for company in companies(count)]
    assert len(names) == len(set(names)) == count


@pytest.mark.parametrize("day", ["2024-02-10", "2026-02-17", "2044-02-05"])
def test_the_festival_is_closed_even_beyond_the_table(day: str) -> None:
    new_year = season.number(dt.date.fromisoformat(day))
    days = season.np.array([new_year - 30, new_year, new_year + 30])
    assert season.in_festival(days).tolist() == [False, True, False]


def test_the_command_computes_figures_and_writes_the_log_ins(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "HISTORY_MONTHS", 2)
    summary = load_command(accounts=90)
    assert summary["accounts"] == 90
    assert summary["figures"]
    assert summary["trade_lines"] > 1000
    assert list(Run.objects.order_by("as_of").values_list("as_of", "state")) == [
        (dt.date(2025, 1, 31), "published"),
        (dt.date(2025, 2, 28), "published"),
        (AS_OF, "published"),
    ]
    assert set(GradeSnapshot.objects.values_list("month_end", flat=True)) == {
        dt.date(2025, 1, 31),
        dt.date(2025, 2, 28),
    }
    assert set(AccountGrade.objects.values_list("grade", flat=True)) >= {1, 2, 3}
    assert len(set(AccountLifecycle.objects.values_list("stage", flat=True))) >= 5

    # What managers find worked out already.
    tested = ModelBackTest.objects.values_list("result", flat=True)
    assert len(tested) == 4
    assert all(result["whole"]["gini"] > 0 for result in tested)
    assert all("state" not in result for result in tested)
    assert {study.author.role for study in EquityStudy.objects.all()} == {"manager", "analyst"}

    logins = home / "demo-logins.txt"
    assert logins.stat().st_mode & 0o777 == 0o600
    rows = [line.split() for line in logins.read_text("utf-8").splitlines()]
    assert {row[0] for row in rows} == {"rep", "manager", "analyst", "administrator"}
    for role, name, phrase in rows:
        user = User.objects.get(username=name)
        assert user.role == role
        assert user.check_password(phrase)
    others = User.objects.exclude(username__in=[row[1] for row in rows])
    assert others
    assert not any(user.has_usable_password() for user in others)

    with pytest.raises(CommandError, match="here already"):
        load_command(accounts=90)


def test_a_load_cut_short_before_its_figures_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "HISTORY_MONTHS", 1)
    load_command(accounts=20, without_figures=True)
    lines = TradeLine.objects.count()
    with pytest.raises(CommandError, match="unfinished demo company as of 2025-03-14"):
        call_command("load_demo", as_of=dt.date(2025, 3, 1))
    load_command(accounts=20)
    assert TradeLine.objects.count() == lines
    assert Run.objects.get(as_of=AS_OF).state == "published"


def test_it_never_mixes_with_other_data() -> None:
    Account.objects.create(number="1", name="Somebody real")
    with pytest.raises(CommandError, match="already holds accounts"):
        load_command(accounts=20)
    assert Account.objects.count() == 1
    assert not TradeLine.objects.exists()


@pytest.mark.parametrize("options", [{"accounts": 5}, {"accounts": 100_000}])
def test_sizes_out_of_reason_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError, match="between 20 and"):
        load_command(**options)


def test_a_day_to_come_is_refused() -> None:
    with pytest.raises(CommandError, match="in the future"):
        call_command("load_demo", as_of=dt.date(2999, 1, 1))
    assert not Account.objects.exists()
