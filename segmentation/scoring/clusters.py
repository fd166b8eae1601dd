"""Groups of customers found from their behaviour (models.md section 20: 4 to 10 segments).

k-means on robustly scaled variables; the number of groups with the best mean silhouette wins (Rousseeuw 1987). Rows
are put in order before the fit and the seed is fixed: the same customers give the same groups in whatever order they
come. A new clustering is matched with the one before by the Hungarian method on centres, so that names stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from crm.scoring.arrays import FloatArray, IntArray

SEED = 20240501
LEAST_K, MOST_K = 4, 10
# Fewer customers than this per group at the least number of groups tell nothing.
LEAST_CUSTOMERS = 24
# What is fitted and what is measured: silhouettes cost the square of their number.
MOST_FITTED = 20_000
MOST_MEASURED = 4_000
# Beyond this many robust deviations an outlier pulls no further.
REACH = 3.0


@dataclass(frozen=True)
class Feature:
    """`spread_out`: an amount or count over orders of magnitude. Words for high and low: English, Chinese."""

    code: str
    spread_out: bool
    high: tuple[str, str]
    low: tuple[str, str]


FEATURES: tuple[Feature, ...] = (
    Feature("recency", True, ("long silent", "久未采购"), ("recently active", "近期活跃")),
    Feature("frequency", True, ("frequent", "高频"), ("occasional", "低频")),
    Feature("monetary", True, ("large", "大额"), ("small", "小额")),
    Feature("margin", False, ("high margin", "高毛利"), ("low margin", "低毛利")),
    Feature("growth", False, ("growing", "增长"), ("shrinking", "下滑")),
    Feature("breadth", True, ("broad range", "品类广"), ("narrow range", "品类窄")),
    Feature("tenure", True, ("long-standing", "合作久"), ("new", "新合作")),
)


class TooFewCustomers(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """Not enough customers, or too few that differ, to find groups among."""


@dataclass(frozen=True)
class Scaling:
    """Arrays of shape (f,). A raw value x becomes (asinh(x / unit) or x, minus centre) / spread, within REACH."""

    unit: FloatArray
    centre: FloatArray
    spread: FloatArray
    # What stands in for a value that is not known: the population's median, raw.
    filled: FloatArray


@dataclass(frozen=True)
class ClusterModel:
    """Everything to assign anew. `centres`: (k, f) in scaled units; `silhouettes`: mean silhouette by k tried."""

    codes: tuple[str, ...]
    scaling: Scaling
    centres: FloatArray
    silhouettes: Mapping[int, float]
    customers: int

    @property
    def k(self) -> int:
        return len(self.centres)

    def to_dict(self) -> dict[str, Any]:
        return {
            "codes": list(self.codes),
            # JSON has no infinity: a variable without weight is stored with a spread of 0.
            "scaling": {
                name: np.nan_to_num(getattr(self.scaling, name), posinf=0.0).tolist() for name in _PARTS
            },
            "centres": self.centres.tolist(),
            "silhouettes": {str(k): value for k, value in self.silhouettes.items()},
            "customers": self.customers,
            "seed": SEED,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ClusterModel:
        unit, centre, spread, filled = (np.array(data["scaling"][name], np.float64) for name in _PARTS)
        return cls(
            tuple(data["codes"]),
            Scaling(unit, centre, np.where(spread > 0, spread, np.inf), filled),
            np.array(data["centres"], dtype=np.float64),
            {int(k): float(value) for k, value in data["silhouettes"].items()},
            int(data["customers"]),
        )


_PARTS = ("unit", "centre", "spread", "filled")
_SPREAD_OUT = np.array([feature.spread_out for feature in FEATURES])


def scaling_of(raw: FloatArray) -> Scaling:
    """From raw behaviour, shape (n, f) with NaN for not known: medians, and quartiles for the spread.

    The unit of amounts is their own median, so that no currency or unit of measure changes the groups. A variable
    that is the same for everybody gets no weight (an infinite spread).
    """
    known = np.where(np.isfinite(raw), raw, np.nan)
    f = known.shape[1]
    unit, centre, spread, filled = np.ones(f), np.zeros(f), np.full(f, np.inf), np.zeros(f)
    for j in range(f):
        values = known[~np.isnan(known[:, j]), j]
        if not len(values):
            continue
        filled[j] = np.median(values)
        sizes = np.abs(values[values != 0])
        if _SPREAD_OUT[j] and len(sizes):
            unit[j] = np.median(sizes)
            values = np.arcsinh(values / unit[j])
        centre[j] = np.median(values)
        low, high = np.quantile(values, [0.25, 0.75])
        wide = (high - low) / 1.349 or float(np.std(values))
        if wide > 1e-12 * max(1.0, abs(centre[j])):
            spread[j] = wide
    return Scaling(unit, centre, spread, filled)


def scale(raw: FloatArray, by: Scaling) -> FloatArray:
    """Raw behaviour (n, f) in robust deviations, within REACH; what is not known lies where half lie below."""
    values = np.where(np.isfinite(raw), raw, by.filled)
    values = np.where(_SPREAD_OUT, np.arcsinh(values / by.unit), values)
    scaled: FloatArray = np.clip((values - by.centre) / by.spread, -REACH, REACH)
    return scaled


def unscale(scaled: FloatArray, by: Scaling) -> FloatArray:
    """The raw values of points in scaled units; the centre where a variable has no weight."""
    spread = np.where(np.isinf(by.spread), 0.0, by.spread)
    values = scaled * spread + by.centre
    raw: FloatArray = np.where(_SPREAD_OUT, np.sinh(values) * by.unit, values)
    return raw


def find(raw: FloatArray) -> ClusterModel:
    """Groups among customers, `raw` of shape (n, f). Raises TooFewCustomers."""
    # Heavy, and only this needs it: no web process carries it.
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    if len(raw) < LEAST_CUSTOMERS:
        raise TooFewCustomers(len(raw))
    scaling = scaling_of(raw)
    points = scale(raw, scaling)
    points = points[np.lexsort(points.T)]
    different = len(np.unique(points.round(6), axis=0))
    if different <= LEAST_K:
        raise TooFewCustomers(different)
    chance = np.random.default_rng(SEED)
    if len(points) > MOST_FITTED:
        points = points[np.sort(chance.choice(len(points), MOST_FITTED, replace=False))]
    measured = np.arange(len(points))
    if len(points) > MOST_MEASURED:
        measured = np.sort(chance.choice(len(points), MOST_MEASURED, replace=False))
    centres: dict[int, FloatArray] = {}
    silhouettes: dict[int, float] = {}
    for k in range(LEAST_K, min(MOST_K, different - 1, len(raw) // 5) + 1):
        fitted = KMeans(n_clusters=k, n_init=10, random_state=SEED).fit(points)
        labels = fitted.labels_[measured]
        if len(np.unique(labels)) < 2:
            continue
        centres[k] = _in_order(np.asarray(fitted.cluster_centers_, dtype=np.float64))
        silhouettes[k] = float(silhouette_score(points[measured], labels))
    if not centres:
        raise TooFewCustomers(different)
    best = max(silhouettes, key=lambda k: (round(silhouettes[k], 9), -k))
    codes = tuple(feature.code for feature in FEATURES)
    return ClusterModel(codes, scaling, centres[best], silhouettes, len(raw))


def _in_order(centres: FloatArray) -> FloatArray:
    """The group that buys most first: the numbers of groups do not hang on chance."""
    money = [feature.code for feature in FEATURES].index("monetary")
    return centres[np.lexsort((*centres.round(9).T, -centres[:, money].round(9)))]


def assign(model: ClusterModel, raw: FloatArray) -> IntArray:
    """The group of each customer, `raw` of shape (n, f): the nearest centre, the first of equals. Shape (n,)."""
    if not len(raw):
        return np.zeros(0, dtype=np.int64)
    points = scale(raw, model.scaling)
    nearest: IntArray = (
        (points**2).sum(axis=1)[:, None] - 2 * points @ model.centres.T + (model.centres**2).sum(axis=1)
    ).argmin(axis=1)
    return nearest


def match(old: ClusterModel, new: ClusterModel) -> dict[int, int]:
    """New group -> the old group that it continues: the pairs of least total distance between centres (Hungarian).

    Old centres are seen with the new eyes. A pair further apart than the nearest other new group is no match: what
    is called one name then would be something else. Nothing matches when the variables differ.
    """
    if old.codes != new.codes:
        return {}
    before = scale(unscale(old.centres, old.scaling), new.scaling)
    distance = cdist(new.centres, before)
    rows, columns = linear_sum_assignment(distance)
    among: NDArray[np.float64] = cdist(new.centres, new.centres)
    np.fill_diagonal(among, np.inf)
    limit = among.min(axis=1)
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if distance[i, j] <= limit[i]}


def distinguishing(model: ClusterModel, cluster: int) -> list[tuple[int, float]]:
    """Variables by how far the group's centre lies from the middle customer: (place, deviations), furthest first."""
    centre = model.centres[cluster]
    order = sorted(range(len(centre)), key=lambda j: (-abs(round(float(centre[j]), 9)), j))
    return [(j, float(centre[j])) for j in order]


def proposed_names(model: ClusterModel) -> list[tuple[str, str]]:
    """(English, Chinese) per group: its two furthest variables; a third, then a number, where two would be alike."""
    names: list[tuple[str, str]] = [("", "")] * model.k
    for most in (2, 3, 4):
        doubled = {name for name in names if names.count(name) > 1}
        for cluster in range(model.k):
            if names[cluster] in doubled or not names[cluster][0]:
                names[cluster] = _name(model, cluster, most)
    seen: dict[tuple[str, str], int] = {}
    for cluster, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[cluster] = (f"{name[0]} {seen[name]}", f"{name[1]} {seen[name]}")
    return names


def _name(model: ClusterModel, cluster: int, most: int) -> tuple[str, str]:
    telling = [(j, z) for j, z in distinguishing(model, cluster)[:most] if abs(z) >= 0.35]
    if not telling:
        return "Average customers", "普通客户"
    words = [FEATURES[j].high if z > 0 else FEATURES[j].low for j, z in telling]
    return ", ".join(word[0] for word in words).capitalize(), "·".join(word[1] for word in words)
