"""Batches: made from an upload, queued, picked up again. What a page, REST and the command call."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from crm.imports.mapping import Mapping
from crm.imports.running import files_of
from crm.imports.tables import FileTable
from crm.models import ImportBatch, ImportMapping, ImportState, User

logger = logging.getLogger(__name__)
Upload = tuple[str, IO[bytes]]  # name, content


@transaction.atomic
def receive(
    *,
    user: User | None,
    main: Upload,
    lookups: Sequence[Upload] = (),
    kind: str = "",
    source: str = "import",
    key: str = "",
) -> tuple[ImportBatch, bool]:
    """Store an upload as a new batch; the same key of the same person gives the same batch (False: not new)."""
    if key:
        who = user.pk if user else 0
        with connection.cursor() as cursor:
            # Two clicks at once: the second waits here and then finds the first one's batch.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{who}:{key}"])
        earlier = ImportBatch.objects.filter(created_by=user, summary__key=key).order_by("pk").first()
        if earlier is not None:
            return earlier, False
    name, content = main
    batch = ImportBatch(kind=kind, source=source, filename=Path(name).name[-255:], created_by=user)
    batch.file.save(_stored_name(name), File(content), save=False)
    batch.size = batch.file.size
    batch.summary = {"key": key} if key else {}
    stored: list[dict[str, str]] = []
    for place, (lookup_name, lookup_content) in enumerate(lookups):
        path = batch.file.storage.save(
            f"{Path(str(batch.file.name)).parent}/{_stored_name(lookup_name)}", File(lookup_content)
        )
        stored.append(
            {
                "name": _lookup_name(lookup_name, place, stored),
                "filename": Path(lookup_name).name,
                "stored": path,
            }
        )
    if stored:
        batch.summary["lookups"] = stored
    batch.save()
    return batch, True


def _stored_name(name: str) -> str:
    """Never the user's own name: no clash, nothing odd in a path."""
    suffix = "".join(Path(name).suffixes[-2:])[:12]
    return f"{secrets.token_hex(12)}{suffix if suffix.isascii() else ''}"


def _lookup_name(filename: str, place: int, others: list[dict[str, str]]) -> str:
    stem = Path(filename).name.split(".")[0] or f"file{place + 1}"
    return stem if all(other["name"] != stem for other in others) else f"{stem}{place + 1}"


def as_upload(text: str, name: str) -> Upload:
    return name, ContentFile(text.encode())


def tables_of(batch: ImportBatch, mapping: Mapping | None = None) -> tuple[FileTable, dict[str, FileTable]]:
    """The batch's files, looked at again: header and first rows. Every lookup that was uploaded, mapped or not."""
    from crm.imports.tables import read_table

    options = {}
    if mapping is not None:
        options = {name: mapping.option(name) for name in ("encoding", "delimiter", "sheet")}
    files = files_of(batch)
    return read_table(files.main, **options), {name: read_table(path) for name, path in files.lookups.items()}


def start(
    batch: ImportBatch, mapping: Mapping, *, dry_run: bool, update_existing: bool, announced: bool = True
) -> ImportBatch:
    """Queue a batch that was uploaded, checked or has failed. One that runs or is done is left alone."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state in (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED):
            locked.kind = mapping.kind
            locked.mapping = mapping.as_json()
            locked.source = mapping.source or locked.source
            locked.dry_run, locked.update_existing = dry_run, update_existing
            locked.state, locked.progress, locked.error = ImportState.QUEUED, 0, ""
            kept = ("key", "lookups")
            locked.summary = {name: locked.summary[name] for name in kept if name in locked.summary}
            locked.save()
            if announced:
                transaction.on_commit(lambda: announce(locked.pk))
    return locked


def announce(batch_id: int) -> None:
    """Tell the workers. Without a broker the batch stays queued, and `resume_imports` finds it."""
    from kombu.exceptions import OperationalError

    from crm.imports.tasks import run_import

    try:
        run_import.delay(batch_id)
    except (OperationalError, ConnectionError):
        logger.warning("no broker: import %s waits for the next resume_imports", batch_id)


def waiting(before: Any = None) -> list[int]:
    """Batches that should be running: queued, or left behind by a worker that died (a live one holds its lock)."""
    batches = ImportBatch.objects.filter(state__in=(ImportState.QUEUED, ImportState.RUNNING)).exclude(file="")
    if before is not None:
        batches = batches.filter(created_at__lt=before)
    return list(batches.order_by("pk").values_list("pk", flat=True))


def new_batch(
    *,
    filename: str,
    size: int,
    mapping: Mapping,
    source: str,
    dry_run: bool,
    update_existing: bool,
    user: User | None,
) -> ImportBatch:
    """A batch whose file stays where it is: for the command, which runs it at once."""
    return ImportBatch.objects.create(
        kind=mapping.kind,
        state=ImportState.QUEUED,
        source=source,
        filename=filename[-255:],
        size=size,
        mapping=mapping.as_json(),
        dry_run=dry_run,
        update_existing=update_existing,
        created_by=user,
        started_at=timezone.now(),
    )


def remember_mapping(mapping: Mapping, main: FileTable, user: User | None, name: str = "") -> ImportMapping:
    """Keep a mapping for the next file with this header; a person's name for it is kept."""
    found = saved_mapping(main, mapping.kind)
    stored = mapping.as_json()
    if found is not None and (not name or found.name == name):
        found.definition, found.created_by = stored, user
        found.save()
        return found
    name = name or f"{mapping.kind} {main.fingerprint[:8]}"
    kept, _created = ImportMapping.objects.update_or_create(
        kind=mapping.kind,
        name=name[:120],
        defaults={"header_fingerprint": main.fingerprint, "definition": stored, "created_by": user},
    )
    return kept


def saved_mapping(main: FileTable, kind: str = "") -> ImportMapping | None:
    """The newest mapping kept for files with this header."""
    kept = ImportMapping.objects.filter(header_fingerprint=main.fingerprint)
    if kind:
        kept = kept.filter(kind=kind)
    return kept.order_by("-updated_at").first()
