"""Pages of lifetime value."""

from __future__ import annotations

import datetime as dt

from crm.models import Account, CostToServe, User, ValueCase


def paths(user: User, account: Account) -> dict[str, str]:
    day = dt.date(2025, 5, 1)
    gain = ValueCase.objects.create(
        account=account, kind="knowledge", happened_on=day, benefit=500, user=user
    )
    cost = CostToServe.objects.create(account=account, kind="visit", spent_on=day, amount=80)
    page = f"/accounts/{account.pk}/value/"
    return {
        "lifetime value": "/lifetime-value/",
        "company costs": "/lifetime-value/costs/",
        "account value": page,
        "value judgement": f"{page}judge/spending/",
        "value gain new": f"{page}gains/new/",
        "value gain": f"/value-gains/{gain.pk}/",
        "value cost new": f"{page}costs/new/",
        "value cost": f"/costs-to-serve/{cost.pk}/",
    }
