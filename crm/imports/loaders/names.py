"""Search texts and sort names of accounts and contacts that SQL wrote past save()."""

from __future__ import annotations

import csv
import tempfile
from itertools import islice

from psycopg2.sql import SQL, Identifier

from crm.imports.job import Job
from crm.imports.tables import copy_in
from crm.models import Account, Contact
from crm.search import (
    names_of,
    remember_words,
    search_text_of,
    search_text_of_contact,
    sort_name_of,
    words_of,
)

PIECE = 5000


def refresh_names(job: Job, model: type[Account] | type[Contact]) -> None:
    """Pinyin needs Python: the rows this batch wrote pass through it in pieces, and come back by COPY."""
    columns = ["search_text", "sort_name"] if model is Account else ["search_text"]
    job.remember("import_names")
    job.run("CREATE TEMP TABLE import_names (id bigint, search_text text, sort_name text) ON COMMIT DROP")
    written = model._base_manager.filter(import_batch=job.batch_id).order_by("pk")
    words: set[str] = set()
    ids = iter(list(written.values_list("pk", flat=True)))
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        while piece := list(islice(ids, PIECE)):
            for row in model._base_manager.filter(pk__in=piece):
                words |= words_of(names_of(row))
                if isinstance(row, Account):
                    writer.writerow([row.pk, search_text_of(row), sort_name_of(row.name)])
                else:
                    writer.writerow([row.pk, search_text_of_contact(row), ""])
        file.seek(0)
        command = "COPY import_names FROM STDIN (FORMAT csv, FORCE_NOT_NULL (search_text, sort_name))"
        copy_in(job.cursor, SQL(command), file)
    job.run("ANALYZE import_names")
    job.run(
        "UPDATE {table} t SET {changes} FROM import_names n WHERE n.id = t.id",
        table=Identifier(model._meta.db_table),
        changes=SQL(", ").join(SQL("{0} = n.{0}").format(Identifier(name)) for name in columns),
    )
    remember_words(words)
