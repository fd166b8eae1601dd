"""Customer lifetime value 客户终身价值: the five values, and revenue minus cost (models.md sections 10 and 11)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason


@dataclass(frozen=True, slots=True)
class PurchaseValue:
    """CPV of a year. value (n,), NaN with a ``reason`` where nothing tells it; spending: what it was worked out from;
    estimated: bool (n,), the spending power was inferred or the present margin taken instead.
    """

    value: FloatArray
    spending: FloatArray
    estimated: CodeArray
    reason: CodeArray


def purchase_value(
    spending: ArrayLike, share: ArrayLike, margin: ArrayLike, sales: ArrayLike, profit: ArrayLike
) -> PurchaseValue:
    """CPV = spending power x our share of it x margin rate.

    spending: yearly demand in money; share: ours, 0..1; margin: contribution rate; sales, profit: of the last year.
    All (n,), NaN unknown. Spending unknown but share known: spending = sales / share. Both unknown, or no share: the
    present margin run-rate ``profit``. A negative margin gives a negative value, which is kept.
    """
    power = floats(spending)
    n = len(power)
    ours, rate = floats(share, n), floats(margin, n)
    sold, gained = floats(sales, n), floats(profit, n)
    inferred = np.isnan(power) & (ours > 0)
    power = np.where(inferred, divide(sold, np.where(ours > 0, ours, np.nan)), power)
    value = power * ours * rate
    fallback = np.isnan(value)
    value = np.where(fallback, gained, value)
    reason = np.where(
        np.isnan(value), np.where(np.isnan(gained), Reason.NO_COST, Reason.MISSING_INPUT), Reason.OK
    )
    return PurchaseValue(value, power, (inferred | fallback).astype(np.int8), reason.astype(np.int8))


def referral_value(influence: ArrayLike, reach: ArrayLike, purchase: ArrayLike) -> FloatArray:
    """PPV of a year = chance that a reached company buys (0..1) x companies reached x margin of their average purchase.

    For the valuation of the referrer only: the referred customer's own value holds the same money.
    """
    chance = floats(influence)
    product: FloatArray = chance * floats(reach, len(chance)) * floats(purchase, len(chance))
    return product


def information_value(unit_cost: float, completeness: ArrayLike, consented: ArrayLike) -> FloatArray:
    """CIV of a year: survey cost saved = unit cost x complete share of the profile (0..1); 0 without consent."""
    complete = floats(completeness)
    return np.where(np.asarray(consented, dtype=np.bool_), unit_cost * np.nan_to_num(complete), 0.0)


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """year: the five values of one year added up; total: x annuity; both (n,), NaN where the purchase value is.

    ``without_referrals`` may be added over customers; ``total`` may not (a referred customer would count twice).
    """

    year: FloatArray
    total: FloatArray
    without_referrals: FloatArray


def lifetime_value(
    purchase: ArrayLike,
    referral: ArrayLike,
    information: ArrayLike,
    knowledge: ArrayLike,
    transaction: ArrayLike,
    annuity: ArrayLike,
) -> LifetimeValue:
    """CLV = (CPV + PPV + CIV + CKV + CTV) x annuity factor. Parts but the first count 0 where unknown (NaN)."""
    own = floats(purchase)
    n = len(own)
    spoken = np.nan_to_num(floats(referral, n))
    rest = sum(np.nan_to_num(floats(part, n)) for part in (information, knowledge, transaction))
    factor = floats(annuity, n)
    bare = own + rest
    return LifetimeValue(bare + spoken, (bare + spoken) * factor, bare * factor)


class ValueTier(IntEnum):
    """Tercile of lifetime value, stored as smallint."""

    UNRATED = -1
    HIGH = 0
    MEDIUM = 1
    LOW = 2


def tier_cuts(value: ArrayLike) -> tuple[float, float]:
    """Lowest value of the high and of the medium tier (terciles of the known values); NaN without any."""
    values = floats(value)
    ranked = np.sort(values[~np.isnan(values)])[::-1]
    n = len(ranked)
    if not n:
        return float("nan"), float("nan")
    return float(ranked[-(-n // 3) - 1]), float(ranked[-(-2 * n // 3) - 1])


def value_tiers(value: ArrayLike) -> CodeArray:
    """``ValueTier`` of each customer (n,) by terciles of the known values; equal values share the better tier."""
    values = floats(value)
    high, medium = tier_cuts(values)
    tiers = np.select(
        [np.isnan(values), values >= high, values >= medium],
        [ValueTier.UNRATED, ValueTier.HIGH, ValueTier.MEDIUM],
        ValueTier.LOW,
    )
    return tiers.astype(np.int8)


@dataclass(frozen=True, slots=True)
class CohortValue:
    """per_customer: (gain - acquisition - retention) / customers, NaN without customers; unit_acquisition: per new
    customer, NaN without new ones (the total is subtracted all the same).
    """

    per_customer: float
    unit_acquisition: float


def cohort_value(gain: float, acquisition: float, retention: float, customers: int, new: int) -> CohortValue:
    """CLV = (R - AC - RC) / N of one cohort and window, all totals in money. ValueError for negative counts."""
    if customers < 0 or new < 0:
        raise ValueError("numbers of customers are not negative")
    return CohortValue(
        float(divide(gain - acquisition - retention, customers)), float(divide(acquisition, new))
    )


def margin_multiple(
    retention: ArrayLike, discount_rate: float = 0.10, margin_now: bool = False
) -> FloatArray:
    """r / (1 + i - r), or (1 + i) / (1 + i - r) where the first margin is earned now: worth of a margin of 1 a year.

    retention 0..1, shape (n,); r = 1 is allowed. ValueError where i <= 0 makes the sum endless.
    """
    kept = floats(retention)
    if discount_rate <= 0:
        raise ValueError("the discount rate must be above 0")
    top = np.full(len(kept), 1.0 + discount_rate) if margin_now else kept
    multiple: FloatArray = top / (1.0 + discount_rate - kept)
    return multiple
