"""Running a batch: one transaction, the same SQL for a dry run and the real thing, redone whole after a crash.

The batch's last word (its state and counts) commits together with the rows. A worker that dies before leaves
nothing behind; the lock it held goes with its connection, and whoever looks next starts the batch again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from psycopg2.extras import Json
from psycopg2.sql import SQL, Identifier

from crm.imports.checking import Checker, stage_files
from crm.imports.job import Job
from crm.imports.loaders import LOADERS
from crm.imports.mapping import Mapping
from crm.imports.problems import ImportFileError
from crm.imports.refusing import drop_refused, refuse_duplicates
from crm.imports.tables import FileTable, read_table
from crm.models import ImportBatch, ImportState

logger = logging.getLogger(__name__)

# Advisory locks: one batch is run by one worker, and one import at a time writes.
BATCH_LOCK, WRITE_LOCK = 4_217_101, 4_217_102
MOST_ATTEMPTS = 3
WAITING = (ImportState.QUEUED, ImportState.RUNNING)


@dataclass
class Files:
    """Where the batch's files lie: the main one, and the lookups by name."""

    main: Path
    lookups: dict[str, Path] = field(default_factory=dict)

    def read(self, mapping: Mapping) -> tuple[FileTable, dict[str, FileTable]]:
        for path in (self.main, *self.lookups.values()):
            if not path.is_file():
                raise ImportFileError("no_file")
        options = {name: mapping.option(name) for name in ("encoding", "delimiter")}
        main = read_table(self.main, sheet=mapping.option("sheet"), **options)
        return main, {
            lookup.name: read_table(self.lookups[lookup.name])
            for lookup in mapping.lookups
            if lookup.name in self.lookups
        }


def files_of(batch: ImportBatch) -> Files:
    """The files an upload stored."""
    storage = batch.file.storage
    stored = batch.summary.get("lookups", [])
    return Files(
        Path(batch.file.path), {entry["name"]: Path(storage.path(entry["stored"])) for entry in stored}
    )


class Progress:
    """Tells the batch's progress while its transaction is open, over a connection of its own."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.connection = connections.create_connection("default")
        self.last = -1

    def __call__(self, percent: int) -> None:
        if percent > self.last:
            self.last = percent
            self.set(progress=percent)

    def set(self, **values: Any) -> None:
        changes = ", ".join(f"{name} = %s" for name in values)
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE crm_importbatch SET {changes} WHERE id = %s",  # noqa: S608  (our own column names)
                    [*values.values(), self.batch_id],
                )
        except DatabaseError:
            # A progress bar that stands still is no reason to lose an import.
            logger.warning("progress of import %s could not be written", self.batch_id, exc_info=True)

    def close(self) -> None:
        self.connection.close()


def run_batch(
    batch_id: int, *, today: dt.date, files: Files | None = None, watch: Callable[[int], None] | None = None
) -> bool:
    """Run a waiting batch to its end; False where another worker has it or it is not waiting.

    Never raises for a bad file: the batch says what is wrong. Raises for faults of ours, having noted them.
    """
    with closing(Progress(batch_id)) as progress:

        def tell(percent: int) -> None:
            progress(percent)
            if watch:
                watch(percent)

        try:
            with transaction.atomic():
                return _run_locked(batch_id, today, files, progress, tell)
        except ImportFileError as error:
            _fail(batch_id, error)
        except DatabaseError as error:
            code = getattr(error.__cause__, "pgcode", "") or ""
            if connection.connection is None or connection.connection.closed:
                raise  # still "running": it is picked up again when the database is back
            full = code == "53100"
            _fail(
                batch_id,
                ImportFileError("disk_full") if full else ImportFileError("database", detail=code or "?"),
            )
            logger.exception("import %s failed", batch_id)
        return True


def _run_locked(
    batch_id: int, today: dt.date, files: Files | None, progress: Progress, tell: Callable[[int], None]
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [BATCH_LOCK, batch_id % 2**31])
        if not cursor.fetchone()[0]:
            return False
        batch = ImportBatch.objects.filter(pk=batch_id, state__in=WAITING).first()
        if batch is None:
            return False
        attempts = int(batch.summary.get("attempts", 0)) + 1
        if attempts > MOST_ATTEMPTS or (files is None and not batch.file):
            raise ImportFileError("interrupted")
        started = timezone.now()
        progress.set(
            state=ImportState.RUNNING,
            started_at=started,
            summary=Json({**batch.summary, "attempts": attempts}),
        )
        mapping = Mapping.from_json(batch.mapping)
        main, lookups = (files or files_of(batch)).read(mapping)
        mapping.check(main, lookups)
        tell(2)
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL jit = off")
        job = Job(
            cursor=cursor,
            batch_id=batch.pk,
            mapping=mapping,
            source=batch.source,
            today=today,
            update_existing=batch.update_existing,
            main=main,
            lookups=lookups,
            progress=tell,
        )
        _import(job, batch, started)
    return True


def _import(job: Job, batch: ImportBatch, started: dt.datetime) -> None:
    loader = LOADERS[job.mapping.kind](job)
    stage_files(job, (2, 35))
    job.run("SELECT pg_advisory_xact_lock({space}, 0)", space=WRITE_LOCK)
    checker = Checker(job, loader.fallbacks, loader.creates())
    checker.run()
    loader.check()
    for key in loader.keys:
        if all(name in checker.fields for name in key):
            refuse_duplicates(job, key)
    drop_refused(job)
    loader.summarise()
    with transaction.atomic():
        loader.apply()
        if batch.dry_run:
            transaction.set_rollback(True)
    _conclude(job, batch, loader, started)
    job.drop_all()


def _conclude(job: Job, batch: ImportBatch, loader: Any, started: dt.datetime) -> None:
    batch.rejections.all().delete()
    cells = SQL(", ").join(
        SQL("m.{}").format(Identifier(f"c{n}")) for n in range(1, len(job.main.header) + 1)
    )
    refused = job.row("SELECT count(DISTINCT row_number) FROM import_issues")[0]
    if refused:
        job.run(
            'INSERT INTO crm_importrejection (batch_id, row_number, "column", value, cause, parameters, original) '
            "SELECT {batch}, i.row_number, i.field, left(coalesce(i.value, ''), 201), i.cause, i.parameters, "
            "coalesce(to_jsonb(ARRAY[{cells}]), d.original, '[]') FROM import_issues i "
            "LEFT JOIN import_main m ON m.row_number = i.row_number "
            "LEFT JOIN import_main_defects d ON d.row_number = i.row_number AND d.column_number IS NULL "
            "ORDER BY i.row_number",
            batch=batch.pk,
            cells=cells,
        )
    batch.refresh_from_db()
    batch.state = ImportState.CHECKED if batch.dry_run else ImportState.DONE
    batch.encoding = job.main.encoding
    batch.progress, batch.error = 100, ""
    batch.rows_created, batch.rows_updated = loader.created, loader.updated
    batch.rows_unchanged, batch.rows_rejected = loader.unchanged, refused
    batch.rows_read = job.row(
        "SELECT (SELECT count(*) FROM import_main) + "
        "(SELECT count(*) FROM import_main_defects WHERE column_number IS NULL)"
    )[0]
    batch.started_at, batch.finished_at = started, timezone.now()
    batch.summary = {**batch.summary, "header": job.main.header, "result": job.summary}
    batch.save()


def _fail(batch_id: int, error: ImportFileError) -> None:
    """The sentence is made when it is shown: the batch keeps code and parameters."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
        if batch.state in WAITING:
            batch.state, batch.progress = ImportState.FAILED, 0
            batch.error = str(error)
            batch.finished_at = timezone.now()
            batch.summary = {**batch.summary, "problem": {"code": error.code, "parameters": error.parameters}}
            batch.save()
