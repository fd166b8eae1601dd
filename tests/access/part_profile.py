"""Rows and bodies of the profile's addresses."""

from __future__ import annotations

from typing import Any

from crm.models import (
    AccountAddress,
    AccountPhone,
    AccountSupply,
    Contact,
    Observation,
    PersonalDetails,
    User,
)
from crm.trends.wallet import fingerprint
from tests.factories import make_account
from tests.fixtures import World

DAY = "2025-06-02"
_figures = {"figures-TOTAL_FORMS": "0", "figures-INITIAL_FORMS": "0"}


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    account = world.account
    # The owner of the account may, and so may a stranger who does not see it.
    User.objects.filter(pk__in=[world.rep.pk, world.stranger.pk]).update(sees_personal_details=True)
    contact = Contact.objects.get(pk=rows["contact"])
    PersonalDetails.objects.create(contact=contact, hobbies="Chess", consent="Said so")
    other = make_account(world.colleague, number="C-SHOP")
    return {
        "address": AccountAddress.objects.create(account=account, address="Ring Road 1").pk,
        "phone": AccountPhone.objects.create(account=account, label="Gate", number="1").pk,
        "supply": AccountSupply.objects.create(supplier=other, customer=account).pk,
        "observation": Observation.objects.create(
            account=account, kind="market", observed_on=DAY, title="New line", user=world.rep
        ).pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    observation = Observation.objects.get(pk=rows["observation"])
    details = PersonalDetails.objects.get(pk=rows["contact"])
    filled = {"kind": "market", "observed_on": DAY, "title": "Changed", **_figures}
    return {
        "address": {"kind": "site", "address": "Ring Road 2"},
        "phone": {"label": "Porter", "number": "2"},
        "supply": {"other": "C-COL", "direction": "supplier"},
        "observation": filled,
        "observation_edit": filled | {"shown": observation.updated_at.isoformat()},
        "wallet": {
            "amount": "100",
            "estimated_on": DAY,
            "shown": fingerprint(world.account, 2024, None),
            "rivals-TOTAL_FORMS": "0",
            "rivals-INITIAL_FORMS": "0",
        },
        "personal": {"hobbies": "Go", "consent": "Said so", "shown": details.updated_at.isoformat()},
        "erase": {"level": "details", "sure": "on"},
    }
