"""My day, the calendar, policies and coverage."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from crm.models import Account, PlannedVisit, User
from segmentation.models import ScoringModel


def paths(user: User, account: Account) -> dict[str, str]:
    today = timezone.localdate()
    placed = Account.objects.exclude(latitude=None).order_by("pk")[:4]
    for other in placed:
        PlannedVisit.objects.create(account=other, user=user, planned_on=today, purpose="季度回访")
    plan = PlannedVisit.objects.create(
        account=account, user=user, planned_on=today + dt.timedelta(days=1), proposed=True
    )
    model = ScoringModel.objects.get(is_default=True).pk
    return {
        "calendar": "/calendar/",
        "calendar of a colleague": f"/calendar/?person={account.owner_id or user.pk}",
        "plan new": f"/planned-visits/new/?account={account.pk}",
        "plan edit": f"/planned-visits/{plan.pk}/edit/",
        "settings": "/settings/",
        "week proposal": "/week-proposal/",
        "policies": "/policies/",
        "policy edit": f"/policies/{model}/0/",
        "cadence rules": "/policies/rules/",
        "coverage": "/coverage/",
    }
