"""The first step of every run: what each account's trade adds up to as of the run's date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import AccountFacts, StagedAccountFacts
from crm.parameters import from_values, load, to_values
from crm.publication import figure_columns, publish_figures
from crm.scoring.arrays import TOLERANCE
from crm.scoring.finance import FinanceParameters
from crm.steps import AccountRange, Context, Prepared, Publication, Step

# Windows are half-open intervals (as_of - days, as_of].
YEAR = 365

# An array, so that the few accounts are looked up in the index whatever the planner thinks of the table.
_CHANGED = "AND {column} = ANY(ARRAY(SELECT account_id FROM crm_changedaccount WHERE run_id = %(run)s))"

# Sums of exact decimals: the order of the rows cannot change them, so a repeated run gives the same bytes.
_FACTS = """
SELECT a.id AS account_id, {values}
FROM crm_account a
LEFT JOIN (
    SELECT d.account_id,
        count(*) FILTER (WHERE d.net_sales > 0) AS occasions,
        count(*) FILTER (WHERE d.net_sales > 0 AND d.traded_on > %(two_years)s) AS occasions_24m,
        min(d.traded_on) FILTER (WHERE d.net_sales > 0) AS first_traded_on,
        max(d.traded_on) FILTER (WHERE d.net_sales > 0) AS last_traded_on,
        sum(d.lines) FILTER (WHERE d.traded_on > %(year)s) AS lines_12m,
        sum(d.quantity) FILTER (WHERE d.traded_on > %(year)s)::float8 AS quantity_12m,
        sum(d.net_sales) FILTER (WHERE d.traded_on > %(year)s) AS net_sales_12m,
        sum(d.gross_profit) FILTER (WHERE d.traded_on > %(year)s) AS gross_profit_12m,
        sum(d.costed_lines) FILTER (WHERE d.traded_on > %(year)s) AS costed_lines_12m,
        sum(d.costed_sales) FILTER (WHERE d.traded_on > %(year)s) AS costed_sales_12m,
        sum(d.sales_discount) FILTER (WHERE d.traded_on > %(year)s) AS sales_discount_12m,
        sum(d.marketing_cost) FILTER (WHERE d.traded_on > %(year)s) AS marketing_cost_12m,
        sum(d.financing_cost) FILTER (WHERE d.traded_on > %(year)s) AS financing_cost_12m,
        sum(d.net_sales) FILTER (WHERE d.traded_on > %(two_years)s AND d.traded_on <= %(year)s)
            AS net_sales_prior_12m,
        count(*) FILTER (WHERE d.net_sales > 0 AND d.traded_on > %(year)s) AS occasions_12m,
        sum(d.net_sales) FILTER (WHERE d.net_sales > 0) AS occasion_sales,
        sum(d.net_sales) FILTER (WHERE d.net_sales > 0 AND d.traded_on > %(year)s) AS occasion_sales_12m,
        sum(d.net_sales) AS net_sales_ever,
        CASE WHEN sum(d.costed_lines) >= sum(d.lines) * %(coverage)s::float8 THEN sum(d.gross_profit) END
            AS gross_profit_ever
    FROM crm_tradeday d
    WHERE d.account_id BETWEEN %(lower)s AND %(upper)s AND d.traded_on <= %(as_of)s {changed_days}
    GROUP BY d.account_id
) t ON t.account_id = a.id
WHERE a.id BETWEEN %(lower)s AND %(upper)s AND a.merged_into_id IS NULL {changed_accounts}
"""

# Profit is not available where too few lines have a cost: crm.scoring.finance.gross_profit, which a test compares.
_PROFIT = """
CASE WHEN coalesce(t.lines_12m, 0) = 0 THEN 0
    WHEN t.costed_lines_12m >= t.lines_12m * %(coverage)s::float8 THEN t.gross_profit_12m END
"""
_AS_THEY_ARE = {"first_traded_on", "last_traded_on", "gross_profit_ever"}


class FactsStep(Step):
    slug = "crm.facts"
    title = _("Trade of each account")
    staged = StagedAccountFacts

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        parameters, version = load("crm.finance", FinanceParameters)
        return Prepared(to_values(parameters), version=version)

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        finance = from_values(FinanceParameters, context.prepared[self.slug].parameters)
        columns = figure_columns(self.staged)
        only_changed = context.only_changed
        cursor.execute(
            f"INSERT INTO crm_stagedaccountfacts (account_id, {', '.join(columns)}, run_id)"  # noqa: S608
            " SELECT facts.*, %(run)s FROM ("
            + _FACTS.format(
                values=_values(columns),
                changed_days=_CHANGED.format(column="d.account_id") if only_changed else "",
                changed_accounts=_CHANGED.format(column="a.id") if only_changed else "",
            )
            + ") facts",
            {
                **_windows(context.as_of, finance),
                "run": context.run_id,
                "lower": accounts.lower,
                "upper": accounts.upper,
            },
        )
        rows: int = cursor.rowcount
        return rows

    def publish(self, cursor: Any, publication: Publication) -> None:
        publish_figures(cursor, publication, self.staged, AccountFacts)

    def changed_accounts(self) -> str:
        return "SELECT id FROM crm_account WHERE updated_at > %(since)s"


def facts_query(as_of: dt.date, finance: FinanceParameters) -> tuple[str, dict[str, Any]]:
    """The facts as of any date, straight from the roll-up, for accounts %(lower)s to %(upper)s; and the parameters."""
    columns = figure_columns(StagedAccountFacts)
    query = _FACTS.format(values=_values(columns), changed_days="", changed_accounts="")
    return query, _windows(as_of, finance)


def _windows(as_of: dt.date, finance: FinanceParameters) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "year": as_of - dt.timedelta(days=YEAR),
        "two_years": as_of - dt.timedelta(days=2 * YEAR),
        "coverage": finance.min_cost_coverage - TOLERANCE,
    }


def _values(columns: list[str]) -> str:
    return ", ".join(f"{_value(column)} AS {column}" for column in columns)


def _value(column: str) -> str:
    if column == "gross_profit_12m":
        return _PROFIT
    return f"t.{column}" if column in _AS_THEY_ARE else f"coalesce(t.{column}, 0)"
