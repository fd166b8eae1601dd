"""What customers brought beside their purchases, what they cost to serve, and what reps judged of their value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from crm.models import Account, CostKind, CostToServe, ValueCase, ValueCaseKind
from lifecycle.models import ValueInput, ValueJudgement

GAINS = {
    "zh": {
        ValueCaseKind.REFERRAL: ("把我们推荐给了同园区的一家企业", "总工在行业会议上推荐了我们"),
        ValueCaseKind.INFORMATION: ("提前透露了同行的扩产计划", "提供了竞争对手的报价水平"),
        ValueCaseKind.KNOWLEDGE: ("建议改进密封结构，已用于标准产品", "联合开发高速主轴轴承"),
        ValueCaseKind.TRADE: ("随其出口设备配套销往海外", "通过其集团目录进入两家子公司"),
    },
    "en": {
        ValueCaseKind.REFERRAL: (
            "Named us to a company on the same site",
            "Their chief engineer spoke for us",
        ),
        ValueCaseKind.INFORMATION: ("Told us early who is expanding", "Shared what others quote"),
        ValueCaseKind.KNOWLEDGE: (
            "Their idea for the seal is now standard",
            "Spindle bearing developed together",
        ),
        ValueCaseKind.TRADE: ("Sold abroad inside their machines", "In the catalogue of their group"),
    },
}
COSTS = {
    "zh": {
        CostKind.VISIT: "差旅费",
        CostKind.SERVICE: "现场安装指导",
        CostKind.LOGISTICS: "加急空运",
        CostKind.RETENTION: "年度技术培训",
        CostKind.ACQUISITION: "样品与试装",
    },
    "en": {
        CostKind.VISIT: "Travel",
        CostKind.SERVICE: "Help with mounting on site",
        CostKind.LOGISTICS: "Air freight",
        CostKind.RETENTION: "Yearly training",
        CostKind.ACQUISITION: "Samples and trial",
    },
}
# What the whole company spends a quarter, CNY.
COMPANY = {CostKind.RETENTION: 60_000, CostKind.ACQUISITION: 45_000, CostKind.LOGISTICS: 80_000}
REASONS = {
    "zh": ("与采购经理面谈所得", "根据其年度计划估算", "参考同规模客户"),
    "en": ("Said by their head of purchasing", "From their plan for the year", "Like others of its size"),
}


def make_value(plans: list[Plan], as_of: dt.date) -> int:
    """Gains, costs and judgements; returns how many of all."""
    gains: list[ValueCase] = []
    costs: list[CostToServe] = []
    judged: list[ValueJudgement] = []
    newcomers = [plan.account for plan in plans if plan.kind == Kind.NEW]
    for plan in plans:
        if plan.account.owner is None or plan.kind == Kind.SILENT:
            continue
        dice = plan.dice("value")
        _gains(plan, dice, as_of, newcomers, gains)
        _costs(plan, dice, as_of, costs)
        _judgements(plan, dice, judged)
    for kind, amount in COMPANY.items():
        for quarter in range(8):
            day = as_of - dt.timedelta(days=20 + 91 * quarter)
            costs.append(CostToServe(kind=kind, spent_on=day, amount=Decimal(amount)))
    ValueCase.objects.bulk_create(gains)
    CostToServe.objects.bulk_create(costs)
    ValueJudgement.objects.bulk_create(judged)
    return len(gains) + len(costs) + len(judged)


def _gains(plan: Plan, dice: Dice, as_of: dt.date, newcomers: list[Account], gains: list[ValueCase]) -> None:
    if not dice.chance(0.3):
        return
    for _gain in range(dice.whole(1, 2)):
        kind = dice.pick(list(ValueCaseKind))
        referred = dice.pick(newcomers) if kind == ValueCaseKind.REFERRAL and newcomers else None
        gains.append(
            ValueCase(
                account=plan.account,
                kind=kind,
                happened_on=as_of - dt.timedelta(days=dice.whole(10, 900)),
                benefit=Decimal(round(plan.yearly * dice.real(0.005, 0.03), -2)),
                share=Decimal(dice.pick((50, 70, 100, 100))),
                referred=None if referred == plan.account else referred,
                unsolicited=kind == ValueCaseKind.REFERRAL and dice.chance(0.6),
                note=dice.pick(GAINS[_language(plan)][kind]),
                user=plan.account.owner,
            )
        )


def _costs(plan: Plan, dice: Dice, as_of: dt.date, costs: list[CostToServe]) -> None:
    kinds = [CostKind.VISIT, CostKind.SERVICE, CostKind.LOGISTICS, CostKind.RETENTION]
    if plan.kind == Kind.NEW:
        kinds.append(CostKind.ACQUISITION)
    for kind in dice.shuffled(kinds)[: dice.whole(1, 3)]:
        costs.append(
            CostToServe(
                account=plan.account,
                kind=kind,
                spent_on=as_of - dt.timedelta(days=dice.whole(5, 360)),
                amount=Decimal(round(max(plan.yearly * dice.real(0.001, 0.008), 200), -1)),
                note=COSTS[_language(plan)][kind],
            )
        )


def _judgements(plan: Plan, dice: Dice, judged: list[ValueJudgement]) -> None:
    parts: dict[str, Decimal] = {}
    if dice.chance(0.2):
        parts |= {
            ValueInput.INFLUENCE: Decimal(dice.whole(5, 20)),
            ValueInput.REACH: Decimal(dice.whole(1, 6)),
        }
    if dice.chance(0.12):
        parts[ValueInput.SPENDING] = Decimal(round(plan.yearly * dice.real(1.3, 4), -3))
    for part, value in parts.items():
        judged.append(
            ValueJudgement(
                account=plan.account,
                part=part,
                value=value,
                reason=dice.pick(REASONS[_language(plan)]),
                author=plan.account.owner,
            )
        )


def _language(plan: Plan) -> str:
    return "zh" if plan.language == "zh" else "en"
