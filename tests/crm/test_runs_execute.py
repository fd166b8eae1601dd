"""A run is all or nothing: readers see the old figures until every new one is there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection

from crm.models import AccountFacts, ChangedAccount, Run, RunScope, RunState, StagedAccountFacts, StepState
from crm.recompute import FactsStep
from crm.runs import MAX_ATTEMPTS, NothingPublished, Prepared, Step, execute, request_run
from crm.scoring.finance import gross_profit
from crm.steps import AccountRange, Context, Publication, pack_populations, unpack_populations
from tests.factories import make_account, make_trade_line
from tests.figures import roll_up

A = dt.date(2025, 6, 30)


def days_before(days: int) -> dt.date:
    return A - dt.timedelta(days=days)


def run_facts(as_of: dt.date = A, *, also: tuple[Step, ...] = (), **options: Any) -> Run:
    roll_up()
    return execute(
        request_run(as_of=as_of, trigger="command", announced=False, **options), (FactsStep(), *also)
    )


class Broken(Step):
    slug = "test.broken"
    title = "Broken"
    staged = StagedAccountFacts
    error: Exception = ValueError("no such luck")

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        raise self.error


class DatabaseLost(Broken):
    slug = "test.lost"
    error = OperationalError("server closed the connection unexpectedly")


class BrokenPublication(Step):
    slug = "test.publication"
    title = "Broken publication"
    staged = StagedAccountFacts

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        return 0

    def publish(self, cursor: Any, publication: Publication) -> None:
        raise ValueError("at the last moment")


@pytest.fixture(params=["on this connection", "beside the computing"])
def publication(request: pytest.FixtureRequest, settings: Any) -> None:
    """Both ways in which a run's figures are published."""
    beside = request.param == "beside the computing"
    request.getfixturevalue("transactional_db" if beside else "db")
    settings.RUN_THREADS = 2 if beside else 1


def test_windows_are_half_open(db: None) -> None:
    account = make_account()
    for day, net in [(A, 1), (days_before(364), 2), (days_before(365), 4), (days_before(729), 8)]:
        make_trade_line(account, day, net_amount=net, cost=0)
    make_trade_line(account, days_before(730), net_amount=16, cost=0)
    make_trade_line(account, days_before(-1), net_amount=32, cost=0)  # after the date: not known then
    run_facts()
    facts = AccountFacts.objects.get()
    assert (facts.net_sales_12m, facts.net_sales_prior_12m) == (3, 12)
    assert (facts.occasions, facts.occasions_24m) == (5, 4)
    assert (facts.first_traded_on, facts.last_traded_on) == (days_before(730), A)


def test_returns_count_for_value_but_make_no_occasion(db: None) -> None:
    account = make_account()
    make_trade_line(account, days_before(30), net_amount=100, cost=70)
    make_trade_line(account, days_before(20), net_amount=-40, cost=-28, quantity=-1)
    make_trade_line(account, days_before(10), net_amount=10, cost=7)
    make_trade_line(account, days_before(10), net_amount=-10, cost=-7, quantity=-1)
    run_facts()
    facts = AccountFacts.objects.get()
    assert (facts.occasions, facts.lines_12m) == (1, 4)
    assert (facts.net_sales_12m, facts.gross_profit_12m) == (60, 18)
    assert facts.last_traded_on == days_before(30)


def test_an_account_without_trade_has_zeros_and_no_dates(db: None) -> None:
    make_account()
    run_facts()
    facts = AccountFacts.objects.get()
    assert (facts.occasions, facts.net_sales_12m, facts.gross_profit_12m) == (0, 0, 0)
    assert facts.first_traded_on is None


@pytest.mark.parametrize(("costed", "lines"), [(0, 1), (5, 10), (7, 10), (8, 10), (9, 10), (10, 10)])
def test_profit_is_available_as_the_scoring_function_says(db: None, costed: int, lines: int) -> None:
    account = make_account()
    for n in range(lines):
        make_trade_line(account, days_before(n), net_amount=100, cost=60 if n < costed else None)
    run_facts()
    facts = AccountFacts.objects.get()
    expected = gross_profit([40.0 * costed], [lines], [costed]).profit[0]
    assert facts.gross_profit_12m == (None if expected != expected else Decimal(expected))


def test_a_failed_step_leaves_the_old_figures(publication: None) -> None:
    account = make_account()
    make_trade_line(account, days_before(1), net_amount=100)
    first = run_facts()
    make_trade_line(account, A, net_amount=900)
    failed = run_facts(also=(Broken(),))
    assert failed.state == RunState.FAILED
    assert failed.error == "ValueError: no such luck"
    assert failed.steps.get(slug="crm.facts").state == StepState.DONE
    facts = AccountFacts.objects.get()
    assert (facts.net_sales_12m, facts.run_id) == (100, first.pk)


def test_a_failed_publication_undoes_the_steps_published_before_it(publication: None) -> None:
    account = make_account()
    make_trade_line(account, days_before(1), net_amount=100)
    run_facts()
    make_trade_line(account, A, net_amount=900)
    assert run_facts(also=(BrokenPublication(),)).error == "ValueError: at the last moment"
    assert AccountFacts.objects.get().net_sales_12m == 100


def test_what_is_published_beside_the_computing_is_seen_with_all_the_rest(
    transactional_db: None, settings: Any
) -> None:
    """The first step's figures are moved while the last still computes, and nobody sees them before its end."""
    settings.RUN_THREADS = 2
    account = make_account()
    make_trade_line(account, days_before(1), net_amount=100)
    run_facts()
    make_trade_line(account, A, net_amount=900)
    published, seen = Event(), []

    class Facts(FactsStep):
        def publish(self, cursor: Any, publication: Publication) -> None:
            super().publish(cursor, publication)
            published.set()

    class Last(BrokenPublication):
        slug = "test.last"

        def prepare(self, cursor: Any, context: Context) -> Prepared:
            assert published.wait(20)
            seen.append(AccountFacts.objects.get().net_sales_12m)
            return Prepared()

        def publish(self, cursor: Any, publication: Publication) -> None:
            seen.append(AccountFacts.objects.get().net_sales_12m)

    roll_up()
    run = execute(request_run(as_of=A, trigger="command", announced=False), (Facts(), Last()))
    assert (run.state, seen) == (RunState.PUBLISHED, [100, 1000])
    assert AccountFacts.objects.get().net_sales_12m == 1000


def test_a_lost_database_leaves_the_run_to_be_redone_a_few_times(publication: None) -> None:
    make_account()
    run = request_run(as_of=A, trigger="command", announced=False)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with pytest.raises(OperationalError):
            execute(run, (FactsStep(), DatabaseLost()))
        run.refresh_from_db()
        assert (run.state, run.attempts) == (RunState.QUEUED, attempt)
    assert execute(run, (FactsStep(), DatabaseLost())).state == RunState.FAILED
    assert "3 attempts" in run.error


def test_a_published_run_is_not_computed_again(db: None) -> None:
    run = run_facts()
    assert execute(run, (Broken(),)).state == RunState.PUBLISHED


def test_an_older_date_leaves_the_current_figures_alone(db: None) -> None:
    account = make_account()
    make_trade_line(account, days_before(1), net_amount=100)
    run_facts()
    run_facts(days_before(40))
    assert AccountFacts.objects.get().net_sales_12m == 100


def test_unchanged_rows_are_not_written_again(publication: None) -> None:
    make_trade_line(make_account(), days_before(1))
    first = run_facts()
    run_facts()
    assert AccountFacts.objects.get().run_id == first.pk


def test_a_deleted_account_loses_its_figures(db: None) -> None:
    account, other = make_account(), make_account()
    run_facts()
    other.delete()
    run_facts()
    assert list(AccountFacts.objects.values_list("account_id", flat=True)) == [account.pk]


def test_many_ranges_give_what_one_gives(db: None, settings: Any) -> None:
    for n in range(7):
        make_trade_line(make_account(), days_before(n), net_amount=n)
    run_facts()
    whole = list(AccountFacts.objects.order_by("account_id").values_list("account_id", "net_sales_12m"))
    AccountFacts.objects.all().delete()
    settings.RUN_RANGE_ACCOUNTS = 2
    seen: list[tuple[str, int, int]] = []
    run = request_run(as_of=A, trigger="command", announced=False)
    execute(run, (FactsStep(),), progress=lambda *step: seen.append(step))
    assert (
        list(AccountFacts.objects.order_by("account_id").values_list("account_id", "net_sales_12m")) == whole
    )
    assert ("crm.facts", 4, 4) in seen
    assert run.steps.get().rows == 7


def test_threads_share_the_ranges(transactional_db: None, settings: Any) -> None:
    settings.RUN_RANGE_ACCOUNTS, settings.RUN_THREADS = 2, 3
    accounts = [make_account() for _ in range(9)]
    assert run_facts().steps.get().rows == 9
    assert AccountFacts.objects.count() == len(accounts)


def test_changed_accounts_alone_are_brought_up_to_date(db: None) -> None:
    changed, other = make_account(), make_account()
    for account in (changed, other):
        make_trade_line(account, days_before(5), net_amount=10)
    base = run_facts()
    assert not ChangedAccount.objects.exists()
    # Behind the roll-up's back, so that a run that looked at this account would show it.
    connection.cursor().execute("UPDATE crm_tradeday SET net_sales = 11 WHERE account_id = %s", [other.pk])
    connection.cursor().execute("UPDATE crm_tradeday SET net_sales = 20 WHERE account_id = %s", [changed.pk])
    connection.cursor().execute("INSERT INTO crm_changedaccount (account_id) VALUES (%s)", [changed.pk])
    connection.cursor().execute("UPDATE crm_account SET updated_at = '2020-01-01'")
    run = execute(
        request_run(as_of=A, trigger="button", scope=RunScope.CHANGED, announced=False), (FactsStep(),)
    )
    assert (run.state, run.base_id, run.steps.get().rows) == (RunState.PUBLISHED, base.pk, 1)
    assert AccountFacts.objects.get(account=changed).net_sales_12m == 20
    assert AccountFacts.objects.get(account=other).net_sales_12m == 10
    assert not ChangedAccount.objects.exists()


def test_an_older_date_does_not_count_changes_as_seen(db: None) -> None:
    account = make_account()
    run_facts()
    connection.cursor().execute("INSERT INTO crm_changedaccount (account_id) VALUES (%s)", [account.pk])
    execute(request_run(as_of=days_before(90), trigger="command", announced=False), (FactsStep(),))
    assert ChangedAccount.objects.count() == 1


def test_changed_accounts_need_a_full_run_of_that_date(db: None) -> None:
    with pytest.raises(NothingPublished):
        request_run(as_of=A, trigger="button", scope=RunScope.CHANGED)


def test_only_the_newest_run_keeps_its_populations(db: None) -> None:
    assert unpack_populations(pack_populations({"x": [1.0, 2.0]}))["x"].tolist() == [1.0, 2.0]
    assert unpack_populations(None) == {}
