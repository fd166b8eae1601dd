"""Plain functions that make rows for tests. Every value can be given; nothing depends on today's date."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from crm.models import (
    Account,
    AccountIdentifier,
    Complaint,
    Contact,
    Position,
    Product,
    Role,
    Territory,
    TradeLine,
    User,
    Visit,
)

PASSWORD = "correct horse battery staple"
_serial = count(1)


def make_territory(name: str = "", parent: Territory | None = None, **fields: Any) -> Territory:
    return Territory.objects.create(name=name or f"Territory {next(_serial)}", parent=parent, **fields)


def make_user(role: Role = Role.REP, *territories: Territory, **fields: Any) -> User:
    fields.setdefault("username", f"{role}{next(_serial)}")
    user = User.objects.create_user(password=PASSWORD, role=role, **fields)
    user.territories.set(territories)
    return user


def make_account(owner: User | None = None, territory: Territory | None = None, **fields: Any) -> Account:
    number = fields.setdefault("number", f"C{next(_serial):05}")
    fields.setdefault("name", f"Account {number}")
    account = Account(owner=owner, territory=territory, **fields)
    account.save()
    AccountIdentifier.objects.create(account=account, source="test", external_id=number)
    return account


def make_contact(account: Account, name: str = "", **position: Any) -> Contact:
    contact = Contact.objects.create(name=name or f"Person {next(_serial)}")
    Position.objects.create(contact=contact, account=account, **position)
    return contact


def make_product(**fields: Any) -> Product:
    code = fields.setdefault("code", f"P{next(_serial):05}")
    fields.setdefault("name", f"Bearing {code}")
    fields.setdefault("source", "test")
    fields.setdefault("external_id", code)
    return Product.objects.create(**fields)


def make_trade_line(
    account: Account,
    traded_on: dt.date,
    net_amount: Decimal | int | str = 100,
    cost: Decimal | int | str | None = 60,
    quantity: Decimal | int | str = 1,
    **fields: Any,
) -> TradeLine:
    """One line; the roll-up is the test's to refresh (crm.recompute), as it is the import's in service."""
    serial = next(_serial)
    net = Decimal(net_amount)
    defaults: dict[str, Any] = {
        "source": "test",
        "external_id": f"L{serial}",
        "order_number": f"O{serial}",
        "unit_price": net / Decimal(quantity),
        "currency": "CNY",
    }
    return TradeLine.objects.create(
        account=account,
        traded_on=traded_on,
        net_amount=net,
        cost=None if cost is None else Decimal(cost),
        quantity=Decimal(quantity),
        **(defaults | fields),
    )


def make_visit(account: Account, user: User, happened_at: dt.datetime, **fields: Any) -> Visit:
    if timezone.is_naive(happened_at):
        happened_at = timezone.make_aware(happened_at)
    return Visit.objects.create(account=account, user=user, happened_at=happened_at, **fields)


def make_complaint(account: Account, opened_on: dt.date, **fields: Any) -> Complaint:
    fields.setdefault("subject", "Noise above 3000 rpm")
    return Complaint.objects.create(account=account, opened_on=opened_on, **fields)
