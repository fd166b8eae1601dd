"""Loyalty of a customer: eight measures (and involvement), composite L, Dick-Basu type, Aaker level.

Source: models.md sections 5 and 6. Counts and sums are of the loyalty window (24 months). A measure whose
input is missing is NaN with a reason, and the weights are renormalised over what is present.
"""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason


class Measure(IntEnum):
    """Column of the sub-score matrix. 0-3 behaviour, 4-7 attitude, 8 optional attitude."""

    REPEAT_RATE = 0  # 重复购买率
    FREQUENCY = 1  # 购买时间和频率
    WALLET_SHARE = 2  # 购买支出份额
    SELECTION_TIME = 3  # 挑选时间
    EMOTION = 4  # 情感
    REFERRAL = 5  # 推荐数量与主动性
    COMPETITORS = 6  # 对竞争对手的态度
    PRICE_QUALITY = 7  # 对价格或质量的态度
    INVOLVEMENT = 8  # 关心程度


MEASURES = len(Measure)
BEHAVIOURAL = 4  # the first so many measures are behaviour


class AakerLevel(IntEnum):
    """Aaker's five levels on L. Stored as smallint."""

    UNKNOWN = -1
    SWITCHER = 1
    HABITUAL = 2
    SATISFIED = 3  # satisfied, with switching cost
    LIKES = 4
    COMMITTED = 5


class DickBasu(IntEnum):
    """Behaviour crossed with attitude. Stored as smallint."""

    UNKNOWN = -1
    NONE = 0
    SPURIOUS = 1  # buys without conviction
    LATENT = 2  # conviction without buying
    TRUE = 3


@dataclass(frozen=True, slots=True)
class LoyaltyParameters:
    behaviour_weights: tuple[float, float, float, float] = (0.25, 0.25, 0.35, 0.15)
    attitude_weights: tuple[float, float, float, float, float] = (1.0, 1.0, 1.0, 1.0, 0.0)
    behaviour_share: float = 0.6  # of L; the rest is attitude
    min_behaviour: int = 2  # fewer behavioural measures and no attitude at all: no L
    points_per_referral: float = 25.0
    points_per_conversion: float = 25.0
    overdue_span: float = 3.0  # punctuality falls to 0 at an overdue ratio of 1 + this
    type_cut: float = 60.0  # B and T at or above count as high
    level_cuts: tuple[float, float, float, float] = (20.0, 40.0, 60.0, 80.0)


DEFAULT_LOYALTY = LoyaltyParameters()


@dataclass(frozen=True, slots=True)
class LoyaltyInputs:
    """Arrays of shape (n,); None or NaN = not known. Give NaN, not 0, for what the company does not
    record.
    """

    occasions: ArrayLike  # purchase occasions in the window
    frequency_rank: ArrayLike | None = None  # percentile rank 0..1 of occasions a year
    overdue_ratio: ArrayLike | None = None  # lifecycle.scoring.stages
    share_of_wallet: ArrayLike | None = None  # 0..1 of their spend in our categories; capped at 1
    selection_rank: ArrayLike | None = None  # rank 0..1 of median days inquiry -> order
    sentiment: ArrayLike | None = None  # 0..100
    recommend: ArrayLike | None = None  # survey 0..10
    referrals: ArrayLike | None = None  # referred leads
    conversions: ArrayLike | None = None  # of these, became customers
    competitor_attitude: ArrayLike | None = None  # survey 1..5, 5 = not interested in competitors
    rfqs_decided: ArrayLike | None = None
    rfqs_lost_to_competitors: ArrayLike | None = None
    price_attitude: ArrayLike | None = None  # survey 1..5, 5 = tolerant
    trials: ArrayLike | None = None  # price rises and quality complaints
    kept_buying: ArrayLike | None = None  # of these, went on buying
    involvement_rank: ArrayLike | None = None  # percentile rank 0..1 of inquiries and visits without purchase


@dataclass(frozen=True, slots=True)
class LoyaltyResult:
    """subscores, reasons, effective_weights, contributions: shape (n, 9), columns in the order of
    ``Measure``; the rest (n,).

    Contributions are in points of L and sum to ``loyalty``. ``coverage``: share of the nominal weight
    that is known. wallet_capped: the spend estimate is stale, our sales exceed it.
    """

    subscores: FloatArray
    reasons: CodeArray
    effective_weights: FloatArray
    contributions: FloatArray
    behaviour: FloatArray
    attitude: FloatArray
    loyalty: FloatArray
    coverage: FloatArray
    level: CodeArray
    kind: CodeArray
    reason: CodeArray
    wallet_capped: BoolArray


@dataclass(frozen=True, slots=True)
class MeasureExplanation:
    measure: Measure
    score: float | None
    reason: Reason
    weight: float  # nominal share of L
    effective_weight: float  # after renormalising over what is present
    contribution: float


def score(inputs: LoyaltyInputs, parameters: LoyaltyParameters = DEFAULT_LOYALTY) -> LoyaltyResult:
    """Loyalty of n customers. ValueError when the arrays differ in length."""
    n = len(floats(inputs.occasions))
    given = {f.name: _column(getattr(inputs, f.name), n) for f in fields(LoyaltyInputs)}
    subscores, reasons, capped = _subscores(given, n, parameters)
    return _compose(subscores, reasons, capped, given["occasions"], parameters)


def nominal_weights(parameters: LoyaltyParameters = DEFAULT_LOYALTY) -> FloatArray:
    """Weight of each measure in L when everything is known, shape (9,), sum 1."""
    behaviour = np.asarray(parameters.behaviour_weights)
    attitude = np.asarray(parameters.attitude_weights)
    share = parameters.behaviour_share
    return np.concatenate((share * behaviour / behaviour.sum(), (1 - share) * attitude / attitude.sum()))


def explain_row(
    result: LoyaltyResult, i: int, parameters: LoyaltyParameters = DEFAULT_LOYALTY
) -> list[MeasureExplanation]:
    """How customer ``i`` came by L: one entry per measure, contributions summing to L."""
    weights = nominal_weights(parameters)
    return [
        MeasureExplanation(
            measure=measure,
            score=None if np.isnan(result.subscores[i, measure]) else float(result.subscores[i, measure]),
            reason=Reason(int(result.reasons[i, measure])),
            weight=float(weights[measure]),
            effective_weight=float(result.effective_weights[i, measure]),
            contribution=float(result.contributions[i, measure]),
        )
        for measure in Measure
    ]


def explain_subscores(
    subscores: ArrayLike, parameters: LoyaltyParameters = DEFAULT_LOYALTY
) -> list[MeasureExplanation]:
    """``explain_row`` from one customer's stored sub-scores, shape (9,), NaN = missing."""
    scores = floats(subscores, MEASURES)[np.newaxis, :]
    reasons = np.where(np.isnan(scores), Reason.MISSING_INPUT, Reason.OK).astype(np.int8)
    nothing = np.zeros(1)
    return explain_row(_compose(scores, reasons, nothing > 0, nothing, parameters), 0, parameters)


def _subscores(
    given: dict[str, FloatArray], n: int, p: LoyaltyParameters
) -> tuple[FloatArray, CodeArray, BoolArray]:
    count, wallet = given["occasions"], given["share_of_wallet"]
    punctuality = 100.0 * np.clip(1.0 - (given["overdue_ratio"] - 1.0) / p.overdue_span, 0.0, 1.0)
    recorded = p.points_per_referral * given["referrals"] + p.points_per_conversion * np.where(
        np.isnan(given["conversions"]), 0.0, given["conversions"]
    )
    win_rate = 1.0 - divide(given["rfqs_lost_to_competitors"], given["rfqs_decided"])
    kept_rate = divide(given["kept_buying"], given["trials"])

    scores = np.full((n, MEASURES), np.nan, order="F")
    scores[:, Measure.REPEAT_RATE] = 100.0 * divide(count - 1.0, count)
    scores[:, Measure.FREQUENCY] = _mean_of_present(100.0 * given["frequency_rank"], punctuality)
    scores[:, Measure.WALLET_SHARE] = 100.0 * np.clip(wallet, 0.0, 1.0)
    scores[:, Measure.SELECTION_TIME] = 100.0 * (1.0 - given["selection_rank"])
    scores[:, Measure.EMOTION] = given["sentiment"]
    scores[:, Measure.REFERRAL] = np.fmax(10.0 * given["recommend"], np.minimum(100.0, recorded))
    scores[:, Measure.COMPETITORS] = _first_present(
        _five_point(given["competitor_attitude"]), 100.0 * win_rate
    )
    scores[:, Measure.PRICE_QUALITY] = _first_present(_five_point(given["price_attitude"]), 100.0 * kept_rate)
    scores[:, Measure.INVOLVEMENT] = 100.0 * given["involvement_rank"]

    reasons = np.where(np.isnan(scores), Reason.MISSING_INPUT, Reason.OK).astype(np.int8)
    reasons[:, Measure.REPEAT_RATE] = np.select(
        [np.isnan(count), count == 0, count == 1],
        [Reason.MISSING_INPUT, Reason.NO_TRADES, Reason.SINGLE_PURCHASE],
        Reason.OK,
    )
    return scores, reasons, wallet > 1.0


def _compose(
    subscores: FloatArray, reasons: CodeArray, capped: BoolArray, occasions: FloatArray, p: LoyaltyParameters
) -> LoyaltyResult:
    present = ~np.isnan(subscores)
    points = np.nan_to_num(subscores)
    halves = (
        (slice(0, BEHAVIOURAL), np.asarray(p.behaviour_weights), p.behaviour_share),
        (slice(BEHAVIOURAL, MEASURES), np.asarray(p.attitude_weights), 1.0 - p.behaviour_share),
    )
    within = np.zeros_like(subscores)
    means, shares = [], []
    for columns, weights, nominal in halves:
        known = present[:, columns] * weights
        within[:, columns] = np.nan_to_num(divide(known, known.sum(axis=1, keepdims=True)))
        some = known.sum(axis=1) > 0
        means.append(np.where(some, (within[:, columns] * points[:, columns]).sum(axis=1), np.nan))
        shares.append(np.where(some, nominal, 0.0))
    behaviour, attitude = means
    enough = ((present[:, :BEHAVIOURAL]).sum(axis=1) >= p.min_behaviour) | ~np.isnan(attitude)
    total_share = shares[0] + shares[1]
    defined = enough & (total_share > 0)

    effective = within
    for (columns, _, _), share in zip(halves, shares, strict=True):
        scale = np.where(defined, np.nan_to_num(divide(share, total_share)), 0.0)
        effective[:, columns] *= scale[:, np.newaxis]
    contributions = effective * points
    loyalty = np.where(defined, contributions.sum(axis=1), np.nan)
    reason = np.select([defined, occasions == 0], [Reason.OK, Reason.NO_TRADES], Reason.MISSING_INPUT)
    return LoyaltyResult(
        subscores=subscores,
        reasons=reasons,
        effective_weights=effective,
        contributions=contributions,
        behaviour=behaviour,
        attitude=attitude,
        loyalty=loyalty,
        coverage=present @ nominal_weights(p),
        level=aaker_level(loyalty, p),
        kind=dick_basu(behaviour, attitude, p),
        reason=reason.astype(np.int8),
        wallet_capped=capped,
    )


def aaker_level(loyalty: ArrayLike, parameters: LoyaltyParameters = DEFAULT_LOYALTY) -> CodeArray:
    """``AakerLevel`` of each L: below 20 switcher, below 40 habitual, ..., 80 and above committed. Shape
    (n,).
    """
    values = floats(loyalty)
    reached = np.searchsorted(np.asarray(parameters.level_cuts), values + TOLERANCE, side="right") + 1
    return np.where(np.isnan(values), AakerLevel.UNKNOWN, reached).astype(np.int8)


def dick_basu(
    behaviour: ArrayLike, attitude: ArrayLike, parameters: LoyaltyParameters = DEFAULT_LOYALTY
) -> CodeArray:
    """``DickBasu`` of each (B, T); UNKNOWN where either is missing. Shape (n,)."""
    b = floats(behaviour)
    t = floats(attitude, len(b))
    buys, likes = (values >= parameters.type_cut - TOLERANCE for values in (b, t))
    kind = np.select(
        [buys & likes, likes, buys], [DickBasu.TRUE, DickBasu.LATENT, DickBasu.SPURIOUS], DickBasu.NONE
    )
    return np.where(np.isnan(b) | np.isnan(t), DickBasu.UNKNOWN, kind).astype(np.int8)


def _column(values: ArrayLike | None, n: int) -> FloatArray:
    return np.full(n, np.nan) if values is None else floats(values, n)


def _five_point(answers: FloatArray) -> FloatArray:
    return (answers - 1.0) / 4.0 * 100.0


def _first_present(first: FloatArray, second: FloatArray) -> NDArray[np.float64]:
    return np.where(np.isnan(first), second, first)


def _mean_of_present(one: FloatArray, other: FloatArray) -> NDArray[np.float64]:
    return (_first_present(one, other) + _first_present(other, one)) / 2.0
