"""The basic information of an account as it is read: sections of labels and values, empty ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.custom_fields import values as further
from crm.models import Account
from crm.profile.industries import GBT, ISIC
from crm.templatetags.ui import money_whole

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SECTIONS: list[tuple[_StrPromise, list[str]]] = [
    (
        _("Names"),
        ["name", "short_name", "english_name", "former_name", "number", "registration_number"],
    ),
    (_("What it is to us"), ["kind", "channel", "owner", "territory", "first_contact_on"]),
    (
        _("Where it is"),
        ["address", "postal_code", "city", "region", "country", "phone", "fax", "email", "website"],
    ),
    (
        _("Its business"),
        ["industry", "industry_code", "isic_code", "industry_position", "employees", "annual_revenue"],
    ),
    (
        _("Trade with us"),
        ["currency", "payment_days", "contract_from", "contract_to", "sole_source", "viable_alternatives",
         "switching_cost"],
    ),
]  # fmt: skip


def basics_of(account: Account, *, chinese: bool) -> list[tuple[_StrPromise, list[tuple[str, Any]]]]:
    """(section, [(label, value)]); values for crm/panels/_value.html."""
    found = []
    for title, names in SECTIONS:
        rows = [
            (label_of(name), value)
            for name in names
            if (value := value_of(account, name, chinese=chinese)) not in (None, "")
        ]
        if rows:
            found.append((title, rows))
    if own := further.shown(account):
        found.append((_("Further fields"), list(own)))
    return found


def label_of(name: str) -> str:
    return str(capfirst(Account._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def value_of(account: Account, name: str, *, chinese: bool) -> Any:
    value = getattr(account, name)
    if value in (None, ""):
        return None
    if name in ("kind", "channel"):
        return getattr(account, f"get_{name}_display")()
    if name == "annual_revenue":
        return money_whole(value, account.currency or None)
    if name in ("industry_code", "isic_code"):
        words = (GBT if name == "industry_code" else ISIC).name(value, chinese=chinese)
        return f"{value} {words}".strip()
    return value
