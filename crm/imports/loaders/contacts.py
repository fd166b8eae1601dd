"""Contacts: the person, and the position at the account."""

from __future__ import annotations

from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.imports.loaders.base import I, Loader, keep_before, note_created
from crm.imports.loaders.names import refresh_names
from crm.models import Contact, Position

OF_PERSON = ("name", "english_name", "email", "phone", "mobile", "wechat", "note")
OF_POSITION = ("title", "department", "decision_role", "influence", "stance", "is_primary", "left_on")


class ContactLoader(Loader):
    model = Contact
    # A file without ids of persons: the account and the name are one.
    fallbacks = {"external_id": "account/name"}

    def columns(self) -> dict[str, Composable]:
        return self.given(*OF_PERSON)

    def fixed(self) -> dict[str, Composable]:
        return {"source": Literal(self.job.source), "external_id": SQL("i.external_id")}

    def match(self) -> Composable:
        return SQL("t.source = {} AND t.external_id = i.external_id").format(Literal(self.job.source))

    def after(self) -> None:
        refresh_names(self.job, Contact)
        places = PositionLoader(self.job)
        self.job.table(
            "import_positions",
            "SELECT i.row_number, c.id AS contact_id, i.account AS account_id, p.id AS position_id, "
            "({differ}) AS changed FROM import_rows i "
            "JOIN crm_contact c ON c.source = {source} AND c.external_id = i.external_id "
            "LEFT JOIN crm_position p ON p.contact_id = c.id AND p.account_id = i.account",
            differ=places.differ(),
            source=self.job.source,
        )
        keep = "t.id IN (SELECT position_id FROM import_positions WHERE changed)"
        if self.job.update_existing and places.values():
            keep_before(self.job, "crm_position", keep)
            places.update()
        places.insert()
        note_created(
            self.job,
            "crm_position",
            "SELECT p.id FROM crm_position p JOIN import_positions n USING (contact_id, account_id) "
            "WHERE n.position_id IS NULL",
        )


class PositionLoader(Loader):
    model = Position

    def values(self) -> dict[str, Composable]:
        return {name: self._typed(name, I(Identifier(name))) for name in OF_POSITION if self.has(name)}

    def differ(self) -> Composable:
        changes = [
            SQL("p.{} IS DISTINCT FROM {}").format(Identifier(name), value)
            for name, value in self.values().items()
        ]
        return SQL("p.id IS NOT NULL AND ({})").format(SQL(" OR ").join(changes)) if changes else SQL("false")

    def update(self) -> None:
        changes = [SQL("{} = {}").format(Identifier(name), value) for name, value in self.values().items()]
        self.job.run(
            "UPDATE crm_position p SET {changes} FROM import_positions n JOIN import_rows i USING (row_number) "
            "WHERE p.id = n.position_id AND n.changed",
            changes=SQL(", ").join(changes),
        )

    def insert(self) -> None:
        values = self.values()
        for field in Position._meta.concrete_fields:
            if field.column not in ("id", "contact_id", "account_id") and field.column not in values:
                values[str(field.column)] = self._default(field)
        self.job.run(
            "INSERT INTO crm_position (contact_id, account_id, {names}) SELECT n.contact_id, n.account_id, {values} "
            "FROM import_positions n JOIN import_rows i USING (row_number) WHERE n.position_id IS NULL",
            names=SQL(", ").join(map(Identifier, values)),
            values=SQL(", ").join(values.values()),
        )
