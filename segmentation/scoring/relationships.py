"""Relationship level 关系水平 per segment and per account (models.md section 15, Kotler's five), and the key-account
checklist (section 21)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, IntArray, floats, masks
from crm.scoring.ranking import percentile_rank, prepare_population


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


def ranked_marks(values: ArrayLike) -> FloatArray:
    """Marks of 1 to 5 by rank among the known values, (n,): min(5, floor(5 PR) + 1), as in models.md section 19."""
    given = floats(values)
    marks: FloatArray = np.minimum(
        5.0, np.floor(5.0 * percentile_rank(given, prepare_population(given))) + 1.0
    )
    return marks


def suggested_scores(
    sales: ArrayLike,
    potential: ArrayLike,
    industry_position: ArrayLike,
    discount_rate: ArrayLike,
    profit: ArrayLike,
    loyalty: ArrayLike,
) -> FloatArray:
    """What figures alone say to the six questions of the checklist, (n, 6) of 0 to 5, NaN unknown. All inputs (n,).

    [D] Volume, potential and profit by rank (a loss is 0); the industry by the account's position in it (1 to 5);
    buying on value by how little discount it takes (``discount_rate`` of sales), which large turnover must go with:
    never more than one above the mark of volume; preference for us by the loyalty index (0 to 100).
    """
    volume = ranked_marks(sales)
    n = len(volume)
    gained = floats(profit, n)
    value_buyer = np.minimum(ranked_marks(-floats(discount_rate, n)), volume + 1.0)
    return np.column_stack(
        [
            volume,
            ranked_marks(floats(potential, n)),
            floats(industry_position, n),
            value_buyer,
            np.where(gained <= 0, 0.0, ranked_marks(gained)),
            np.clip(np.round(floats(loyalty, n) / 20.0), 0.0, 5.0),
        ]
    )


def suggested_total(scores: ArrayLike, fewest: int = 4) -> FloatArray:
    """Share of the points of those questions that figures answer, (n,) of 0 to 1; NaN below ``fewest`` answers."""
    given = np.asarray(scores, dtype=np.float64)
    answered = (~np.isnan(given)).sum(axis=1)
    total: FloatArray = np.where(
        answered >= fewest, np.nansum(given, axis=1) / (5.0 * np.maximum(answered, 1)), np.nan
    )
    return total


def level_counts(group: ArrayLike, level: ArrayLike, groups: int) -> IntArray:
    """Accounts per group and actual level, (groups, 5). group (n,): 0..groups-1, -1 is left out."""
    place = np.asarray(group, dtype=np.int64)
    known = place >= 0
    cells = place[known] * len(Level) + np.asarray(level, dtype=np.int64)[known]
    counts: IntArray = np.bincount(cells, minlength=groups * len(Level)).reshape(groups, len(Level))
    return counts


def is_candidate(total: ArrayLike, excluded: ArrayLike | None = None) -> BoolArray:
    """Whether a total (n,) makes a key-account candidate; ``excluded`` (n,): known already."""
    sums = floats(total)
    return (sums >= KEY_ACCOUNT - TOLERANCE) & ~masks(excluded, len(sums))
