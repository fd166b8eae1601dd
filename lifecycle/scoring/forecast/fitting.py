"""Maximum likelihood inside a box: Newton's method on the logarithms of the parameters, from several starts.

Regular B2B data push parameters towards 0 or infinity (no dropout, no differences between customers), where
an unbounded optimiser wanders off; here they come to rest on the box and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from crm.scoring.arrays import FloatArray
from crm.scoring.reasons import Reason

# Value, gradient and Hessian with respect to the parameters themselves (not their logarithms).
Objective = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]

MAX_ITERATIONS = 200
SAMPLES = (500, 10_000)  # rows a search looks at before it looks at all
FEW_ROWS = 1_000
LONGEST_STEP = 2.0  # in logarithms: no step changes a parameter by more than a factor of 7
SHORTENINGS = 25  # of a step that does not climb
SETTLED = 1e-7  # of log likelihood: Newton's method doubles the digits in the step that follows
ROUGHLY = 0.1
TRUSTED = 0.3  # length, in logarithms, up to which the last step is taken unseen
NOISE = 1e-4  # of log likelihood: rounding can hide a promise this small
SAME_PLACE = 0.1  # two rough optima closer than this, in every logarithm, are one
FLATTEST = 1e-9  # curvature, as a share of the steepest, below which a direction counts as flat


@dataclass(frozen=True, slots=True)
class Limits:
    """Box of every parameter, and the least data a distribution over customers is fitted to."""

    r: tuple[float, float] = (1e-3, 1e3)
    alpha: tuple[float, float] = (1e-2, 1e5)  # weeks
    a: tuple[float, float] = (1e-3, 1e3)
    b: tuple[float, float] = (1e-3, 1e3)
    p: tuple[float, float] = (1e-3, 1e3)
    q: tuple[float, float] = (1.0 + 1e-6, 1e3)
    v: tuple[float, float] = (1e-6, 1e6)  # times the mean spend, so that the currency does not matter
    min_customers: float = 50.0
    min_repeaters: float = 30.0


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Report:
    """How a model came by its parameters. ``customers``, ``repeaters``: weights of what it was fitted to.

    reason: OK; DEGENERATE_FIT (a parameter rests on its bound, see ``bounds_hit``, nobody bought twice, or the
    search did not settle; forecasts are usable while finite); TOO_FEW_OBS (not fitted, a plain rate instead).
    """

    log_likelihood: float = float("nan")
    customers: float = 0.0
    repeaters: float = 0.0
    bounds_hit: tuple[str, ...] = ()
    converged: bool = True
    iterations: int = 0
    reason: Reason = Reason.OK


GIVEN = Report()  # parameters that were not fitted here


@dataclass(frozen=True, slots=True)
class Optimum:
    parameters: FloatArray
    value: float
    converged: bool
    iterations: int


def climb(
    objective: Objective,
    start: Sequence[float] | FloatArray,
    box: Sequence[tuple[float, float]],
    settled: float = SETTLED,
) -> Optimum:
    """Newton's method with projection on the box, from one start, until the next step promises to raise the log
    likelihood by less than ``settled``; that step is still taken if it is short.
    """
    lower, upper = np.log(np.asarray(box, dtype=np.float64)).T
    place = np.clip(np.log(np.asarray(start, dtype=np.float64)), lower, upper)
    value, gradient, hessian = _in_logs(objective, place)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _step_in_box(place, gradient, hessian, lower, upper)
        promise = float(gradient @ step)
        if promise < settled:
            if np.abs(step).max() > TRUSTED:  # far, for nothing: the surface is flat here
                step[:] = 0.0
            return Optimum(_out(np.clip(place + step, lower, upper), box), value, True, iteration)
        step *= _longest(place, step, lower, upper)
        for _ in range(SHORTENINGS):
            candidate = np.clip(place + step, lower, upper)
            there = _in_logs(objective, candidate)
            if there[0] >= value + 1e-4 * float(gradient @ step):
                break
            step *= 0.3
        else:  # as good as floating point noise allows, or the objective is broken here
            return Optimum(_out(place, box), value, promise < NOISE, iteration)
        place, (value, gradient, hessian) = candidate, there
    return Optimum(_out(place, box), value, False, MAX_ITERATIONS)


def samples(rows: int) -> list[slice]:
    """Which rows to look at: every k-th at first, more of them then, in the end all. Few rows: all at once."""
    steps = sorted({-(-rows // size) for size in SAMPLES if rows > FEW_ROWS} | {1}, reverse=True)
    return [slice(step // 2, None, step) for step in steps]


def best_of(
    objectives: Sequence[Objective], starts: Sequence[Sequence[float]], box: Sequence[tuple[float, float]]
) -> Optimum:
    """The highest of the optima reached from all starts.

    ``objectives``: over samples of growing size, the last over everything. Each start climbs on the first; the
    places it leads to, where they differ, climb on through the others.
    """
    places = [np.asarray(start, dtype=np.float64) for start in starts]
    for objective in objectives[:-1] or objectives:
        reached: list[FloatArray] = []
        for place in places:
            found = climb(objective, place, box, ROUGHLY).parameters
            if not any(np.abs(np.log(found / seen)).max() < SAME_PLACE for seen in reached):
                reached.append(found)
        places = reached
    return max((climb(objectives[-1], place, box) for place in places), key=_height)


def report(
    optimum: Optimum,
    names: Sequence[str],
    box: Sequence[tuple[float, float]],
    customers: float,
    repeaters: float,
) -> Report:
    hit = tuple(
        name
        for name, value, (low, high) in zip(names, optimum.parameters, box, strict=True)
        if not low < value < high
    )
    return Report(
        log_likelihood=float(optimum.value),
        customers=customers,
        repeaters=repeaters,
        bounds_hit=hit,
        converged=optimum.converged,
        iterations=optimum.iterations,
        reason=Reason.OK if optimum.converged and repeaters and not hit else Reason.DEGENERATE_FIT,
    )


def _height(optimum: Optimum) -> float:
    return optimum.value


def _out(place: FloatArray, box: Sequence[tuple[float, float]]) -> FloatArray:
    """Out of the logarithms; what rests on a bound is the bound to the last digit."""
    low, high = np.asarray(box, dtype=np.float64).T
    inside = np.clip(np.exp(place), low, high)
    return np.where(place <= np.log(low), low, np.where(place >= np.log(high), high, inside))


def _in_logs(objective: Objective, place: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    parameters = np.exp(place)
    value, gradient, hessian = objective(parameters)
    slope = parameters * gradient
    bend = hessian * parameters * parameters[:, np.newaxis]
    bend.flat[:: len(place) + 1] += slope
    return value, slope, bend


def _step_in_box(
    place: FloatArray, gradient: FloatArray, hessian: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Newton's step within the parameters that are not pressed against their bound."""
    low, high = place <= lower, place >= upper
    if not (low | high).any():
        return _newton_step(gradient, hessian)
    held = (low & (gradient < 0)) | (high & (gradient > 0))
    while True:
        free = ~held
        step = np.zeros_like(place)
        if free.all():
            step = _newton_step(gradient, hessian)
        elif free.any():
            step[free] = _newton_step(gradient[free], hessian[free][:, free])
        pressed = (low & (step < 0)) | (high & (step > 0))
        if not pressed.any():
            return step
        held = held | pressed


def _longest(place: FloatArray, step: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
    """The share of the step that neither leaves the box nor is too bold."""
    bold = min(1.0, LONGEST_STEP / float(np.abs(step).max()))
    candidate = place + bold * step
    if ((candidate >= lower) & (candidate <= upper)).all():
        return bold
    moving = step != 0
    room = np.where(step > 0, upper - place, lower - place)[moving] / step[moving]
    return min(bold, float(room.min()))


def _newton_step(gradient: FloatArray, hessian: FloatArray) -> FloatArray:
    """Uphill even where the surface is not concave: every curvature counts by its size."""
    curvature, axes = np.linalg.eigh(hessian)
    size = np.abs(curvature)
    size = np.maximum(size, FLATTEST * size.max() + 1e-300)
    return axes @ ((axes.T @ gradient) / size)
