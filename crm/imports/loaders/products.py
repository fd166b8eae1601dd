"""Products: found again by the source system's id, or by code."""

from __future__ import annotations

from psycopg2.sql import SQL, Composable, Literal

from crm.imports.loaders.base import Loader, note_created
from crm.imports.refusing import refuse
from crm.models import Product


class ProductLoader(Loader):
    model = Product
    fallbacks = {"external_id": "code", "code": "external_id"}

    def check(self) -> None:
        refuse(
            self.job,
            "SELECT row_number, 'external_id', NULL, 'missing', '{{}}'::jsonb FROM import_rows i "
            "WHERE external_id IS NULL AND NOT EXISTS (SELECT FROM import_issues s "
            "WHERE s.row_number = i.row_number AND s.field = 'external_id')",
        )

    def before(self) -> None:
        if not self.has("family"):
            return
        self.job.table(
            "import_families",
            "SELECT DISTINCT family AS name FROM import_rows WHERE family IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM crm_productfamily f WHERE family IN (f.name, f.name_zh))",
        )
        self.job.run("INSERT INTO crm_productfamily (name, name_zh) SELECT name, '' FROM import_families")
        note_created(
            self.job,
            "crm_productfamily",
            "SELECT f.id FROM crm_productfamily f JOIN import_families n USING (name)",
        )

    def columns(self) -> dict[str, Composable]:
        values = self.given("name_zh", "base_unit", "list_price", "unit_cost")
        if "code" in self.job.mapping.mapped:
            values["code"] = SQL("i.code")
        if self.has("name"):
            values["name"] = SQL("coalesce(i.name, i.code)")
        if self.has("family"):
            values["family_id"] = SQL(
                "(SELECT min(f.id) FROM crm_productfamily f WHERE i.family IN (f.name, f.name_zh))"
            )
        return values

    def fixed(self) -> dict[str, Composable]:
        values: dict[str, Composable] = {
            "source": Literal(self.job.source),
            "external_id": SQL("i.external_id"),
            "code": SQL("i.code"),
        }
        return values if self.has("name") else values | {"name": SQL("i.code")}

    def match(self) -> Composable:
        return SQL(
            "t.source = {source} AND t.external_id = i.external_id OR (t.code = i.code AND t.source IN ('', {source}) "
            "AND t.external_id = '')"
        ).format(source=Literal(self.job.source))
