"""The purchase models to choose from, and fitting one to data that may be too few for it."""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from lifecycle.scoring.forecast import bgnbd, mbgcnbd, nbd
from lifecycle.scoring.forecast.fitting import DEFAULT_LIMITS, Limits
from lifecycle.scoring.forecast.patterns import Timing

PurchaseModel = bgnbd.BgNbd | mbgcnbd.MbgCnbd | nbd.Nbd


class Purchases(IntEnum):
    """How often a customer will buy. Stored as smallint."""

    BG_NBD = 0
    MBG_CNBD = 1
    NBD = 2
    LAST_PERIOD = 3  # as often as in the period before; nothing to fit


class Spend(IntEnum):
    """What it will pay per occasion. Stored as smallint."""

    CREDIBILITY = 0
    GAMMA_GAMMA = 1
    LAST_PERIOD = 2  # the very amount of the period before, with Purchases.LAST_PERIOD only


def fit(kind: Purchases, histories: Timing, limits: Limits = DEFAULT_LIMITS) -> PurchaseModel:
    """The model fitted to ``histories``; with too few customers or repeaters the population's rate instead
    (``nbd.population_rate``, reason TOO_FEW_OBS).

    A base of enough customers none of whom bought twice is not too small: it is fitted, rests on the bounds, and
    says DEGENERATE_FIT. ValueError: LAST_PERIOD, which has no parameters.
    """
    few_repeaters = 0 < histories.repeaters < limits.min_repeaters
    if kind is Purchases.LAST_PERIOD:
        raise ValueError("repeating the last period has nothing to fit")
    if histories.customers < limits.min_customers or few_repeaters:
        return nbd.population_rate(histories)
    match kind:
        case Purchases.BG_NBD:
            return bgnbd.fit(histories, limits)
        case Purchases.MBG_CNBD:
            return mbgcnbd.fit(histories, limits)
        case Purchases.NBD:
            return nbd.fit(histories, limits)
    assert_never(kind)
