"""The roll-up says what a direct group-by of the ledger says, for whatever was imported, undone or cancelled."""

from __future__ import annotations

import datetime as dt
import threading
import time
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Account, ChangedAccount, TradeDay, TradeLine
from crm.rollup import rebuild, refresh_months
from tests.factories import make_account, make_trade_line

JANUARY, FEBRUARY = dt.date(2025, 1, 1), dt.date(2025, 2, 1)

DIRECT = """
SELECT account_id, traded_on, count(*), sum(quantity), sum(net_sales), sum(gross_profit), count(gross_profit),
    coalesce(sum(CASE WHEN gross_profit IS NOT NULL THEN net_sales END), 0), coalesce(sum(sales_discount), 0),
    coalesce(sum(round(marketing_cost * exchange_rate, 4)), 0), coalesce(sum(financing_cost), 0)
FROM crm_tradeline WHERE NOT cancelled GROUP BY 1, 2 ORDER BY 1, 2
"""
ROLLED = """
SELECT account_id, traded_on, lines, quantity, net_sales, gross_profit, costed_lines, costed_sales, sales_discount,
    marketing_cost, financing_cost
FROM crm_tradeday ORDER BY 1, 2
"""


def refresh(*pairs: tuple[int, dt.date]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS touched")
        cursor.execute("CREATE TEMPORARY TABLE touched (account_id bigint, month date)")
        for pair in pairs:
            cursor.execute("INSERT INTO touched VALUES (%s, %s)", pair)
        return refresh_months(cursor, "touched")


def rows(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def test_sums_of_a_day(account: Account) -> None:
    day = dt.date(2025, 1, 31)
    make_trade_line(account, day, net_amount=100, cost=60, exchange_rate="7.1", marketing_cost="2.5")
    make_trade_line(account, day, net_amount=50, cost=None, quantity=5)
    make_trade_line(account, day, net_amount=-20, cost=-12, quantity=-1)
    make_trade_line(account, day, net_amount=999, cancelled=True)
    assert refresh((account.pk, JANUARY)) == 1
    rolled = TradeDay.objects.get()
    assert rolled.lines == 3
    assert rolled.quantity == 5
    assert rolled.net_sales == Decimal("740")
    assert rolled.gross_profit == Decimal("276")  # (100 - 60) x 7.1 - (20 - 12)
    assert (rolled.costed_lines, rolled.costed_sales) == (2, Decimal("690"))
    assert rolled.marketing_cost == Decimal("17.75")


def test_a_day_without_any_known_cost_has_no_profit(account: Account) -> None:
    make_trade_line(account, JANUARY, cost=None)
    refresh((account.pk, JANUARY))
    assert TradeDay.objects.get().gross_profit is None


def test_only_the_given_months_are_derived_again(account: Account) -> None:
    make_trade_line(account, dt.date(2025, 1, 31), net_amount=1)
    make_trade_line(account, FEBRUARY, net_amount=2)
    refresh((account.pk, JANUARY), (account.pk, FEBRUARY), (account.pk, JANUARY))
    TradeLine.objects.update(net_amount=5)
    refresh((account.pk, JANUARY))
    assert list(TradeDay.objects.order_by("traded_on").values_list("net_sales", flat=True)) == [5, 2]


def test_what_is_cancelled_or_undone_leaves_the_roll_up(account: Account) -> None:
    line = make_trade_line(account, JANUARY)
    make_trade_line(account, FEBRUARY)
    refresh((account.pk, JANUARY), (account.pk, FEBRUARY))
    TradeLine.objects.filter(pk=line.pk).update(cancelled=True)
    TradeLine.objects.filter(traded_on=FEBRUARY).delete()
    assert refresh((account.pk, JANUARY), (account.pk, FEBRUARY)) == 0
    assert not TradeDay.objects.exists()


def test_accounts_are_noted_as_changed(account: Account) -> None:
    refresh((account.pk, JANUARY))
    assert list(ChangedAccount.objects.values_list("account_id", "run_id")) == [(account.pk, None)]


def test_any_ledger_rolls_up_like_a_direct_group_by(db: None) -> None:
    accounts = [make_account(), make_account()]
    line = st.tuples(
        st.integers(0, 1),
        st.dates(dt.date(2024, 12, 30), dt.date(2025, 3, 2)),
        st.decimals(-100, 100, places=2),
        st.none() | st.decimals(0, 50, places=2),
        st.booleans(),
    )

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(line, max_size=12))
    def check(lines: list[tuple[int, dt.date, Decimal, Decimal | None, bool]]) -> None:
        TradeLine.objects.all().delete()
        for which, day, net, cost, cancelled in lines:
            make_trade_line(accounts[which], day, net_amount=net, cost=cost, cancelled=cancelled)
        with transaction.atomic(), connection.cursor() as cursor:
            rebuild(cursor)
        assert rows(ROLLED) == rows(DIRECT)
        TradeLine.objects.filter(traded_on__month=1).update(net_amount=3)
        refresh(*((account.pk, JANUARY) for account in accounts))
        assert rows(ROLLED) == rows(DIRECT)

    check()


def test_two_imports_of_one_month_at_once_lose_nothing(transactional_db: None) -> None:
    account = make_account()
    make_trade_line(account, JANUARY, net_amount=1)
    second_waits = threading.Event()

    def import_another() -> None:
        try:
            with transaction.atomic():
                make_trade_line(account, JANUARY, net_amount=2)
                second_waits.set()
                refresh((account.pk, JANUARY))
        finally:
            connection.close()

    other = threading.Thread(target=import_another)
    with transaction.atomic():
        make_trade_line(account, JANUARY, net_amount=4)
        refresh((account.pk, JANUARY))
        other.start()
        assert second_waits.wait(10)
        # Seen to wait for us, so that the end of this transaction is what lets it go on.
        for _ in range(100):
            waiting = rows(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if waiting[0][0]:
                break
            time.sleep(0.05)
        assert waiting == [(1,)]
    other.join(20)
    assert TradeDay.objects.get().net_sales == 7
