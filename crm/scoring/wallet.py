"""Share of wallet: who supplies how much of what a customer needs (models.md section 5, measure 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason


@dataclass(frozen=True)
class WalletShares:
    """All arrays of shape (n,), shares as fractions of the demand."""

    own: FloatArray  # ours, in [0, 1]; NaN where the demand is missing or 0
    own_uncapped: FloatArray  # as the division gives it: above 1 the estimate of the demand is too low
    rivals: FloatArray  # the known shares of competitors, added up; 0 where none is known
    unknown: FloatArray  # what nobody is known to supply, in [0, 1]; NaN where `own` is
    excess: FloatArray  # by how much everything together passes 1 (an estimate must be wrong); 0 where it does not
    stale: BoolArray  # we sold more than the estimated demand
    reason: CodeArray


def wallet_shares(ours: ArrayLike, demand: ArrayLike, rivals: ArrayLike) -> WalletShares:
    """Ours = net sales / demand of the same year; the rest as competitors are known to share it.

    ``ours``: shape (n,), net sales in money, NaN unknown; below 0 (returns only) counts as no share. ``demand``: shape
    (n,), yearly demand in the same money, NaN unknown. ``rivals``: shape (n, k), fractions of the demand, NaN where a
    competitor's share is not known; k may be 0. Reasons: MISSING_INPUT (sales or demand unknown), ZERO_DENOMINATOR
    (demand 0 or below). Raises ValueError on other shapes.
    """
    need = floats(demand)
    sold = floats(ours, len(need))
    others = np.asarray(rivals, dtype=np.float64)
    if others.ndim != 2 or len(others) != len(need):
        raise ValueError(f"expected shares of shape ({len(need)}, k), got {others.shape}")
    missing = np.isnan(need) | np.isnan(sold)
    # A demand of 0 or less is no basis for a share.
    empty = ~missing & (need <= 0)
    uncapped = np.maximum(divide(sold, np.where(empty, np.nan, need)), 0.0)
    known = np.nansum(others, axis=1) if others.shape[1] else np.zeros(len(need))
    total = np.where(np.isnan(uncapped), 0.0, uncapped) + known
    reason = np.full(len(need), Reason.OK, dtype=np.int8)
    reason[missing] = Reason.MISSING_INPUT
    reason[empty] = Reason.ZERO_DENOMINATOR
    return WalletShares(
        own=np.minimum(uncapped, 1.0),
        own_uncapped=uncapped,
        rivals=known,
        unknown=np.where(np.isnan(uncapped), np.nan, np.maximum(1.0 - total, 0.0)),
        excess=np.where(total > 1.0 + TOLERANCE, total - 1.0, 0.0),
        stale=np.nan_to_num(uncapped) > 1.0 + TOLERANCE,
        reason=reason,
    )
