"""The chain as a whole: repeatable, order of dates without effect, gaps filled, the command that scripts rely on."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.nightly import due_dates, help_run, month_ends, nightly, recompute
from crm import ranges
from crm.models import Account, ChangedAccount, Run, RunScope, RunState, RunStep, StagedAccountFacts
from crm.runs import Context
from lifecycle.models import AccountLifecycle, LifecycleSnapshot, LoyaltyInterval, StageInterval
from segmentation.models import AccountGrade, GradeChange, GradeInterval, GradeSnapshot
from segmentation.operations import ensure_default_model
from tests.factories import make_account, make_trade_line
from tests.figures import compute, roll_up, stored

A = dt.date(2025, 6, 30)


@pytest.fixture
def ledger(db: None) -> None:
    for n in range(8):
        account = make_account(industry_position=1 + n % 5)
        for month in range(1 + n % 3, 13, 1 + n % 4):
            make_trade_line(account, dt.date(2024, month, 2 + n), net_amount=100 + 10 * n * month, cost=60)
        make_trade_line(account, dt.date(2025, 3, 1 + n), net_amount=50 * (n + 1), cost=30)
    make_account()
    roll_up()


def test_an_empty_company_has_empty_figures(db: None) -> None:
    run = compute(A)
    assert {step.rows for step in run.steps.all()} == {0}
    assert set(stored().values()) == {b""}


def test_the_same_run_twice_gives_the_same_bytes(ledger: None) -> None:
    compute(A)
    first, feed = stored(), GradeChange.objects.count()
    compute(A)
    assert stored() == first
    assert GradeChange.objects.count() == feed


def test_ranges_make_no_difference(ledger: None, settings: Any) -> None:
    settings.RUN_RANGE_ACCOUNTS = 2
    compute(A)
    in_ranges = stored()
    settings.RUN_RANGE_ACCOUNTS = 1000
    compute(A)
    assert stored() == in_ranges


def test_steps_and_model_versions_are_on_record(ledger: None) -> None:
    run = compute(A)
    assert [step.slug for step in run.steps.order_by("position")][:5] == [
        "crm.facts",
        "satisfaction.ratio",
        "lifecycle.stage",
        "lifecycle.value",
        "segmentation.grade",
    ]
    assert run.model_versions["segmentation.grade"] == 1
    assert all(step.state == "done" for step in run.steps.all())


@pytest.mark.parametrize("order", [(3, 0, 1, 2), (2, 3, 0, 1)])
def test_history_computed_in_disorder_becomes_that_of_order_once_every_date_follows_its_past(
    ledger: None, order: tuple[int, ...]
) -> None:
    dates = [dt.date(2025, 2, 28), dt.date(2025, 3, 31), dt.date(2025, 4, 30), dt.date(2025, 5, 31)]
    for place in order:
        compute(dates[place])
    newest = AccountLifecycle.objects.order_by("account_id").values_list("overdue_ratio", flat=True)
    shown = list(newest)
    for date in dates:
        compute(date)
    assert list(newest) == shown
    grown = stored()
    for model in (StageInterval, LoyaltyInterval, GradeInterval, LifecycleSnapshot, GradeSnapshot):
        model._default_manager.all().delete()
    for date in dates:
        compute(date)
    assert stored() == grown
    assert LifecycleSnapshot.objects.values("month_end").distinct().count() == 4


def test_intervals_leave_no_gaps(ledger: None) -> None:
    for month in (3, 5, 4, 1):
        compute(dt.date(2025, month, 28))
    for account in AccountGrade.objects.values_list("account_id", flat=True):
        for model in (StageInterval, GradeInterval):
            intervals = list(model._default_manager.filter(account=account).order_by("valid_from"))
            assert [i.valid_to for i in intervals[:-1]] == [i.valid_from for i in intervals[1:]]
            assert (intervals[0].valid_from, intervals[-1].valid_to) == (dt.date(2025, 1, 28), None)


def test_changed_accounts_alone_get_fresh_figures_against_the_populations_of_the_full_run(
    ledger: None,
) -> None:
    base = compute(A)
    changed = AccountGrade.objects.order_by("account_id")[0]
    before = list(AccountGrade.objects.exclude(account=changed.account_id).order_by("account_id").values())
    make_trade_line(changed.account, A, net_amount=12_345, cost=5_000)
    roll_up()
    ChangedAccount.objects.exclude(account_id=changed.account_id).delete()
    Account.objects.update(updated_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    run = recompute(as_of=A, trigger="button", scope=RunScope.CHANGED)
    assert run.state == RunState.PUBLISHED, run.error
    assert [step.rows for step in run.steps.order_by("position")][:5] == [1, 0, 1, 1, 1]
    fresh = AccountGrade.objects.get(account=changed.account_id)
    assert fresh.points[:2] == [100, 100]  # above everybody of the full run
    assert fresh.score is not None
    assert fresh.score > (changed.score or 0)
    assert before == list(
        AccountGrade.objects.exclude(account=changed.account_id).order_by("account_id").values()
    )
    assert base.pk in {row["run_id"] for row in before}
    compute(A)
    assert AccountGrade.objects.get(account=changed.account_id).raw == fresh.raw


def test_after_an_upgrade_the_first_run_of_changed_accounts_takes_everybody(ledger: None) -> None:
    full = compute(A)
    # As if that run had been made before the program knew the step.
    RunStep.objects.filter(run=full, slug="lifecycle.value").delete()
    run = recompute(as_of=A, trigger="button", scope=RunScope.CHANGED)
    assert run.state == RunState.PUBLISHED, run.error
    assert run.scope == RunScope.FULL
    assert recompute(as_of=A, trigger="button", scope=RunScope.CHANGED).scope == RunScope.CHANGED


def test_month_ends() -> None:
    found = month_ends(dt.date(2024, 1, 31), dt.date(2024, 4, 29))
    assert found == [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31)]
    assert month_ends(dt.date(2024, 2, 1), dt.date(2024, 2, 28)) == []


def test_month_ends_that_were_slept_through_are_made_up_for(db: None) -> None:
    assert due_dates(A) == [A]
    Run.objects.create(as_of=dt.date(2025, 3, 31), trigger="schedule", state=RunState.PUBLISHED)
    Run.objects.create(as_of=dt.date(2025, 5, 31), trigger="command", state=RunState.FAILED)
    assert due_dates(dt.date(2025, 6, 30)) == [dt.date(2025, 4, 30), dt.date(2025, 5, 31), A]
    assert due_dates(dt.date(2025, 4, 2)) == [dt.date(2025, 4, 2)]


def test_the_night_publishes_yesterday(ledger: None) -> None:
    nightly()
    nightly()  # an hour later
    run = Run.objects.get()
    assert (run.state, run.trigger) == (RunState.PUBLISHED, "schedule")
    assert run.as_of == timezone.localdate() - dt.timedelta(days=1)


def test_a_worker_helps_with_the_ranges_of_a_run(
    ledger: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_RANGE_ACCOUNTS = 3
    monkeypatch.setattr("config.nightly._POLL_SECONDS", 0)
    run = Run.objects.create(as_of=A, trigger="command", state=RunState.RUNNING)
    row = RunStep.objects.create(
        run=run, position=1, slug="crm.facts", state="running", parameters={"values": {}}
    )
    assert ranges.lay_out(row, Context(run)) == 3
    help_run(run.pk)
    assert ranges.rows_of(row) == 9
    assert StagedAccountFacts.objects.filter(run=run).count() == 9
    help_run(run.pk + 1)  # no such run: nothing to do


def test_the_command_reports_in_json(ledger: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("recompute", "--as-of", "2025-06-30", "--json")
    output = capsys.readouterr()
    summary = json.loads(output.out)
    assert (summary["state"], summary["as_of"], summary["error"]) == ("published", "2025-06-30", "")
    assert summary["run"] == Run.objects.get().pk
    assert {step["slug"]: step["rows"] for step in summary["steps"]}["crm.facts"] == 9
    assert all(step["ms"] >= 0 for step in summary["steps"])
    assert "crm.facts" in output.err


def test_the_command_replays_month_ends(ledger: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("recompute", "--month-ends-from", "2025-01-01", "--as-of", "2025-03-15", "--json")
    dates = [run["as_of"] for run in json.loads(capsys.readouterr().out)["runs"]]
    assert dates == ["2025-01-31", "2025-02-28", "2025-03-15"]


def test_before_any_trade_everybody_is_a_prospect(ledger: None) -> None:
    call_command("recompute", "--as-of", "2000-01-01")
    assert set(AccountLifecycle.objects.values_list("stage", flat=True)) == {0}
    assert not AccountGrade.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "2999-01-01"], "in the future"),
        (["--as-of", "2024-02-30"], "not a date like"),
        (["--as-of", "0001-01-01"], "before 1900"),
        (["--month-ends-from", "2025-02-01", "--as-of", "2025-01-01"], "later than"),
        (["--changed-only"], "there is none"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(db: None, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        call_command("recompute", *arguments)
    assert not Run.objects.exists()
    assert caught.value.returncode in (1, 2)


def test_a_failed_run_fails_the_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    version = ensure_default_model()
    version.definition = {"indicators": "nonsense", "thresholds": []}
    version.save()
    with pytest.raises(CommandError) as caught:
        call_command("recompute", "--as-of", "2025-06-30", "--json")
    assert caught.value.returncode == 1
    summary = json.loads(capsys.readouterr().out)
    assert summary["state"] == "failed"
    assert "InvalidModel" in summary["error"]
