"""What the home page says about grades: customers at risk for the rep, movement for the manager."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Account, AccountFacts, Role
from crm.panels import HomeCard
from crm.snapshots import last_month_end, shown_run
from lifecycle.models import AccountLifecycle
from lifecycle.queries import at_risk, is_late
from segmentation import queries
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.queries import GradeTotal, grade_totals, migration_of, moved, shown_version
from segmentation.scoring.grading import GradingModel

if TYPE_CHECKING:
    from crm.models import User

SHOWN = 8


class AtRiskCard(HomeCard):
    """A rep's own customers, a manager's team's: in decline, overdue or downgraded, those that earn most first."""

    slug = "at-risk"
    title = _("Customers at risk")
    icon = "alert-triangle"
    template_name = "segmentation/cards/at_risk.html"

    def get_context(self, *, user: User, today: dt.date) -> dict[str, Any]:
        run = shown_run()
        if run is None:
            return {"run": None, "rows": []}
        month_end = last_month_end(GradeSnapshot, run.as_of)
        fallen = moved(month_end, "down").values("account_id")
        mine = Account.objects.visible_to(user)
        is_rep = user.role == Role.REP
        if is_rep:
            mine = mine.filter(owner=user)
        risky = AccountFacts.objects.filter(
            Q(account__in=at_risk().values("account_id")) | Q(account__in=fallen), account__in=mine
        )
        rows = list(
            risky.select_related("account").order_by(
                F("gross_profit_12m").desc(nulls_last=True), "account_id"
            )[:SHOWN]
        )
        ids = [row.account_id for row in rows]
        stages = AccountLifecycle.objects.in_bulk(ids)
        down = set(moved(month_end, "down").filter(account_id__in=ids).values_list("account_id", flat=True))
        return {
            "run": run,
            "rows": [
                {
                    "account": row.account,
                    "gross_profit": row.gross_profit_12m,
                    "figures": stages.get(row.account_id),
                    "fallen": row.account_id in down,
                    "late": is_late(stages.get(row.account_id)),
                }
                for row in rows
            ],
            "url": f"{reverse('crm:account-list')}?stage=at_risk{'&owner=me' if is_rep else ''}",
        }


class TiersCard(HomeCard):
    """Grades in small, and who moved."""

    slug = "tiers"
    title = _("Customer tiers")
    icon = "chart-pie"
    capability = "view_dashboards"
    template_name = "segmentation/cards/tiers.html"

    def get_context(self, *, user: User, today: dt.date) -> dict[str, Any]:
        run, version = shown_run(), shown_version()
        if run is None or version is None:
            return {"run": None}
        grades = GradingModel.from_dict(version.definition).grades
        accounts = Account.objects.visible_to(user)
        totals = grade_totals(accounts)
        month_end = last_month_end(GradeSnapshot, run.as_of)
        migration = migration_of(queries.grade_flows(accounts, month_end), len(grades)) if month_end else None
        fallen = (
            AccountGrade.objects.none()
            if month_end is None
            else moved(month_end, "down")
            .filter(account__in=accounts)
            .select_related("account")
            .order_by(F("gross_profit_12m").desc(nulls_last=True), "account_id")[: SHOWN // 2]
        )
        return {
            "run": run,
            "month_end": month_end,
            "migration": migration,
            "rows": [
                {"index": index, "name": name, "total": totals.get(index, GradeTotal.of_nobody(index))}
                for index, name in enumerate(grades)
            ],
            "fallen": [
                {
                    "account": row.account,
                    "grade": grades[row.grade],
                    "index": row.grade,
                    "profit": row.gross_profit_12m,
                }
                for row in fallen
                if row.grade is not None and row.grade < len(grades)
            ],
        }
