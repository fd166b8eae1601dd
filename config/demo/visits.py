"""Visits of the last eighteen months, with the notes that reps leave."""

from __future__ import annotations

import calendar
import datetime as dt
import uuid
from typing import Any

import numpy as np

from config.demo import season
from config.demo.behaviour import Kind, Plan
from config.demo.catalogue import Catalogue
from config.demo.dice import Dice, texts
from config.demo.visit_details import add_details
from crm.models import Position, Visit, VisitKind

MONTHS = 18
COMPETITORS = {
    "zh": ("北辰精轴", "江海轴承", "科恩轴承", "三泰轴承", "富岳轴承"),
    "en": ("Nordlager", "Kessel Bearings", "Fugaku Bearing", "Atlas Roller", "Corvina Rolamentos"),
}
NAMESPACE = uuid.UUID("6d61696e-7374-6179-0000-64656d6f0000")


def make_visits(
    plans: list[Plan],
    positions: dict[int, list[Position]],
    catalogue: Catalogue,
    as_of: dt.date,
    zone: dt.tzinfo,
) -> int:
    visits: list[Visit] = []
    people: list[tuple[Visit, list[int]]] = []
    for plan in plans:
        if plan.account.owner is None:
            continue
        dice = plan.dice("visits")
        days = visit_days(dice, plan, as_of)
        known = [p for p in positions[plan.account.pk] if p.left_on is None]
        for place, day in enumerate(days):
            following = days[place + 1] if place + 1 < len(days) else None
            visit, met = _visit(dice, plan, known, catalogue, day, following, as_of, zone)
            visit.client_key = uuid.uuid5(NAMESPACE, f"{plan.key}/{place}")
            # A stream of its own: what it draws moves nothing of the notes.
            more, language = Dice("visit details", plan.key, place), _language(plan)
            add_details(more, visit, plan, catalogue, more.pick(COMPETITORS[language]), language)
            visits.append(visit)
            people.append((visit, [p.contact_id for p in met]))
    Visit.objects.bulk_create(visits)
    through = Visit.contacts.through
    through.objects.bulk_create(
        through(visit_id=visit.pk, contact_id=contact) for visit, met in people for contact in met
    )
    return len(visits)


def visit_days(dice: Dice, plan: Plan, as_of: dt.date) -> list[dt.date]:
    """More often where more is sold; after a customer is lost hardly ever."""
    today = season.number(as_of)
    a_year = 3.0 if plan.kind == Kind.SILENT else min(3.0 + 2.6 * np.log2(plan.yearly / 260_000 + 1), 17.0)
    if plan.kind == Kind.ONE_OFF:
        a_year = 1.5
    if plan.holding:
        a_year = 2.0
    first = today - min(round(MONTHS * 30.44), plan.starts + 120)
    gaps = dice.rng.gamma(3.0, 365 / a_year / 3.0, 60)
    days = first + np.cumsum(gaps).astype(np.int64)
    if plan.kind == Kind.LOST:
        days = days[(days < today - plan.ends + 60) | (dice.rng.random(len(days)) < 0.2)]
    days = np.unique(season.to_workday(days[days < today]))
    days = days[~season.in_festival(days)] if plan.china else days
    return [season.date(day) for day in days]


def _language(plan: Plan) -> str:
    """The rep's."""
    return "zh" if plan.account.owner and plan.account.owner.language == "zh-hans" else "en"


def _outcome(dice: Dice, mood: float, kind: Kind) -> str:
    good, bad = np.exp(0.5 * mood), np.exp(-0.65 * mood)
    order = 0.0 if kind == Kind.SILENT else 0.2 * good
    return dice.weighted(
        ("order", "progress", "no_change", "setback", "absent"), (order, 0.34 * good, 0.3, 0.13 * bad, 0.05)
    )


def _visit(
    dice: Dice,
    plan: Plan,
    known: list[Position],
    catalogue: Catalogue,
    day: dt.date,
    following: dt.date | None,
    as_of: dt.date,
    zone: dt.tzinfo,
) -> tuple[Visit, list[Position]]:
    mood = plan.mood_at((as_of - day).days)
    outcome = _outcome(dice, mood, plan.kind)
    # Whom reps see follows the part they play: purchasing most of all.
    met = dice.shuffled(known)[: dice.weighted((1, 2, 3), (68, 26, 6))]
    language = _language(plan)
    phrases = texts(f"visits_{language}")
    words = _words(dice, language, met, catalogue, plan, day)
    visit = Visit(
        account=plan.account,
        user=plan.account.owner,
        kind=_kind(dice, plan, outcome),
        happened_at=dt.datetime.combine(
            day, dt.time(dice.whole(9, 17), dice.pick((0, 10, 15, 30, 40, 45))), zone
        ),
        purpose=dice.pick(phrases["purposes"]),
        note=dice.pick(phrases[outcome]).format(**words),
        outcome=outcome,
        rating=_rating(dice, mood, outcome),
    )
    if outcome == "absent":
        met = []
    if outcome in ("progress", "setback") or dice.chance(0.45):
        visit.next_step = dice.pick(phrases["next_steps"]).format(**words)
        visit.next_step_on = _due(dice, day, following, as_of)
    return visit, met


def _words(
    dice: Dice, language: str, met: list[Position], catalogue: Catalogue, plan: Plan, day: dt.date
) -> dict[str, Any]:
    families = list(texts("industries")[plan.industry]["families"])
    product = catalogue.products[dice.pick(catalogue.of_family(dice.pick(families[:2])))]
    month = (day.month + dice.whole(1, 3) - 1) % 12
    contact = met[0].contact
    person = _addressed(contact.name, met[0].title) if plan.china else contact.name
    return {
        "person": person if language == "zh" else contact.english_name,
        "product": product.code,
        "qty": dice.pick((4, 8, 10, 20, 24, 30, 50, 60, 80, 100, 120, 200, 300, 500)),
        "competitor": dice.pick(COMPETITORS[language]),
        "percent": dice.whole(2, 9),
        "weeks": dice.whole(2, 8),
        "month": f"{month + 1}" if language == "zh" else calendar.month_name[month + 1],
    }


def _addressed(name: str, title: str) -> str:
    """As a Chinese rep writes it: 王总, 李工, 陈经理; without a title of respect the whole name."""
    respect = {
        "总经理": "总",
        "董事长": "董",
        "副总": "总",
        "副总经理": "总",
        "总工程师": "总工",
        "工程师": "工",
    }
    respect |= {word: word for word in ("部长", "经理", "总监", "主管", "主任")}
    found = next((word for ending, word in respect.items() if title.endswith(ending)), None)
    return name[0] + found if found else name


def _kind(dice: Dice, plan: Plan, outcome: str) -> VisitKind:
    if outcome == "absent":
        return VisitKind.VISIT
    weights = (62, 22, 4, 4, 8) if plan.china else (34, 22, 28, 4, 12)
    return dice.weighted(
        (VisitKind.VISIT, VisitKind.CALL, VisitKind.ONLINE, VisitKind.EXHIBITION, VisitKind.MAIL), weights
    )


def _rating(dice: Dice, mood: float, outcome: str) -> int | None:
    if outcome == "absent" or dice.chance(0.2):
        return None
    lift = {"order": 0.8, "progress": 0.5, "no_change": 0.0, "setback": -1.1}[outcome]
    return int(np.clip(round(lift + 0.45 * mood + dice.bell(0, 0.5)), -2, 2))


def _due(dice: Dice, day: dt.date, following: dt.date | None, as_of: dt.date) -> dt.date:
    """Before the next visit; after the last one some steps are due soon and some overdue."""
    if following is not None:
        return day + dt.timedelta(days=dice.whole(1, max((following - day).days, 1)))
    if dice.chance(0.4):
        return max(as_of - dt.timedelta(days=dice.whole(1, 40)), day + dt.timedelta(days=1))
    return as_of + dt.timedelta(days=dice.whole(0, 28))
