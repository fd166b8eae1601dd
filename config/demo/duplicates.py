"""Customers that somebody entered a second time: what the search for duplicates is there to find."""

from __future__ import annotations

import datetime as dt

from config.demo.behaviour import Kind, Plan
from crm.duplicates.scans import request_scan, run_scan
from crm.models import Account, AccountKind, DuplicateScan

TWINS = 3


def make_twins(plans: list[Plan], now: dt.datetime) -> int:
    """A few prospects turn out to be customers under another legal form; returns the pairs that the search finds."""
    prospects = [plan for plan in plans if plan.account.kind == AccountKind.PROSPECT and plan.china]
    customers = [
        plan for plan in plans if plan.china and plan.kind == Kind.STEADY and not plan.account.parent_id
    ]
    changed = []
    for place, (twin, original) in enumerate(zip(prospects, customers, strict=False)):
        if place == TWINS:
            break
        _liken(twin.account, original.account, place)
        changed.append(twin.account)
    for account in changed:
        account.save()
    scan = request_scan(user=None, now=now)
    run_scan(scan.pk, now=now)
    return DuplicateScan.objects.get(pk=scan.pk).pairs


def _liken(twin: Account, original: Account, place: int) -> None:
    """As people enter a customer in a hurry: another legal form, the same phone, half of the address."""
    name = original.name
    shorter = name.removesuffix("股份有限公司").removesuffix("有限责任公司").removesuffix("有限公司")
    twin.name = shorter + (
        "厂" if place == 1 else "有限责任公司" if name.endswith("股份有限公司") else "股份有限公司"
    )
    twin.english_name = original.english_name.replace(" Co., Ltd.", " Company Limited")
    twin.short_name = ""
    twin.phone = original.phone if place != 2 else ""
    twin.owner, twin.territory = original.owner, original.territory
    twin.country, twin.region, twin.city = original.country, original.region, original.city
    twin.registration_number = ""
