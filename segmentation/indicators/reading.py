"""Raw values of every customer, for whatever indicators are asked for: one query, no loop over accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.copying import read_columns
from crm.scoring.arrays import CodeArray, FloatArray, IntArray
from crm.scoring.finance import FinanceParameters
from crm.scoring.reasons import Reason
from crm.steps import AccountRange
from lifecycle.value_inputs import WALLET
from segmentation.indicators.catalogue import fields_of, kind_of
from segmentation.indicators.fields import Field, Readings, longest_reach, of_name, select_of, sums_of_days
from segmentation.indicators.sources import FigureSource

EVERYBODY = AccountRange(0, 2**62)

# An account that never bought is a prospect: it has no raw values, no grade and no place in the populations.
_QUERY = """
SELECT f.account_id, {select}
FROM ({facts}) f
JOIN crm_account a ON a.id = f.account_id
{joins}
WHERE f.account_id BETWEEN %(lower)s AND %(upper)s AND (f.occasions > 0 OR %(prospects)s) {only}
ORDER BY f.account_id
"""
_DAYS = """
LEFT JOIN (
    SELECT d.account_id, {sums}
    FROM crm_tradeday d
    WHERE d.account_id BETWEEN %(lower)s AND %(upper)s
        AND d.traded_on > %(as_of)s::date - {reach:d} AND d.traded_on <= %(as_of)s
    GROUP BY d.account_id
) w ON w.account_id = f.account_id
"""
# Days until paid, weighted by what was billed; lines not known to be paid tell nothing.
_PAYMENTS = """
LEFT JOIN (
    SELECT t.account_id, {sums}
    FROM crm_tradeline t
    WHERE t.account_id BETWEEN %(lower)s AND %(upper)s AND NOT t.cancelled AND t.net_sales > 0
        AND t.payment_days IS NOT NULL
        AND t.traded_on > %(as_of)s::date - {reach:d} AND t.traded_on <= %(as_of)s
    GROUP BY t.account_id
) p ON p.account_id = f.account_id
"""
_PAID = """sum(greatest(t.payment_days, 0) * t.net_sales) FILTER (WHERE t.traded_on > %(as_of)s::date - {window:d})
    / sum(t.net_sales) FILTER (WHERE t.traded_on > %(as_of)s::date - {window:d})"""
_COMPLAINTS = """
LEFT JOIN (
    SELECT k.account_id, {sums}
    FROM crm_complaint k
    WHERE k.account_id BETWEEN %(lower)s AND %(upper)s AND k.opened_on <= %(as_of)s
    GROUP BY k.account_id
) c ON c.account_id = f.account_id
"""
_OPENED = "count(*) FILTER (WHERE k.opened_on > %(as_of)s::date - {window:d})"


@dataclass(frozen=True)
class RawValues:
    """Arrays of shape (n,), by account id ascending; `raw` and `reasons` by (code, window)."""

    account_id: IntArray
    raw: Mapping[tuple[str, int], FloatArray]
    reasons: Mapping[tuple[str, int], CodeArray]
    # Further columns that the caller asked for.
    extra: Mapping[str, np.ndarray[Any, Any]]


def read_raw_values(
    cursor: Any,
    source: FigureSource,
    weighed: Iterable[tuple[str, int]],
    finance: FinanceParameters,
    accounts: AccountRange = EVERYBODY,
    *,
    extra: Mapping[str, tuple[str, str]] | None = None,
    joins: str = "",
    only: str = "",
    parameters: Mapping[str, Any] | None = None,
    prospects: bool = False,
) -> RawValues:
    """Values of the customers in the range, and why those that are missing are missing.

    `weighed`: pairs of indicator code and window in days. `extra`: further columns, name -> (SQL, kind), over `f`,
    `a` and the caller's own `joins`; `only`: a further condition ("AND ..."), both with `parameters`. `prospects`:
    also those who never bought; their sums are 0.
    """
    pairs = sorted(set(weighed))
    fields = fields_of(pairs)
    further = dict(extra or {})
    select = [select_of(field) for field in fields] + [sql for sql, _kind in further.values()]
    rows = read_columns(
        cursor,
        _QUERY.format(
            select=", ".join(select) or "0",
            facts=source.facts,
            joins=_joins(source, fields) + joins,
            only=only,
        ),
        {
            **source.parameters,
            **(parameters or {}),
            "as_of": source.as_of,
            "lower": accounts.lower,
            "upper": accounts.upper,
            "prospects": prospects,
            "no_survey": int(Reason.NO_SURVEY),
            "no_trades": int(Reason.NO_TRADES),
        },
        {
            "account_id": "int",
            **{field.column: "float" for field in fields},
            **{name: kind for name, (_sql, kind) in further.items()},
        }
        if select
        else {"account_id": "int", "nothing": "int"},
    )
    readings = Readings(rows, _day(source), finance)
    raw, reasons = {}, {}
    for code, window in pairs:
        values, why = kind_of(code).raw(readings, window)
        raw[code, window] = values
        if why is not None:
            reasons[code, window] = why
    return RawValues(rows["account_id"], raw, reasons, {name: rows[name] for name in further})


def _joins(source: FigureSource, fields: tuple[Field, ...]) -> str:
    """Only what the fields need: a model of trade figures alone reads nothing else."""
    joined = ""
    names = {field.name for field in fields}
    if sums := sums_of_days(fields):
        listed = ", ".join(f"{sql} AS {column}" for column, sql in sums.items())
        joined += _DAYS.format(sums=listed, reach=longest_reach(fields))
    for name, template, one in (("payment_days", _PAYMENTS, _PAID), ("complaints", _COMPLAINTS, _OPENED)):
        if own := of_name(fields, name):
            listed = ", ".join(f"{one.format(window=field.window)} AS {field.column}" for field in own)
            joined += template.format(sums=listed, reach=longest_reach(own))
    if "satisfaction" in names:
        joined += f"LEFT JOIN ({source.satisfaction}) s ON s.account_id = f.account_id\n"
    if "loyalty" in names:
        joined += f"LEFT JOIN ({source.lifecycle}) l ON l.account_id = f.account_id\n"
    if names & {"predicted_value", "lifetime_value"}:
        joined += f"LEFT JOIN ({source.value}) v ON v.account_id = f.account_id\n"
    if "demand" in names:
        joined += f"LEFT JOIN ({WALLET}) q ON q.account_id = f.account_id\n"
    return joined


def _day(source: FigureSource) -> int:
    return int(np.datetime64(source.as_of, "D").astype(np.int64))
