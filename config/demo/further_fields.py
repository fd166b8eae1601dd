"""Two further fields of accounts, known of most: how many machines run there, and how it pays."""

from __future__ import annotations

import math
from typing import Any

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice
from crm.custom_fields.operations import save_field
from crm.models import Account, CustomField, CustomFieldKind

MACHINES, PAYMENT = "installed_machines", "payment_record"
# Value, mark, names; the mark is what a scoring model would weigh.
PAYS = (
    ("overdue", 1, "Often overdue", "经常逾期"),
    ("at_times_late", 2, "Late at times", "偶有拖延"),
    ("on_time", 4, "On time", "按期付款"),
    ("in_advance", 5, "Pays in advance", "款到发货"),
)
# How much turns at such a company, against the average.
PARK = {"steel": 3.0, "mining": 2.2, "textile": 2.4, "wind": 0.8, "distributor": 0.0}
KNOWN_MACHINES, KNOWN_PAYMENT = 0.85, 0.95


def make_further_fields(plans: list[Plan]) -> int:
    """Returns how many values were filled in. No published model weighs them."""
    choices = [
        {"value": value, "mark": mark, "name": name, "name_zh": name_zh}
        for value, mark, name, name_zh in PAYS
    ]
    save_field(
        field=CustomField(
            code=MACHINES, name="Installed machines", name_zh="装机台数", kind=CustomFieldKind.NUMBER
        )
    )
    save_field(
        field=CustomField(
            code=PAYMENT,
            name="Payment record",
            name_zh="付款信用",
            kind=CustomFieldKind.CHOICE,
            choices=choices,
        )
    )
    filled = 0
    for plan in plans:
        plan.account.custom = _values(plan, plan.dice("further fields"))
        filled += len(plan.account.custom)
    Account.objects.bulk_update([plan.account for plan in plans], ["custom"])
    return filled


def _values(plan: Plan, dice: Dice) -> dict[str, Any]:
    found: dict[str, Any] = {}
    park = PARK.get(plan.industry, 1.0)
    if park and dice.chance(KNOWN_MACHINES):
        machines = 0.12 * (plan.account.employees or 50) ** 0.9 * park * math.exp(dice.bell(0, 0.45))
        found[MACHINES] = max(3, round(machines))
    if plan.kind != Kind.SILENT and dice.chance(KNOWN_PAYMENT):
        found[PAYMENT] = _pays(plan)
    return found


def _pays(plan: Plan) -> str:
    """As its payments in the ledger are."""
    if plan.delay > 30:
        return "overdue"
    if plan.delay > 9:
        return "at_times_late"
    return "in_advance" if plan.term == 0 else "on_time"
