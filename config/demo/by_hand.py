"""Grades and stages set by people: some wait for a manager's word, some hold, some are soon to be looked at again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from config.demo.behaviour import Kind, Plan
from crm.models import User
from crm.models.history import Override
from crm.overrides import decide_override, set_override
from lifecycle.models import StageOverride
from lifecycle.scoring.stages import Stage
from segmentation.models import GradeOverride

A, B = 0, 1
MANAGERS = {True: "lin.xiaoming", False: "helen.grant"}
# Whose log-ins are shown: they should find their own proposals.
SHOWN = ("wang.wei", "anna.keller")


@dataclass(frozen=True)
class Word:
    model: type[Override]
    value: int
    china: bool
    kind: Kind
    # Place among such customers by size, 0 the largest, 1 the smallest.
    place: float
    reason: str
    # Days before the date when it was said, and after it when it ends.
    said: int
    ends: int
    # A manager's own counts at once; a rep's once it is approved, so many days before the date (None: it waits).
    manager: bool = False
    approved: int | None = None
    answer: str = ""


WORDS = (
    Word(
        GradeOverride, A, True, Kind.GROWING, 0.5,
        "二期产线明年投产，轴承用量预计翻一番，建议先按 A 级配置服务。", said=3, ends=180,
    ),
    Word(
        GradeOverride, A, False, Kind.GROWING, 0.5,
        "Their second plant opens next spring; we are asked to quote for all of its bearings.", said=1, ends=180,
    ),
    Word(
        GradeOverride, B, True, Kind.NEW, 0.0,
        "刚通过供应商准入，年度框架协议已签，首年订单还没有放量。", said=40, ends=200,
        approved=38, answer="同意。到期前按实际订单复核。",
    ),
    Word(
        GradeOverride, B, True, Kind.ERRATIC, 0.5,
        "搬迁停产半年，这段时间的订单不说明问题，先保留原等级。", said=160, ends=12, manager=True,
    ),
    Word(
        StageOverride, Stage.STABILITY, True, Kind.PROJECT, 0.0,
        "项目型客户，两个项目之间没有订单是正常的；下一个项目已经立项，建议仍按稳定期跟进。", said=2, ends=90,
    ),
    Word(
        StageOverride, Stage.STABILITY, True, Kind.SEASONAL, 0.0,
        "每年旺季前集中采购一次，平时没有订单是正常的。", said=60, ends=110, manager=True,
    ),
    Word(
        StageOverride, Stage.DECLINE, False, Kind.LOST, 0.0,
        "The new head of purchasing has invited us again: one to win back, not lost.", said=150, ends=9, manager=True,
    ),
)  # fmt: skip


def make_words_by_hand(plans: list[Plan], users: dict[str, User], as_of: dt.date, zone: dt.tzinfo) -> int:
    """Before the first figures are computed, so that each counts in them from its day on. Returns how many."""
    taken: set[int] = set()
    for word in WORDS:
        plan = _found(word, plans, taken)
        if plan is not None:
            taken.add(plan.account.pk)
            _say(word, plan, users[MANAGERS[word.china]], as_of, zone)
    return len(taken)


def _found(word: Word, plans: list[Plan], taken: set[int]) -> Plan | None:
    such = [
        plan
        for plan in plans
        if plan.kind == word.kind
        and plan.china == word.china
        and plan.account.owner is not None
        and plan.account.pk not in taken
    ]
    own = [plan for plan in such if plan.account.owner and plan.account.owner.username in SHOWN]
    ranked = sorted(own or such, key=lambda plan: (-plan.yearly, plan.key))
    return ranked[round(word.place * (len(ranked) - 1))] if ranked else None


def _say(word: Word, plan: Plan, manager: User, as_of: dt.date, zone: dt.tzinfo) -> None:
    author: Any = manager if word.manager else plan.account.owner
    override = set_override(
        word.model,
        account=plan.account,
        value=word.value,
        reason=word.reason,
        author=author,
        valid_to=as_of + dt.timedelta(days=word.ends),
        **_day(word.said, as_of, zone),
    )
    # As work of that day: the row says when it was written.
    type(override)._default_manager.filter(pk=override.pk).update(
        created_at=_day(word.said, as_of, zone)["now"]
    )
    if word.approved is not None:
        day = _day(word.approved, as_of, zone)
        decide_override(override, approve=True, word=word.answer, user=manager, **day)


def _day(ago: int, as_of: dt.date, zone: dt.tzinfo) -> dict[str, Any]:
    day = as_of - dt.timedelta(days=ago)
    return {"today": day, "now": dt.datetime.combine(day, dt.time(9, 40), zone)}
