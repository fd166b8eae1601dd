"""Accounts: found again by what the source system calls them, or by number; then parents and distributors."""

from __future__ import annotations

from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.custom_fields.values import PREFIX
from crm.imports.fields import ACCOUNTS, Field, FieldType
from crm.imports.loaders.base import I, Loader, keep_before, note_created
from crm.imports.loaders.merged import join_merged
from crm.imports.loaders.names import refresh_names
from crm.imports.refusing import refuse
from crm.models import Account

LINKS = ("parent", "supplier")
OWN_COLUMNS = {"owner": "owner_id", "territory": "territory_id"}


class AccountLoader(Loader):
    model = Account
    keys = (("external_id",), ("number",))
    fallbacks = {"external_id": "number", "number": "external_id"}

    def creates(self) -> frozenset[str]:
        # A parent may stand in the same file: unknown ones are judged in check().
        return frozenset(name for name in LINKS if self.has(name))

    def check(self) -> None:
        for name in ("external_id", "number"):
            refuse(
                self.job,
                "SELECT row_number, {name}, NULL, 'missing', '{{}}'::jsonb FROM import_rows i WHERE i.{column} IS NULL "
                "AND NOT EXISTS (SELECT FROM import_issues s WHERE s.row_number = i.row_number AND s.field = {name})",
                name=name,
                column=Identifier(name),
            )
        for name in (name for name in LINKS if self.has(name)):
            refuse(
                self.job,
                "SELECT row_number, {name}, {key}, 'unknown_account', '{{}}'::jsonb FROM import_rows i "
                "WHERE {link} IS NULL AND nullif({key}, '') IS NOT NULL AND NOT EXISTS (SELECT FROM import_rows o "
                "WHERE o.external_id = {key} OR o.number = {key})",
                name=name,
                key=I(Identifier(f"{name}_key")),
                link=I(Identifier(name)),
            )
            refuse(
                self.job,
                "SELECT row_number, {name}, {key}, 'itself', '{{}}'::jsonb FROM import_rows i "
                "WHERE {key} IN (i.external_id, i.number)",
                name=name,
                key=I(Identifier(f"{name}_key")),
            )
        if self.has("parent"):
            self._refuse_circles()
        # The number of one account with the external id of another: which of the two is meant?
        refuse(
            self.job,
            "SELECT i.row_number, 'number', i.number, 'number_taken', '{{}}'::jsonb FROM import_rows i "
            "JOIN crm_accountidentifier d ON d.source = {source} AND d.external_id = i.external_id "
            "JOIN crm_account a ON a.number = i.number WHERE coalesce(a.merged_into_id, a.id) <> d.account_id",
            source=self.job.source,
        )

    def _refuse_circles(self) -> None:
        """Rows whose parent would lead back to them, through this file and what is on record. New rows count as
        accounts with the number of their row, negative."""
        self.job.table(
            "import_nodes",
            "SELECT i.row_number, i.external_id, i.number, coalesce((SELECT t.id FROM crm_account t WHERE {match}), "
            "-i.row_number) AS node FROM import_rows i",
            match=self.match(),
        )
        # What existing accounts keep, they keep.
        kept = "true" if self.job.update_existing else "n.node < 0"
        self.job.table(
            "import_parents",
            "SELECT n.row_number, n.node, coalesce(i.parent, (SELECT o.node FROM import_nodes o WHERE o.external_id = "
            "i.parent_key OR o.number = i.parent_key LIMIT 1)) AS above FROM import_rows i "
            "JOIN import_nodes n USING (row_number) WHERE nullif(i.parent_key, '') IS NOT NULL AND {kept}",
            kept=SQL(kept),
        )
        refuse(
            self.job,
            "WITH RECURSIVE walk AS (SELECT row_number, node AS start, above AS here FROM import_parents UNION "
            "SELECT w.row_number, w.start, coalesce(p.above, a.parent_id) FROM walk w "
            "LEFT JOIN import_parents p ON p.node = w.here LEFT JOIN crm_account a ON a.id = w.here "
            "WHERE w.here <> w.start AND coalesce(p.above, a.parent_id) IS NOT NULL) "
            "SELECT w.row_number, 'parent', i.parent_key, 'circle', '{{}}'::jsonb FROM walk w "
            "JOIN import_rows i USING (row_number) WHERE w.here = w.start AND NOT EXISTS (SELECT FROM import_issues s "
            "WHERE s.row_number = i.row_number AND s.field = 'parent')",
        )

    def columns(self) -> dict[str, Composable]:
        names = [field.name for field in ACCOUNTS if field.name not in ("external_id", *LINKS, *OWN_COLUMNS)]
        values = self.given(*names)
        return values | {
            column: I(Identifier(name)) for name, column in OWN_COLUMNS.items() if self.has(name)
        }

    def objects(self) -> dict[str, dict[str, Composable]]:
        further = [field for field in self.job.fields.values() if field.is_further and self.has(field.name)]
        return (
            {"custom": {field.name.removeprefix(PREFIX): _kept(field) for field in further}}
            if further
            else {}
        )

    def fixed(self) -> dict[str, Composable]:
        return {"number": SQL("i.number")}

    def match(self) -> Composable:
        return SQL(
            "t.id = coalesce((SELECT d.account_id FROM crm_accountidentifier d WHERE d.source = {} "
            "AND d.external_id = i.external_id), (SELECT coalesce(a.merged_into_id, a.id) FROM crm_account a "
            "WHERE a.number = i.number))"
        ).format(Literal(self.job.source))

    def before(self) -> None:
        self.merged_away = join_merged(self.job)

    def _find_existing(self) -> None:
        super()._find_existing()
        self.unchanged += self.merged_away

    def after(self) -> None:
        self._identify()
        for name in (name for name in LINKS if self.has(name)):
            self._resolve(name)
        if self.has("parent"):
            self._set_parents()
        if self.has("supplier"):
            self._set_suppliers()
        refresh_names(self.job, Account)

    def _identify(self) -> None:
        """import_accounts: row -> account; and the identifiers that were not there."""
        self.job.table(
            "import_accounts",
            "SELECT i.row_number, coalesce(e.row_id, a.id) AS id, i.external_id, e.row_id IS NULL AS is_new "
            "FROM import_rows i LEFT JOIN import_existing e USING (row_number) "
            "LEFT JOIN crm_account a ON e.row_id IS NULL AND a.number = i.number",
        )
        self.job.table(
            "import_identified",
            "SELECT n.id, n.external_id, n.is_new FROM import_accounts n WHERE NOT EXISTS (SELECT FROM "
            "crm_accountidentifier d WHERE d.source = {source} AND d.external_id = n.external_id)",
            source=self.job.source,
        )
        self.job.run(
            "INSERT INTO crm_accountidentifier (account_id, source, external_id) "
            "SELECT id, {source}, external_id FROM import_identified",
            source=self.job.source,
        )
        note_created(
            self.job,
            "crm_accountidentifier",
            "SELECT d.id FROM crm_accountidentifier d JOIN import_identified n ON n.id = d.account_id "
            "AND n.external_id = d.external_id WHERE NOT n.is_new",
        )

    def _resolve(self, name: str) -> None:
        """References to accounts that this very file brought in."""
        self.job.run(
            "UPDATE import_rows i SET {link} = n.id FROM import_accounts n JOIN import_rows o USING (row_number) "
            "WHERE i.{link} IS NULL AND i.{key} IN (o.external_id, o.number)",
            link=Identifier(name),
            key=Identifier(f"{name}_key"),
        )

    def _set_parents(self) -> None:
        if not self.job.update_existing:
            self.job.run(
                "UPDATE import_rows i SET parent = NULL FROM import_existing e WHERE e.row_number = i.row_number"
            )
        # Accounts that this batch made or changed already are noted already.
        keep_before(
            self.job,
            "crm_account",
            "t.id IN (SELECT n.id FROM import_accounts n JOIN import_rows i USING (row_number) "
            "JOIN crm_account a ON a.id = n.id WHERE i.parent IS NOT NULL AND a.parent_id IS DISTINCT FROM i.parent "
            "AND a.import_batch_id IS DISTINCT FROM {batch})",
            batch=self.job.batch_id,
        )
        touched = self.job.run(
            "UPDATE crm_account t SET parent_id = i.parent, import_batch_id = {batch}, updated_at = now() "
            "FROM import_accounts n JOIN import_rows i USING (row_number) "
            "WHERE t.id = n.id AND i.parent IS NOT NULL AND t.parent_id IS DISTINCT FROM i.parent AND t.id <> i.parent",
            batch=self.job.batch_id,
        )
        self.job.summary["parents_set"] = touched

    def _set_suppliers(self) -> None:
        self.job.table(
            "import_supplies",
            "SELECT DISTINCT i.supplier AS supplier_id, n.id AS customer_id FROM import_accounts n "
            "JOIN import_rows i USING (row_number) WHERE i.supplier IS NOT NULL AND i.supplier <> n.id AND NOT EXISTS "
            "(SELECT FROM crm_accountsupply s WHERE s.supplier_id = i.supplier AND s.customer_id = n.id)",
        )
        self.job.run(
            "INSERT INTO crm_accountsupply (supplier_id, customer_id) "
            "SELECT supplier_id, customer_id FROM import_supplies"
        )
        note_created(
            self.job,
            "crm_accountsupply",
            "SELECT s.id FROM crm_accountsupply s JOIN import_supplies n USING (supplier_id, customer_id)",
        )


def _kept(field: Field) -> Composable:
    """As the account's form keeps it: numbers as floats, which for what is nearly nothing have 0."""
    value = I(Identifier(field.name))
    if field.type != FieldType.NUMBER:
        return value
    return SQL("(CASE WHEN abs({0}) < 1e-300 THEN 0 ELSE {0} END)::float8").format(value)
