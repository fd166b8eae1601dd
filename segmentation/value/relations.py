"""What we did with each customer in a year, and the level of relationship that shows; against the level to aim at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.utils import timezone

from crm.copying import read_columns
from crm.scoring.arrays import BoolArray, CodeArray, FloatArray, IntArray, divide
from segmentation.scoring.relationships import actual_levels, target_levels

YEAR = 365
# [D] A contact so many days after a purchase asks how it went.
CHECK_DAYS = 30

# Our own step: a visit, a meeting on line, an exhibition. Calls and messages as often answer a question of theirs.
_QUERY = """
SELECT g.account_id, coalesce(g.grade, -1), g.net_sales_12m, g.gross_profit_12m,
    coalesce(c.projects, 0), coalesce(v.proactive, 0), coalesce(o.checked, 0), coalesce(o.orders, 0),
    coalesce(v.contacts, 0)
FROM segmentation_accountgrade g
LEFT JOIN (
    SELECT account_id, count(*) AS projects FROM crm_valuecase
    WHERE kind IN ('knowledge', 'trade') AND happened_on > %(as_of)s::date - %(year)s AND happened_on <= %(as_of)s
    GROUP BY account_id
) c ON c.account_id = g.account_id
LEFT JOIN (
    SELECT account_id, count(*) AS contacts,
        count(*) FILTER (WHERE kind IN ('visit', 'online', 'exhibition')) AS proactive
    FROM crm_visit WHERE happened_at >= %(start)s AND happened_at < %(end)s AND outcome <> 'absent'
    GROUP BY account_id
) v ON v.account_id = g.account_id
LEFT JOIN (
    SELECT d.account_id, count(*) AS orders, count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM crm_visit k
        WHERE k.account_id = d.account_id AND k.outcome <> 'absent' AND k.happened_at < %(end)s
            AND k.happened_at >= d.traded_on::timestamp AT TIME ZONE %(zone)s
            AND k.happened_at < (d.traded_on + %(check)s::int + 1)::timestamp AT TIME ZONE %(zone)s
    )) AS checked
    FROM crm_tradeday d
    WHERE d.net_sales > 0 AND d.traded_on > %(as_of)s::date - %(year)s AND d.traded_on <= %(as_of)s
    GROUP BY d.account_id
) o ON o.account_id = g.account_id
ORDER BY g.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "grade": "int",
    "sales": "float",
    "profit": "float",
    "projects": "int",
    "proactive": "int",
    "checked": "int",
    "orders": "int",
    "contacts": "int",
}


@dataclass(frozen=True)
class Relations:
    """Arrays of shape (n,), by account id ascending; `grade` -1 is unrated. `targets` and the margins by grade."""

    account_id: IntArray
    grade: IntArray
    profit: FloatArray
    sales: FloatArray
    proactive: IntArray
    contacts: IntArray
    checked: IntArray
    orders: IntArray
    actual: CodeArray
    targets: CodeArray

    @property
    def target(self) -> CodeArray:
        """Of each account: that of its tier; of the unrated none (-1)."""
        return np.where(self.grade >= 0, np.append(self.targets, -1)[self.grade], -1).astype(np.int8)

    @property
    def short(self) -> BoolArray:
        """Who gets less than its tier is worth."""
        gap: BoolArray = self.actual < self.target
        return gap


def relations(as_of: dt.date, grades: int) -> Relations:
    """Of every customer; the level to aim at follows from the number and the margin of all customers of a tier."""
    zone = timezone.get_default_timezone()
    midnight = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), zone)
    given = {
        "as_of": as_of,
        "year": YEAR,
        "check": CHECK_DAYS,
        "zone": str(zone),
        "start": dt.datetime.combine(as_of - dt.timedelta(days=YEAR - 1), dt.time(), zone),
        "end": midnight,
    }
    with connection.cursor() as cursor:
        rows = read_columns(cursor, _QUERY, given, _COLUMNS)
    # A grade of another model beyond this one's last counts as its last, as in the movement of tiers.
    grade = np.minimum(rows["grade"], grades - 1)
    everybody = np.ones(len(grade), dtype=np.bool_)
    customers = np.bincount(grade[grade >= 0], minlength=grades)
    return Relations(
        account_id=rows["account_id"],
        grade=grade,
        profit=rows["profit"],
        sales=rows["sales"],
        proactive=rows["proactive"],
        contacts=rows["contacts"],
        checked=rows["checked"],
        orders=rows["orders"],
        actual=actual_levels(
            rows["projects"], rows["proactive"], rows["checked"], rows["orders"], rows["contacts"]
        ),
        targets=target_levels(customers, margins(grade, rows["profit"], rows["sales"], everybody, grades)),
    )


def margins(
    grade: IntArray, profit: FloatArray, sales: FloatArray, shown: BoolArray, grades: int
) -> FloatArray:
    """Gross profit over the sales of those whose cost is known, by grade (grades,); NaN where there are none."""
    counted = shown & (grade >= 0) & ~np.isnan(profit)
    gained = np.bincount(grade[counted], weights=profit[counted], minlength=grades)
    sold = np.bincount(grade[counted], weights=sales[counted], minlength=grades)
    found: FloatArray = np.where(sold > 0, divide(gained, sold), np.nan)
    return found
