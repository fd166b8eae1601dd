"""Moving what hangs on one row to another, with a record of every step that is enough to take it back.

Where a unique rule lets only one of two rows stay (a person with a position at both accounts), the row of the kept
side takes over what it lacks, inherits whatever hangs on the other, and the other is put away with all its content.
Content goes from table to record and back inside PostgreSQL, so that no number loses a digit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Subquery
from psycopg2.sql import SQL, Composable, Identifier

from crm.duplicates.relations import Relation, UniqueSet, hanging_on, siblings, unique_sets


class _SameAs(models.Func):
    """Equal, or both unknown."""

    template = "(%(expressions)s)"
    arg_joiner = " IS NOT DISTINCT FROM "
    output_field = models.BooleanField()


def conflicts(relation: Relation, old: int, new: int) -> dict[int, int]:
    """Rows on `old` that cannot move to `new`, each with the row there that has their place."""
    manager = relation.model._base_manager
    found: dict[int, int] = {}
    for rule in unique_sets(relation):
        losers = manager.filter(**{relation.field.attname: old})
        winners = manager.filter(**{relation.field.attname: new}).filter(*_equal(rule, relation.field.name))
        if rule.condition is not None:
            losers, winners = losers.filter(rule.condition), winners.filter(rule.condition)
        pairs = losers.annotate(winner=Subquery(winners.order_by("pk").values("pk")[:1])).order_by("pk")
        for loser, winner in pairs.exclude(winner=None).values_list("pk", "winner"):
            found.setdefault(loser, winner)
    return found


def _equal(rule: UniqueSet, moving: str) -> list[Any]:
    others = [name for name in rule.fields if name != moving]
    if rule.nulls_equal:
        return [_SameAs(F(name), OuterRef(name)) for name in others]
    return [models.Q(**{name: OuterRef(name)}) for name in others]


class Mover:
    """Moves rows and writes down each step under one merge, in the order in which they happened."""

    def __init__(self, cursor: Any, merge_id: int) -> None:
        self.cursor = cursor
        self.merge_id = merge_id

    def move(self, relation: Relation, old: int, new: int) -> None:
        """Everything that hangs by `relation` on row `old` hangs on row `new` afterwards, or is put away."""
        for other in siblings(relation):
            self._part(relation, other, old, new)
        if relation.is_tree:
            self._lift(relation, old, new)
        for loser, winner in conflicts(relation, old, new).items():
            self._put_away(relation.model, loser, winner)
        self.change(relation.model, relation.field, old, new)
        if relation.is_tree:
            self._lift(relation, old, new)

    def _part(self, relation: Relation, other: Relation, old: int, new: int) -> None:
        """Rows between the two (one supplies the other) say nothing about one: the link is cut, or the row put away."""
        rows = self._rows(relation, old, also=(other, new))
        if relation.field.null:
            self.change(relation.model, relation.field, old, None, rows=rows)
        elif other.field.null:
            self.change(relation.model, other.field, new, None, rows=rows)
        else:
            for row in rows:
                self._put_away(relation.model, row, None)

    def change(
        self,
        model: type[models.Model],
        field: Any,
        before: Any,
        after: Any,
        rows: Sequence[int] | None = None,
    ) -> list[int]:
        """Set a column from `before` to `after`, in `rows` or wherever it holds `before`; returns the rows."""
        table, column, key = self._names(model, field)
        sets: list[Composable] = [SQL("{} = %s").format(column)]
        for entry in model._meta.concrete_fields:
            # Whoever follows changes by their date must see that the row belongs elsewhere now.
            if getattr(entry, "auto_now", False):
                sets.append(SQL("{} = now()").format(Identifier(str(entry.column))))
        among = SQL("") if rows is None else SQL(" AND {} = ANY(%s)").format(key)
        self.cursor.execute(
            SQL("UPDATE {} SET {} WHERE {} IS NOT DISTINCT FROM %s{} RETURNING {}").format(
                table, SQL(", ").join(sets), column, among, key
            ),
            [after, before] + ([] if rows is None else [list(rows)]),
        )
        moved = sorted(row[0] for row in self.cursor.fetchall())
        if moved:
            self._record(model, str(field.column), moved=moved, before=before, after=after)
        return moved

    def _names(self, model: type[models.Model], field: Any) -> tuple[Identifier, Identifier, Identifier]:
        meta = model._meta
        return Identifier(meta.db_table), Identifier(str(field.column)), Identifier(str(meta.pk.column))

    def _rows(self, relation: Relation, row: int, also: tuple[Relation, int] | None = None) -> list[int]:
        rows = relation.model._base_manager.filter(**{relation.field.attname: row})
        if also is not None:
            rows = rows.filter(**{also[0].field.attname: also[1]})
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def _lift(self, relation: Relation, old: int, new: int) -> None:
        """`new` may hang below `old`: it takes the place of `old` in the tree, so that no circle comes about."""
        manager, name = relation.model._base_manager, relation.field.attname
        above = dict(manager.filter(pk__in=(old, new)).values_list("pk", name))
        parent = above.get(new)
        if parent != old and not self._circular(relation, new, parent):
            return
        place = above.get(old)
        if place == new or self._circular(relation, new, place):
            place = None
        self.change(relation.model, relation.field, parent, place, rows=[new])

    def _circular(self, relation: Relation, row: int, parent: int | None) -> bool:
        """Whether `parent` hangs, however far, below `row`."""
        seen: set[int] = set()
        while parent is not None and parent not in seen:
            if parent == row:
                return True
            seen.add(parent)
            parents = relation.model._base_manager.filter(pk=parent)
            parent = parents.values_list(relation.field.attname, flat=True).first()
        return False

    def _put_away(self, model: type[models.Model], loser: int, winner: int | None) -> None:
        filled = "{}" if winner is None else self._fill(model, loser, winner)
        for relation in hanging_on(model):
            if winner is not None:
                self.move(relation, loser, winner)
            elif relation.field.null:
                self.change(relation.model, relation.field, loser, None)
            else:
                for row in self._rows(relation, loser):
                    self._put_away(relation.model, row, None)
        table, key = Identifier(model._meta.db_table), Identifier(str(model._meta.pk.column))
        self.cursor.execute(
            SQL(
                'INSERT INTO crm_mergedrows (merge_id, "table", "column", moved, displaced) '
                "SELECT %s, %s, '', '[]', jsonb_build_array(jsonb_build_object("
                "'row', to_jsonb(t), 'winner', %s::bigint, 'filled', %s::jsonb)) FROM {} t WHERE t.{} = %s"
            ).format(table, key),
            [self.merge_id, model._meta.db_table, winner, filled, loser],
        )
        self.cursor.execute(SQL("DELETE FROM {} WHERE {} = %s").format(table, key), [loser])

    def _fill(self, model: type[models.Model], loser: int, winner: int) -> str:
        """What the winner lacks and the loser knows; returns {"column": [before, after]} as JSON text."""
        rows = model._base_manager.in_bulk([loser, winner])
        columns = []
        for field in model._meta.concrete_fields:
            if field.primary_key or field.generated or getattr(field, "auto_now", False):
                continue
            mine, theirs = (getattr(rows[row], field.attname) for row in (winner, loser))
            # A person is not put below himself.
            is_itself = (
                isinstance(field, models.ForeignKey) and field.related_model is model and theirs == winner
            )
            if mine in (None, "") and theirs not in (None, "") and not is_itself:
                columns.append(str(field.column))
        if not columns:
            return "{}"
        table, key = Identifier(model._meta.db_table), Identifier(str(model._meta.pk.column))
        pairs = [
            SQL("%s, jsonb_build_array(to_jsonb(w.{0}), to_jsonb(l.{0}))").format(Identifier(name))
            for name in columns
        ]
        both = SQL("FROM {0} {1} WHERE w.{2} = %s AND l.{2} = %s")
        self.cursor.execute(
            SQL("SELECT jsonb_build_object({})::text FROM {} w, {} l WHERE w.{} = %s AND l.{} = %s").format(
                SQL(", ").join(pairs), table, table, key, key
            ),
            [*columns, winner, loser],
        )
        filled: str = self.cursor.fetchone()[0]
        self.cursor.execute(
            SQL("UPDATE {} w SET {} ").format(
                table, SQL(", ").join(SQL("{0} = l.{0}").format(Identifier(name)) for name in columns)
            )
            + both.format(table, SQL("l"), key),
            [winner, loser],
        )
        return filled

    def _record(
        self, model: type[models.Model], column: str, *, moved: list[int], before: Any, after: Any
    ) -> None:
        self.cursor.execute(
            'INSERT INTO crm_mergedrows (merge_id, "table", "column", moved, before, after, displaced) '
            "VALUES (%s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, '[]')",
            [self.merge_id, model._meta.db_table, column, *map(_as_json, (moved, before, after))],
        )


def _as_json(value: Any) -> str:
    return json.dumps(value, default=lambda other: other.isoformat())
