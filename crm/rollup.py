"""The roll-up of the ledger to account and day, kept current from the changed (account, month) pairs.

Everything here runs inside the caller's transaction: lines and their roll-up appear together or not at all.
"""

from __future__ import annotations

from typing import Any

_COLUMNS = (
    "account_id, traded_on, lines, quantity, net_sales, gross_profit, costed_lines, costed_sales, sales_discount,"
    " marketing_cost, financing_cost"
)

_AGGREGATES = """
    l.account_id, l.traded_on, count(*), sum(l.quantity), sum(l.net_sales), sum(l.gross_profit),
    count(l.gross_profit), coalesce(sum(l.net_sales) FILTER (WHERE l.gross_profit IS NOT NULL), 0),
    coalesce(sum(l.sales_discount), 0), coalesce(sum(round(l.marketing_cost * l.exchange_rate, 4)), 0),
    coalesce(sum(l.financing_cost), 0)
"""

# The second condition is what an index can use, the first what a hash join can.
_IN_PAIR = """
    {row}.account_id = p.account_id
    AND date_trunc('month', {row}.traded_on::timestamp)::date = p.month
    AND {row}.traded_on >= p.month AND {row}.traded_on < p.month + 31
"""

# Namespace of this module's advisory locks, and how many they are: few enough for the lock table, enough to let
# imports of different accounts pass each other.
_LOCK_SPACE = 4_217_001
_STRIPES = 64


def refresh_months(cursor: Any, pairs_table: str) -> int:
    """Derive the roll-up of exactly the account-months in `pairs_table` again; returns the rows it now has there.

    `pairs_table`: name of a (temporary) table with account_id bigint and month date, the first of the month.
    Repeated pairs do no harm. Two transactions that touch one account wait for each other here, so the later
    one sees the earlier one's lines. The accounts are noted as changed for the next recompute.
    """
    cursor.execute(
        f"CREATE TEMPORARY TABLE _rollup_pair ON COMMIT DROP AS "  # noqa: S608
        f"SELECT DISTINCT account_id::bigint, month::date FROM {pairs_table} "
        f"WHERE account_id IS NOT NULL AND month IS NOT NULL"
    )
    cursor.execute("ANALYZE _rollup_pair")
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%s, stripe::int) FROM (SELECT DISTINCT account_id %% %s AS stripe"
        " FROM _rollup_pair ORDER BY 1) s",
        [_LOCK_SPACE, _STRIPES],
    )
    # Statements of their own, so that they see what the transaction waited for has committed.
    cursor.execute(f"DELETE FROM crm_tradeday d USING _rollup_pair p WHERE {_IN_PAIR.format(row='d')}")  # noqa: S608
    cursor.execute(
        f"INSERT INTO crm_tradeday ({_COLUMNS}) SELECT {_AGGREGATES} FROM crm_tradeline l"  # noqa: S608
        f" JOIN _rollup_pair p ON {_IN_PAIR.format(row='l')}"
        f" WHERE NOT l.cancelled GROUP BY l.account_id, l.traded_on"
    )
    rows: int = cursor.rowcount
    note_changed(cursor, "SELECT DISTINCT account_id FROM _rollup_pair")
    cursor.execute("DROP TABLE _rollup_pair")
    return rows


def rebuild(cursor: Any) -> int:
    """Derive the whole roll-up again; returns its rows. Nobody writes to it meanwhile; readers see the old one."""
    cursor.execute("LOCK TABLE crm_tradeday IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("DELETE FROM crm_tradeday")
    # A table made by a query may be computed by several processes; rows inserted by one may not.
    cursor.execute(
        f"CREATE TEMPORARY TABLE _rollup_all ({_COLUMNS}) ON COMMIT DROP AS"  # noqa: S608
        f" SELECT {_AGGREGATES} FROM crm_tradeline l"
        f" WHERE NOT l.cancelled GROUP BY l.account_id, l.traded_on"
    )
    cursor.execute(
        f"INSERT INTO crm_tradeday ({_COLUMNS}) SELECT {_COLUMNS} FROM _rollup_all ORDER BY account_id, traded_on"  # noqa: S608
    )
    rows: int = cursor.rowcount
    note_changed(cursor, "SELECT DISTINCT account_id FROM _rollup_all")
    cursor.execute("DROP TABLE _rollup_all")
    return rows


def note_changed(cursor: Any, accounts: str) -> None:
    """Note the accounts of a query (one column) as changed, so that `recompute --changed-only` finds them."""
    cursor.execute(
        f"INSERT INTO crm_changedaccount (account_id) SELECT q.account_id FROM ({accounts}) q(account_id)"  # noqa: S608
        f" ORDER BY 1 ON CONFLICT (account_id) DO UPDATE SET run_id = NULL"
    )
