"""What rules and groups need of every account, in one query; and who belongs where by it. No loop over accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm.models import Account, Territory, User
from crm.models.runs import Run
from crm.parameters import from_values
from crm.scoring.arrays import BoolArray, FloatArray, IntArray
from crm.scoring.finance import FinanceParameters
from crm.steps import AccountRange
from segmentation.indicators.reading import EVERYBODY, read_raw_values
from segmentation.indicators.sources import FigureSource, published, staged
from segmentation.modelling.preview import prepared_of_facts
from segmentation.scoring import clusters
from segmentation.segments import rules
from segmentation.segments.fields import NONE, Field
from segmentation.segments.rules import Condition, Node

Key = tuple[str, int]

# How many different products somebody bought in the year: the breadth of the business.
BREADTH = "breadth"
_BREADTH = """
LEFT JOIN (
    SELECT t.account_id, count(DISTINCT t.product_id) AS products FROM crm_tradeline t
    WHERE t.account_id BETWEEN %(lower)s AND %(upper)s AND NOT t.cancelled AND t.net_sales > 0
        AND t.traded_on > %(as_of)s::date - 365 AND t.traded_on <= %(as_of)s
    GROUP BY t.account_id
) xb ON xb.account_id = f.account_id
"""
# The indicators behind the behaviour variables, with their windows.
BEHAVIOUR: Mapping[str, Key] = {
    "recency": ("recency", 365),
    "frequency": ("occasions", 730),
    "monetary": ("net_sales", 730),
    "margin": ("margin", 730),
    "growth": ("growth", 365),
    "tenure": ("cooperation_years", 365),
}


@dataclass(frozen=True)
class Source:
    """Where figures are read from: those of the scoring models, grades and lifetime values, all of one date."""

    figures: FigureSource
    grades: str
    values: str


def current(run: Run) -> Source:
    return Source(
        published(run.as_of),
        "SELECT account_id, grade FROM segmentation_accountgrade",
        "SELECT account_id, tier FROM lifecycle_accountvalue",
    )


def of_run(run_id: int, as_of: Any) -> Source:
    """What the earlier steps of a run have computed."""
    return Source(
        staged(run_id, as_of),
        "SELECT account_id, grade FROM segmentation_stagedgrade WHERE run_id = %(run)s",
        "SELECT account_id, tier FROM lifecycle_stagedvalue WHERE run_id = %(run)s",
    )


def finance_of(run: Run) -> FinanceParameters:
    return from_values(FinanceParameters, prepared_of_facts(run))


@dataclass(frozen=True)
class Readings:
    """Arrays of shape (n,) by account id ascending: `behaviour` is there where it was asked for."""

    account_id: IntArray
    numbers: Mapping[Key, FloatArray]
    chosen: Mapping[tuple[str, tuple[Any, ...]], BoolArray]
    behaviour: FloatArray
    # Prospects have no behaviour.
    customer: BoolArray

    def truth(self, node: Node, fields: Mapping[str, Field]) -> BoolArray:
        """Of whom a rule without problems is true."""
        return rules.evaluate(
            node,
            {key: field.known for key, field in fields.items()},
            self.numbers,
            lambda condition: self.chosen[condition.field, condition.values],
            len(self.account_id),
        ).true


def read(
    cursor: Any,
    source: Source,
    nodes: Iterable[Node],
    fields: Mapping[str, Field],
    finance: FinanceParameters,
    accounts: AccountRange = EVERYBODY,
    *,
    behaviour: bool = False,
    visible_to: User | None = None,
) -> Readings:
    """Everything that the conditions of `nodes` name; each field of choices as "has one of these values"."""
    found = [condition for node in nodes for _path, condition in rules.conditions(node)]
    choices = [one for one in found if fields[one.field].kind == rules.CHOICE]
    pairs = {one.key for one in found if fields[one.field].kind == rules.NUMBER}
    if behaviour:
        pairs |= set(BEHAVIOUR.values())
    extra: dict[str, tuple[str, str]] = {"customer": ("f.occasions > 0", "bool")}
    parameters: dict[str, Any] = {}
    for place, one in enumerate(choices):
        extra[f"choice_{place}"] = (_any_of(fields[one.field], f"values_{place}"), "bool")
        parameters[f"values_{place}"] = _values(one)
    if behaviour:
        extra[BREADTH] = ("coalesce(xb.products, 0)", "float")
    raw = read_raw_values(
        cursor,
        source.figures,
        pairs,
        finance,
        accounts,
        extra=extra,
        joins=_joins(source, {one.field for one in choices}, behaviour),
        only=_only(cursor, visible_to),
        parameters=parameters,
        prospects=True,
    )
    columns = {**{name: raw.raw[key] for name, key in BEHAVIOUR.items()}} if behaviour else {}
    if behaviour:
        columns[BREADTH] = raw.extra[BREADTH]
    return Readings(
        raw.account_id,
        raw.raw,
        {(one.field, one.values): raw.extra[f"choice_{i}"] for i, one in enumerate(choices)},
        np.column_stack([columns[f.code] for f in clusters.FEATURES]) if behaviour else np.zeros((0, 0)),
        raw.extra["customer"],
    )


def _any_of(field: Field, name: str) -> str:
    return f"coalesce({field.sql}, '') = ANY(%({name})s::text[])"


def _values(condition: Condition) -> list[str]:
    values = [str(value) for value in condition.values]
    if condition.field != "territory":
        return values
    # A territory means everything below it too.
    chosen = [value for value in values if value.isdecimal()]
    paths = list(Territory.objects.filter(pk__in=chosen).values_list("path", flat=True))
    below = Territory.objects.within(paths).values_list("pk", flat=True) if paths else []
    return [*map(str, below), *([NONE] if NONE in values else [])]


def _joins(source: Source, named: set[str], behaviour: bool) -> str:
    joins = ""
    if "grade" in named:
        joins += f"LEFT JOIN ({source.grades}) xg ON xg.account_id = f.account_id\n"
    if named & {"stage", "loyalty_level"}:
        joins += f"LEFT JOIN ({source.figures.lifecycle}) xl ON xl.account_id = f.account_id\n"
    if "satisfaction_class" in named:
        joins += f"LEFT JOIN ({source.figures.satisfaction}) xs ON xs.account_id = f.account_id\n"
    if "tier" in named:
        joins += f"LEFT JOIN ({source.values}) xv ON xv.account_id = f.account_id\n"
    return joins + (_BREADTH if behaviour else "")


def _only(cursor: Any, user: User | None) -> str:
    """Narrowed to what somebody may see, as SQL inside a statement that is still to be filled."""
    if user is None:
        return ""
    try:
        sql, parameters = Account.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "AND false"
    text = cursor.mogrify(sql, parameters)
    text = text.decode() if isinstance(text, bytes) else text
    return f"AND f.account_id IN ({text.replace('%', '%%')})"


def matching(node: Node, fields: Mapping[str, Field], run: Run, user: User) -> IntArray:
    """The accounts that a rule without problems would take, of those that `user` sees; ids ascending."""
    with connection.cursor() as cursor:
        found = read(cursor, current(run), [node], fields, finance_of(run), visible_to=user)
    ids: IntArray = found.account_id[found.truth(node, fields)]
    return ids


def members_of(
    found: Readings,
    by_rule: Sequence[tuple[int, Node]],
    fields: Mapping[str, Field],
    by_cluster: Mapping[int, int],
    model: clusters.ClusterModel | None,
) -> tuple[IntArray, IntArray]:
    """(account ids, segment ids) of all memberships: rules by (segment, rule), groups by cluster -> segment."""
    account_ids, segment_ids = [], []
    for segment_id, node in by_rule:
        mine = found.account_id[found.truth(node, fields)]
        account_ids.append(mine)
        segment_ids.append(np.full(len(mine), segment_id, dtype=np.int64))
    if model is not None and by_cluster:
        customers = found.customer
        label = clusters.assign(model, found.behaviour[customers])
        table = np.array([by_cluster.get(k, 0) for k in range(model.k)], dtype=np.int64)
        wanted = table[label]
        account_ids.append(found.account_id[customers][wanted > 0])
        segment_ids.append(wanted[wanted > 0])
    if not account_ids:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(account_ids), np.concatenate(segment_ids)
