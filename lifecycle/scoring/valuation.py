"""What a customer is worth, from recorded and judged inputs: the one way of job, page and tests.

models.md section 10; a person's judgement of an input stands in the place of the computed one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm.scoring.arrays import BoolArray, FloatArray, divide
from crm.scoring.reasons import Reason
from crm.scoring.wallet import wallet_shares
from lifecycle.scoring.forecast.value import annuity
from lifecycle.scoring.lifetime import (
    LifetimeValue,
    information_value,
    lifetime_value,
    purchase_value,
    referral_value,
)


@dataclass(frozen=True)
class ValueParameters:
    """Every value is a setting. Money in the reporting currency; rates as fractions."""

    discount_rate: float = 0.10
    years: int = 5
    # Cost of finding out by a survey what the customer tells us about itself.
    survey_unit_cost: float = 500.0
    # A recorded gain counts for so many years from its day.
    case_years: int = 3
    # Below so many customers the share that came back says nothing.
    min_retention_customers: int = 20
    # The forecasts are fitted to every k-th customer, so that no more than this many are read.
    fit_customers: int = 10_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the records say, shape (n,), NaN unknown. demand: yearly need in money; ours: our sales of the same year;
    margin: share of sales; sales, profit: of the last 365 days; cases_*: gains of a year; completeness: share of the
    basic data that is known; consented: bool; pipeline: open opportunities x probability; alive: P(alive);
    bought: bool, has ever bought.
    """

    demand: FloatArray
    ours: FloatArray
    margin: FloatArray
    sales: FloatArray
    profit: FloatArray
    cases_referral: FloatArray
    cases_information: FloatArray
    cases_knowledge: FloatArray
    cases_trade: FloatArray
    completeness: FloatArray
    consented: BoolArray
    pipeline: FloatArray
    alive: FloatArray
    bought: BoolArray


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's figures, shape (n,), NaN where nobody judged. Shares as fractions."""

    spending: FloatArray
    share: FloatArray
    margin: FloatArray
    influence: FloatArray
    reach: FloatArray
    reached_value: FloatArray
    information: FloatArray
    knowledge: FloatArray
    transaction: FloatArray


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Of all customers together: margin, 0..1; retention: share of the year before's who bought again;
    purchase_margin: margin of an average purchase, money. NaN unknown.
    """

    margin: float
    retention: float
    purchase_margin: float


@dataclass(frozen=True, slots=True)
class Valuation:
    """spending, share, margin, reached_value: the inputs as used; the five values of a year; ``worth``. Shape (n,).

    reason: NO_TRADES (a prospect, valued by its pipeline or not at all), NO_COST (no margin known), TOO_FEW_OBS (the
    year is known, but not how long it will last), MISSING_INPUT (nothing told of the demand: the present margin).
    """

    spending: FloatArray
    share: FloatArray
    margin: FloatArray
    reached_value: FloatArray
    purchase: FloatArray
    referral: FloatArray
    information: FloatArray
    knowledge: FloatArray
    transaction: FloatArray
    annuity: FloatArray
    worth: LifetimeValue
    reason: np.ndarray


def valuate(
    recorded: Recorded, judged: Judged, portfolio: Portfolio, parameters: ValueParameters
) -> Valuation:
    """The five values, their sum, and what it is worth over the years. Missing parts but the first count 0."""
    n = len(recorded.demand)
    margin = _first(judged.margin, recorded.margin)
    # What we sold more than the estimated demand refutes the estimate.
    demand = np.fmax(recorded.demand, np.where(recorded.demand > 0, recorded.ours, np.nan))
    spending = _first(judged.spending, demand)
    sold = np.where(np.isnan(recorded.demand), recorded.sales, recorded.ours)
    wallet = wallet_shares(sold, spending, np.empty((n, 0)))
    share = _first(judged.share, wallet.own)
    profit = np.where(np.isnan(judged.margin), recorded.profit, recorded.sales * judged.margin)
    found = purchase_value(spending, share, margin, recorded.sales, profit)
    # Who never bought is worth what the pipeline promises, unless somebody judged spending, share and margin.
    told = ~np.isnan(judged.spending) & ~np.isnan(judged.share) & ~np.isnan(judged.margin)
    promised = np.where(recorded.pipeline > 0, recorded.pipeline * portfolio.margin, np.nan)
    prospect = ~recorded.bought & ~told
    purchase = np.where(prospect, promised, found.value)

    reached = _first(judged.reached_value, np.full(n, portfolio.purchase_margin))
    referral = _first(referral_value(judged.influence, judged.reach, reached), recorded.cases_referral)
    basic = information_value(parameters.survey_unit_cost, recorded.completeness, recorded.consented)
    information = _first(judged.information, basic + np.nan_to_num(recorded.cases_information))
    knowledge = _first(judged.knowledge, recorded.cases_knowledge)
    transaction = _first(judged.transaction, recorded.cases_trade)
    kept = _first(recorded.alive, np.full(n, portfolio.retention))
    factor = annuity(kept, parameters.discount_rate, parameters.years)
    worth = lifetime_value(purchase, referral, information, knowledge, transaction, factor)
    reason = np.select(
        [prospect, np.isnan(purchase), np.isnan(factor), np.isnan(spending) | np.isnan(share)],
        [Reason.NO_TRADES, Reason.NO_COST, Reason.TOO_FEW_OBS, Reason.MISSING_INPUT],
        Reason.OK,
    ).astype(np.int8)
    return Valuation(
        found.spending, share, margin, reached, purchase, referral, information, knowledge, transaction,
        factor, worth, reason,
    )  # fmt: skip


def margin_rate(
    profit: FloatArray, sales: FloatArray, past_profit: FloatArray, past_sales: FloatArray
) -> FloatArray:
    """Profit over sales of the last year; of all years where the last had none. NaN where costs are not known."""
    recent = np.where(sales > 0, divide(profit, sales), np.nan)
    ever = np.where(past_sales > 0, divide(past_profit, past_sales), np.nan)
    return np.where(sales > 0, recent, ever)


def _first(*choices: FloatArray) -> FloatArray:
    """The first that is known."""
    found = choices[0]
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found
