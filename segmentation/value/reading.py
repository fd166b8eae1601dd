"""Figures behind the value pages, of now or of a month's end: one query for everybody, no loop over accounts."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection

from crm import parameters
from crm.copying import read_columns, read_queryset
from crm.scoring.arrays import BoolArray, CodeArray, FloatArray, IntArray, divide
from segmentation.scoring.matrix import (
    Axis,
    MatrixParameters,
    Quadrant,
    ValueMatrix,
    current_value,
    growth_potential,
    potential_rank,
    value_matrix,
)

if TYPE_CHECKING:
    from crm.models import Run
    from crm.models.accounts import AccountQuerySet

PARAMETERS = "segmentation.value_matrix"

# Demand of a year: what a person judged; else the newest year's estimate for all products, else of its families.
# Loyalty is null until there is enough to tell it. Customers only: a prospect has no grade row.
_QUERY = """
SELECT g.account_id, g.net_sales_12m, g.gross_profit_12m, g.future_score, v.predicted, v.margin,
    coalesce(j.value, d.amount), s.index, l.loyalty
FROM {grades} g
LEFT JOIN {values} v ON v.account_id = g.account_id {and_v}
LEFT JOIN {satisfaction} s ON s.account_id = g.account_id {and_s}
LEFT JOIN {lifecycle} l ON l.account_id = g.account_id {and_l}
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, amount
    FROM (
        SELECT account_id, year, coalesce(sum(amount) FILTER (WHERE family_id IS NULL), sum(amount)) AS amount
        FROM crm_categoryspend WHERE estimated_on <= %(day)s GROUP BY account_id, year
    ) years
    ORDER BY account_id, year DESC
) d ON d.account_id = g.account_id
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, value FROM lifecycle_valuejudgement
    WHERE part = 'spending' AND created_at < %(day)s::date + 1 ORDER BY account_id, id DESC
) j ON j.account_id = g.account_id
{where}
ORDER BY g.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "sales": "float",
    "profit": "float",
    "future_score": "float",
    "predicted": "float",
    "margin": "float",
    "demand": "float",
    "satisfaction": "float",
    "loyalty": "float",
}


@dataclass(frozen=True)
class Standing:
    """Every customer's place in the matrix on a day. Arrays of shape (n,), by account id ascending."""

    account_id: IntArray
    sales: FloatArray
    profit: FloatArray
    loyalty: FloatArray
    current: Axis
    potential: Axis
    obtainable: FloatArray
    matrix: ValueMatrix
    given: MatrixParameters

    def among(self, ids: IntArray | None) -> BoolArray:
        """Which rows belong to these accounts; None is everybody."""
        return np.ones(len(self.account_id), dtype=np.bool_) if ids is None else np.isin(self.account_id, ids)


def standing(day: dt.date, month_end: dt.date | None = None) -> Standing:
    """Of now (`day` is the date of the published run), or as frozen at a month's end.

    The cut-offs are those of all customers, whoever asks: a customer stands in one quadrant.
    """
    given, _version = parameters.load(PARAMETERS, MatrixParameters)
    with connection.cursor() as cursor:
        rows = read_columns(cursor, *_query(day, month_end), _COLUMNS)
    return place(rows, given)


# What people enter beside trade, and the matrix reads at once: judgements, demands, parameters.
_ENTERED = """
SELECT (SELECT max(id) FROM lifecycle_valuejudgement), (SELECT max(id) FROM crm_modelparameters WHERE model = %s),
    (SELECT max(id) FROM crm_categoryspend), (SELECT sum(amount) FROM crm_categoryspend)
"""


def entered() -> tuple[str, ...]:
    """Changes with whatever people enter that the matrix depends upon: what is kept of it is kept with this."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTERED, [PARAMETERS])
        return tuple(str(value) for value in cursor.fetchone())


def kept_key(name: str, run: Run, *parts: object) -> str:
    """Of the cache: what `name` gives for a run and what was entered since."""
    text = repr((name, run.pk, run.finished_at, entered(), parts))
    return f"value:{hashlib.sha256(text.encode()).hexdigest()}"


def place(rows: dict[str, Any], given: MatrixParameters) -> Standing:
    """The columns of `_COLUMNS` through the functions of the specification."""
    current = current_value(rows["predicted"], rows["profit"], rows["sales"], given)
    own_margin = np.where(rows["sales"] > 0, divide(rows["profit"], rows["sales"]), np.nan)
    margin = np.where(np.isnan(rows["margin"]), own_margin, rows["margin"])
    obtainable = growth_potential(
        rows["demand"],
        rows["sales"],
        rows["satisfaction"],
        rows["loyalty"],
        margin,
        given.discount_rate,
        given.years,
    )
    potential = potential_rank(obtainable, rows["future_score"])
    return Standing(
        account_id=rows["account_id"],
        sales=rows["sales"],
        profit=rows["profit"],
        loyalty=rows["loyalty"],
        current=current,
        potential=potential,
        obtainable=obtainable,
        matrix=value_matrix(current.values, potential.values, given.carry, potential.basis),
        given=given,
    )


def _query(day: dt.date, month_end: dt.date | None) -> tuple[str, dict[str, Any]]:
    if month_end is None:
        names = {
            "grades": "segmentation_accountgrade",
            "values": "lifecycle_accountvalue",
            "satisfaction": "satisfaction_accountsatisfaction",
            "lifecycle": "lifecycle_accountlifecycle",
            "where": "",
        }
        return _QUERY.format(**names, and_v="", and_s="", and_l=""), {"day": day}
    names = {
        "grades": "segmentation_gradesnapshot",
        "values": "lifecycle_valuesnapshot",
        "satisfaction": "satisfaction_satisfactionsnapshot",
        "lifecycle": "lifecycle_lifecyclesnapshot",
        "where": "WHERE g.month_end = %(month_end)s",
    }
    frozen = {f"and_{name}": f"AND {name}.month_end = %(month_end)s" for name in "vsl"}
    return _QUERY.format(**names, **frozen), {"day": month_end, "month_end": month_end}


def aligned(ids: IntArray, earlier: IntArray, quadrants: CodeArray) -> CodeArray:
    """The quadrant then of accounts `ids`; UNRATED for those not among `earlier` (ascending)."""
    then = np.full(len(ids), int(Quadrant.UNRATED), dtype=np.int8)
    if len(earlier):
        found = np.minimum(np.searchsorted(earlier, ids), len(earlier) - 1)
        there = earlier[found] == ids
        then[there] = quadrants[found[there]]
    return then


def ids_of(accounts: AccountQuerySet) -> IntArray | None:
    """The accounts' ids without an object each; None where nothing narrows them."""
    if not accounts.query.where:
        return None
    found: IntArray = read_queryset(accounts.order_by().values_list("pk"), {"pk": "int"})["pk"]
    return found
