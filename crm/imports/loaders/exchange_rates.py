"""Exchange rates. Lines already in the ledger keep the rate they were imported with."""

from __future__ import annotations

from psycopg2.sql import SQL, Composable

from crm.imports.loaders.base import Loader, note_created
from crm.imports.refusing import refuse
from crm.models import ExchangeRate


class ExchangeRateLoader(Loader):
    model = ExchangeRate
    keys = (("currency", "valid_on"),)

    def check(self) -> None:
        refuse(
            self.job,
            "SELECT row_number, 'currency', currency, 'out_of_range', jsonb_build_object('low', 1, 'high', 1) "
            "FROM import_rows WHERE currency = {own} AND rate <> 1",
            own=self.job.reporting_currency,
        )

    def columns(self) -> dict[str, Composable]:
        return {"rate": SQL("i.rate")}

    def fixed(self) -> dict[str, Composable]:
        return {"currency": SQL("i.currency"), "valid_on": SQL("i.valid_on")}

    def match(self) -> Composable:
        return SQL("t.currency = i.currency AND t.valid_on = i.valid_on")

    def after(self) -> None:
        note_created(
            self.job,
            "crm_exchangerate",
            "SELECT t.id FROM crm_exchangerate t JOIN import_rows i ON t.currency = i.currency "
            "AND t.valid_on = i.valid_on "
            "WHERE NOT EXISTS (SELECT FROM import_existing e WHERE e.row_number = i.row_number)",
        )
