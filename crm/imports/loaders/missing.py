"""Accounts and products a ledger names and nobody has entered: made with what the ledger says about them."""

from __future__ import annotations

from psycopg2.sql import SQL, Composable

from crm.imports.job import Job
from crm.imports.loaders.names import refresh_names
from crm.models import Account, Product


def create_accounts(job: Job, *, named: bool) -> int:
    """One account for each unknown number; its name is the longest the file has for it, else the number."""
    name: Composable = SQL("coalesce(max(left(account_name, 200)), account_key)" if named else "account_key")
    made = job.table(
        "import_new_accounts",
        "SELECT account_key AS key, {name} AS name FROM import_rows WHERE account IS NULL GROUP BY account_key",
        name=name,
    )
    if not made:
        return 0
    columns, values = defaults("crm_account")
    job.run(
        "INSERT INTO crm_account (number, name, import_batch_id, {columns}) "
        "SELECT key, name, {batch}, {values} FROM import_new_accounts ORDER BY key",
        columns=columns,
        values=values,
        batch=job.batch_id,
    )
    job.run(
        "INSERT INTO crm_accountidentifier (account_id, source, external_id) SELECT a.id, {source}, n.key "
        "FROM import_new_accounts n JOIN crm_account a ON a.number = n.key",
        source=job.source,
    )
    job.run(
        "UPDATE import_rows i SET account = a.id FROM crm_account a "
        "WHERE i.account IS NULL AND a.number = i.account_key AND a.import_batch_id = {batch}",
        batch=job.batch_id,
    )
    refresh_names(job, Account)
    return made


def create_products(job: Job, *, named: bool) -> int:
    name: Composable = SQL("coalesce(max(left(product_name, 200)), product_key)" if named else "product_key")
    made = job.table(
        "import_new_products",
        "SELECT product_key AS key, {name} AS name FROM import_rows WHERE product IS NULL "
        "AND nullif(product_key, '') IS NOT NULL GROUP BY product_key",
        name=name,
    )
    if not made:
        return 0
    columns, values = defaults("crm_product")
    job.run(
        "INSERT INTO crm_product (code, name, source, external_id, import_batch_id, {columns}) "
        "SELECT key, name, {source}, key, {batch}, {values} FROM import_new_products ORDER BY key",
        columns=columns,
        values=values,
        source=job.source,
        batch=job.batch_id,
    )
    job.run(
        "UPDATE import_rows i SET product = p.id FROM crm_product p WHERE i.product IS NULL "
        "AND p.source = {source} AND p.external_id = i.product_key AND p.import_batch_id = {batch}",
        source=job.source,
        batch=job.batch_id,
    )
    return made


def defaults(table: str) -> tuple[Composable, Composable]:
    """The other columns a new row needs, with the models' own defaults."""
    from psycopg2.sql import Identifier

    from crm.imports.loaders.base import Loader

    model = {"crm_account": Account, "crm_product": Product}[table]
    given = {"id", "number", "name", "import_batch_id", "code", "source", "external_id"}
    fields = [field for field in model._meta.concrete_fields if field.column not in given and not field.null]
    return (
        SQL(", ").join(Identifier(str(field.column)) for field in fields),
        SQL(", ").join(Loader._default(field) for field in fields),
    )
