"""What each kind of import can take in: its fields, their types and limits, and the headers they go by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.custom_fields.values import LONGEST_TEXT, PREFIX, offered, titled
from crm.imports.values import tidy
from crm.models import AccountKind, CustomField, CustomFieldKind, DecisionRole, ImportKind, Stance

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CURRENCY = "currency"
    ACCOUNT = "account"
    PRODUCT = "product"
    PERSON = "person"
    TERRITORY = "territory"

    @property
    def is_reference(self) -> bool:
        return self in REFERENCES

    @property
    def is_numeric(self) -> bool:
        return self in (FieldType.NUMBER, FieldType.INTEGER)


REFERENCES = frozenset({FieldType.ACCOUNT, FieldType.PRODUCT, FieldType.PERSON, FieldType.TERRITORY})


@dataclass(frozen=True)
class Field:
    name: str
    label: str | _StrPromise
    type: FieldType = FieldType.TEXT
    required: bool = False
    limit: int = 0  # characters of a text
    low: Decimal | None = None
    high: Decimal | None = None
    price: bool = False  # negative is refused with a cause of its own
    choices: tuple[tuple[str, str], ...] = ()
    # Of a further field of accounts: the headers it goes by, and the words of its choices with their values.
    headers: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()

    @property
    def is_further(self) -> bool:
        return bool(self.headers)


def shown_limit(value: Decimal | None) -> str:
    """1E+308 rather than its 309 digits."""
    return str(value) if value is None or value.adjusted() > 20 else f"{value:f}"


def text(name: str, label: str | _StrPromise, limit: int, *, required: bool = False) -> Field:
    return Field(name, label, FieldType.TEXT, required, limit)


def number(
    name: str,
    label: str | _StrPromise,
    digits: int = 18,
    places: int = 4,
    *,
    required: bool = False,
    price: bool = False,
    low: int | None = None,
    high: int | None = None,
) -> Field:
    most = Decimal(10) ** (digits - places) - Decimal(1).scaleb(-places)
    least = Decimal(low) if low is not None else -most
    return Field(
        name,
        label,
        FieldType.NUMBER,
        required,
        low=least,
        high=most if high is None else Decimal(high),
        price=price,
    )


def integer(name: str, label: str | _StrPromise, low: int, high: int) -> Field:
    return Field(name, label, FieldType.INTEGER, low=Decimal(low), high=Decimal(high))


def of(name: str, label: str | _StrPromise, kind: FieldType, *, required: bool = False) -> Field:
    return Field(name, label, kind, required)


def choice(name: str, label: str | _StrPromise, choices: list[tuple[str, str]]) -> Field:
    return Field(name, label, FieldType.CHOICE, choices=tuple((str(key), str(word)) for key, word in choices))


def _english(choices: type) -> list[tuple[str, str]]:
    """Value and English word of each choice; the Chinese words are in crm.imports.words."""
    return [(str(member.value), member.name.lower()) for member in choices]  # type: ignore[attr-defined]


TRADE_LINES = (
    text("external_id", _("Line id"), 120, required=True),
    of("account", _("Account"), FieldType.ACCOUNT, required=True),
    text("account_name", _("Account name"), 200),
    of("traded_on", _("Date"), FieldType.DATE, required=True),
    text("order_number", _("Order"), 60),
    of("product", _("Product"), FieldType.PRODUCT),
    text("product_name", _("Product name"), 200),
    number("quantity", _("Quantity"), required=True),
    number("unit_price", _("Unit price"), places=6, price=True),
    number("list_price", _("List price"), places=6, price=True),
    number("discount", _("Discount (amount)")),
    number("discount_fraction", _("Discount (fraction, 0.15)"), low=0, high=1),
    number("discount_percent", _("Discount (per cent, 15)"), low=0, high=100),
    number("net_amount", _("Net amount of the line")),
    number("cost", _("Cost of the line")),
    number("unit_cost", _("Cost of one unit"), places=6, price=True),
    number("marketing_cost", _("Marketing cost")),
    integer("payment_days", _("Days until paid"), -3650, 36500),
    number("financing_rate", _("Financing rate per year (fraction)"), 7, 4, low=-1, high=100),
    of("currency", _("Currency"), FieldType.CURRENCY),
    Field(
        "exchange_rate",
        _("Exchange rate"),
        FieldType.NUMBER,
        low=Decimal("0.00000001"),
        high=Decimal("9999999999"),
    ),
    of("cancelled", _("Cancelled"), FieldType.BOOLEAN),
)

ACCOUNTS = (
    text("external_id", _("Id in the source system"), 120),
    text("number", _("Account number"), 40),
    text("name", _("Name"), 200, required=True),
    text("short_name", _("Short name"), 80),
    text("english_name", _("English name"), 200),
    text("former_name", _("Former name"), 200),
    choice("kind", _("Kind"), _english(AccountKind)),
    of("parent", _("Parent group"), FieldType.ACCOUNT),
    of("supplier", _("Buys through (distributor)"), FieldType.ACCOUNT),
    of("owner", _("Sales rep (user name)"), FieldType.PERSON),
    of("territory", _("Territory"), FieldType.TERRITORY),
    text("registration_number", _("Registration number"), 40),
    text("industry", _("Industry"), 120),
    text("industry_code", _("Industry code (GB/T 4754)"), 10),
    text("isic_code", _("Industry code (ISIC)"), 10),
    text("country", _("Country"), 80),
    text("region", _("Province or state"), 80),
    text("city", _("City"), 80),
    text("postal_code", _("Postal code"), 20),
    text("address", _("Address"), 255),
    text("phone", _("Phone"), 60),
    text("fax", _("Fax"), 60),
    text("email", _("E-mail"), 254),
    text("website", _("Web site"), 200),
    integer("industry_position", _("Position in its industry (1 to 5)"), 1, 5),
    integer("employees", _("Employees"), 0, 2_000_000_000),
    number("annual_revenue", _("Annual revenue"), 18, 2),
    of("first_contact_on", _("First contact"), FieldType.DATE),
    of("sole_source", _("We are the only source"), FieldType.BOOLEAN),
    integer("viable_alternatives", _("Suppliers that could replace us"), 0, 32767),
    integer("switching_cost", _("Cost of switching (1 to 5)"), 1, 5),
    of("contract_from", _("Frame contract from"), FieldType.DATE),
    of("contract_to", _("Frame contract to"), FieldType.DATE),
    integer("payment_days", _("Payment term in days"), 0, 3650),
    of("currency", _("Currency"), FieldType.CURRENCY),
)

PRODUCTS = (
    text("external_id", _("Id in the source system"), 120),
    text("code", _("Product code"), 60),
    text("name", _("Name"), 200),
    text("name_zh", _("Chinese name"), 200),
    text("family", _("Product family"), 120),
    text("base_unit", _("Unit"), 20),
    number("list_price", _("List price"), places=6, price=True),
    number("unit_cost", _("Unit cost"), places=6, price=True),
)

CONTACTS = (
    text("external_id", _("Id in the source system"), 120),
    text("name", _("Name"), 120, required=True),
    of("account", _("Account"), FieldType.ACCOUNT, required=True),
    text("english_name", _("English name"), 120),
    text("email", _("E-mail"), 254),
    text("phone", _("Phone"), 60),
    text("mobile", _("Mobile"), 60),
    text("wechat", _("WeChat"), 60),
    text("note", _("Note"), 10_000),
    text("title", _("Job title"), 120),
    text("department", _("Department"), 120),
    choice("decision_role", _("Part in the decision"), _english(DecisionRole)),
    integer("influence", _("Influence (1 to 5)"), 1, 5),
    choice("stance", _("Stance towards us"), _english(Stance)),
    of("is_primary", _("First person to call"), FieldType.BOOLEAN),
    of("left_on", _("Left on"), FieldType.DATE),
)

EXCHANGE_RATES = (
    of("currency", _("Currency"), FieldType.CURRENCY, required=True),
    of("valid_on", _("Valid from"), FieldType.DATE, required=True),
    Field("rate", _("Rate"), FieldType.NUMBER, True, low=Decimal("0.00000001"), high=Decimal("9999999999")),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    ImportKind.TRADE_LINES: TRADE_LINES,
    ImportKind.ACCOUNTS: ACCOUNTS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.CONTACTS: CONTACTS,
    ImportKind.EXCHANGE_RATES: EXCHANGE_RATES,
}

# At least one field of each group must have a column or a constant.
ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    ImportKind.TRADE_LINES: (("unit_price", "net_amount"),),
    ImportKind.ACCOUNTS: (("number", "external_id"),),
    ImportKind.PRODUCTS: (("code", "external_id"),),
    ImportKind.CONTACTS: (),
    ImportKind.EXCHANGE_RATES: (),
}


# The greatest number that a float holds, nearly.
LARGEST = Decimal("1E+308")
FURTHER_TYPES = {
    CustomFieldKind.NUMBER: FieldType.NUMBER,
    CustomFieldKind.CHOICE: FieldType.CHOICE,
    CustomFieldKind.DATE: FieldType.DATE,
    CustomFieldKind.YES_NO: FieldType.BOOLEAN,
}


def fields_of(kind: str) -> dict[str, Field]:
    """By name; of accounts also the further fields in use, which costs a query."""
    further = [_further(own) for own in offered()] if kind == ImportKind.ACCOUNTS else []
    return {field.name: field for field in (*FIELDS[kind], *further)}


def _further(own: CustomField) -> Field:
    """What the account's form takes."""
    kind = FURTHER_TYPES.get(CustomFieldKind(own.kind), FieldType.TEXT)
    is_number, is_choice = kind == FieldType.NUMBER, kind == FieldType.CHOICE
    return Field(
        f"{PREFIX}{own.code}",
        titled(own),
        kind,
        limit=LONGEST_TEXT if kind == FieldType.TEXT else 0,
        low=-LARGEST if is_number else None,
        high=LARGEST if is_number else None,
        choices=tuple(_choices(own)) if is_choice else (),
        headers=tuple(dict.fromkeys(filter(None, (own.name, own.name_zh, own.code)))),
        words=tuple(_words(own).items()) if is_choice else (),
    )


def _choices(own: CustomField) -> list[tuple[str, str]]:
    """Value and name in both languages: who reads what was refused is not known yet."""
    return [
        (
            str(row["value"]),
            " / ".join(filter(None, (row.get("name"), row.get("name_zh")))) or str(row["value"]),
        )
        for row in own.choices
    ]


def _words(own: CustomField) -> dict[str, str]:
    """A name that two choices share says neither; a value always says itself."""
    meant: dict[str, set[str]] = defaultdict(set)
    for row in own.choices:
        for name in (row.get("name"), row.get("name_zh")):
            if name:
                meant[tidy(name).lower()].add(str(row["value"]))
    names = {word: min(values) for word, values in meant.items() if len(values) == 1}
    return names | {tidy(value).lower(): value for value in own.marks}
