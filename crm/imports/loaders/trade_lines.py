"""Trade lines: amounts worked out, exchange rates found, missing accounts and products made, the roll-up refreshed."""

from __future__ import annotations

from typing import Any

from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm import rollup
from crm.imports.job import MONTHS
from crm.imports.loaders.base import I, Loader
from crm.imports.loaders.missing import create_accounts, create_products
from crm.imports.refusing import refuse
from crm.models import TradeLine

# No amount has more digits before the point.
MOST = 10**14 - 1


class TradeLineLoader(Loader):
    model = TradeLine

    def creates(self) -> frozenset[str]:
        options = {"account": "create_missing_accounts", "product": "create_missing_products"}
        return frozenset(
            name for name, option in options.items() if self.has(name) and self.job.mapping.option(option)
        )

    def or_null(self, name: str) -> Composable:
        return I(Identifier(name)) if self.has(name) else SQL("NULL::numeric")

    @property
    def gross(self) -> Composable:
        return SQL("(i.quantity * {})").format(self.or_null("unit_price"))

    @property
    def discount(self) -> Composable:
        """In money. A fraction or percentage is of quantity x price, unrounded: the pence of many lines add up."""
        return SQL("coalesce({}, {gross} * {}, {gross} * {} / 100, 0)").format(
            self.or_null("discount"),
            self.or_null("discount_fraction"),
            self.or_null("discount_percent"),
            gross=self.gross,
        )

    @property
    def net(self) -> Composable:
        return SQL("coalesce({}, {} - {})").format(self.or_null("net_amount"), self.gross, self.discount)

    @property
    def cost(self) -> Composable:
        return SQL("coalesce({}, {} * i.quantity)").format(self.or_null("cost"), self.or_null("unit_cost"))

    @property
    def unit_price(self) -> Composable:
        return SQL("coalesce({}, ({} + {}) / nullif(i.quantity, 0), 0)").format(
            self.or_null("unit_price"), self.net, self.discount
        )

    @property
    def currency(self) -> Composable:
        own = self.job.reporting_currency
        return I(Identifier("currency")) if self.has("currency") else Literal(own)

    def check(self) -> None:
        self._check_amounts()
        if self.has("currency"):
            self._find_rates()

    def _check_amounts(self) -> None:
        """What the amounts come to must exist and fit its column; one scan tells whether anything is wrong."""
        amounts = {"net_amount": self.net, "cost": self.cost, "unit_price": self.unit_price}
        limits = {name: MOST // (100 if name == "unit_price" else 1) for name in amounts}
        wrong = [SQL("{} IS NULL").format(self.net)]
        wrong += [
            SQL("abs({}) > {}").format(amount, Literal(limits[name])) for name, amount in amounts.items()
        ]
        if not self.job.row(
            "SELECT EXISTS (SELECT FROM import_rows i WHERE NOT suspect AND ({wrong}))",
            wrong=SQL(" OR ").join(wrong),
        )[0]:
            return
        refuse(
            self.job,
            "SELECT i.row_number, 'unit_price', NULL, 'missing', '{{}}'::jsonb FROM import_rows i "
            "WHERE NOT suspect AND {net} IS NULL",
            net=self.net,
        )
        for name, amount in amounts.items():
            refuse(
                self.job,
                "SELECT i.row_number, {name}, {amount}::text, 'out_of_range', "
                "jsonb_build_object('low', -{most}, 'high', {most}) FROM import_rows i "
                "WHERE NOT suspect AND abs({amount}) > {most}",
                name=name,
                amount=amount,
                most=limits[name],
            )

    def _find_rates(self) -> None:
        """The newest rate on or before the day of the trade, for each currency and day that needs one."""
        own = self.job.reporting_currency
        given = self.has("exchange_rate")
        blank = SQL("i.exchange_rate IS NULL") if given else SQL("true")
        self.job.run("UPDATE import_rows SET suspect = true WHERE currency IS NULL AND NOT suspect")
        refuse(
            self.job,
            "SELECT i.row_number, 'currency', NULL, 'missing', '{{}}'::jsonb FROM import_rows i WHERE currency IS NULL "
            "AND NOT EXISTS (SELECT FROM import_issues s WHERE s.row_number = i.row_number AND s.field = 'currency')",
        )
        found = self.job.table(
            "import_rates",
            "SELECT n.currency, n.traded_on, (SELECT e.rate FROM crm_exchangerate e WHERE e.currency = n.currency "
            "AND e.valid_on <= n.traded_on ORDER BY e.valid_on DESC LIMIT 1) AS rate FROM (SELECT DISTINCT "
            "currency, traded_on FROM import_rows i WHERE currency <> {own} AND {blank} AND traded_on IS NOT NULL) n",
            own=own,
            blank=blank,
        )
        if not given:
            self.job.run("ALTER TABLE import_rows ADD exchange_rate numeric")
        if not found:
            return
        refuse(
            self.job,
            "SELECT i.row_number, 'currency', i.currency, 'no_rate', jsonb_build_object('currency', i.currency, "
            "'date', i.traded_on) FROM import_rows i JOIN import_rates n USING (currency, traded_on) "
            "WHERE n.rate IS NULL AND {blank}",
            blank=blank,
        )
        self.job.run(
            "UPDATE import_rows i SET exchange_rate = n.rate FROM import_rates n WHERE n.currency = i.currency "
            "AND n.traded_on = i.traded_on AND n.rate IS NOT NULL AND {blank}",
            blank=blank,
        )

    def before(self) -> None:
        if "account" in self.creates():
            self.job.summary["accounts_created"] = create_accounts(self.job, named=self.has("account_name"))
        if "product" in self.creates():
            self.job.summary["products_created"] = create_products(self.job, named=self.has("product_name"))

    def columns(self) -> dict[str, Composable]:
        values: dict[str, Composable] = {
            "account_id": SQL("i.account"),
            "traded_on": SQL("i.traded_on"),
            "quantity": SQL("i.quantity"),
            "unit_price": self.unit_price,
            "net_amount": self.net,
            "currency": self.currency,
            "exchange_rate": self.exchange_rate,
        }
        if not self.has("net_amount") or any(
            self.has(name) for name in ("discount", "discount_fraction", "discount_percent")
        ):
            values["discount"] = self.discount
        if self.has("cost") or self.has("unit_cost"):
            values["cost"] = self.cost
        if self.has("product"):
            values["product_id"] = SQL("i.product")
        return values | self.given(
            "order_number", "list_price", "marketing_cost", "payment_days", "financing_rate", "cancelled"
        )

    @property
    def exchange_rate(self) -> Composable:
        """1 for the reporting currency, whatever the file says."""
        if self.has("currency"):
            return SQL(
                "CASE WHEN i.currency = '" + self.job.reporting_currency + "' THEN 1 ELSE i.exchange_rate END"
            )
        return SQL("1")

    def fixed(self) -> dict[str, Composable]:
        return {"source": Literal(self.job.source), "external_id": SQL("i.external_id")}

    def match(self) -> Composable:
        return SQL("t.source = {} AND t.external_id = i.external_id").format(Literal(self.job.source))

    def after(self) -> None:
        """Only the months of accounts that gained, lost or changed a line are rolled up again."""
        changed = SQL("SELECT row_number FROM import_existing WHERE NOT changed")
        self.job.table(
            MONTHS,
            "SELECT DISTINCT account AS account_id, date_trunc('month', traded_on::timestamp)::date AS month "
            "FROM import_rows WHERE {new} UNION SELECT (before->>'account_id')::bigint, "
            "date_trunc('month', (before->>'traded_on')::timestamp)::date FROM crm_importreplacement "
            "WHERE batch_id = {batch} AND \"table\" = 'crm_tradeline'",
            new=SQL("row_number NOT IN ({})").format(changed) if self.unchanged else SQL("true"),
            batch=self.job.batch_id,
        )
        rollup.refresh_months(self.job.cursor, MONTHS)

    def summarise(self) -> None:
        counted = SQL("WHERE NOT coalesce(i.cancelled, false)") if self.has("cancelled") else SQL("")
        rate = self.exchange_rate
        found = self.job.row(
            "SELECT sum(round(round({net}, 4) * {rate}, 4)), "
            "sum(round((round({net}, 4) - round({cost}, 4)) * {rate}, 4)), "
            "sum(round(round({discount}, 4) * {rate}, 4)), min(traded_on), max(traded_on), "
            "count(DISTINCT account), count({cost}) FROM import_rows i {counted}",
            net=self.net,
            cost=self.cost,
            discount=self.discount,
            rate=SQL("({})").format(rate),
            counted=counted,
        )
        names = (
            "net_sales",
            "gross_profit",
            "discount",
            "first_date",
            "last_date",
            "accounts",
            "costed_lines",
        )
        self.job.summary |= {name: _json(value) for name, value in zip(names, found, strict=True)}


def _json(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
