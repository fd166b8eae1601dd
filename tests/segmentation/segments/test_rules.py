"""Rules: the laws of logic hold with what is not known, and every defect is named with its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.segments.rules import (
    CHOICE,
    NUMBER,
    Condition,
    Group,
    Known,
    Match,
    Node,
    RuleProblem,
    Truth,
    conditions,
    evaluate,
    node_of,
    problems,
)

KNOWN = {"sales": Known(NUMBER), "margin": Known(NUMBER, 100.0), "grade": Known(CHOICE)}
N = 12
VALUES = st.one_of(st.just(float("nan")), st.integers(-3, 3).map(float))
COLUMNS = st.lists(VALUES, min_size=N, max_size=N).map(np.array)
GRADES = st.lists(st.sampled_from(["0", "1", ""]), min_size=N, max_size=N)
NUMBERS = st.builds(
    lambda name, op, low, more: Condition(name, op, (low, low + more) if op == "between" else (low,)),
    st.sampled_from(["sales", "margin"]),
    st.sampled_from(["ge", "gt", "le", "lt", "between", "known", "unknown"]),
    st.integers(-3, 3),
    st.integers(0, 3),
)
CHOICES = st.builds(
    lambda op, values: Condition("grade", op, tuple(values)),
    st.sampled_from(["in", "not_in"]),
    st.lists(st.sampled_from(["0", "1", ""]), min_size=1, max_size=2, unique=True),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    NUMBERS | CHOICES,
    lambda inner: st.builds(
        lambda match, nodes: Group(match, tuple(nodes)),
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=10,
)


def truth(node: Node, sales: Any, margin: Any, grades: list[str]) -> Truth:
    def chosen(condition: Condition) -> Any:
        return np.isin(np.array(grades), condition.values)

    numbers = {("sales", 365): sales, ("margin", 365): margin / 100}
    return evaluate(node, KNOWN, numbers, chosen, len(sales))


def same(left: Truth, right: Truth) -> bool:
    return bool((left.true == right.true).all() and (left.false == right.false).all())


def group(match: Match, *nodes: Node) -> Group:
    return Group(match, nodes)


@given(TREES, TREES, COLUMNS, COLUMNS, GRADES)
def test_the_laws_of_logic(p: Node, q: Node, sales: Any, margin: Any, grades: list[str]) -> None:
    def of(node: Node) -> Truth:
        return truth(node, sales, margin, grades)

    # De Morgan, both ways; "none of" is "not any of".
    assert same(of(group("none", p, q)), of(group("all", group("none", p), group("none", q))))
    assert same(of(group("none", group("all", p, q))), of(group("any", group("none", p), group("none", q))))
    assert same(of(group("none", group("none", p))), of(p))
    assert same(of(group("all", p, q)), of(group("all", q, p)))
    assert same(of(group("any", p, p)), of(p))
    assert same(of(group("all", p, group("any", p, q))), of(p))
    assert not (of(p).true & of(p).false).any()
    # Narrower and wider.
    assert (of(group("all", p, q)).true <= of(p).true).all()
    assert (of(p).true <= of(group("any", p, q)).true).all()


@given(TREES, COLUMNS, COLUMNS, GRADES, st.permutations(range(N)))
def test_the_order_of_accounts_does_not_matter(
    p: Node, sales: Any, margin: Any, grades: list[str], order: list[int]
) -> None:
    straight = truth(p, sales, margin, grades)
    mixed = truth(p, sales[order], margin[order], [grades[i] for i in order])
    assert (straight.true[order] == mixed.true).all()


@given(TREES)
def test_a_rule_survives_its_json(p: Node) -> None:
    assert node_of(p.to_dict()) == p


@given(COLUMNS, st.integers(-3, 3))
def test_a_comparison_and_its_opposite_share_out_those_who_are_known(sales: Any, limit: int) -> None:
    def of(op: str) -> Truth:
        return truth(Condition("sales", op, (limit,)), sales, sales, ["0"] * N)

    assert same(of("lt"), ~of("ge"))
    assert same(of("gt"), ~of("le"))
    assert ((of("lt").true | of("ge").true) == ~np.isnan(sales)).all()
    assert same(of("known"), ~of("unknown"))


def test_nobody_belongs_by_what_nobody_knows() -> None:
    sales = np.array([50.0, np.nan])
    below = truth(group("none", Condition("sales", "ge", (100,))), sales, sales, ["0", "0"])
    assert below.true.tolist() == [True, False]


def test_percents_are_compared_as_typed() -> None:
    margin = np.array([57.0, 56.999])
    found = truth(Condition("margin", "ge", (57,)), margin, margin, ["0", "0"])
    assert found.true.tolist() == [True, False]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [("", "empty_group")]),
        ({"match": "any", "rules": [{"match": "all", "rules": []}]}, [("0", "empty_group")]),
        ({"rules": [{"field": "shoe", "op": "ge", "values": [1]}]}, [("0", "unknown_field")]),
        ({"rules": [{"field": "custom:gone", "op": "ge", "values": [1]}]}, [("0", "field_removed")]),
        ({"rules": [{"field": "sales", "op": "in", "values": ["0"]}]}, [("0", "operator_unknown")]),
        ({"rules": [{"field": "sales", "op": "ge", "values": []}]}, [("0", "number_missing")]),
        ({"rules": [{"field": "sales", "op": "ge", "values": ["ten"]}]}, [("0", "number_invalid")]),
        ({"rules": [{"field": "sales", "op": "ge", "values": [float("nan")]}]}, [("0", "number_invalid")]),
        ({"rules": [{"field": "sales", "op": "between", "values": [2]}]}, [("0", "number_missing")]),
        ({"rules": [{"field": "sales", "op": "between", "values": [2, 1]}]}, [("0", "limits_reversed")]),
        ({"rules": [{"field": "grade", "op": "in", "values": []}]}, [("0", "choice_missing")]),
        ({"rules": [{"field": "sales", "op": "known", "window": 0}]}, [("0", "window_invalid")]),
        ({"rules": [{"field": "sales", "op": "known"}, {"match": "none"}]}, [("1", "empty_group")]),
        ([1, 2], [("", "empty_group")]),
    ],
)
def test_every_defect_is_named_with_its_place(rule: Any, expected: list[tuple[str, str]]) -> None:
    assert [(problem.path, problem.code) for problem in problems(node_of(rule), KNOWN)] == expected


def test_trees_are_bounded() -> None:
    leaf = Condition("sales", "known")
    assert problems(group("all", *[leaf] * 61), KNOWN)[0].code == "too_many"
    deep: Node = leaf
    for _level in range(6):
        deep = group("all", deep)
    assert [problem.code for problem in problems(deep, KNOWN)] == ["too_deep"]
    assert len(list(conditions(deep))) == 1
    assert isinstance(problems(deep, KNOWN)[0], RuleProblem)
