"""What the reps have planned: some visits this week and next, a few proposals, one that was never logged."""

from __future__ import annotations

import datetime as dt

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from crm.models import PlannedVisit, User

PURPOSES = {
    "zh": ("季度回访", "洽谈年度框架合同", "跟进报价", "技术交流", "处理投诉", "送样品", "催收货款", "新项目沟通"),
    "en": (
        "Quarterly review", "Frame contract for next year", "Follow up the quotation", "Technical talk",
        "Talk over a complaint", "Bring samples", "Open invoices", "New project",
    ),
}  # fmt: skip
TIMES = (None, dt.time(9, 0), dt.time(9, 30), dt.time(10, 30), dt.time(14, 0), dt.time(15, 30))
# Days from today (a week-end gives way to its Monday), and how many visits a rep has on each.
OFFSETS = ((-2, 1), (0, 2), (1, 3), (2, 2), (3, 1), (4, 1), (6, 2), (7, 1), (9, 1))


def make_planned_visits(plans: list[Plan], as_of: dt.date) -> int:
    """Around `as_of`, which is the demo's today."""
    by_rep: dict[int, list[Plan]] = {}
    reps: dict[int, User] = {}
    for plan in plans:
        if plan.account.owner is not None and plan.kind != Kind.LOST:
            by_rep.setdefault(plan.account.owner.pk, []).append(plan)
            reps[plan.account.owner.pk] = plan.account.owner
    made = []
    for pk in sorted(by_rep):
        dice = Dice("planned", reps[pk].username)
        chosen = iter(dice.shuffled(by_rep[pk]))
        language = "zh" if reps[pk].language == "zh-hans" else "en"
        for offset, visits in OFFSETS:
            day = _working(as_of + dt.timedelta(days=offset))
            for _visit in range(visits):
                found = next(chosen, None)
                if found is not None:
                    made.append(_planned(dice, found, reps[pk], day, PURPOSES[language], offset))
    PlannedVisit.objects.bulk_create(made)
    return len(made)


def _working(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _planned(
    dice: Dice, plan: Plan, rep: User, day: dt.date, purposes: tuple[str, ...], offset: int
) -> PlannedVisit:
    proposed = offset > 2 and dice.chance(0.4)
    return PlannedVisit(
        account=plan.account,
        user=rep,
        planned_on=day,
        starts_at=None if proposed else dice.pick(TIMES),
        purpose="" if proposed else dice.pick(purposes),
        proposed=proposed,
    )
