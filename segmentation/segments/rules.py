"""Rules of segments: trees of conditions, what is wrong with them, and whom they are true of. Pure: arrays in and out.

Three-valued (Kleene): a comparison with a figure that is not known is neither true nor false, and only those for
whom the whole rule is true belong to the segment. So "not (sales >= 100)" is "sales < 100", and nobody is placed by
what nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np

from crm.scoring.arrays import BoolArray, FloatArray

Match = Literal["all", "any", "none"]
MATCHES: tuple[Match, ...] = ("all", "any", "none")
NUMBER, CHOICE = "number", "choice"
COMPARISONS = ("ge", "gt", "le", "lt", "between", "known", "unknown")
MEMBERSHIPS = ("in", "not_in")
OPERATORS: Mapping[str, tuple[str, ...]] = {NUMBER: COMPARISONS, CHOICE: MEMBERSHIPS}
# How many values a comparison takes.
VALUES = {"ge": 1, "gt": 1, "le": 1, "lt": 1, "between": 2, "known": 0, "unknown": 0}
MOST_DEPTH = 5
MOST_CONDITIONS = 60


@dataclass(frozen=True)
class Condition:
    """`values`: numbers in the unit the reader types (percents, not fractions), or the keys of choices."""

    field: str
    op: str
    values: tuple[Any, ...] = ()
    window: int = 365

    @property
    def key(self) -> tuple[str, int]:
        return self.field, self.window

    def to_dict(self) -> dict[str, Any]:
        return {"field": self.field, "op": self.op, "values": list(self.values), "window": self.window}


@dataclass(frozen=True)
class Group:
    match: Match
    nodes: tuple[Node, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"match": self.match, "rules": [node.to_dict() for node in self.nodes]}


Node = Condition | Group


@dataclass(frozen=True)
class Known:
    """A field that conditions may name. `per`: what a typed number is divided by to compare (percents: 100)."""

    kind: str
    per: float = 1.0


@dataclass(frozen=True)
class RuleProblem:
    """`path` leads to the node ("0.2": third of the first); the page has the words for `code`."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """Boolean arrays of shape (n,): where it is true, and where it is false; neither is not known."""

    true: BoolArray
    false: BoolArray

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.true | other.true, self.false & other.false)


Numbers = Mapping[tuple[str, int], FloatArray]
Chosen = Callable[[Condition], BoolArray]


def node_of(data: Any) -> Node:
    """A tree from JSON; whatever it is that stands there, the result can be shown and has problems to name."""
    data = data if isinstance(data, Mapping) else {}
    if "field" in data:
        values = data.get("values", ())
        window = data.get("window", 365)
        return Condition(
            str(data["field"]),
            str(data.get("op", "")),
            tuple(values) if isinstance(values, list | tuple) else (values,),
            window if isinstance(window, int) and not isinstance(window, bool) else 365,
        )
    match = data.get("match", "all")
    rules = data.get("rules", ())
    nodes = tuple(node_of(one) for one in rules) if isinstance(rules, list | tuple) else ()
    return Group(cast("Match", match) if match in MATCHES else "all", nodes)


def conditions(node: Node, path: str = "") -> Iterator[tuple[str, Condition]]:
    """Every condition with its path, from the left."""
    if isinstance(node, Condition):
        yield path, node
        return
    for place, child in enumerate(node.nodes):
        yield from conditions(child, _below(path, place))


def problems(node: Node, known: Mapping[str, Known]) -> list[RuleProblem]:
    """Everything that keeps a rule from being used; empty where it can be."""
    found = list(_problems(node, known, "", 1))
    if sum(1 for _one in conditions(node)) > MOST_CONDITIONS:
        found.insert(0, RuleProblem("", "too_many", {"most": MOST_CONDITIONS}))
    return found


def _problems(node: Node, known: Mapping[str, Known], path: str, depth: int) -> Iterator[RuleProblem]:
    if isinstance(node, Condition):
        yield from _of_condition(node, known.get(node.field), path)
        return
    if depth > MOST_DEPTH:
        yield RuleProblem(path, "too_deep", {"most": MOST_DEPTH})
    if not node.nodes:
        yield RuleProblem(path, "empty_group")
    for place, child in enumerate(node.nodes):
        yield from _problems(child, known, _below(path, place), depth + 1)


def _of_condition(condition: Condition, known: Known | None, path: str) -> Iterator[RuleProblem]:
    if known is None:
        removed = condition.field.startswith("custom:")
        yield RuleProblem(path, "field_removed" if removed else "unknown_field", {"field": condition.field})
        return
    if condition.op not in OPERATORS[known.kind]:
        yield RuleProblem(path, "operator_unknown", {"op": condition.op})
        return
    if condition.window < 1 or condition.window > 3660:
        yield RuleProblem(path, "window_invalid")
    if known.kind == CHOICE:
        if not condition.values:
            yield RuleProblem(path, "choice_missing")
        return
    wanted = VALUES[condition.op]
    given = condition.values[:wanted]
    if len(given) < wanted or any(value is None or value == "" for value in given):
        yield RuleProblem(path, "number_missing")
    elif strange := [value for value in given if not _is_number(value)]:
        yield RuleProblem(path, "number_invalid", {"text": str(strange[0])[:40]})
    elif wanted == 2 and given[0] > given[1]:
        yield RuleProblem(path, "limits_reversed")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _below(path: str, place: int) -> str:
    return f"{path}.{place}" if path else str(place)


def evaluate(node: Node, known: Mapping[str, Known], numbers: Numbers, chosen: Chosen, n: int) -> Truth:
    """Whom a rule without problems is true of.

    `numbers`: arrays of shape (n,) by (field, window), NaN where not known; `chosen(condition)`: where a field of
    choices has one of the condition's values (a choice that is not made is a value of its own, so never unknown).
    """
    if isinstance(node, Condition):
        if known[node.field].kind == CHOICE:
            within = chosen(node)
            return Truth(within, ~within) if node.op == "in" else Truth(~within, within)
        return _compare(node, numbers[node.key], known[node.field].per)
    parts = [evaluate(child, known, numbers, chosen, n) for child in node.nodes]
    if node.match == "all":
        return _all(parts, n)
    found = ~_all([~part for part in parts], n)
    return ~found if node.match == "none" else found


def _all(parts: Sequence[Truth], n: int) -> Truth:
    found = Truth(np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_))
    for part in parts:
        found &= part
    return found


def _compare(condition: Condition, values: FloatArray, per: float) -> Truth:
    known = ~np.isnan(values)
    if condition.op in ("known", "unknown"):
        truth = Truth(known, ~known)
        return truth if condition.op == "known" else ~truth
    limits = [float(value) / per for value in condition.values]
    match condition.op:
        case "ge":
            hit = values >= limits[0]
        case "gt":
            hit = values > limits[0]
        case "le":
            hit = values <= limits[0]
        case "lt":
            hit = values < limits[0]
        case _:
            hit = (values >= limits[0]) & (values <= limits[1])
    return Truth(known & hit, known & ~hit)
