"""What customers say: complaints and survey answers, both following their mood."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from config.demo.behaviour import SPAN, Kind, Plan
from config.demo.catalogue import Catalogue
from config.demo.dice import Dice, texts
from crm.models import Complaint, Position
from satisfaction.models import Survey, SurveyAnswer, SurveyItem, SurveyResponse

SURVEY_YEARS = 3


def make_complaints(
    plans: list[Plan], positions: dict[int, list[Position]], catalogue: Catalogue, as_of: dt.date
) -> int:
    rows = []
    for plan in plans:
        if plan.kind == Kind.SILENT:
            continue
        dice = plan.dice("complaints")
        span = min(plan.starts, SPAN) - plan.ends
        expected = span / 365.25 * 0.13 * np.log2(plan.orders + 1) * np.exp(-0.55 * plan.mood)
        stories = dice.shuffled(texts("complaints")["zh" if plan.china else "en"])
        # One customer hardly tells the same story twice.
        for story in stories[: int(dice.rng.poisson(expected))]:
            opened = as_of - dt.timedelta(days=plan.ends + dice.whole(0, max(span - 10, 1)))
            rows.append(_complaint(dice, story, plan, positions[plan.account.pk], catalogue, opened, as_of))
    Complaint.objects.bulk_create(sorted(rows, key=lambda row: row.opened_on))
    return len(rows)


def _complaint(
    dice: Dice,
    story: tuple[Any, ...],
    plan: Plan,
    people: list[Position],
    catalogue: Catalogue,
    opened: dt.date,
    as_of: dt.date,
) -> Complaint:
    kind, severity, subject, description, resolution = story
    family = dice.pick(list(texts("industries")[plan.industry]["families"]))
    product = catalogue.products[dice.pick(catalogue.of_family(family))]
    words = {"product": product.code, "qty": dice.pick((2, 4, 6, 10, 20, 40))}
    complaint = Complaint(
        account=plan.account,
        contact=dice.pick(people).contact,
        product=product if kind == "quality" else None,
        opened_on=opened,
        kind=kind,
        severity=severity,
        subject=subject.format(**words),
        description=description.format(**words),
    )
    solved = opened + dt.timedelta(days=int(2 + dice.rng.gamma(1.6, 6.0 + 4.0 * severity)))
    forgotten = (as_of - opened).days < 150 and dice.chance(0.15)
    if solved <= as_of and not forgotten:
        complaint.resolved_on = solved
        complaint.resolution = resolution.format(**words)
        if dice.chance(0.85):
            quick = (solved - opened).days < 14
            complaint.satisfied_with_resolution = dice.chance(0.85 if quick else 0.5)
    return complaint


def make_surveys(plans: list[Plan], positions: dict[int, list[Position]], as_of: dt.date) -> int:
    """Two questionnaires: one a year to everybody, one after some deliveries."""
    items = {code: _questionnaire(code) for code in ("annual-satisfaction", "after-delivery")}
    responses: list[SurveyResponse] = []
    answers: list[SurveyAnswer] = []
    for plan in plans:
        if plan.kind == Kind.SILENT:
            continue
        dice = plan.dice("surveys")
        for code, day in _occasions(dice, plan, as_of):
            respondents = dice.shuffled(positions[plan.account.pk])
            most = 3 if code == "annual-satisfaction" else 1
            for position in respondents[: dice.whole(1, most)]:
                response = _response(dice, plan, position, items[code], day, as_of, answers)
                responses.append(response)
    SurveyResponse.objects.bulk_create(responses)
    for answer in answers:
        answer.response_id = answer.response.pk
    SurveyAnswer.objects.bulk_create(answers, batch_size=5000)
    return len(responses)


def _questionnaire(code: str) -> list[tuple[SurveyItem, float]]:
    """Its items, each with how it fares against the respondent's mood."""
    entry = texts("surveys")[code]
    survey = Survey.objects.create(
        code=code,
        title=entry["title"],
        title_zh=entry["title_zh"],
        scale_low=entry["low"],
        scale_high=entry["high"],
    )
    rows: list[dict[str, Any]] = [
        {"code": c, "text": en, "text_zh": zh, "importance": weight, "measure": "attribute"}
        for c, en, zh, weight, _ in entry["attributes"]
    ]
    rows += [
        {"code": c, "text": en, "text_zh": zh, "measure": measure} for measure, c, en, zh in entry["extra"]
    ]
    made = SurveyItem.objects.bulk_create(
        SurveyItem(survey=survey, position=place, **row) for place, row in enumerate(rows, start=1)
    )
    offsets = [row[4] for row in entry["attributes"]] + [0.0] * len(entry["extra"])
    return list(zip(made, offsets, strict=True))


def _occasions(dice: Dice, plan: Plan, as_of: dt.date) -> list[tuple[str, dt.date]]:
    """The days on which this customer answered, while it was one."""
    found = []
    for wave in range(SURVEY_YEARS):
        ago = 120 + wave * 365 + dice.whole(0, 40)
        if plan.ends - 60 < ago < plan.starts - 30 and dice.chance(0.66):
            found.append(("annual-satisfaction", ago))
    for _ in range(int(dice.rng.poisson(0.9))):
        ago = dice.whole(max(plan.ends, 3), max(min(plan.starts, SURVEY_YEARS * 365), plan.ends + 4))
        found.append(("after-delivery", ago))
    return [(code, as_of - dt.timedelta(days=ago)) for code, ago in sorted(found, key=lambda f: -f[1])]


def _response(
    dice: Dice,
    plan: Plan,
    position: Position,
    items: list[tuple[SurveyItem, float]],
    day: dt.date,
    as_of: dt.date,
    answers: list[SurveyAnswer],
) -> SurveyResponse:
    survey = items[0][0].survey
    mood = plan.mood_at((as_of - day).days) + dice.bell(0, 0.35) + 0.25 * (position.stance or 0)
    response = SurveyResponse(survey=survey, account=plan.account, contact=position.contact, answered_on=day)
    low, high = survey.scale_low, survey.scale_high
    step = (high - low) / 9  # points of a 1-10 scale on this one

    def mark(value: float, least: int = low, most: int = high) -> float:
        return float(np.clip(round(value), least, most))

    for item, offset in items:
        answer = SurveyAnswer(response=response, item=item)
        if item.measure == "recommend":
            answer.perceived = mark(7.6 + 1.15 * mood + dice.bell(0, 0.9), 0, 10)
        elif item.measure != "attribute":
            answer.perceived = mark(3.1 + 0.55 * mood + dice.bell(0, 0.6), 1, 5)
        else:
            expected = 8.1 + 0.25 * offset + dice.bell(0, 0.7)
            perceived = 7.9 + 0.85 * mood + offset + dice.bell(0, 0.6)
            answer.expected = mark(low + (expected - 1) * step)
            # Somebody always leaves a field empty.
            answer.perceived = None if dice.chance(0.01) else mark(low + (perceived - 1) * step)
            answer.importance = round(max(item.importance * dice.real(0.7, 1.3), 0.01), 3)
        answers.append(answer)
    if dice.chance(0.35):
        tone = "good" if mood > 0.5 else "fair" if mood > -0.6 else "poor"
        response.comment = dice.pick(texts("surveys")["comments"][f"{'zh' if plan.china else 'en'}_{tone}"])
    return response
