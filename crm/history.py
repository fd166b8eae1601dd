"""Publication of history: which value held when, kept as intervals between the dates of runs.

Runs may be published in any order of their dates: what a run says for its date holds until the next date that a
published run exists for. The intervals are always those that publishing in date order would have given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any


def publish_intervals(
    cursor: Any,
    table: str,
    staged_select: str,
    as_of: dt.date,
    next_as_of: dt.date | None,
    run_id: int,
    extra_columns: Sequence[str] = (),
    *,
    key_columns: Sequence[str] = ("value",),
) -> int:
    """Make what a run found hold from `as_of` until (and without) `next_as_of`; returns the intervals written.

    `table` has id, account_id, valid_from, valid_to, run_id, the key columns (the first may not be null) and the
    extra columns. `staged_select` gives account_id, the key columns (the first null: nothing holds) and the extra
    columns, in this order, for every account that the run covered; other accounts are left alone. Neighbours with
    equal keys become one interval, which keeps the extra columns of its start; they are null where a start was cut
    out of a longer interval. Publishing a date again replaces what it said. Unchanged intervals are not written.
    Nothing holds for accounts that were merged into others: no run covers them, and their last interval ends here.
    """
    nothing = ", ".join("NULL" for _name in [*key_columns, *extra_columns])
    staged_select = (
        f"({staged_select}) UNION ALL SELECT id, {nothing} FROM crm_account WHERE merged_into_id IS NOT NULL"  # noqa: S608
    )
    _find_changed(cursor, table, staged_select, as_of, run_id, key_columns, extra_columns)
    cursor.execute("SELECT count(*) FROM _interval_changed")
    if cursor.fetchone()[0] == 0:
        cursor.execute("DROP TABLE _interval_changed")
        return 0
    cursor.execute("ANALYZE _interval_changed")
    _cut_and_join(cursor, table, as_of, next_as_of, key_columns, extra_columns)
    cursor.execute(
        f"""
        DELETE FROM {table} i USING _interval_changed c
        WHERE i.account_id = c.account_id AND (i.valid_to IS NULL OR i.valid_to >= %(as_of)s)
            AND (%(next)s::date IS NULL OR i.valid_from <= %(next)s::date)
        """,  # noqa: S608
        {"as_of": as_of, "next": next_as_of},
    )
    names = ", ".join(["account_id", "valid_from", "valid_to", *key_columns, *extra_columns, "run_id"])
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM _interval_new ORDER BY account_id, valid_from"  # noqa: S608
    )
    written: int = cursor.rowcount
    cursor.execute("DROP TABLE _interval_changed, _interval_new")
    return written


def _find_changed(
    cursor: Any,
    table: str,
    staged_select: str,
    as_of: dt.date,
    run_id: int,
    keys: Sequence[str],
    extras: Sequence[str],
) -> None:
    """Accounts for which the interval that covers `as_of` says something else than the run."""
    other_start = (
        f"OR (i.valid_from = %(as_of)s AND ({_of('i', extras)}) IS DISTINCT FROM ({_of('s', extras)}))"
        if extras
        else ""
    )
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE _interval_changed ON COMMIT DROP AS
        SELECT s.*, %(run)s::bigint AS run_id
        FROM ({staged_select}) AS s (account_id, {", ".join([*keys, *extras])})
        LEFT JOIN {table} i ON i.account_id = s.account_id
            AND i.valid_from <= %(as_of)s AND (i.valid_to IS NULL OR i.valid_to > %(as_of)s)
        WHERE NOT (s.{keys[0]} IS NULL AND i.id IS NULL)
            AND (({_of("s", keys)}) IS DISTINCT FROM ({_of("i", keys)}) {other_start})
        """,  # noqa: S608
        {"as_of": as_of, "run": run_id},
    )


def _cut_and_join(
    cursor: Any,
    table: str,
    as_of: dt.date,
    next_as_of: dt.date | None,
    keys: Sequence[str],
    extras: Sequence[str],
) -> None:
    """The intervals that replace all those touching [as_of, next): what is left before, the new, what is left after."""
    held = [*keys, *extras, "run_id"]
    cut_extras = [f"CASE WHEN i.valid_from = %(next)s THEN i.{name} END" for name in extras]
    after = ", ".join([_of("i", keys), *cut_extras, "i.run_id"])
    same = f"({', '.join(keys)}) IS NOT DISTINCT FROM ({', '.join(f'lag({key}) OVER w' for key in keys)})"
    first = ", ".join(f"(array_agg({name} ORDER BY valid_from))[1] AS {name}" for name in [*extras, "run_id"])
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE _interval_new ON COMMIT DROP AS
        WITH piece AS (
            SELECT i.account_id, i.valid_from, %(as_of)s::date AS valid_to, {_of("i", held)}
            FROM {table} i JOIN _interval_changed c USING (account_id)
            WHERE i.valid_from < %(as_of)s AND (i.valid_to IS NULL OR i.valid_to >= %(as_of)s)
            UNION ALL
            SELECT c.account_id, %(as_of)s::date, %(next)s::date, {_of("c", held)}
            FROM _interval_changed c WHERE c.{keys[0]} IS NOT NULL
            UNION ALL
            SELECT i.account_id, %(next)s::date, i.valid_to, {after}
            FROM {table} i JOIN _interval_changed c USING (account_id)
            WHERE i.valid_from <= %(next)s::date AND (i.valid_to IS NULL OR i.valid_to > %(next)s::date)
        ), marked AS (
            SELECT *, coalesce({same} AND valid_from = lag(valid_to) OVER w, false) AS continues
            FROM piece WINDOW w AS (PARTITION BY account_id ORDER BY valid_from)
        ), numbered AS (
            SELECT *, count(*) FILTER (WHERE NOT continues)
                OVER (PARTITION BY account_id ORDER BY valid_from) AS island
            FROM marked
        )
        SELECT account_id, min(valid_from) AS valid_from,
            CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS valid_to,
            {", ".join(keys)}, {first}
        FROM numbered GROUP BY account_id, island, {", ".join(keys)}
        """,  # noqa: S608
        {"as_of": as_of, "next": next_as_of},
    )


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)
