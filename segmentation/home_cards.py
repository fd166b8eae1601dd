"""What the home page says about grades: customers at risk for the rep, movement for the manager."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Role
from crm.panels import HomeCard
from crm.remember import remember
from crm.snapshots import last_month_end, shown_run
from lifecycle.models import AccountLifecycle
from lifecycle.queries import at_risk_among, is_late
from segmentation import queries
from segmentation.models import GradeSnapshot
from segmentation.queries import GradeTotal, grade_totals, migration_of, shown_version
from segmentation.scoring.grading import GradingModel

if TYPE_CHECKING:
    from crm.models import Run, User
    from crm.models.accounts import AccountQuerySet

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
        accounts = Account.objects.visible_to(user)
        is_rep = user.role == Role.REP
        if is_rep:
            accounts = accounts.filter(owner=user)
        rows = remember(user, run, "at-risk-card", lambda: _at_risk(accounts, run))
        whose = "&owner=me" if is_rep else ""
        return {"run": run, "rows": rows, "url": f"{reverse('crm:account-list')}?stage=at_risk{whose}"}


def _at_risk(accounts: AccountQuerySet, run: Run) -> list[dict[str, Any]]:
    month_end = last_month_end(GradeSnapshot, run.as_of)
    fallen = queries.movers(accounts, month_end, "down", SHOWN) if month_end else []
    risky = list(at_risk_among(accounts, SHOWN))
    down = {move.now.account_id: move.now for move in fallen}
    found = {row.account_id: (row.account, _profit(row.account)) for row in risky}
    found |= {pk: (grade.account, grade.gross_profit_12m) for pk, grade in down.items()}
    # The best earners of both lists are among the best of each.
    ranked = sorted(found.values(), key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0].pk))[:SHOWN]
    stages = AccountLifecycle.objects.in_bulk([account.pk for account, _profit in ranked])
    return [
        {
            "account": account,
            "gross_profit": profit,
            "figures": stages.get(account.pk),
            "fallen": account.pk in down,
            "late": is_late(stages.get(account.pk)),
        }
        for account, profit in ranked
    ]


def _profit(account: Account) -> Decimal | None:
    facts = getattr(account, "facts", None)
    return facts.gross_profit_12m if facts else None


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
        accounts = Account.objects.visible_to(user)
        grades = GradingModel.from_dict(version.definition).grades
        return {"run": run, **remember(user, run, "tiers-card", lambda: _tiers(accounts, run, grades))}


def _tiers(accounts: AccountQuerySet, run: Run, grades: tuple[str, ...]) -> dict[str, Any]:
    totals = grade_totals(accounts)
    month_end = last_month_end(GradeSnapshot, run.as_of)
    moves = queries.movers(accounts, month_end, "down", SHOWN // 2) if month_end else []
    return {
        "month_end": month_end,
        "migration": migration_of(queries.grade_flows(accounts, month_end), len(grades))
        if month_end
        else None,
        "rows": [
            {"index": index, "name": name, "total": totals.get(index, GradeTotal.of_nobody(index))}
            for index, name in enumerate(grades)
        ],
        "fallen": [
            {
                "account": move.now.account,
                "grade": grades[move.now.grade],
                "index": move.now.grade,
                "profit": move.now.gross_profit_12m,
            }
            for move in moves
            if move.now.grade is not None and move.now.grade < len(grades)
        ],
    }
