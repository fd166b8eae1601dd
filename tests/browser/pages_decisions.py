"""The decision map, with a person, an arrow and a process shown, and the forms around it."""

from __future__ import annotations

import datetime as dt

from crm.decisions.operations import draw_arrow, record_stance
from crm.models import Account, BuyingProcess, DecisionStep, Faction, OrganisationUnit, Position, User


def paths(user: User, account: Account) -> dict[str, str]:
    people = list(Position.objects.filter(account=account, left_on=None).order_by("pk")[:2])
    process = BuyingProcess.objects.create(account=account, name="备件采购")
    step = DecisionStep.objects.create(process=process, name="报价", usual_days=12, owner=people[0], order=1)
    unit = OrganisationUnit.objects.create(account=account, name="二号工厂")
    Faction.objects.get_or_create(account=account, name="空派系", defaults={"colour": 4})
    arrow = draw_arrow(source=people[0], target=people[1], strength=3, process=process)
    record_stance(
        position=people[0],
        stance=-1,
        noted_on=dt.date(2026, 6, 1),
        source="told",
        note="展会上听说",
        user=user,
        process=process,
    )
    page = f"/accounts/{account.pk}/decisions/"
    asked = f"{page}?process={process.pk}"
    return {
        "decision map": page,
        "decision map of a process": asked,
        "decision map, a person": f"{asked}&person={people[0].pk}",
        "decision map, an arrow": f"{asked}&arrow={arrow.pk}",
        "decision map, a step": f"{asked}&step={step.pk}",
        "organisation": f"/accounts/{account.pk}/organisation/",
        "unit new": f"/accounts/{account.pk}/units/new/",
        "unit edit": f"/units/{unit.pk}/edit/",
        "buying process new": f"/accounts/{account.pk}/buying-processes/new/",
        "buying process edit": f"/buying-processes/{process.pk}/edit/",
        "decision limits": "/decision-limits/",
    }
