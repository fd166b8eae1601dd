"""What each customer did in a period, as set-based SQL: the months that are frozen and the names behind a number."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.scoring.arrays import TOLERANCE
from segmentation.feed import GRADE_NAMES
from segmentation.scoring.kpis import months_before

# Lengths of periods in months. The quarter is the usual one.
PERIODS = (1, 3, 12)
USUAL_PERIOD = 3

# One row per account and period. An occasion is a day with positive sales; what was bought on (start, until] counts for
# the period, on (earlier, start] for the one before. Bound: %(coverage)s and what `_member` binds.
_MEMBER = """
WITH period (months, earlier, start, until) AS (VALUES {periods}),
name AS MATERIALIZED ({names}),
stretch AS (
    SELECT d.account_id, width_bucket(d.traded_on, %(firsts)s::date[]) AS place, bool_or(d.net_sales > 0) AS bought,
        sum(d.net_sales) AS net_sales, sum(d.gross_profit) AS gross_profit, sum(d.lines) AS lines,
        sum(d.costed_lines) AS costed_lines
    FROM crm_tradeday d
    WHERE d.traded_on >= (%(firsts)s::date[])[1] AND d.traded_on <= %(last)s::date
    GROUP BY 1, 2
),
trade AS (
    SELECT s.account_id, p.months,
        bool_or(s.bought AND f.first > p.start) AS active, bool_or(s.bought AND f.first <= p.start) AS active_before,
        sum(s.net_sales) FILTER (WHERE f.first > p.start) AS net_sales,
        sum(s.gross_profit) FILTER (WHERE f.first > p.start) AS gross_profit,
        sum(s.lines) FILTER (WHERE f.first > p.start) AS lines,
        sum(s.costed_lines) FILTER (WHERE f.first > p.start) AS costed_lines
    FROM stretch s
    JOIN unnest(%(firsts)s::date[]) WITH ORDINALITY f (first, place) ON f.place = s.place
    JOIN period p ON f.first > p.earlier
    GROUP BY s.account_id, p.months
),
member AS (
    SELECT a.id AS account_id, a.owner_id, a.territory_id, a.region, a.industry, p.months,
        t.active_before IS TRUE AS active_before, t.active IS TRUE AS active,
        t.active IS TRUE AND t.active_before IS NOT TRUE AND (f.first_traded_on > p.start) IS TRUE AS new,
        t.active_before IS TRUE AND t.active IS NOT TRUE AS lost,
        t.active IS TRUE AND t.active_before IS NOT TRUE AND (f.first_traded_on > p.start) IS NOT TRUE AS reactivated,
        g.grade IS NOT NULL AND b.grade IS NOT NULL AS both_ends,
        (g.grade < b.grade) IS TRUE AS upgraded, (g.grade > b.grade) IS TRUE AS downgraded,
        coalesce(n.name, '') AS grade,
        coalesce(t.net_sales, 0) AS net_sales, coalesce(t.gross_profit, 0) AS gross_profit,
        (t.active AND t.costed_lines >= t.lines * %(coverage)s::float8) IS TRUE AS costed
    FROM crm_account a CROSS JOIN period p
    LEFT JOIN trade t ON t.account_id = a.id AND t.months = p.months
    LEFT JOIN crm_accountfacts f ON f.account_id = a.id
    LEFT JOIN segmentation_gradesnapshot g ON g.account_id = a.id AND g.month_end = %(last)s::date
    LEFT JOIN segmentation_gradesnapshot b ON b.account_id = a.id AND b.month_end = p.start
        AND b.month_end = ANY(%(starts)s::date[])
    LEFT JOIN name n ON n.version_id = g.version_id AND n.grade = g.grade
    WHERE a.merged_into_id IS NULL AND (t.account_id IS NOT NULL OR g.account_id IS NOT NULL)
)
"""

# What nobody can be charged with is shared out by gross profit, evenly where no customer made any: between groups, the
# few rows that are kept, as between their customers.
_FREEZE = """,
cost AS (
    SELECT c.account_id, p.months, sum(c.amount) AS amount
    FROM crm_costtoserve c JOIN period p ON c.spent_on > p.start AND c.spent_on <= p.until
    WHERE c.kind <> 'acquisition' GROUP BY c.account_id, p.months
),
part AS (
    SELECT m.months, m.owner_id, m.territory_id, m.region, m.industry, m.grade,
        count(*) FILTER (WHERE active_before) AS active_before, count(*) FILTER (WHERE active) AS active,
        count(*) FILTER (WHERE new) AS new, count(*) FILTER (WHERE lost) AS lost,
        count(*) FILTER (WHERE reactivated) AS reactivated, count(*) FILTER (WHERE both_ends) AS both_ends,
        count(*) FILTER (WHERE upgraded) AS upgraded, count(*) FILTER (WHERE downgraded) AS downgraded,
        sum(m.net_sales) AS net_sales, coalesce(sum(m.gross_profit) FILTER (WHERE costed), 0) AS gross_profit,
        coalesce(sum(greatest(m.gross_profit, 0)) FILTER (WHERE costed), 0) AS gained,
        coalesce(sum(own.amount) FILTER (WHERE costed), 0) AS own_cost, count(*) FILTER (WHERE costed) AS costed
    FROM member m LEFT JOIN cost own ON own.account_id = m.account_id AND own.months = m.months
    GROUP BY m.months, m.owner_id, m.territory_id, m.region, m.industry, m.grade
)
INSERT INTO segmentation_kpimonth (month_end, run_id, months, owner_id, territory_id, region, industry, grade,
    active_before, active, new, lost, reactivated, graded_at_both_ends, upgraded, downgraded, net_sales,
    gross_profit, cost_to_serve, costed)
SELECT %(until)s::date, %(run)s, p.months, owner_id, territory_id, region, industry, grade,
    active_before, active, new, lost, reactivated, both_ends, upgraded, downgraded, round(net_sales, 2),
    round(gross_profit, 2),
    round(own_cost + coalesce(everybody.amount * coalesce(
        gained / nullif(sum(gained) OVER w, 0), costed / nullif(sum(costed) OVER w, 0)), 0), 2), costed
FROM part p LEFT JOIN cost everybody ON everybody.account_id IS NULL AND everybody.months = p.months
WINDOW w AS (PARTITION BY p.months)
ORDER BY p.months, owner_id, territory_id, region, industry, grade
"""

# Conditions on a member, by the name an address uses.
WHAT: dict[str, str] = {
    "active": "active",
    "active-before": "active_before",
    "new": "new",
    "lost": "lost",
    "reactivated": "reactivated",
    "upgraded": "upgraded",
    "downgraded": "downgraded",
    "costed": "costed",
}


def freeze_month(cursor: Any, *, run_id: int, month_end: dt.date, coverage: float) -> int:
    """Write the key figures of the periods that end with a month, in place of those written for it before.

    The grades of the month's end are frozen already and the facts published; `coverage`: share of lines whose cost must
    be known. Returns the rows.
    """
    cursor.execute("DELETE FROM segmentation_kpimonth WHERE month_end = %s", [month_end])
    beginning, parameters = _member(month_end, PERIODS)
    # Three rows an account are sorted and added up: in memory up to some hundred thousand accounts.
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute(
        beginning + _FREEZE,
        {**parameters, "coverage": coverage - TOLERANCE, "run": run_id, "until": month_end},
    )
    rows: int = cursor.rowcount
    # Within a transaction of the caller's the setting would outlive this function.
    cursor.execute("SET LOCAL work_mem TO DEFAULT")
    return rows


def members(
    what: str, month_end: dt.date, months: int, grade: str | None, coverage: float
) -> tuple[str, list[Any]]:
    """A query for the accounts behind one number, and its parameters; KeyError for a name it does not know.

    By today's ledger, owners and merges: names may differ from a number that was frozen earlier.
    """
    condition = WHAT[what]
    beginning, parameters = _member(month_end, (months,))
    query = f"{beginning} SELECT account_id FROM member WHERE {condition}"  # noqa: S608
    bound: dict[str, Any] = {**parameters, "coverage": coverage - TOLERANCE}
    if grade is not None:
        query += " AND grade = %(grade)s"
        bound["grade"] = grade
    return _by_position(query, bound)


def _member(until: dt.date, lengths: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    """The query's beginning for these periods, and the dates it binds.

    The ledger is added up once, by the stretches of time that lie between the ends of all periods; `firsts`: the first
    day of each.
    """
    parameters: dict[str, Any] = {"last": until}
    periods = []
    for months in lengths:
        parameters[f"start{months}"] = months_before(until, months)
        parameters[f"earlier{months}"] = months_before(until, 2 * months)
        periods.append(f"({months}, %(earlier{months})s::date, %(start{months})s::date, %(last)s::date)")
    ends = {day for name, day in parameters.items() if name != "last"}
    parameters["starts"] = [parameters[f"start{months}"] for months in lengths]
    parameters["firsts"] = [day + dt.timedelta(days=1) for day in sorted(ends)]
    return _MEMBER.format(periods=", ".join(periods), names=GRADE_NAMES), parameters


def _by_position(query: str, named: dict[str, Any]) -> tuple[str, list[Any]]:
    """The same query with the parameters in order: what an expression inside a queryset takes."""
    order: list[str] = []

    class Positions(dict[str, Any]):
        def __getitem__(self, name: str) -> str:
            order.append(name)
            return "%s"

    text = query % Positions()
    return text, [named[name] for name in order]
