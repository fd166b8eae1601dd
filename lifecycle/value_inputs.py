"""What the lifetime value of accounts is worked out from: one row per account, by set-based SQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from crm.copying import read_columns
from crm.models import Run
from crm.scoring.arrays import FloatArray, divide
from crm.steps import AccountRange
from lifecycle.scoring.forecast.models import Spend
from lifecycle.scoring.forecast.outlook import Buyers, Fits
from lifecycle.scoring.forecast.patterns import DAYS, timing
from lifecycle.scoring.valuation import Judged, Recorded, ValueParameters, margin_rate

# The newest yearly demand of each account, of all we sell (families alone do not add up to it), and what we sold in
# that year; null for a year that is not over: take the sales of the 365 days up to the date instead.
WALLET = """
SELECT n.account_id, n.amount AS demand,
    CASE WHEN %(as_of)s::date >= make_date(n.year, 12, 31) THEN
        (SELECT coalesce(sum(d.net_sales), 0) FROM crm_tradeday d WHERE d.account_id = n.account_id
            AND d.traded_on BETWEEN make_date(n.year, 1, 1) AND make_date(n.year, 12, 31)) END AS ours
FROM (
    SELECT DISTINCT ON (c.account_id) c.account_id, c.year::int AS year, c.amount
    FROM crm_categoryspend c
    WHERE c.account_id BETWEEN %(lower)s AND %(upper)s AND c.family_id IS NULL
        AND c.year <= extract(year FROM %(as_of)s::date) AND c.estimated_on <= %(as_of)s
    ORDER BY c.account_id, c.year DESC
) n
"""
# Of every k-th customer, so that a company of any size is fitted in the same time.
OCCASIONS = """
SELECT d.account_id, d.traded_on - DATE '1970-01-01', d.net_sales
FROM (
    SELECT account_id, row_number() OVER (ORDER BY account_id) AS place
    FROM crm_stagedaccountfacts WHERE run_id = %(run)s AND occasions > 0
) c JOIN crm_tradeday d ON d.account_id = c.account_id
WHERE c.place %% %(step)s = 0 AND d.net_sales > 0 AND d.traded_on <= %(as_of)s
"""
PORTFOLIO = """
SELECT count(*) FILTER (WHERE occasions > 0),
    sum(gross_profit_12m), sum(net_sales_12m) FILTER (WHERE gross_profit_12m IS NOT NULL),
    count(*) FILTER (WHERE net_sales_prior_12m > 0),
    count(*) FILTER (WHERE net_sales_prior_12m > 0 AND last_traded_on > %(year)s)
FROM crm_stagedaccountfacts WHERE run_id = %(run)s
"""

_ACCOUNTS = """
SELECT f.account_id, f.occasions, f.first_traded_on, f.last_traded_on, f.net_sales_12m, f.gross_profit_12m,
    f.occasion_sales, f.occasions_12m, f.occasion_sales_12m, f.net_sales_ever, f.gross_profit_ever,
    {first_value}, w.demand, coalesce(w.ours, f.net_sales_12m),
    j.spending, j.share / 100, j.margin / 100, j.influence / 100, j.reach, j.reached_value,
    j.information, j.knowledge, j.transaction,
    v.referral, v.information, v.knowledge, v.trade,
    ((a.industry <> '' OR a.industry_code <> '')::int + (a.city <> '')::int + (a.address <> '')::int
        + (a.phone <> '')::int + (a.email <> '')::int + (a.website <> '')::int
        + (a.registration_number <> '')::int
        + (a.employees IS NOT NULL OR a.annual_revenue IS NOT NULL)::int) / 8.0,
    c.account_id IS NOT NULL, p.weighted
FROM {facts} f
JOIN crm_account a ON a.id = f.account_id
{first_day}
LEFT JOIN ({wallet}) w ON w.account_id = f.account_id
LEFT JOIN (
    SELECT account_id, {judged}
    FROM (
        SELECT DISTINCT ON (account_id, part) account_id, part, value FROM lifecycle_valuejudgement
        WHERE account_id BETWEEN %(lower)s AND %(upper)s ORDER BY account_id, part, id DESC
    ) newest GROUP BY account_id
) j ON j.account_id = f.account_id
LEFT JOIN (
    SELECT account_id, {gains}
    FROM crm_valuecase
    WHERE account_id BETWEEN %(lower)s AND %(upper)s AND happened_on <= %(as_of)s AND happened_on > %(cases)s
    GROUP BY account_id
) v ON v.account_id = f.account_id
LEFT JOIN (
    SELECT DISTINCT o.account_id
    FROM crm_position o JOIN crm_personaldetails d ON d.contact_id = o.contact_id
    WHERE o.account_id BETWEEN %(lower)s AND %(upper)s AND d.consented_on <= %(as_of)s
        AND (o.left_on IS NULL OR o.left_on > %(as_of)s)
) c ON c.account_id = f.account_id
LEFT JOIN (
    SELECT o.account_id, sum(o.amount * coalesce(o.probability, s.probability) / 100 * CASE
        WHEN coalesce(nullif(o.currency, ''), %(currency)s) = %(currency)s THEN 1
        ELSE (SELECT r.rate FROM crm_exchangerate r WHERE r.currency = o.currency AND r.valid_on <= %(as_of)s
            ORDER BY r.valid_on DESC LIMIT 1) END) AS weighted
    FROM crm_opportunity o JOIN crm_pipelinestage s ON s.id = o.stage_id
    WHERE o.account_id BETWEEN %(lower)s AND %(upper)s AND o.state = 'open'
    GROUP BY o.account_id
) p ON p.account_id = f.account_id
WHERE f.account_id BETWEEN %(lower)s AND %(upper)s
ORDER BY f.account_id
"""
# Facts of accounts: what the run in progress has staged, or what readers see.
STAGED = "(SELECT * FROM crm_stagedaccountfacts WHERE run_id = %(run)s)"
PUBLISHED = "crm_accountfacts"
JUDGED = tuple(Judged.__dataclass_fields__)
_GAINS = ("referral", "information", "knowledge", "trade")
_COLUMNS = {
    "account_id": "int",
    "occasions": "int",
    "first": "date",
    "last": "date",
    "sales": "float",
    "profit": "float",
    "value": "float",
    "year_occasions": "int",
    "year_value": "float",
    "past_sales": "float",
    "past_profit": "float",
    "first_value": "float",
    "demand": "float",
    "ours": "float",
    **{f"judged_{part}": "float" for part in JUDGED},
    **{f"cases_{kind}": "float" for kind in _GAINS},
    "completeness": "float",
    "consented": "bool",
    "pipeline": "float",
}
YEAR = 365


def read_accounts(
    cursor: Any,
    run: Run,
    facts: str,
    accounts: AccountRange,
    fits: Fits,
    parameters: ValueParameters,
) -> dict[str, NDArray[Any]]:
    """One row per account in the range, as of the run's date. A judgement counts whenever it was made: the newest word
    has no other date.
    """
    own = fits.spend is Spend.GAMMA_GAMMA
    return read_columns(
        cursor,
        _ACCOUNTS.format(
            facts=facts,
            first_value="b.net_sales" if own else "NULL",
            first_day="LEFT JOIN crm_tradeday b ON b.account_id = f.account_id AND b.traded_on = f.first_traded_on"
            if own
            else "",
            wallet=WALLET,
            judged=", ".join(f"max(value) FILTER (WHERE part = '{part}') AS {part}" for part in JUDGED),
            gains=", ".join(
                f"sum(benefit * share / 100) FILTER (WHERE kind = '{kind}') AS {kind}" for kind in _GAINS
            ),
        ),
        {
            "run": run.pk,
            "as_of": run.as_of,
            "cases": run.as_of - dt.timedelta(days=YEAR * parameters.case_years),
            "lower": accounts.lower,
            "upper": accounts.upper,
            "currency": settings.REPORTING_CURRENCY,
        },
        _COLUMNS,
    )


def recorded_of(rows: dict[str, NDArray[Any]], alive: FloatArray) -> Recorded:
    return Recorded(
        demand=rows["demand"],
        ours=rows["ours"],
        margin=margin_rate(rows["profit"], rows["sales"], rows["past_profit"], rows["past_sales"]),
        sales=rows["sales"],
        profit=rows["profit"],
        **{f"cases_{kind}": rows[f"cases_{kind}"] for kind in _GAINS},
        completeness=rows["completeness"],
        consented=rows["consented"],
        pipeline=rows["pipeline"],
        alive=alive,
        bought=rows["occasions"] > 0,
    )


def judged_of(rows: dict[str, NDArray[Any]]) -> Judged:
    return Judged(**{part: rows[f"judged_{part}"] for part in JUDGED})


def buyers_of(rows: dict[str, NDArray[Any]], as_of: dt.date) -> Buyers:
    """Of rows that all have bought."""
    first, last = (rows[name].astype("datetime64[D]").astype(np.int64) for name in ("first", "last"))
    end = int(np.datetime64(as_of, "D").astype(np.int64))
    occasions = rows["occasions"].astype(np.float64)
    judged: FloatArray = rows["judged_margin"]
    margin = margin_rate(rows["profit"], rows["sales"], rows["past_profit"], rows["past_sales"])
    return Buyers(
        timing=timing(occasions - 1.0, (last - first) / DAYS, (end - first) / DAYS),
        occasions=occasions,
        mean=divide(rows["value"], occasions),
        repeat_mean=divide(rows["value"] - rows["first_value"], occasions - 1.0),
        year_occasions=rows["year_occasions"].astype(np.float64),
        year_value=rows["year_value"],
        margin=np.where(np.isnan(judged), margin, judged),
    )
