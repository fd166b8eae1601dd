"""The rule as the editor's fields hold it, and what its buttons do to it. What is no number stays as it was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from django.http import QueryDict

from segmentation.segments.fields import Field
from segmentation.segments.rules import (
    CHOICE,
    MATCHES,
    OPERATORS,
    VALUES,
    Condition,
    Group,
    Node,
)

ROOT = "r"
MOST_NODES = 150
_PATH = re.compile(r"r(-\d{1,3}){0,8}")
FIRST = "net_sales"


def rule_of(data: QueryDict, fields: Mapping[str, Field]) -> Group:
    """Each node has a hidden field `node` with its path ("r-0-1"); its own fields begin with `<path>.`."""
    paths = [path for path in data.getlist("node")[:MOST_NODES] if _PATH.fullmatch(path)]
    children: dict[str, list[str]] = {}
    for path in paths:
        if path != ROOT:
            children.setdefault(path.rpartition("-")[0], []).append(path)
    return cast("Group", _node(data, ROOT, children, fields))


def _node(data: QueryDict, path: str, children: Mapping[str, list[str]], fields: Mapping[str, Field]) -> Node:
    if path != ROOT and f"{path}.field" in data:
        return _condition(data, path, fields)
    match = data.get(f"{path}.match", "all")
    nodes = tuple(_node(data, child, children, fields) for child in children.get(path, []))
    return Group(match if match in MATCHES else "all", nodes)


def _condition(data: QueryDict, path: str, fields: Mapping[str, Field]) -> Condition:
    name = data.get(f"{path}.field", "")
    field = fields.get(name)
    operators = OPERATORS[field.kind] if field else ()
    op = data.get(f"{path}.op", "")
    # Another field was chosen: its first operator, and none of the other's values.
    fresh = data.get(f"{path}.was") not in (None, name)
    if op not in operators and operators:
        op, fresh = operators[0], True
    window = data.get(f"{path}.window", "")
    values: tuple[Any, ...] = ()
    if not fresh:
        given = data.getlist(f"{path}.value")
        values = tuple(given) if field and field.kind == CHOICE else tuple(map(number, given))
        values = values if field is None or field.kind == CHOICE else values[: VALUES.get(op, 2)]
    return Condition(name, op, values, int(window) if window.isdecimal() and len(window) < 5 else 365)


def number(text: str) -> Any:
    """A number; None where nothing was typed; the text where it is none. Full-width digits and commas are read."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace("%", "").strip()
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        return text.strip()[:40]
    if abs(value) >= 1e15 or value != value:
        return text.strip()[:40]
    return int(value) if value.is_integer() else value


def apply(rule: Group, action: str) -> Group:
    """ "condition:PATH" and "group:PATH" add to a group, "remove:PATH" takes out; anything else changes nothing."""
    what, _colon, path = action.partition(":")
    if not _PATH.fullmatch(path):
        return rule
    places = [int(place) for place in path.split("-")[1:]]
    if what == "condition":
        return cast("Group", _changed(rule, places, Condition(FIRST, "ge")))
    if what == "group":
        inner = Group("any", (Condition(FIRST, "ge"),))
        return cast("Group", _changed(rule, places, inner))
    if what == "remove" and places:
        return cast("Group", _changed(rule, places, None))
    return rule


def _changed(node: Node, places: list[int], added: Node | None) -> Node:
    """With `added` at the end of the group that `places` lead to, or without the node there."""
    if isinstance(node, Condition):
        return node
    if not places:
        return replace(node, nodes=(*node.nodes, added)) if added is not None else node
    place, rest = places[0], places[1:]
    if place >= len(node.nodes):
        return node
    nodes = list(node.nodes)
    if added is None and not rest:
        del nodes[place]
    else:
        nodes[place] = _changed(nodes[place], rest, added)
    return replace(node, nodes=tuple(nodes))
