"""Pages of visits and of what waits on the device, for the walk through every page."""

from __future__ import annotations

import uuid

from crm.models import Account, Notice, NoticeKind, User
from crm.visits.handover import MESSAGE


def paths(user: User, account: Account) -> dict[str, str]:
    notice = Notice.objects.create(
        recipient=user,
        kind=NoticeKind.SYNC,
        account=account,
        message=MESSAGE,
        key="visit:walk",
        values={
            "author": str(user),
            "author_id": user.pk,
            "account": str(account),
            "account_id": account.pk,
            "client_key": str(uuid.uuid4()),
            "entry": {
                "kind": ["call"],
                "happened_at": ["2026-06-29T10:00"],
                "note": ["询价 ..."],
                "rating": ["1"],
            },
            "files": [],
        },
    )
    return {
        "visit: choose": "/visits/new/",
        "visit: as last time": f"/visits/new/?account={account.pk}&same=1",
        "visits of one account": f"/visits/?account={account.pk}",
        "visit handed over": f"/visits/handed/{notice.pk}/",
        "on this device": "/offline/",
    }
