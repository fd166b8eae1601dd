"""Relationship level 关系水平 per segment and per account (models.md section 15, Kotler's five), and the key-account
checklist (section 21)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, CodeArray, FloatArray, floats, masks


class Level(IntEnum):
    """From the loosest to the closest, stored as smallint."""

    BASIC = 0
    REACTIVE = 1
    ACCOUNTABLE = 2
    PROACTIVE = 3
    PARTNERSHIP = 4


MANY, MEDIUM = 100, 20  # [D] customers of a segment
HIGH_MARGIN, MEDIUM_MARGIN = 0.30, 0.15  # [D] where there are too few segments for terciles
FEWEST_FOR_TERCILES = 6
PROACTIVE_CONTACTS = 4
AFTER_SALE_SHARE = 0.5
KEY_ACCOUNT = 0.7  # [D] of the 30 points

# Rows: many, medium, few customers; columns: high, medium, low margin.
_TARGET = np.array(
    [
        [Level.ACCOUNTABLE, Level.REACTIVE, Level.BASIC],
        [Level.PROACTIVE, Level.ACCOUNTABLE, Level.REACTIVE],
        [Level.PARTNERSHIP, Level.PROACTIVE, Level.ACCOUNTABLE],
    ],
    dtype=np.int8,
)


def target_levels(customers: ArrayLike, margin: ArrayLike) -> CodeArray:
    """Level to aim at, int8 (s,), of each segment from its number of customers and its margin rate (NaN: as low).

    Margins are compared by terciles of the segments; with fewer than six segments by fixed bands (30 %, 15 %).
    """
    count = floats(customers)
    rate = floats(margin, len(count))
    row = np.select([count >= MANY, count >= MEDIUM], [0, 1], 2)
    known = rate[~np.isnan(rate)]
    if len(known) >= FEWEST_FOR_TERCILES:
        low, high = np.quantile(known, [1 / 3, 2 / 3])
        column = np.select([rate > high, rate > low], [0, 1], 2)
    else:
        column = np.select([rate >= HIGH_MARGIN - TOLERANCE, rate >= MEDIUM_MARGIN - TOLERANCE], [0, 1], 2)
    levels: CodeArray = _TARGET[row, column]
    return levels


def actual_levels(
    joint_projects: ArrayLike,
    proactive_contacts: ArrayLike,
    after_sale_checks: ArrayLike,
    orders: ArrayLike,
    contacts: ArrayLike,
) -> CodeArray:
    """Level that the last 12 months show, int8 (n,), from counts per account, all (n,)."""
    projects = floats(joint_projects)
    n = len(projects)
    bought = floats(orders, n)
    checked = (bought > 0) & (floats(after_sale_checks, n) >= AFTER_SALE_SHARE * bought - TOLERANCE)
    levels = np.select(
        [projects > 0, floats(proactive_contacts, n) >= PROACTIVE_CONTACTS, checked, floats(contacts, n) > 0],
        [Level.PARTNERSHIP, Level.PROACTIVE, Level.ACCOUNTABLE, Level.REACTIVE],
        Level.BASIC,
    )
    return levels.astype(np.int8)


def checklist(scores: ArrayLike) -> FloatArray:
    """Sum of the six scores of 0 to 5, (n, 6), over 30; NaN where one is missing. ValueError outside 0..5."""
    given = np.asarray(scores, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != 6:
        raise ValueError(f"expected six scores an account, got shape {given.shape}")
    if ((given < 0) | (given > 5)).any():
        raise ValueError("scores run from 0 to 5")
    total: FloatArray = given.sum(axis=1) / 30.0
    return total


def is_candidate(
    total: ArrayLike, excluded: ArrayLike | None = None
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether a total (n,) makes a key-account candidate; ``excluded`` (n,): known already."""
    sums = floats(total)
    return (sums >= KEY_ACCOUNT - TOLERANCE) & ~masks(excluded, len(sums))
