"""Lifecycle stage of every customer: 考察期, 形成期, 稳定期, 退化期 and lost (models.md section 8).

The thresholds are our defaults, not published ones: the stage describes what happened, it does not forecast.
Days are whole days since any epoch; values are money of purchase occasions (customer-days).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, IntArray, divide, floats, masks
from crm.scoring.reasons import Reason


class Stage(IntEnum):
    """Stored as smallint."""

    NONE = -1  # nothing computed or published yet
    PROSPECT = 0  # 潜在客户
    EXPLORATION = 1  # 考察期
    FORMATION = 2  # 形成期
    STABILITY = 3  # 稳定期
    DECLINE = 4  # 退化期
    LOST = 5  # 流失


class Rule(IntEnum):
    """The rule that decided, numbered as in models.md section 8. Stored as smallint."""

    NO_PURCHASE = 0
    LONG_SILENT = 1
    OVERDUE = 2
    FEW_PURCHASES = 3
    YOUNG_GROWTH = 4  # second half of life against the first
    WINDOW_GROWTH = 5  # this window against the one before


@dataclass(frozen=True, slots=True)
class StageParameters:
    window_days: int = 365
    short_window_days: int = 182  # used where customers buy at short intervals
    short_cycle_days: float = 60.0  # typical interval below which the short window is used
    default_interval: float = 90.0  # days, when nobody has bought twice
    prior_weight: float = 2.0  # the typical interval counts as this many own intervals
    lost_overdue: float = 4.0
    lost_gap_days: float = 180.0
    decline_overdue: float = 2.0
    exploration_purchases: int = 2
    growth: float = 0.15
    drop: float = -0.30
    project_interval: float = 365.0  # typical interval above which contacts, not orders, show life


DEFAULT_STAGES = StageParameters()


@dataclass(frozen=True, slots=True)
class StageResult:
    """Arrays of shape (n,). ``reason``: NO_TRADES, SINGLE_PURCHASE (own interval undefined),
    ZERO_DENOMINATOR (growth undefined, nothing to compare with); OK otherwise. The stage itself is always
    given.

    gap and age in days; interval is the smoothed interval, own_interval the customer's own mean interval;
    growth is the figure rule 4 or 5 used (NaN where another rule decided); reactivated: bought again
    after an empty window.
    """

    stage: CodeArray
    rule: CodeArray
    overdue_ratio: FloatArray
    interval: FloatArray
    own_interval: FloatArray
    gap: FloatArray
    age: FloatArray
    growth: FloatArray
    reactivated: BoolArray
    reason: CodeArray


def own_intervals(occasions: ArrayLike, first_day: ArrayLike, last_day: ArrayLike) -> FloatArray:
    """Each customer's mean days between purchases, (last - first) / (n - 1); NaN below two purchases."""
    count = floats(occasions)
    n = len(count)
    elapsed = floats(last_day, n) - floats(first_day, n)
    return divide(elapsed, np.where(count >= 2, count - 1.0, 0.0))


def population_interval(
    occasions: ArrayLike,
    first_day: ArrayLike,
    last_day: ArrayLike,
    parameters: StageParameters = DEFAULT_STAGES,
) -> float:
    """Typical interval in days: the median of the customers' own; the default if nobody bought twice."""
    own = own_intervals(occasions, first_day, last_day)
    own = own[~np.isnan(own)]
    return float(np.median(own)) if len(own) else parameters.default_interval


def window_length(typical_interval: float, parameters: StageParameters = DEFAULT_STAGES) -> int:
    """Days W of the comparison windows. SQL needs it before it can sum S1 over (A-W, A] and S0 over
    (A-2W, A-W].
    """
    short = typical_interval < parameters.short_cycle_days
    return parameters.short_window_days if short else parameters.window_days


def midpoint_days(first_day: ArrayLike, as_of: int) -> IntArray:
    """Last day of the first half of each customer's life (first purchase .. as_of), shape (n,).

    Occasions on or before it belong to the first half. For use in SQL: (first_day + as_of) / 2, rounded down.
    """
    return (np.asarray(first_day, dtype=np.int64) + as_of) // 2


def classify(
    occasions: ArrayLike,
    first_day: ArrayLike,
    last_day: ArrayLike,
    as_of: float,
    value_in_window: ArrayLike,
    value_before_window: ArrayLike,
    first_half_value: ArrayLike,
    second_half_value: ArrayLike,
    *,
    typical_interval: float,
    has_open_inquiry: ArrayLike | None = None,
    contract_in_force: ArrayLike | None = None,
    last_contact_day: ArrayLike | None = None,
    parameters: StageParameters = DEFAULT_STAGES,
) -> StageResult:
    """Stage of n customers; the first rule that fires wins.

    ``first_day``/``last_day`` are ignored (may be NaN) where occasions is 0. Windows are W =
    ``window_length`` days. ``last_contact_day`` (NaN unknown) counts as a sign of life where the typical
    interval makes this a project business. A contract in force switches the rules on silence off. Missing
    window values count as 0 sales.
    """
    p = parameters
    count = floats(occasions)
    n = len(count)
    first, last = floats(first_day, n), floats(last_day, n)
    window = window_length(typical_interval, p)
    none = count == 0

    seen = last
    if last_contact_day is not None and typical_interval > p.project_interval:
        seen = np.fmax(last, floats(last_contact_day, n))
    gap, age = as_of - seen, as_of - first
    own = own_intervals(count, first, last)
    own_weight = np.where(np.isnan(own), 0.0, count - 1.0)
    interval = (own_weight * np.nan_to_num(own) + p.prior_weight * typical_interval) / (
        own_weight + p.prior_weight
    )
    overdue = divide(gap, interval)
    for array in (gap, age, interval, overdue):
        array[none] = np.nan

    silent = ~masks(contract_in_force, n) & ~none
    lost = silent & (overdue >= p.lost_overdue - TOLERANCE) & (gap >= p.lost_gap_days)
    declining = silent & (overdue >= p.decline_overdue - TOLERANCE)
    few = count <= p.exploration_purchases
    young = age < 2 * window
    rule = np.select(
        [none, lost, declining, few, young],
        [Rule.NO_PURCHASE, Rule.LONG_SILENT, Rule.OVERDUE, Rule.FEW_PURCHASES, Rule.YOUNG_GROWTH],
        Rule.WINDOW_GROWTH,
    )

    by_half, by_window = rule == Rule.YOUNG_GROWTH, rule == Rule.WINDOW_GROWTH
    now = _sales(np.where(by_half, floats(second_half_value, n), floats(value_in_window, n)))
    before = _sales(np.where(by_half, floats(first_half_value, n), floats(value_before_window, n)))
    measured = by_half | by_window
    # Returns can leave a period with nothing or less: there is no base to grow from then.
    growth = np.where(measured & (before > 0), divide(now - before, before), np.nan)
    baseless = measured & (before <= 0)
    restarted = baseless & (now > 0)

    growing = restarted | (growth >= p.growth - TOLERANCE)
    dropping = growth <= p.drop + TOLERANCE
    too_young = by_half & (age < window)
    inquiry = masks(has_open_inquiry, n)
    stage = np.select(
        [none & inquiry, none, lost, declining, rule == Rule.FEW_PURCHASES, growing, dropping, too_young],
        [
            Stage.EXPLORATION,
            Stage.PROSPECT,
            Stage.LOST,
            Stage.DECLINE,
            Stage.EXPLORATION,
            Stage.FORMATION,
            Stage.DECLINE,
            Stage.FORMATION,
        ],
        Stage.STABILITY,
    )
    reason = np.select(
        [none, count == 1, baseless],
        [Reason.NO_TRADES, Reason.SINGLE_PURCHASE, Reason.ZERO_DENOMINATOR],
        Reason.OK,
    )
    return StageResult(
        stage=stage.astype(np.int8),
        rule=rule.astype(np.int8),
        overdue_ratio=overdue,
        interval=interval,
        own_interval=own,
        gap=gap,
        age=age,
        growth=growth,
        reactivated=restarted & by_window,
        reason=reason.astype(np.int8),
    )


@dataclass(frozen=True, slots=True)
class ConfirmedStage:
    """Arrays of shape (n,): the stage to publish; pending: computed differs but waits for a second month end;
    reactivated: was lost, has bought again, and starts anew at formation."""

    stage: CodeArray
    pending: BoolArray
    reactivated: BoolArray


def confirm(
    computed: ArrayLike, previous_month_computed: ArrayLike, previous_published: ArrayLike
) -> ConfirmedStage:
    """What to publish. Arrays of ``Stage`` of shape (n,), Stage.NONE where there is no earlier figure.

    A change is published when two consecutive month ends computed the same stage. At once: into LOST, out
    of LOST (reactivated, FORMATION), the first stage ever, and into or out of PROSPECT, which is a fact
    and no trend.
    """
    new = np.asarray(computed, dtype=np.int8)
    before = np.asarray(previous_month_computed, dtype=np.int8)
    published = np.asarray(previous_published, dtype=np.int8)
    reactivated = (published == Stage.LOST) & (new != Stage.LOST) & (new != Stage.PROSPECT)
    at_once = (
        (published == Stage.NONE)
        | (new == Stage.LOST)
        | (new == Stage.PROSPECT)
        | (published == Stage.PROSPECT)
        | (new == before)
    )
    stage = np.select([reactivated, at_once], [np.full_like(new, Stage.FORMATION), new], published)
    pending = ~reactivated & (stage != new)
    return ConfirmedStage(stage.astype(np.int8), pending, reactivated)


def _sales(values: FloatArray) -> FloatArray:
    return np.nan_to_num(values, nan=0.0)
