"""What the editor's buttons do to a definition: add, remove, move, change the standard, make weights add up."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.db import connection

from crm.models import Run
from crm.parameters import load
from crm.scoring.arrays import FloatArray
from crm.scoring.finance import FinanceParameters
from segmentation.indicators import sources
from segmentation.indicators.catalogue import is_known, kind_of
from segmentation.indicators.reading import read_raw_values
from segmentation.modelling.typed import Definition

BANDS = 5
MOST_INDICATORS = 20
MOST_GRADES = 10


def apply(definition: Definition, action: str, chosen: str, run: Run | None) -> Definition:
    """The definition after a button; `action` is "add", "remove-3", "kind-0", ... An unknown one changes nothing."""
    name, _dash, rest = action.partition("-")
    places = [int(part) for part in rest.split("-") if part.isdecimal()]
    changed = copy.deepcopy(definition)
    done = _ACTIONS.get(name)
    if done is not None:
        done(changed, places, chosen, run)
    return changed


def _add(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    known = {indicator["code"] for indicator in definition["indicators"]}
    if not is_known(chosen) or chosen in known or len(known) >= MOST_INDICATORS:
        return
    kind = kind_of(chosen)
    standard: dict[str, Any] = {"kind": "percentile", "direction": "+" if kind.higher_is_better else "-"}
    if kind.unit == "index":
        standard["kind"] = "identity"
    elif kind.choices:
        standard |= {"kind": "lookup", "table": _marks(chosen, standard["direction"])}
    definition["indicators"].append(
        {
            "code": chosen,
            "weight": 0.0,
            "half": "current",
            "missing": "exclude",
            "window": 365,
            "standard": standard,
        }
    )


def _remove(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    if places and places[0] < len(definition["indicators"]):
        del definition["indicators"][places[0]]


def _up(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    rows = definition["indicators"]
    if places and 0 < places[0] < len(rows):
        rows[places[0] - 1], rows[places[0]] = rows[places[0]], rows[places[0] - 1]


def _kind(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    """Another kind of standard, with a start that fits the company's own figures."""
    if not places or places[0] >= len(definition["indicators"]):
        return
    indicator = definition["indicators"][places[0]]
    standard = indicator["standard"]
    code, direction = indicator["code"], standard["direction"]
    match standard["kind"]:
        case "bands" if not standard.get("rows"):
            edges = _edges(_values(code, indicator["window"], run))
            points = np.linspace(100 / (len(edges) + 1), 100, len(edges) + 1)
            ordered = points if direction == "+" else points[::-1]
            limits = [None, *edges, None]
            standard["rows"] = [[limits[i], limits[i + 1], round(float(p))] for i, p in enumerate(ordered)]
        case "linear" if standard.get("lo") is None and standard.get("hi") is None:
            values = _values(code, indicator["window"], run)
            low, high = np.quantile(values, [0.05, 0.95]) if len(values) else (0.0, 100.0)
            low, high = _rounded(float(low)), _rounded(float(high))
            standard |= {"lo": low, "hi": high if high > low else low + 1.0}
        case "lookup" if not standard.get("table"):
            standard["table"] = _marks(code, direction)


def _band(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    """One more band at the upper end."""
    standard = definition["indicators"][places[0]]["standard"] if places else {}
    if standard.get("kind") != "bands" or len(standard["rows"]) >= 20:
        return
    rows = standard["rows"]
    lower = rows[-1][0] if rows else None
    start = lower + 1 if isinstance(lower, float | int) else 0.0
    if rows:
        rows[-1][1] = start
    rows.append([start if rows else None, None, rows[-1][2] if rows else 0])


def _unband(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    if len(places) < 2:
        return
    rows = definition["indicators"][places[0]]["standard"].get("rows", [])
    if len(rows) > 1 and places[1] < len(rows):
        del rows[places[1]]
        for place, row in enumerate(rows):
            row[0] = rows[place - 1][1] if place else None
        rows[-1][1] = None


def _normalise(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    """Weights in the same proportion that add up to exactly 100 %."""
    rows = definition["indicators"]
    weights = [row["weight"] if isinstance(row["weight"], int | float) else 0.0 for row in rows]
    total = sum(weights)
    if not total > 0:
        weights, total = [1.0] * len(rows), float(len(rows))
    shares = [round(weight / total, 4) for weight in weights]
    if shares:
        largest = shares.index(max(shares))
        shares[largest] = round(shares[largest] + 1.0 - sum(shares), 4)
    for row, share in zip(rows, shares, strict=True):
        row["weight"] = share


def _grade(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    """One more grade, above the last."""
    rows = definition["thresholds"]
    if len(rows) < MOST_GRADES:
        rows.insert(max(len(rows) - 1, 0), ["", None, "", ""])


def _ungrade(definition: Definition, places: Sequence[int], chosen: str, run: Run | None) -> None:
    rows = definition["thresholds"]
    if places and places[0] < len(rows) > 1:
        del rows[places[0]]
        rows[-1][1] = None


_ACTIONS: dict[str, Callable[[Definition, Sequence[int], str, Run | None], None]] = {
    "add": _add,
    "remove": _remove,
    "up": _up,
    "kind": _kind,
    "band": _band,
    "unband": _unband,
    "normalise": _normalise,
    "grade": _grade,
    "ungrade": _ungrade,
}


def _marks(code: str, direction: str) -> list[list[float]]:
    """The values an indicator can have, points rising (or falling) evenly."""
    marks = sorted(mark for mark, _name in kind_of(code).choices) or [1.0, 2.0, 3.0, 4.0, 5.0]
    points = [round(100 * (place + 1) / len(marks)) for place in range(len(marks))]
    return [[m, float(p)] for m, p in zip(marks, points if direction == "+" else points[::-1], strict=True)]


def _values(code: str, window: Any, run: Run | None) -> FloatArray:
    """What the customers have of it now."""
    if run is None or not is_known(code) or not isinstance(window, int):
        return np.zeros(0)
    finance, _version = load("crm.finance", FinanceParameters)
    with connection.cursor() as cursor:
        found = read_raw_values(cursor, sources.published(run.as_of), [(code, window)], finance)
    values = found.raw[code, window]
    return values[~np.isnan(values)]


def _edges(values: FloatArray) -> list[float]:
    """Limits that put about a fifth of the customers into each band, as round numbers."""
    if not len(values):
        return [0.0]
    quantiles = np.quantile(values, np.arange(1, BANDS) / BANDS)
    return sorted({_rounded(float(value)) for value in quantiles})


def _rounded(value: float) -> float:
    """Two significant digits."""
    return float(f"{value:.2g}")
