"""What the chosen forecast says of every customer: purchases by quarter, spend, present value of the margin, range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast import credibility, gamma_gamma, mbgcnbd
from lifecycle.scoring.forecast.fitting import DEFAULT_LIMITS, Limits
from lifecycle.scoring.forecast.history import History
from lifecycle.scoring.forecast.models import PurchaseModel, Purchases, Spend, fit
from lifecycle.scoring.forecast.patterns import Timing
from lifecycle.scoring.forecast.value import occasion_interval, present_value

QUARTER = 365.25 / 4 / 7  # weeks
QUARTERS = (1, 4, 8, 12)
YEARS = 3  # over which the margin is discounted, from the end of each year
# Purchases of a period that is simply repeated: a Poisson stream whose rate is known as well as half a purchase more
# would make it (Jeffreys).
REPEATED_SHAPE = 0.5


@dataclass(frozen=True, slots=True)
class Fits:
    """Every model fitted to all of the company's history, and which pair of them the back-test chose."""

    bg_nbd: PurchaseModel
    mbg_cnbd: PurchaseModel
    nbd: PurchaseModel
    credibility: credibility.Credibility
    gamma_gamma: gamma_gamma.GammaGamma
    purchases: Purchases
    spend: Spend

    @property
    def model(self) -> PurchaseModel | None:
        """The purchase model in use; None repeats the last year."""
        return {
            Purchases.BG_NBD: self.bg_nbd,
            Purchases.MBG_CNBD: self.mbg_cnbd,
            Purchases.NBD: self.nbd,
        }.get(self.purchases)

    @property
    def reason(self) -> Reason:
        """Of the pair in use: OK, TOO_FEW_OBS or DEGENERATE_FIT."""
        reason = self.model.report.reason if self.model else Reason.OK
        if self.spend is Spend.CREDIBILITY:
            return reason or self.credibility.reason
        return reason or (self.gamma_gamma.report.reason if self.spend is Spend.GAMMA_GAMMA else Reason.OK)


# Where the back-test has nothing to compare: the customer's own rate (or the population's) and credibility spend.
OWN_RATE = (Purchases.NBD, Spend.CREDIBILITY)


def fit_all(history: History, chosen: tuple[Purchases, Spend], limits: Limits = DEFAULT_LIMITS) -> Fits:
    """``chosen``: the pair that won the back-test, or OWN_RATE."""
    timing = history.timing
    return Fits(
        fit(Purchases.BG_NBD, timing, limits),
        fit(Purchases.MBG_CNBD, timing, limits),
        fit(Purchases.NBD, timing, limits),
        credibility.fit(history.occasions, history.mean, history.squares),
        gamma_gamma.fit(timing.repeats, np.nan_to_num(history.repeat_mean), limits=limits),
        *chosen,
    )


@dataclass(frozen=True, slots=True)
class Buyers:
    """Arrays of shape (n,) of customers who have bought. occasions, mean: all of them, and their mean value;
    repeat_mean: without the first (only gamma-gamma needs it); year_occasions, year_value: of the last 365 days (only
    "same as last period" needs them); margin: share of sales, NaN where not known.
    """

    timing: Timing
    occasions: FloatArray
    mean: FloatArray
    repeat_mean: FloatArray
    year_occasions: FloatArray
    year_value: FloatArray
    margin: FloatArray


@dataclass(frozen=True, slots=True)
class Outlook:
    """alive: MBG's P(alive), NaN where it could not be fitted; occasions (n, 4) by QUARTERS; the others (n,), money.

    predicted: margin of YEARS years, discounted, with its range; sales ranges hold four quarters. reason:
    SINGLE_PURCHASE, TOO_FEW_OBS, DEGENERATE_FIT beside a figure; NO_COST where ``predicted`` is NaN for want of a
    margin; TOO_FEW_OBS with everything NaN where nothing tells how often anybody buys.
    """

    alive: FloatArray
    occasions: FloatArray
    spend: FloatArray
    sales_low: FloatArray
    sales_high: FloatArray
    predicted: FloatArray
    predicted_low: FloatArray
    predicted_high: FloatArray
    reason: CodeArray


def foresee(fits: Fits, buyers: Buyers, discount_rate: float = 0.10) -> Outlook:
    """The forecast in use, for each customer."""
    expected, alive, shape = expect(fits, buyers)
    spend = _spend(fits, buyers)
    # One customer with one purchase: nobody has a rate.
    unknown = np.isnan(spend) | (expected.sum(axis=1) <= 0 if fits.reason == Reason.TOO_FEW_OBS else False)
    expected[unknown], spend = np.nan, np.where(unknown, np.nan, spend)
    discounted = present_value(expected[:, 1:], discount_rate) * spend * buyers.margin
    low, high = _interval(expected[:, 1], alive, shape)
    low_3, high_3 = _interval(expected[:, 3], alive, shape)
    each = divide(discounted, expected[:, 3])  # a purchase within the years, discounted as on average
    ends = np.sort(np.stack([low_3 * each, high_3 * each]), axis=0)
    nothing = expected[:, 3] == 0
    return Outlook(
        alive=alive_share(fits, buyers.timing),
        occasions=expected,
        spend=spend,
        sales_low=low * spend,
        sales_high=high * spend,
        predicted=discounted,
        predicted_low=np.where(nothing, discounted, ends[0]),
        predicted_high=np.where(nothing, discounted, ends[1]),
        reason=_reasons(fits, buyers, unknown),
    )


def expect(fits: Fits, buyers: Buyers) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected purchases (n, 4) by QUARTERS, P(alive) of the model in use (n,), shape of the posterior rate (n,)."""
    model = fits.model
    if model is None:
        repeated = buyers.year_occasions[:, np.newaxis] * (np.array(QUARTERS) / 4)
        return repeated, np.ones(len(repeated)), buyers.year_occasions + REPEATED_SHAPE
    weeks = QUARTER * np.array(QUARTERS)
    expected = model.expected_occasions(weeks, buyers.timing)
    return expected, model.p_alive(buyers.timing), model.posterior(buyers.timing)[0]


def course(fits: Fits, buyers: Buyers, quarters: int = 12) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Purchases expected by the end of each quarter from 1, and the range that holds them; (quarters,) each, of the
    first customer.
    """
    model = fits.model
    ends = np.arange(1, quarters + 1)
    if model is None:
        expected, alive, shape = (
            buyers.year_occasions[0] * ends / 4,
            1.0,
            float(buyers.year_occasions[0]) + REPEATED_SHAPE,
        )
    else:
        expected = model.expected_occasions(QUARTER * ends, buyers.timing)[0]
        alive = float(model.p_alive(buyers.timing)[0])
        shape = float(model.posterior(buyers.timing)[0][0])
    low, high = occasion_interval(expected, np.full(quarters, alive), np.full(quarters, shape))
    return expected, low, high


def alive_share(fits: Fits, timing: Timing) -> FloatArray:
    """P(alive) after MBG/CNBD-k, whichever model forecasts: BG/NBD calls every one-time buyer alive for certain."""
    if isinstance(fits.mbg_cnbd, mbgcnbd.MbgCnbd):
        return fits.mbg_cnbd.p_alive(timing)
    return np.full(len(timing.repeats), np.nan)


def _spend(fits: Fits, buyers: Buyers) -> FloatArray:
    if fits.spend is Spend.LAST_PERIOD:
        return np.nan_to_num(divide(buyers.year_value, buyers.year_occasions))
    if fits.spend is Spend.GAMMA_GAMMA:
        return fits.gamma_gamma.expected_spend(buyers.timing.repeats, np.nan_to_num(buyers.repeat_mean))
    return fits.credibility.expected_spend(buyers.occasions, buyers.mean)


def _interval(expected: FloatArray, alive: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = occasion_interval(np.nan_to_num(expected), alive, shape)
    missing = np.isnan(expected)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _reasons(fits: Fits, buyers: Buyers, unknown: ArrayLike) -> CodeArray:
    found = np.select(
        [
            np.asarray(unknown, dtype=np.bool_),
            np.isnan(floats(buyers.margin)),
            np.full(len(buyers.margin), fits.reason == Reason.TOO_FEW_OBS),
            buyers.occasions <= 1,
        ],
        [Reason.TOO_FEW_OBS, Reason.NO_COST, Reason.TOO_FEW_OBS, Reason.SINGLE_PURCHASE],
        fits.reason,
    )
    return found.astype(np.int8)
