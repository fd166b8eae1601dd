"""The index of accounts and contacts on a date: one computation for the page, the lists and the nightly job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from crm.copying import copy_columns
from crm.parameters import load
from crm.scoring.arrays import FloatArray, IntArray
from satisfaction.models import AccountSentiment
from satisfaction.scoring.sentiment_index import (
    SentimentParameters,
    SentimentTrend,
    evidence,
    sentiment_trend,
    strongest,
)
from satisfaction.sentiment.interactions import Interactions, last_contacts, load_interactions

MODEL = "satisfaction.sentiment"
_COLUMNS = (
    "account_id",
    "as_of",
    "index",
    "low",
    "high",
    "change",
    "trend",
    "interactions",
    "last_contact_on",
)
_TABLE = AccountSentiment._meta.db_table
_NEW = "new_account_sentiment"
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
# An account may have been deleted, or merged away, since its visits were read.
_UPSERT = f"""
INSERT INTO {_TABLE} ({_NAMES})
SELECT {", ".join(f'n."{name}"' for name in _COLUMNS)} FROM {_NEW} n JOIN crm_account a ON a.id = n.account_id
ON CONFLICT (account_id) DO UPDATE SET {", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS[1:])}
"""  # noqa: S608  (our own columns)
_GONE = f"""
DELETE FROM {_TABLE} s
WHERE (%(everybody)s OR s.account_id = ANY(%(accounts)s))
    AND NOT EXISTS (SELECT 1 FROM {_NEW} n WHERE n.account_id = s.account_id)
"""  # noqa: S608
# One at a time: two that overlap would wait for each other's rows in different orders.
_LOCK = 4_217_031


@dataclass(frozen=True)
class Indexes:
    """`ids` are accounts or contacts. `entry` says which interaction each weight belongs to, `group` which id."""

    ids: IntArray
    trend: SentimentTrend
    entry: IntArray
    group: IntArray
    score: FloatArray

    def reasons(self, most: int = 3) -> list[tuple[int, int, float]]:
        """(id, position of the interaction, its pull on the index) of those that pull the strongest."""
        weight = self.trend.now.weight
        found = strongest(self.group, weight, self.score, most)
        return [
            (int(self.ids[self.group[i]]), int(self.entry[i]), float(weight[i] * self.score[i]))
            for i in found
        ]


def parameters() -> SentimentParameters:
    return load(MODEL, SentimentParameters)[0]


def account_indexes(rows: Interactions, as_of: dt.date, values: SentimentParameters) -> Indexes:
    ids, group = np.unique(rows.account, return_inverse=True)
    return _indexes(
        ids, group, np.arange(len(rows.visit)), rows.role_weight, rows.contact, rows, as_of, values
    )


def contact_indexes(rows: Interactions, as_of: dt.date, values: SentimentParameters) -> Indexes:
    """The same formula per person: an interaction with several counts for each of them."""
    ids, group = np.unique(rows.met_contact, return_inverse=True)
    return _indexes(ids, group, rows.met, rows.met_weight, rows.met_contact, rows, as_of, values)


def _indexes(
    ids: IntArray,
    group: IntArray,
    entry: IntArray,
    role_weight: FloatArray,
    contact: IntArray,
    rows: Interactions,
    as_of: dt.date,
    values: SentimentParameters,
) -> Indexes:
    score, reliability = evidence(rows.rating, rows.score, rows.confidence, rows.ignored)
    trend = sentiment_trend(
        len(ids),
        group,
        rows.age(as_of)[entry],
        score[entry],
        reliability[entry],
        role_weight,
        contact,
        values,
    )
    return Indexes(ids, trend, entry, group, score[entry])


def publish_indexes(*, as_of: dt.date, account_ids: Sequence[int] | None = None) -> int:
    """Bring AccountSentiment up to date, of all accounts or of some; returns the rows."""
    if account_ids is not None and not account_ids:
        return 0
    values = parameters()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        rows = load_interactions(as_of, values, account_ids)
        found = account_indexes(rows, as_of, values)
        last = last_contacts(as_of, values, account_ids)
        columns = _aligned(found, last.account, last.day, as_of)
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_NEW} ON COMMIT DROP AS SELECT {_NAMES} FROM {_TABLE} WITH NO DATA"  # noqa: S608
        )
        copy_columns(cursor, _NEW, list(columns), list(columns.values()))
        cursor.execute(
            _GONE, {"everybody": account_ids is None, "accounts": list(map(int, account_ids or []))}
        )
        cursor.execute(_UPSERT)
        count = int(cursor.rowcount)
        # Within a caller's transaction the table would still stand at the next call.
        cursor.execute(f"DROP TABLE {_NEW}")
    return count


def _aligned(found: Indexes, met: IntArray, met_on: Any, as_of: dt.date) -> dict[str, Any]:
    """One row an account that was ever visited: with its index where there is enough, and its last contact."""
    accounts = np.union1d(found.ids, met)
    here = np.searchsorted(accounts, found.ids)
    now = found.trend.now

    def spread(values: Any, empty: Any) -> Any:
        column = np.full(len(accounts), empty)
        column[here] = values
        return column

    last = np.full(len(accounts), np.datetime64("NaT"), dtype="datetime64[D]")
    last[np.searchsorted(accounts, met)] = met_on
    return {
        "account_id": accounts,
        "as_of": np.full(len(accounts), np.datetime64(as_of, "D")),
        "index": spread(now.index, np.nan),
        "low": spread(now.low, np.nan),
        "high": spread(now.high, np.nan),
        "change": spread(found.trend.change, np.nan),
        "trend": spread(found.trend.direction, 0),
        "interactions": spread(now.counted, 0),
        "last_contact_on": last,
    }
