"""BG/NBD + gamma-gamma fit against the lifetimes library: same customers, same likelihood, both as they come."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifecycle.scoring.forecast import bgnbd, gamma_gamma
from lifecycle.scoring.forecast.patterns import timing
from tests.bench.clock import seconds

CUSTOMERS = 10_000
CDNOW = Path(__file__).resolve().parents[3] / "shared/data/cdnow/cdnow_summary_39w.csv"
ROUNDS = 5  # of both, alternating; each one's best counts, because others use the machine as well
SAME = 5e-4  # the same to 3 decimals

Columns = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def generated(customers: int, seed: int = 2005) -> Columns:
    """x, t_x, T in weeks and mean repeat spend, drawn from the BG/NBD and gamma-gamma processes.

    Days are whole, as in any ledger; parameters near those published for CDNOW, two years of customers.
    """
    draw = np.random.default_rng(seed)
    age = draw.integers(180, 730, customers).astype(np.float64)
    rate = draw.gamma(0.6, 1 / 60.0, customers)  # a day
    dropout = np.clip(draw.beta(0.8, 2.5, customers), 1e-12, 1.0)
    arrivals = draw.poisson(rate * age)
    lifetime = draw.geometric(dropout)
    repeats = np.minimum(arrivals, lifetime).astype(np.float64)
    some = repeats > 0
    recency = np.zeros(customers)
    # the x-th of so many uniform days
    recency[some] = np.ceil(age[some] * draw.beta(repeats[some], arrivals[some] + 1.0 - repeats[some]))
    spend = np.zeros(customers)
    spend[some] = draw.gamma(6.0 * repeats[some], 1 / repeats[some]) / draw.gamma(4.0, 1 / 15.0, some.sum())
    return repeats, recency / 7, age / 7, spend


def cdnow() -> Columns:
    with CDNOW.open(encoding="utf-8", newline="") as handle:
        rows = np.array(
            [[float(row[name]) for name in ("x", "t_x", "T", "zbar")] for row in csv.DictReader(handle)]
        )
    return rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]


def ours(data: Columns) -> list[float]:
    repeats, recency, age, spend = data
    model = bgnbd.fit(timing(repeats, recency, age))
    value = gamma_gamma.fit(repeats, spend)
    return [model.r, model.alpha, model.a, model.b, value.p, value.q, value.v]


def lifetimes(data: Columns) -> list[float]:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    repeats, recency, age, spend = data
    told = (repeats > 0) & (spend > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = BetaGeoFitter().fit(repeats, recency, age)
        value = GammaGammaFitter().fit(repeats[told], spend[told])
    found = [model.params_[name] for name in ("r", "alpha", "a", "b")]
    return [float(each) for each in found + [value.params_[name] for name in ("p", "q", "v")]]


def compare(data: Columns) -> dict[str, Any]:
    mine: list[float] = []
    theirs: list[float] = []
    took, reference = math.inf, math.inf
    for _ in range(ROUNDS):
        took = min(took, seconds(lambda: mine.__setitem__(slice(None), ours(data))))
        reference = min(reference, seconds(lambda: theirs.__setitem__(slice(None), lifetimes(data))))
    return {
        "customers": len(data[0]),
        "ours": took,
        "lifetimes": reference,
        "ratio": reference / took,
        "parameters": {
            name: (mine[i], theirs[i]) for i, name in enumerate(("r", "alpha", "a", "b", "p", "q", "v"))
        },
        "agree": bool(np.abs(np.array(mine) - np.array(theirs)).max() < SAME),
    }


def measure(customers: int = CUSTOMERS) -> dict[str, Any]:
    """On generated customers; where the CDNOW data lie beside the repository, on those as well ("cdnow")."""
    result = compare(generated(customers))
    if CDNOW.exists():
        result["cdnow"] = compare(cdnow())
    return result
