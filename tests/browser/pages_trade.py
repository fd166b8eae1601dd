"""The trade history."""

from __future__ import annotations

from crm.models import Account, User


def paths(user: User, account: Account) -> dict[str, str]:
    return {
        "account trade history": f"/accounts/{account.pk}/trade/history/",
        "account trade history, five years": f"/accounts/{account.pk}/trade/history/?years=5",
    }
