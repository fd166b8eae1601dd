"""What a merge will do, counted before it is done: by the rules that the merge itself goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg2.sql import SQL, Identifier, Literal

from crm.duplicates.moving import conflicts
from crm.duplicates.relations import Relation, movable, unique_sets
from crm.models import Account


@dataclass
class Weight:
    """Rows of one kind at both accounts. `joined`: of the merged one's, those that the kept one has already."""

    title: str
    kept: int = 0
    merged: int = 0
    joined: int = 0

    @property
    def after(self) -> int:
        return self.kept + self.merged - self.joined


def weigh(kept: Account, merged: Account) -> list[Weight]:
    """What hangs on either account, by kind, most first. One query, and one more per unique rule that may be hit."""
    weights: dict[type[Any], Weight] = {}
    for relation, mine, theirs in _counts(kept.pk, merged.pk):
        weight = weights.setdefault(relation.model, Weight(_title(relation)))
        weight.kept += mine
        weight.merged += theirs
        if mine and theirs and any(unique_sets(relation)):
            weight.joined += len(conflicts(relation, merged.pk, kept.pk))
    shown = [weight for weight in weights.values() if weight.kept or weight.merged]
    return sorted(shown, key=lambda weight: (-weight.kept - weight.merged, weight.title))


def _counts(kept: int, merged: int) -> list[tuple[Relation, int, int]]:
    relations = movable()
    parts = [
        SQL(
            "SELECT {place}, count(*) FILTER (WHERE {column} = {kept}), count(*) FILTER (WHERE {column} = {merged}) "
            "FROM {table} WHERE {column} IN ({kept}, {merged})"
        ).format(
            place=Literal(place),
            table=Identifier(relation.table),
            column=Identifier(relation.column),
            kept=Literal(kept),
            merged=Literal(merged),
        )
        for place, relation in enumerate(relations)
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(parts))
        return [(relations[place], mine, theirs) for place, mine, theirs in sorted(cursor.fetchall())]


def _title(relation: Relation) -> str:
    # Accounts hang on an account as its parts, or as duplicates merged earlier.
    return str(relation.model._meta.verbose_name_plural)
