"""Movement of grades and stages, monthly figures, the sheet for the meeting."""

from __future__ import annotations

from crm.models import Account, User


def paths(user: User, account: Account) -> dict[str, str]:
    return {
        "movement": "/movement/?since=2026-03-31&until=2026-06-30",
        "movement of stages": "/movement/?since=2026-04-10&until=2026-05-31&of=stages",
        "monthly figures": "/kpis/?by=industry",
        "meeting": "/meeting/",
    }
