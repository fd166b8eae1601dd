"""Rows of a file that mean an account which was merged into another: they are about the other one now."""

from __future__ import annotations

from crm.imports.job import Job
from crm.imports.loaders.base import note_created


def join_merged(job: Job) -> int:
    """Let such rows name the account that is left; returns how many were dropped because the file has that one too.

    The other system still has both. Where it sends both, the row of the account that is left counts; where it sends
    only the other's, that row does, under the number of the account that is left.
    """
    found = job.table(
        "import_twins",
        "WITH moved AS (SELECT e::bigint AS id FROM crm_mergedrows r JOIN crm_accountmerge m ON m.id = r.merge_id, "
        "jsonb_array_elements_text(r.moved) e WHERE r.\"table\" = 'crm_accountidentifier' AND m.undone_at IS NULL) "
        "SELECT i.row_number, a.merged_into_id AS account FROM import_rows i JOIN crm_account a "
        "ON a.number = i.number WHERE a.merged_into_id IS NOT NULL "
        "UNION SELECT i.row_number, d.account_id FROM import_rows i JOIN crm_accountidentifier d "
        "ON d.source = {source} AND d.external_id = i.external_id JOIN moved USING (id)",
        source=job.source,
    )
    if not found:
        return 0
    # From now on the other system's id is known by itself, whatever happens to the number.
    job.table(
        "import_twins_identified",
        "SELECT t.account, i.external_id FROM import_twins t JOIN import_rows i USING (row_number) WHERE NOT EXISTS "
        "(SELECT FROM crm_accountidentifier d WHERE d.source = {source} AND d.external_id = i.external_id)",
        source=job.source,
    )
    job.run(
        "INSERT INTO crm_accountidentifier (account_id, source, external_id) "
        "SELECT account, {source}, external_id FROM import_twins_identified",
        source=job.source,
    )
    note_created(
        job,
        "crm_accountidentifier",
        "SELECT d.id FROM crm_accountidentifier d JOIN import_twins_identified n "
        "ON n.account = d.account_id AND n.external_id = d.external_id",
    )
    dropped = job.run(
        "DELETE FROM import_rows i USING import_twins t WHERE t.row_number = i.row_number AND ("
        "EXISTS (SELECT FROM import_twins e WHERE e.account = t.account AND e.row_number < t.row_number) "
        "OR EXISTS (SELECT FROM import_rows o LEFT JOIN crm_account a ON a.number = o.number "
        "LEFT JOIN crm_accountidentifier d ON d.source = {source} AND d.external_id = o.external_id "
        "WHERE coalesce(d.account_id, a.id) = t.account "
        "AND NOT EXISTS (SELECT FROM import_twins e WHERE e.row_number = o.row_number)))",
        source=job.source,
    )
    job.run(
        "UPDATE import_rows i SET number = a.number FROM import_twins t JOIN crm_account a ON a.id = t.account "
        "WHERE t.row_number = i.row_number"
    )
    return dropped
