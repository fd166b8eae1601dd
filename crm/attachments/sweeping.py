"""Files without a row: left by a transaction that was rolled back, or by an account that was deleted."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from crm.models import Attachment

# An upload that is under way has its file before its row.
YOUNG = dt.timedelta(days=1)
BATCH = 500


def sweep(*, now: dt.datetime) -> int:
    """Delete the files that no row names and that are older than a day; returns how many."""
    root = Path(settings.MEDIA_ROOT)
    removed = 0
    files = _old_files(root, (now - YOUNG).timestamp())
    while names := list(islice(files, BATCH)):
        named: set[str] = set()
        rows = Attachment.objects.filter(Q(file__in=names) | Q(thumbnail__in=names))
        for file, thumbnail in rows.values_list("file", "thumbnail"):
            named |= {file, thumbnail}
        for name in names:
            if name not in named:
                (root / name).unlink(missing_ok=True)
                removed += 1
    return removed


def _old_files(root: Path, before: float) -> Iterator[str]:
    for directory, _folders, files in os.walk(root / "attachments"):
        for file in files:
            path = Path(directory) / file
            if path.stat().st_mtime < before:
                yield str(path.relative_to(root))
