"""What hangs on an account, found through the models: tables of upper apps too, which crm never names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from crm.models import Account, AccountMerge, DistinctAccounts, DuplicatePair
from crm.models.history import Interval

# This package's own records speak about accounts and do not belong to them.
_RECORDS = (AccountMerge, DistinctAccounts, DuplicatePair)


@dataclass(frozen=True)
class Relation:
    """A foreign key: rows of `model` hang by `field` on rows of another table."""

    model: type[models.Model]
    field: models.ForeignKey[Any, Any]

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def column(self) -> str:
        return str(self.field.column)

    @property
    def key(self) -> str:
        return str(self.model._meta.pk.column)

    @property
    def target(self) -> type[models.Model]:
        return self.field.related_model

    @property
    def is_tree(self) -> bool:
        """A row hangs on another row of the same table: a parent."""
        return self.target is self.model


@dataclass(frozen=True)
class UniqueSet:
    """Fields that no two rows may share, and when that holds."""

    fields: tuple[str, ...]
    condition: models.Q | None = None
    nulls_equal: bool = False


@cache
def hanging_on(model: type[models.Model]) -> tuple[Relation, ...]:
    """Every foreign key to `model`, hidden ones and those of many-to-many tables included."""
    relations = []
    for entry in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(entry, models.ManyToOneRel)
            and entry.auto_created
            and entry.related_model._meta.managed
        ):
            relations.append(Relation(entry.related_model, entry.field))
    return tuple(sorted(relations, key=lambda relation: (relation.table, relation.column)))


@cache
def movable() -> tuple[Relation, ...]:
    """What follows an account into another: all but figures worked out from the rest, which stay as history."""
    return tuple(relation for relation in hanging_on(Account) if not stays(relation))


def stays(relation: Relation) -> bool:
    """Figures have the account as (part of) their key; intervals are the history of such figures."""
    model = relation.model
    return (
        relation.field in model._meta.pk_fields or issubclass(model, Interval) or issubclass(model, _RECORDS)
    )


def unique_sets(relation: Relation) -> Iterator[UniqueSet]:
    """The unique rules of the table that the relation's column takes part in."""
    meta, name = relation.model._meta, relation.field.name
    if relation.field.unique:
        yield UniqueSet((name,))
    for together in meta.unique_together:
        if name in together:
            yield UniqueSet(tuple(together))
    for rule in meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and name in rule.fields:
            yield UniqueSet(tuple(rule.fields), rule.condition, rule.nulls_distinct is False)


def siblings(relation: Relation) -> list[Relation]:
    """The other foreign keys of the row to the same table: moving one must not make a row point at one row twice."""
    return [
        Relation(relation.model, field)
        for field in relation.model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field is not relation.field
        and field.related_model is relation.target
        and not relation.is_tree
    ]
