"""Search texts and sort names of accounts that SQL wrote past Account.save()."""

from __future__ import annotations

import csv
import tempfile
from itertools import islice

from psycopg2.sql import SQL

from crm.imports.job import Job
from crm.imports.tables import copy_in
from crm.models import Account
from crm.search import search_text_of, sort_name_of


def refresh_names(job: Job, query: str, /, **values: object) -> None:
    """Pinyin needs Python: the accounts of the query pass through it in pieces, and come back by COPY."""
    job.table("import_renamed", query, **values)
    job.remember("import_names")
    job.run("CREATE TEMP TABLE import_names (id bigint, search_text text, sort_name text) ON COMMIT DROP")
    job.run("SELECT id FROM import_renamed")
    ids = iter([row[0] for row in job.cursor.fetchall()])
    fields = (
        "name",
        "short_name",
        "english_name",
        "former_name",
        "number",
        "registration_number",
        "phone",
        "city",
    )
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        while piece := list(islice(ids, 5000)):
            for account in Account.objects.filter(pk__in=piece).only(*fields):
                writer.writerow([account.pk, search_text_of(account), sort_name_of(account.name)])
        file.seek(0)
        copy_in(
            job.cursor,
            SQL("COPY import_names FROM STDIN (FORMAT csv, FORCE_NOT_NULL (search_text, sort_name))"),
            file,
        )
    job.run("ANALYZE import_names")
    job.run(
        "UPDATE crm_account a SET search_text = n.search_text, sort_name = n.sort_name FROM import_names n "
        "WHERE n.id = a.id"
    )
