"""The fields that indicators are made of, and where each is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.scoring.arrays import FloatArray
from crm.scoring.finance import FinanceParameters

CUSTOM = "custom:"
# The window whose sums stand ready in the facts of a run.
READY = 365


@dataclass(frozen=True, order=True)
class Field:
    """A value per account; sums have the window they run over, (as_of - window, as_of]."""

    name: str
    window: int = 0
    # Of a field of choices: (value, mark) pairs; the mark is what is read.
    choices: tuple[tuple[str, float], ...] = ()

    @property
    def column(self) -> str:
        return f"{self.name}_{self.window}" if self.window else self.name


class Readings:
    """Arrays of shape (n,) by field, of one date. Days are numbers since 1970, NaN where there is no date."""

    def __init__(
        self, columns: Mapping[str, np.ndarray[Any, Any]], day: int, finance: FinanceParameters
    ) -> None:
        self._columns = columns
        self.day = float(day)
        self.finance = finance

    def __call__(self, name: str, window: int = 0) -> FloatArray:
        values: FloatArray = self._columns[Field(name, window).column].astype(np.float64)
        return values


# From the facts (f) where the window is the year they hold.
_FACTS = {
    "lines": "f.lines_12m",
    "costed_lines": "f.costed_lines_12m",
    "gross_profit": "f.gross_profit_12m",
    "net_sales": "f.net_sales_12m",
    "quantity": "f.quantity_12m",
    "sales_discount": "f.sales_discount_12m",
    "financing_cost": "f.financing_cost_12m",
    "net_sales_before": "f.net_sales_prior_12m",
}
# Sums over the days (d) of any other window; {days} stands for the condition that a day lies in it.
_DAYS = {
    "lines": "coalesce(sum(d.lines) FILTER (WHERE {days}), 0)",
    "costed_lines": "coalesce(sum(d.costed_lines) FILTER (WHERE {days}), 0)",
    "gross_profit": "CASE WHEN coalesce(sum(d.lines) FILTER (WHERE {days}), 0) = 0 THEN 0"
    " ELSE sum(d.gross_profit) FILTER (WHERE {days}) END",
    "net_sales": "coalesce(sum(d.net_sales) FILTER (WHERE {days}), 0)",
    "quantity": "coalesce(sum(d.quantity) FILTER (WHERE {days}), 0)",
    "sales_discount": "coalesce(sum(d.sales_discount) FILTER (WHERE {days}), 0)",
    "financing_cost": "coalesce(sum(d.financing_cost) FILTER (WHERE {days}), 0)",
    "net_sales_before": "coalesce(sum(d.net_sales) FILTER (WHERE {before}), 0)",
    "occasions": "count(*) FILTER (WHERE d.net_sales > 0 AND {days})",
}
# As of the date.
_VALUES = {
    "first_traded_on": "(f.first_traded_on - DATE '1970-01-01')",
    "last_traded_on": "(f.last_traded_on - DATE '1970-01-01')",
    "industry_position": "a.industry_position",
    "satisfaction": "s.index",
    "satisfaction_reason": "coalesce(s.reason, %(no_survey)s)",
    "loyalty": "l.loyalty",
    "loyalty_reason": "coalesce(l.loyalty_reason, %(no_trades)s)",
    "predicted_value": "v.predicted",
    "predicted_reason": "coalesce(v.forecast_reason, %(no_trades)s)",
    "lifetime_value": "v.lifetime_value",
    "lifetime_reason": "coalesce(v.reason, %(no_trades)s)",
    "demand": "q.demand",
    # Sales of the year that the demand is of.
    "demand_sales": "coalesce(q.ours, f.net_sales_12m)",
}
_JOINED = {"payment_days": "p.{column}", "complaints": "coalesce(c.{column}, 0)"}


def select_of(field: Field) -> str:
    """The SQL expression that reads the field; aliases as in `segmentation.indicators.reading`."""
    if field.name.startswith(CUSTOM):
        return _custom(field)
    if not field.window:
        return _VALUES[field.name]
    if field.window == READY and field.name in _FACTS:
        return _FACTS[field.name]
    if field.name in _JOINED:
        return _JOINED[field.name].format(column=field.column)
    return f"coalesce(w.{field.column}, 0)"


def _custom(field: Field) -> str:
    """A number as it stands; a choice by its mark; anything else is missing."""
    code = quoted(field.name.removeprefix(CUSTOM))
    if not field.choices:
        return f"CASE WHEN jsonb_typeof(a.custom -> {code}) = 'number' THEN (a.custom ->> {code})::float8 END"
    cases = " ".join(f"WHEN {quoted(value)} THEN {mark:g}" for value, mark in field.choices)
    return f"CASE a.custom ->> {code} {cases} END"


def quoted(text: str) -> str:
    """A literal inside a statement that is still to be filled with parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def sums_of_days(fields: tuple[Field, ...]) -> dict[str, str]:
    """Column -> aggregate over the roll-up's days, for the fields that the facts do not hold."""
    return {
        field.column: _DAYS[field.name].format(days=_days(field.window), before=_before(field.window))
        for field in fields
        if field.window and field.name in _DAYS and not (field.window == READY and field.name in _FACTS)
    }


def longest_reach(fields: tuple[Field, ...]) -> int:
    """How many days back the sums over days go."""
    reach = [
        field.window * (2 if field.name == "net_sales_before" else 1) for field in fields if field.window
    ]
    return max(reach, default=0)


def of_name(fields: tuple[Field, ...], name: str) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.name == name)


def _days(window: int) -> str:
    return f"d.traded_on > %(as_of)s::date - {window:d}"


def _before(window: int) -> str:
    return f"d.traded_on > %(as_of)s::date - {2 * window:d} AND d.traded_on <= %(as_of)s::date - {window:d}"
