"""What a rep adds now and then: news of competitors, the order to come, the place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from config.demo.behaviour import Plan
from config.demo.catalogue import Catalogue
from config.demo.dice import Dice, texts
from crm.models import Visit, VisitKind
from crm.visits.operations import distance_in_metres

# A degree of latitude is 111 km: most check in at the gate, some in the car park.
DEGREES_NEAR = 0.0012


def add_details(
    dice: Dice, visit: Visit, plan: Plan, catalogue: Catalogue, competitor: str, language: str
) -> None:
    if visit.outcome == "absent":
        return
    if dice.chance(0.3 if visit.outcome == "setback" else 0.1):
        visit.competitor_news = dice.pick(texts("visit_details")[language]["news"]).format(
            competitor=competitor,
            percent=dice.whole(3, 9),
            weeks=dice.whole(3, 10),
            product=dice.pick(catalogue.products).code,
        )
    if visit.outcome in ("order", "progress") and dice.chance(0.35):
        visit.expected_order_amount = Decimal(round(plan.yearly * dice.real(0.03, 0.2), -3))
        visit.expected_order_on = visit.happened_at.date() + dt.timedelta(days=dice.whole(10, 75))
    if visit.rating is not None and visit.rating < 0 and dice.chance(0.12):
        visit.not_about_us = True
    if visit.kind == VisitKind.VISIT and plan.account.latitude is not None and dice.chance(0.3):
        near = [Decimal(str(round(dice.bell(0, DEGREES_NEAR), 6))) for _axis in range(2)]
        visit.latitude = Decimal(str(plan.account.latitude)) + near[0]
        visit.longitude = Decimal(str(plan.account.longitude)) + near[1]
        visit.location_accuracy = dice.whole(5, 40)
        visit.distance = distance_in_metres(plan.account, visit.latitude, visit.longitude)
