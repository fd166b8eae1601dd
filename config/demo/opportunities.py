"""Opportunities of the last two years: what was won and lost, and what is open now."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from config.demo.visits import COMPETITORS
from crm.models import (
    BuyingProcess,
    CloseReason,
    Competitor,
    CriterionMet,
    ExitCriterion,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    ProductFamily,
    User,
)
from crm.pipeline.stages import load_usual_stages, stages
from crm.search import search_text_of_opportunity

# Days that a stage usually takes when the deal is won; lost ones give up earlier or drag on.
USUAL_DAYS = (9, 16, 28, 14, 21, 10)
NAMES = {
    "zh": (
        "{family}年度框架合同",
        "新产线{family}配套",
        "{family}国产化替代",
        "{family}备件寄售",
        "出口机型{family}项目",
        "{family}技改项目",
    ),
    "en": (
        "Frame contract {family}",
        "{family} for the new line",
        "Second source for {family}",
        "Consignment stock {family}",
        "{family} for the export machine",
        "Retrofit with {family}",
    ),
}
NOTES = {
    "zh": (
        "对方要求先小批试装，合格后再签年度合同。",
        "采购看价格，技术部更看重寿命试验结果。",
        "新产线预计明年一季度投产，时间比较紧。",
        "",
        "",
    ),
    "en": (
        "They want a small batch on trial first, the contract after it.",
        "Purchasing looks at the price, engineering at the endurance test.",
        "The new line starts up in spring, so time is short.",
        "",
        "",
    ),
}
LESSONS = {
    "zh": {
        CloseReason.PRICE: "价格差距约一成，对方没有再给机会。",
        CloseReason.DELIVERY: "交期比对手慢三周。",
        CloseReason.QUALITY: "试验数据说服了技术部。",
        CloseReason.SERVICE: "驻厂服务是决定因素。",
        CloseReason.RELATIONSHIP: "与总工的长期合作起了作用。",
        CloseReason.NEED_GONE: "项目取消。",
        CloseReason.BUDGET: "预算推迟到明年。",
        CloseReason.OTHER: "",
    },
    "en": {
        CloseReason.PRICE: "About a tenth apart on price; no second round.",
        CloseReason.DELIVERY: "Delivery three weeks apart.",
        CloseReason.QUALITY: "The test figures convinced engineering.",
        CloseReason.SERVICE: "Service on their site decided it.",
        CloseReason.RELATIONSHIP: "Years of work with the chief engineer paid off.",
        CloseReason.NEED_GONE: "The project was dropped.",
        CloseReason.BUDGET: "The budget moved to next year.",
        CloseReason.OTHER: "",
    },
}
WON_FOR = (
    CloseReason.QUALITY,
    CloseReason.SERVICE,
    CloseReason.PRICE,
    CloseReason.RELATIONSHIP,
    CloseReason.DELIVERY,
)
LOST_FOR = (
    CloseReason.PRICE, CloseReason.DELIVERY, CloseReason.NEED_GONE, CloseReason.BUDGET, CloseReason.RELATIONSHIP,
    CloseReason.QUALITY,
)  # fmt: skip


class _Company:
    """What all opportunities share."""

    def __init__(self) -> None:
        load_usual_stages()
        self.stages = stages()
        self.families = {family.name: family for family in ProductFamily.objects.all()}
        pairs = zip(COMPETITORS["zh"], COMPETITORS["en"], strict=True)
        self.competitors = [
            Competitor.objects.get_or_create(name=zh, defaults={"english_name": en})[0] for zh, en in pairs
        ]
        # Decision maps that are there already: some deals are decided by one of them.
        self.processes: dict[int, list[BuyingProcess]] = {}
        for process in BuyingProcess.objects.order_by("pk"):
            self.processes.setdefault(process.account_id, []).append(process)
        self.rows: list[Opportunity] = []
        self.changes: list[tuple[OpportunityChange, dt.datetime]] = []
        self.met: list[CriterionMet] = []
        self.rivals: list[tuple[Opportunity, Competitor]] = []


def make_opportunities(plans: list[Plan], as_of: dt.date, zone: dt.tzinfo) -> int:
    company = _Company()
    for plan in plans:
        if plan.account.owner is None or plan.holding:
            continue
        dice = plan.dice("opportunities")
        expected = 0.9 if plan.kind == Kind.SILENT else min(0.5 + plan.yearly / 2_500_000, 3.5)
        for _number in range(int(dice.rng.poisson(expected))):
            _make(company, dice, plan, as_of, zone)
    _save(company)
    return len(company.rows)


def _make(company: _Company, dice: Dice, plan: Plan, as_of: dt.date, zone: dt.tzinfo) -> None:
    """One opportunity with its course: a walk through the stages until it is decided or today has come."""
    language = "zh" if plan.china else "en"
    family = dice.pick(list(company.families.values()))
    named = (family.name_zh if plan.china else family.name.lower()) or family.name
    wins = dice.chance(0.46 + 0.12 * max(min(plan.mood, 1.5), -1.5))
    gives_up = len(company.stages) if wins else dice.whole(1, len(company.stages))
    # Many began lately: what is open now is among them.
    begins = as_of - dt.timedelta(days=dice.whole(3, 130) if dice.chance(0.4) else dice.whole(100, 640))
    row = Opportunity(
        account=plan.account,
        owner=plan.account.owner,
        name=_capital(dice.pick(NAMES[language]).format(family=named))[:160],
        family=family,
        currency=plan.account.currency or "CNY",
        note=dice.pick(NOTES[language]),
        inquired_on=begins,
    )
    scale = {"CNY": 1.0}.get(row.currency, 0.14)
    size = min(max(plan.yearly * dice.real(0.05, 0.5) * scale, 20_000 * scale), 6_000_000 * scale)
    row.amount = Decimal(round(size, -3))
    rivals = dice.shuffled(company.competitors)[: dice.weighted((0, 1, 2), (25, 50, 25))]
    company.rivals += [(row, rival) for rival in rivals]
    day, steps = begins, []
    decided = None
    for place in range(gives_up):
        steps.append((company.stages[place], OpportunityState.OPEN, day))
        pace = USUAL_DAYS[place % len(USUAL_DAYS)] * (1.0 if wins else 1.3)
        day += dt.timedelta(days=max(1, round(float(dice.rng.gamma(2.2, pace / 2.2)))))
        if day > as_of:
            break
    else:
        decided = day
    row.stage, _state, row.stage_since = steps[-1]
    if decided:
        _decide(row, dice, decided, wins, rivals, LESSONS[language])
        steps.append((row.stage, OpportunityState(row.state), decided))
    row.expected_on = decided or as_of + dt.timedelta(days=dice.whole(-25, 170))
    if row.stage.order >= 4:
        row.quoted_on = next(day for stage, _s, day in steps if stage.order == min(row.stage.order, 4))
    if maps := company.processes.get(plan.account.pk):
        row.process = dice.pick(maps) if dice.chance(0.8) else None
    row.search_text = search_text_of_opportunity(row)
    company.rows.append(row)
    owner: Any = plan.account.owner
    for stage, state, when in steps:
        change = OpportunityChange(opportunity=row, stage=stage, state=state, amount=row.amount, user=owner)
        company.changes.append((change, dt.datetime.combine(when, dt.time(dice.whole(9, 17), 20), zone)))
    _tick(company, dice, row, owner)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _decide(
    row: Opportunity,
    dice: Dice,
    day: dt.date,
    wins: bool,
    rivals: list[Competitor],
    lessons: dict[CloseReason, str],
) -> None:
    row.state = OpportunityState.WON if wins else OpportunityState.LOST
    row.closed_on = day
    reason = (
        dice.weighted(WON_FOR, (32, 22, 18, 16, 12))
        if wins
        else dice.weighted(LOST_FOR, (38, 18, 14, 12, 10, 8))
    )
    row.close_reason, row.close_note = reason, lessons[reason]
    if not wins and rivals and reason not in (CloseReason.NEED_GONE, CloseReason.BUDGET):
        row.lost_to = rivals[0]


def _tick(company: _Company, dice: Dice, row: Opportunity, user: User) -> None:
    """Criteria of the stages left are mostly met, of the present one some."""
    for stage in company.stages:
        likely = 0.92 if stage.order < row.stage.order else 0.4 if stage.pk == row.stage.pk else 0.0
        criteria: list[ExitCriterion] = list(stage.criteria.all())
        company.met += [
            CriterionMet(opportunity=row, criterion=criterion, user=user)
            for criterion in criteria
            if dice.chance(likely)
        ]


def _save(company: _Company) -> None:
    Opportunity.objects.bulk_create(company.rows)
    CriterionMet.objects.bulk_create(company.met)
    changes = [change for change, _when in company.changes]
    OpportunityChange.objects.bulk_create(changes)
    for change, when in company.changes:
        change.at = when
    # Made now, but it happened then.
    OpportunityChange.objects.bulk_update(changes, ["at"], batch_size=1000)
    through = Opportunity.competitors.through
    through.objects.bulk_create(
        through(opportunity_id=row.pk, competitor_id=rival.pk) for row, rival in company.rivals
    )
