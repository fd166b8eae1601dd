"""The review list with a pair, the merge page, and a merge that can be undone."""

from __future__ import annotations

import datetime as dt

from crm.duplicates.merging import merge_accounts
from crm.models import Account, DuplicatePair, User
from tests.factories import make_account

NOW = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)


def paths(user: User, account: Account) -> dict[str, str]:
    twin = make_account(
        account.owner,
        name=f"{account.name}（浙江）",
        phone=account.phone,
        city="宁波",
        website="https://example.com",
    )
    DuplicatePair.objects.create(
        first=account,
        second=twin,
        score=0.93,
        reasons={"same_phone": True, "similarity": 0.84, "other_city": True},
    )
    other = make_account(account.owner, name="Twin of another", english_name="Twin of another", fax="0574-1")
    kept = Account.objects.exclude(pk__in=(account.pk, twin.pk, other.pk)).order_by("pk")[0]
    merge = merge_accounts(kept_id=kept.pk, merged_id=other.pk, chosen={}, user=user, now=NOW)
    return {
        "duplicates": "/duplicates/",
        "account merge": f"/accounts/{account.pk}/merge/?with={twin.pk}",
        "merges": "/merges/",
        "merge": f"/merges/{merge.pk}/",
    }
