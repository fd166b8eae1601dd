"""Whose relationship moved from one stage to another, by name, with the rule that says so."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from crm.snapshots import among, standing
from crm.tables import Cell, Column, Table
from crm.templatetags.ui import number, percent
from lifecycle.models import AccountLifecycle, LifecycleSnapshot
from lifecycle.scoring.stages import Rule, Stage
from lifecycle.wording import stage_name
from segmentation.models import AccountGrade, GradeSnapshot

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet

AWAY = (Stage.DECLINE, Stage.LOST)


def stage_movers_table(
    accounts: AccountQuerySet, since: dt.date, until: dt.date | None, direction: str, most: int
) -> Table:
    """Those that earn most first. "down": into decline or lost, "up": every other change."""
    columns = [
        Column(_("Account"), "name"),
        Column(_("Stage")),
        Column(_("Because")),
        Column(_("Gross profit"), "money"),
    ]
    title = _("Slipping away") if direction == "down" else _("Won, grown or back")
    rows = [
        [
            Cell(str(row.account), row.account.get_absolute_url()),
            f"{stage_name(row.before)} → {stage_name(row.stage)}",
            because(row),
            row.profit,
        ]
        for row in _movers(accounts, since, until, direction, most)
    ]
    return Table(f"movers-{direction}", title, columns, rows)


def _movers(
    accounts: AccountQuerySet, since: dt.date, until: dt.date | None, direction: str, most: int
) -> list[Any]:
    there = LifecycleSnapshot.objects.filter(month_end=since, account_id=OuterRef("account_id"))
    money = standing(AccountGrade, GradeSnapshot, until).filter(account_id=OuterRef("account_id"))
    moved = (
        among(standing(AccountLifecycle, LifecycleSnapshot, until), accounts)
        .annotate(
            before=Subquery(there.values("stage")[:1]),
            profit=Subquery(money.values("gross_profit_12m")[:1]),
        )
        .filter(before__isnull=False)
        .exclude(before=F("stage"))
    )
    moved = moved.filter(stage__in=AWAY) if direction == "down" else moved.exclude(stage__in=AWAY)
    return list(
        moved.select_related("account").order_by(F("profit").desc(nulls_last=True), "account_id")[:most]
    )


def because(row: Any) -> str:
    """What decided the stage, with its number."""
    if row.overridden:
        return _("Set by hand")
    match row.rule:
        case Rule.NO_PURCHASE:
            return _("No purchase yet")
        case Rule.LONG_SILENT | Rule.OVERDUE if row.overdue_ratio is not None:
            return _("Silent for %(ratio)s times the usual interval") % {
                "ratio": number(row.overdue_ratio, 1)
            }
        case Rule.LONG_SILENT | Rule.OVERDUE:
            return _("Silent for long")
        case Rule.FEW_PURCHASES:
            return _("Few purchases so far")
        case _other if row.growth is not None:
            return _("Sales %(growth)s against the period before") % {
                "growth": f"{'+' if row.growth > 0 else ''}{percent(row.growth)}"
            }
    return ""
