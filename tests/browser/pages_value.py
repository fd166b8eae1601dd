"""Value matrix, 80/20, pyramid, key accounts."""

from __future__ import annotations

import datetime as dt

from crm.models import Account, User
from segmentation.models import KeyAccountReview
from segmentation.value.key_reading import CRITERIA


def paths(user: User, account: Account) -> dict[str, str]:
    KeyAccountReview.objects.update_or_create(
        account=account,
        reviewed_on=dt.date(2025, 5, 20),
        defaults={
            **dict.fromkeys(CRITERIA, 4),
            "next_review_on": dt.date(2026, 5, 20),
            "evidence": dict.fromkeys(CRITERIA, "Buys more every year, and pays on time"),
            "is_key": True,
            "note": "A plan of its own",
            "reviewer": user,
        },
    )
    return {
        "value matrix": "/value-matrix/",
        "concentration": "/concentration/?window=730",
        "pyramid": "/pyramid/",
        "key accounts": "/key-accounts/",
        "key account": f"/accounts/{account.pk}/key-account/",
        "key account review": f"/accounts/{account.pk}/key-account/review/",
    }
