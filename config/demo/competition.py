"""How customers rate us and our competitors, chosen as people would who weigh the drivers; what keeping them costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
from django.db.models import Sum

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from config.demo.visits import COMPETITORS
from crm.models import (
    Competitor,
    CompetitorShare,
    CostKind,
    CostToServe,
    EquityDriver,
    SupplierRating,
    TradeDay,
)

ASKED = 0.4  # of those who trade
INERTIA = 1.1
# What people of this market weigh: the pages find it again where enough of them are asked.
WEIGHTS = {
    "quality": 0.38,
    "price": 0.30,
    "convenience": 0.16,
    "awareness": 0.05,
    "attitude": 0.16,
    "ethics": 0.06,
    "programmes": 0.12,
    "relationship": 0.28,
    "switching": 0.10,
}
# Our own marks on the average; the competitors' are drawn around 6.
OURS = {"quality": 7.6, "price": 5.6, "convenience": 6.4, "attitude": 6.8, "relationship": 7.2}
SOURCES = {
    "zh": ("采购经理访谈", "年度供应商评审", "电话回访", "设备部反馈"),
    "en": (
        "Talk with the purchasing manager",
        "Yearly supplier review",
        "Call after delivery",
        "Maintenance",
    ),
}
RETENTION_SHARE = Decimal("0.012")  # of sales


def make_competition(plans: list[Plan], as_of: dt.date) -> int:
    """Call it when the trade is rolled up and shares of wallet are there. Returns how many suppliers were rated."""
    names = [Competitor.objects.get_or_create(name=name)[0] for name in COMPETITORS["zh"]]
    known: dict[int, list[int]] = {}
    for account, rival in CompetitorShare.objects.order_by("pk").values_list("account_id", "competitor_id"):
        known.setdefault(account, []).append(rival)
    rows: list[SupplierRating] = []
    for plan in plans:
        dice = plan.dice("suppliers")
        if plan.kind == Kind.SILENT or plan.holding or not dice.chance(ASKED):
            continue
        rivals = list(dict.fromkeys(known.get(plan.account.pk, [])))
        rivals += [rival.pk for rival in dice.shuffled(names) if rival.pk not in rivals]
        rivals = rivals[: dice.whole(2, 3)]
        for number in range(dice.whole(1, 3)):
            rows += _round(
                dice, plan, rivals, as_of - dt.timedelta(days=30 + number * 330 + dice.whole(0, 80))
            )
    SupplierRating.objects.bulk_create(rows)
    _make_programmes(as_of)
    return len(rows)


def _round(dice: Dice, plan: Plan, rivals: list[int], day: dt.date) -> list[SupplierRating]:
    mood = plan.mood_at(0.0)
    # Some questions are not asked of anybody that day.
    asked = [driver.value for driver in EquityDriver if dice.chance(0.85)] or ["quality"]
    marks = []
    for place in range(len(rivals) + 1):
        level = 6.0 + dice.bell(0, 0.8)
        said = {}
        for name in asked:
            middle = OURS.get(name, 6.2) + 0.7 * mood if place == 0 else level
            said[name] = float(np.clip(round(dice.bell(middle, 1.3) * 2) / 2, 0, 10))
        marks.append(said)
    # We supply something to all who are asked: most bought from us last.
    last = dice.weighted(range(len(marks)), [0.62, *[0.38 / len(rivals)] * len(rivals)])
    utility = [
        sum(WEIGHTS[name] * mark for name, mark in said.items()) + (INERTIA if place == last else 0.0)
        for place, said in enumerate(marks)
    ]
    odds = np.exp(np.array(utility) - max(utility))
    following = dice.weighted(range(len(marks)), odds.tolist())
    source = dice.pick(SOURCES["zh" if plan.language == "zh" else "en"])
    return [
        SupplierRating(
            account=plan.account,
            competitor_id=rivals[place - 1] if place else None,
            rated_on=day,
            ratings=said,
            bought_last=place == last,
            buys_next=place == following,
            source=source,
        )
        for place, said in enumerate(marks)
    ]


def _make_programmes(as_of: dt.date) -> None:
    """Rebates, service days, training: the company's as a whole, month by month."""
    if CostToServe.objects.filter(kind=CostKind.RETENTION).exists():
        return
    year_ago = as_of - dt.timedelta(days=365)
    sales = TradeDay.objects.filter(traded_on__gt=year_ago).aggregate(sum=Sum("net_sales"))["sum"] or Decimal(
        0
    )
    monthly = (sales * RETENTION_SHARE / 12).quantize(Decimal(1))
    if monthly > 0:
        CostToServe.objects.bulk_create(
            CostToServe(
                kind=CostKind.RETENTION, spent_on=as_of - dt.timedelta(days=15 + 30 * month), amount=monthly
            )
            for month in range(24)
        )
