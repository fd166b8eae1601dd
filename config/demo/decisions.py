"""How the larger customers are organised and decide: units, levels, factions, arrows, two buying processes, stances."""

from __future__ import annotations

import datetime as dt
from typing import Any

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from crm.models import (
    BuyingProcess,
    DecisionRole,
    DecisionStep,
    Faction,
    Influence,
    Level,
    OrganisationUnit,
    Participation,
    Position,
    StanceChange,
    StanceSource,
)

LARGE = 900_000  # sales a year in CNY from which a rep keeps a decision map
LEVELS = {
    DecisionRole.DECIDER: Level.TOP,
    DecisionRole.NEGOTIATOR: Level.HEAD,
    DecisionRole.INFLUENCER: Level.HEAD,
    DecisionRole.EXECUTOR: Level.SPECIALIST,
    DecisionRole.USER: Level.SPECIALIST,
    DecisionRole.GATEKEEPER: Level.STAFF,
}
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "root": "公司总部",
        "camps": (("技术派", "看重寿命和可靠性，愿意试用新型号"), ("成本派", "只看采购价，倾向多家比价")),
        "processes": ("年度框架采购", "新产线选型"),
        "notes": (
            "主机轴承按年度招标，备件走日常订单。",
            "技术部先定型号，采购部再谈价格。",
        ),
        "said": {
            1: ("表示下一年度优先考虑我们", "在会上替我们说话", "试用后对寿命很满意"),
            0: ("态度不明，只听不说", "说要看技术部的意见"),
            -1: ("抱怨交期不稳", "更看好竞争对手的价格"),
        },
        "steps": (
            (
                ("提出需求计划", "产量计划", 10),
                ("发出询价", "合格供应商名录", 7),
                ("比价与谈判", "价格、账期", 15),
                ("合同审批", "总经理签字", 12),
            ),
            (
                ("确定技术方案", "转速、载荷、寿命", 20),
                ("样品试用", "三个月无异常温升", 60),
                ("技术评审", "试验报告", 10),
                ("商务谈判", "总成本", 15),
                ("批准定点", "质量与交付承诺", 10),
            ),
        ),
    },
    "en": {
        "root": "Head office",
        "camps": (
            ("Engineering camp", "Cares for service life, willing to try new types"),
            ("Cost camp", "Looks at the price only, wants three quotations"),
        ),
        "processes": ("Yearly frame contract", "Bearings for the new line"),
        "notes": (
            "Series bearings are tendered once a year, spares are ordered as needed.",
            "Engineering chooses the type, purchasing then talks about the price.",
        ),
        "said": {
            1: ("Would like to give us next year's volume", "Spoke up for us in the meeting"),
            0: ("Listens and says nothing", "Waits for what engineering says"),
            -1: ("Complained about delivery dates", "Finds the competitor cheaper"),
        },
        "steps": (
            (
                ("Demand planned", "Production plan", 10),
                ("Inquiry sent out", "Approved suppliers", 7),
                ("Offers compared and negotiated", "Price and terms", 15),
                ("Contract approved", "Signature of the managing director", 12),
            ),
            (
                ("Specification", "Speed, load, service life", 20),
                ("Samples on trial", "Three months without excess heat", 60),
                ("Technical review", "Test report", 10),
                ("Negotiation", "Total cost", 15),
                ("Supplier nominated", "Quality and delivery promises", 10),
            ),
        ),
    },
}


def make_decisions(plans: list[Plan], positions: dict[int, list[Position]]) -> int:
    """Levels and the history of stances for everybody; maps for the large. Returns how many maps."""
    for role, level in LEVELS.items():
        Position.objects.filter(decision_role=role).update(level=level)
    for plan in plans:
        for position in positions[plan.account.pk]:
            position.level = LEVELS[DecisionRole(position.decision_role)] if position.decision_role else None
    large = [
        plan
        for plan in plans
        if plan.yearly >= LARGE and plan.kind != Kind.SILENT and len(_present(positions, plan)) >= 4
    ]
    _organise(large, positions)
    for plan in large:
        _decide(plan, _present(positions, plan))
    StanceChange.objects.bulk_create(
        change for plan in plans for change in _history(plan, positions[plan.account.pk])
    )
    return len(large)


def _present(positions: dict[int, list[Position]], plan: Plan) -> list[Position]:
    return [position for position in positions[plan.account.pk] if position.left_on is None]


def _words(plan: Plan) -> dict[str, Any]:
    return WORDS["zh" if plan.china else "en"]


def _organise(plans: list[Plan], positions: dict[int, list[Position]]) -> None:
    """A unit for each department, heads over their people, two camps. Many rows, few statements."""
    roots = OrganisationUnit.objects.bulk_create(
        OrganisationUnit(account=plan.account, name=_words(plan)["root"]) for plan in plans
    )
    units = OrganisationUnit.objects.bulk_create(
        OrganisationUnit(account=plan.account, parent=root, name=name, order=place)
        for plan, root in zip(plans, roots, strict=True)
        for place, name in enumerate(dict.fromkeys(p.department for p in _present(positions, plan)), 1)
        if name
    )
    unit_of = {(unit.account_id, unit.name): unit for unit in units}
    camps = Faction.objects.bulk_create(
        Faction(account=plan.account, name=name, note=note, colour=place)
        for plan in plans
        for place, (name, note) in enumerate(_words(plan)["camps"])
    )
    placed = []
    for number, (plan, root) in enumerate(zip(plans, roots, strict=True)):
        people = _present(positions, plan)
        for position in people:
            position.unit = unit_of.get((plan.account.pk, position.department), root)
        _side(plan, people, camps[2 * number : 2 * number + 2])
        placed += people
    Position.objects.bulk_update(placed, ["unit", "reports_to", "faction"], batch_size=200)


def _side(plan: Plan, people: list[Position], camps: list[Faction]) -> None:
    dice = plan.dice("decisions")
    heads = [position for position in people if position.level == Level.HEAD]
    top = next((position for position in people if position.level == Level.TOP), None)
    for position in people:
        if position.level == Level.TOP:
            continue
        if position.decision_role in (DecisionRole.INFLUENCER, DecisionRole.USER):
            position.faction = camps[0]
        elif position.decision_role in (DecisionRole.NEGOTIATOR, DecisionRole.EXECUTOR) and dice.chance(0.9):
            position.faction = camps[1]
        near = [head for head in heads if head is not position and head.department == position.department]
        position.reports_to = near[0] if near and position.level != Level.HEAD else top


def _decide(plan: Plan, people: list[Position]) -> None:
    dice, words = plan.dice("processes"), _words(plan)
    top = [position for position in people if position.level == Level.TOP]
    arrows = []
    for position in people:
        for goal in top:
            if position not in top and (position.influence or 0) >= 3:
                strength = {3: 1, 4: 2, 5: 3}[position.influence or 3]
                arrows.append(Influence(source=position, target=goal, strength=strength))
        if position.level == Level.SPECIALIST and position.reports_to_id and position.reports_to not in top:
            arrows.append(Influence(source=position, target=position.reports_to, strength=dice.whole(1, 2)))
    Influence.objects.bulk_create(arrows)
    owners = sorted(people, key=lambda position: (position.level or 9, position.pk))
    for place, name in enumerate(words["processes"]):
        process = BuyingProcess.objects.create(account=plan.account, name=name, note=words["notes"][place])
        DecisionStep.objects.bulk_create(
            DecisionStep(
                process=process,
                order=order,
                name=step,
                criterion=criterion,
                usual_days=days + dice.whole(0, 5),
                owner=owners[-(order % len(owners)) - 1]
                if step != words["steps"][place][-1][0]
                else owners[0],
            )
            for order, (step, criterion, days) in enumerate(words["steps"][place], 1)
        )
        if place == 1:
            _engineers_weigh_more(process, people)


def _engineers_weigh_more(process: BuyingProcess, people: list[Position]) -> None:
    """For a new line engineering has the say, and moves purchasing."""
    engineers = [position for position in people if position.decision_role == DecisionRole.INFLUENCER]
    buyers = [position for position in people if position.decision_role == DecisionRole.NEGOTIATOR]
    Participation.objects.bulk_create(
        Participation(process=process, position=position, influence=5) for position in engineers
    )
    Influence.objects.bulk_create(
        Influence(process=process, source=source, target=target, strength=3)
        for source in engineers[:1]
        for target in buyers[:1]
    )


def _history(plan: Plan, people: list[Position]) -> list[StanceChange]:
    """How each stance came to be; the newest note is the one that stands on the position."""
    owner = plan.account.owner
    if owner is None:
        return []
    words, changes = _words(plan), []
    for place, position in enumerate(people):
        if position.stance is None or position.stance_noted_on is None:
            continue
        dice = Dice("stances", plan.key, place)
        day, stance = position.stance_noted_on, position.stance
        notes = []
        for _earlier in range(dice.weighted((0, 1, 2, 3), (35, 35, 20, 10))):
            notes.append((day, stance))
            day -= dt.timedelta(days=dice.whole(40, 260))
            stance = max(-1, min(1, stance + dice.pick((-1, 0, 1))))
        notes.append((day, stance))
        changes += [
            StanceChange(
                position=position,
                stance=stance,
                noted_on=day,
                source=dice.pick(list(StanceSource)),
                note=dice.pick(words["said"][stance]) if dice.chance(0.5) else "",
                user=owner,
            )
            for day, stance in reversed(notes)
        ]
    return changes
