"""Intervals of history: published in any order of dates, they are what publishing in date order gives."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm.history import publish_intervals

TABLE = "_history"
START = dt.date(2024, 1, 1)
ACCOUNTS = (1, 2, 3)

# A run: its day, and for each account a value or None (nothing holds), or the account is not covered at all.
UNCOVERED = -1
values = st.one_of(st.none(), st.integers(0, 2), st.just(UNCOVERED))
runs = st.lists(st.tuples(st.integers(0, 6), st.tuples(values, values, values)), min_size=1, max_size=9)


def expected_intervals(published: list[tuple[int, tuple[int | None, ...]]]) -> set[tuple[object, ...]]:
    """Publish in date order, day by day, keeping one value per day and account; then read off the intervals."""
    last_word: dict[tuple[int, int], int | None] = {}
    days = sorted({day for day, _ in published})
    for day, row in published:
        for account, value in zip(ACCOUNTS, row, strict=True):
            if value != UNCOVERED:
                last_word[account, day] = value
    found: set[tuple[object, ...]] = set()
    for account in ACCOUNTS:
        held: int | None = None
        since: dt.date | None = None
        for day in days:
            value = last_word.get((account, day), held)
            if value != held:
                if held is not None:
                    found.add((account, held, since, START + dt.timedelta(day)))
                held, since = value, START + dt.timedelta(day)
        if held is not None:
            found.add((account, held, since, None))
    return found


def publish(published: list[tuple[int, tuple[int | None, ...]]]) -> set[tuple[object, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {TABLE} (id serial, account_id bigint NOT NULL, value smallint NOT NULL,"
            " valid_from date NOT NULL, valid_to date, run_id bigint NOT NULL,"
            " EXCLUDE USING gist (int8range(account_id, account_id, '[]') WITH &&,"
            " daterange(valid_from, valid_to) WITH &&) DEFERRABLE, CHECK (valid_to > valid_from)) ON COMMIT DROP"
        )
        days: set[int] = set()
        for number, (day, row) in enumerate(published, start=1):
            later = [other for other in days if other > day]
            days.add(day)
            covered = [
                f"({account}::bigint, {'NULL' if value is None else value}::smallint)"
                for account, value in zip(ACCOUNTS, row, strict=True)
                if value != UNCOVERED
            ]
            select = f"SELECT * FROM (VALUES {', '.join(covered) or '(NULL::bigint, NULL::smallint)'}) v"
            publish_intervals(
                cursor,
                TABLE,
                select,
                START + dt.timedelta(day),
                START + dt.timedelta(min(later)) if later else None,
                number,
            )
        cursor.execute(f"SELECT account_id, value, valid_from, valid_to FROM {TABLE}")
        rows = cursor.fetchall()
        transaction.set_rollback(True)
    assert len(rows) == len(set(rows))
    return set(rows)


def test_any_order_of_dates_gives_the_same_intervals(transactional_db: None) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(runs)
    @example([(3, (0, 0, 0)), (1, (0, 1, None)), (2, (1, 0, 0))])  # fills in between, joining on both sides
    @example([(0, (0, 0, 0)), (3, (0, 0, 0)), (1, (1, None, 0))])  # cuts one interval into three
    @example([(1, (0, 1, 2)), (1, (1, 1, None))])  # the same date twice
    def check(published: list[tuple[int, tuple[int | None, ...]]]) -> None:
        full = []
        seen: set[int] = set()
        for day, row in published:
            # A run of changed accounts exists only for a date that a full run was published for.
            covered = row if day in seen else tuple(None if value == UNCOVERED else value for value in row)
            seen.add(day)
            full.append((day, covered))
        assert publish(full) == expected_intervals(full)

    check()


def test_extra_columns_are_those_of_the_start_and_unknown_after_a_cut(transactional_db: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {TABLE} (id serial, account_id bigint, value smallint, valid_from date,"
            " valid_to date, run_id bigint, version_id bigint, score float8) ON COMMIT DROP"
        )

        def run(number: int, day: int, later: int | None, value: int, version: int, score: float) -> int:
            return publish_intervals(
                cursor,
                TABLE,
                f"SELECT 1::bigint, {value}::smallint, {version}::bigint, {score}::float8",
                START + dt.timedelta(day),
                None if later is None else START + dt.timedelta(later),
                number,
                ["score"],
                key_columns=["value", "version_id"],
            )

        assert run(1, 0, None, 0, 1, 81.0) == 1
        assert run(2, 5, None, 0, 1, 85.0) == 0  # nothing changed: nothing written
        assert run(3, 9, None, 0, 2, 85.0) == 2  # another version of the model begins another interval
        assert run(4, 2, 5, 1, 1, 70.0) == 3
        cursor.execute(
            f"SELECT value, version_id, valid_from, valid_to, score, run_id FROM {TABLE} ORDER BY valid_from"
        )
        day = [START + dt.timedelta(n) for n in range(10)]
        assert cursor.fetchall() == [
            (0, 1, day[0], day[2], 81.0, 1),
            (1, 1, day[2], day[5], 70.0, 4),
            (0, 1, day[5], day[9], None, 1),
            (0, 2, day[9], None, 85.0, 3),
        ]
        transaction.set_rollback(True)
