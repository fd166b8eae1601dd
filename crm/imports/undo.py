"""Taking an import back: rows it made go, rows it changed become what they were, the roll-up follows.

A row that a later import changed again cannot be taken back alone: the later import has to be undone first. Accounts,
products and people that others lean on meanwhile (a visit, a trade line of another source) stay, and are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm import rollup
from crm.imports.problems import ImportFileError
from crm.imports.running import WRITE_LOCK
from crm.models import (
    Account,
    AccountFacts,
    AccountIdentifier,
    Contact,
    ImportBatch,
    ImportState,
    Position,
    Product,
    StagedAccountFacts,
    TradeDay,
    TradeLine,
)
from crm.models.history import Interval, SnapshotFigures, StagedFigures

CHUNK = 5000
# What the program works out by itself about an account is no reason to keep the account.
DERIVED = (
    AccountFacts,
    StagedAccountFacts,
    TradeDay,
    AccountIdentifier,
    Interval,
    SnapshotFigures,
    StagedFigures,
)
# Restored in this order: what points comes before what it points to.
MADE_BY_BATCH: tuple[type[models.Model], ...] = (Contact, Product, Account)


def undo_batch(batch: ImportBatch) -> ImportBatch:
    """Undo a finished import as a whole; ImportFileError where that is not possible."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [WRITE_LOCK])
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state == ImportState.UNDONE:
            return batch
        if batch.state != ImportState.DONE:
            raise ImportFileError("undo_state")
        if later := later_batches(batch):
            names = ", ".join(f"{other.filename} (#{other.pk})" for other in later)
            raise ImportFileError("undo_later", batches=names)
        _note_months(cursor, batch)
        deleted = (
            TradeLine.objects.filter(import_batch=batch)
            .exclude(pk__in=_replaced(batch, TradeLine))
            ._raw_delete(TradeLine.objects.db)
        )
        restored = _restore(cursor, batch)
        kept = 0
        for model in MADE_BY_BATCH:
            gone, stay = _delete_made(batch, model)
            deleted, kept = deleted + gone, kept + stay
        rollup.refresh_months(cursor, "import_undone_months")
        cursor.execute("DROP TABLE import_undone_months")
        batch.replacements.all().delete()
        batch.state = ImportState.UNDONE
        batch.summary = {
            **batch.summary,
            "undo": {
                "at": timezone.now().isoformat(),
                "deleted": deleted,
                "restored": restored,
                "kept": kept,
            },
        }
        batch.save()
    return batch


def later_batches(batch: ImportBatch) -> list[ImportBatch]:
    """Imports that changed rows which this one made or changed."""
    return list(
        ImportBatch.objects.filter(
            pk__gt=batch.pk, state=ImportState.DONE, replacements__before__import_batch_id=batch.pk
        )
        .distinct()
        .order_by("-pk")
    )


def _replaced(batch: ImportBatch, model: type[models.Model]) -> models.QuerySet[Any, Any]:
    return batch.replacements.filter(table=model._meta.db_table).exclude(before={}).values("row_id")


def _note_months(cursor: Any, batch: ImportBatch) -> None:
    """The account-months whose roll-up changes: of the lines as they are, and as they were."""
    cursor.execute(
        "CREATE TEMP TABLE import_undone_months ON COMMIT DROP AS "
        "SELECT account_id, date_trunc('month', traded_on::timestamp)::date AS month FROM crm_tradeline "
        "WHERE import_batch_id = %s UNION SELECT coalesce(a.merged_into_id, a.id), "
        "date_trunc('month', (r.before->>'traded_on')::timestamp)::date FROM crm_importreplacement r "
        "JOIN crm_account a ON a.id = (r.before->>'account_id')::bigint "
        "WHERE r.batch_id = %s AND r.\"table\" = 'crm_tradeline'",
        [batch.pk, batch.pk],
    )


def _restore(cursor: Any, batch: ImportBatch) -> int:
    """Rows become what they were; rows noted as new in tables that do not name their batch are deleted."""
    restored = 0
    tables = batch.replacements.values_list("table", flat=True).distinct().order_by("table")
    for table in tables:
        model = next(entry for entry in apps.get_models() if entry._meta.db_table == table)
        fields = [
            field
            for field in model._meta.concrete_fields
            # Taking an import back does not take a merge apart.
            if not field.generated and not field.primary_key and field.name != "merged_into"
        ]
        columns = [str(field.column) for field in fields]
        cursor.execute(
            SQL(
                "UPDATE {table} t SET ({columns}) = (SELECT {values} FROM jsonb_populate_record(t, r.before) o) "
                'FROM crm_importreplacement r WHERE r.batch_id = {batch} AND r."table" = {name} '
                "AND r.row_id = t.id AND r.before <> '{{}}'::jsonb"
            ).format(
                table=Identifier(table),
                columns=SQL(", ").join(map(Identifier, columns)),
                values=SQL(", ").join(_restored(field) for field in fields),
                batch=Literal(batch.pk),
                name=Literal(table),
            )
        )
        restored += cursor.rowcount
        added = list(batch.replacements.filter(table=table, before={}).values_list("row_id", flat=True))
        if added:
            model._base_manager.filter(pk__in=added).exclude(pk__in=_leaned_on(model, added)).delete()
    return restored


def _restored(field: models.Field[Any, Any]) -> Composable:
    """A row that hung on an account which was merged since hangs on the one that is left."""
    value = SQL("o.{}").format(Identifier(str(field.column)))
    if isinstance(field, models.ForeignKey) and field.related_model is Account:
        return SQL("(SELECT coalesce(a.merged_into_id, a.id) FROM crm_account a WHERE a.id = {})").format(
            value
        )
    return value


def _delete_made(batch: ImportBatch, model: type[models.Model]) -> tuple[int, int]:
    """Delete the rows the batch made that nobody leans on; how many went and how many stay."""
    made = list(
        model._base_manager.filter(import_batch=batch)
        .exclude(pk__in=_replaced(batch, model))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    gone = stay = 0
    for begin in range(0, len(made), CHUNK):
        piece = made[begin : begin + CHUNK]
        keep = _leaned_on(model, piece)
        model._base_manager.filter(pk__in=piece).exclude(pk__in=keep).delete()
        gone, stay = gone + len(piece) - len(keep), stay + len(keep)
    return gone, stay


def _leaned_on(model: type[models.Model], ids: Iterable[int]) -> set[int]:
    """Those of the rows that other rows refer to, apart from figures worked out and a person's own positions."""
    leaned: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.field.model is model:
            continue
        other = relation.field.model
        if issubclass(other, DERIVED) or relation.many_to_many or (model is Contact and other is Position):
            continue
        if (
            "account_id" in getattr(other._meta.pk, "field_names", ())
            or other._meta.model_name == "changedaccount"
        ):
            continue
        name = relation.field.name
        leaned.update(other._base_manager.filter(**{f"{name}__in": ids}).values_list(f"{name}_id", flat=True))
    return leaned
