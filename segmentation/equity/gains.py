"""Accounts where a competitor supplies more of the demand than a year before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm.models import Competitor
from crm.scoring.arrays import BoolArray, known
from segmentation.equity.wallets import Wallets

LEAST = 0.01  # a rise below one point of the demand is noise of estimates


@dataclass(frozen=True)
class Gain:
    """`worth`: the rise in money of this year's demand; None where the demand is not known."""

    account: int
    competitor: Competitor
    before: float
    now: float
    worth: float | None
    ours_before: float | None
    ours_now: float | None


def gains_of(before: Wallets, now: Wallets) -> list[Gain]:
    """The dearest first. A competitor that has a share now and none on record the year before rises from 0, where any
    competitor's share was on record that year (else we simply did not ask)."""
    row_then = {pk: place for place, pk in enumerate(before.account.tolist())}
    column_then = {competitor.pk: place for place, competitor in enumerate(before.competitors)}
    # Of no columns "any" is false.
    asked: BoolArray = np.any(~np.isnan(before.rivals), axis=1)
    found = []
    for row, column in zip(*np.nonzero(now.rivals > 0), strict=True):
        pk, competitor = int(now.account[row]), now.competitors[column]
        then = row_then.get(pk)
        if then is None or not asked[then]:
            continue
        place = column_then.get(competitor.pk)
        old = 0.0 if place is None else float(np.nan_to_num(before.rivals[then, place]))
        rise = float(now.rivals[row, column]) - old
        if rise < LEAST - 1e-9:
            continue
        worth = known(rise * now.demand[row])
        found.append(
            Gain(
                pk,
                competitor,
                old,
                float(now.rivals[row, column]),
                worth,
                known(before.shares.own[then]),
                known(now.shares.own[row]),
            )
        )
    found.sort(key=lambda gain: (-(gain.worth or 0.0), gain.before - gain.now, gain.account))
    return found
