"""The rule as the editor shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmentation.segments.fields import GROUPS, Field
from segmentation.segments.rules import (
    CHOICE,
    MOST_DEPTH,
    OPERATORS,
    VALUES,
    Condition,
    Group,
    Node,
    RuleProblem,
)
from segmentation.segments.typed import ROOT
from segmentation.segments.wording import MATCH_NAMES, OPERATOR_NAMES, WINDOWS, Labels, problem_text, unit_of


@dataclass(frozen=True)
class Row:
    """A node of the tree; the fields of groups or of conditions are filled."""

    path: str
    problems: Sequence[str]
    number: str
    # A group.
    is_group: bool = False
    match: str = ""
    children: Sequence[Row] = ()
    may_nest: bool = False
    is_root: bool = False
    # A condition.
    field: str = ""
    title: str = ""
    gone: bool = False
    op: str = ""
    operators: Sequence[tuple[str, Any]] = ()
    windows: Sequence[tuple[int, Any]] = ()
    window: int = 365
    unit: str = ""
    values: Sequence[str] = ()
    choices: Sequence[tuple[str, str, bool]] = ()
    is_choice: bool = False


def tree(rule: Group, problems: Sequence[RuleProblem], labels: Labels) -> Row:
    by_path: dict[str, list[str]] = {}
    for problem in problems:
        by_path.setdefault(problem.path, []).append(problem_text(problem))
    return _row(rule, [], by_path, labels)


def _row(node: Node, places: list[int], by_path: Mapping[str, list[str]], labels: Labels) -> Row:
    path = "-".join([ROOT, *map(str, places)])
    said = by_path.get(".".join(map(str, places)), ())
    spoken = ".".join(str(place + 1) for place in places)
    if isinstance(node, Condition):
        return _condition(node, path, said, spoken, labels)
    return Row(
        path,
        said,
        spoken,
        is_group=True,
        match=node.match,
        children=[_row(child, [*places, i], by_path, labels) for i, child in enumerate(node.nodes)],
        may_nest=len(places) + 1 < MOST_DEPTH,
        is_root=not places,
    )


def _condition(node: Condition, path: str, said: Sequence[str], spoken: str, labels: Labels) -> Row:
    found = labels.fields.get(node.field)
    if found is None:
        return Row(path, said, spoken, field=node.field, gone=True, title=node.field.removeprefix("custom:"))
    wanted = VALUES.get(node.op, 0)
    typed = ["" if value is None else str(value) for value in node.values]
    is_choice = found.kind == CHOICE
    return Row(
        path,
        said,
        spoken,
        field=node.field,
        title=str(found.title),
        op=node.op,
        operators=[(op, OPERATOR_NAMES[op]) for op in OPERATORS[found.kind]],
        windows=_windows(node.window) if found.windowed else (),
        window=node.window,
        unit=unit_of(found),
        values=[*typed, "", ""][:wanted],
        choices=[(value, name, value in typed) for value, name in labels.options(node.field)]
        if is_choice
        else (),
        is_choice=is_choice,
    )


def _windows(window: int) -> list[tuple[int, Any]]:
    offered: dict[int, Any] = dict(WINDOWS)
    if window not in offered:
        offered[window] = window
    return sorted(offered.items())


def offered(fields: Mapping[str, Field]) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The fields to choose among, in groups."""
    groups = [
        (title, [(key, found.title) for key, found in fields.items() if found.group == group])
        for group, title in GROUPS.items()
    ]
    return [(title, listed) for title, listed in groups if listed]


def matches() -> list[tuple[str, Any]]:
    return list(MATCH_NAMES.items())
