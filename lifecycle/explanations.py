"""Why an account is at its stage, and how its loyalty comes about: stored inputs through the arithmetic of the job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Run, RunStep
from crm.once import once_per_page
from crm.parameters import from_values
from crm.templatetags.ui import money_whole, number, percent
from lifecycle.scoring.loyalty import (
    DEFAULT_LOYALTY,
    MEASURES,
    LoyaltyParameters,
    Measure,
    MeasureExplanation,
    explain_subscores,
)
from lifecycle.scoring.stages import DEFAULT_STAGES, Rule, Stage, StageParameters

if TYPE_CHECKING:
    from lifecycle.models.figures import LifecycleFigures


STEP = "lifecycle.stage"
# Where each measure's sub-score is stored; involvement is not.
_STORED = {
    Measure.REPEAT_RATE: "repeat_score",
    Measure.FREQUENCY: "rhythm_score",
    Measure.WALLET_SHARE: "wallet_score",
    Measure.SELECTION_TIME: "selection_score",
    Measure.EMOTION: "emotion_score",
    Measure.REFERRAL: "referral_score",
    Measure.COMPETITORS: "competitor_score",
    Measure.PRICE_QUALITY: "price_score",
}


@dataclass(frozen=True)
class Parameters:
    """What a run was given, as its step recorded it; the defaults for a run older than the record."""

    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stage(self) -> StageParameters:
        return (
            from_values(StageParameters, self.values["stage"]) if "stage" in self.values else DEFAULT_STAGES
        )

    @property
    def loyalty(self) -> LoyaltyParameters:
        known = "loyalty" in self.values
        return from_values(LoyaltyParameters, self.values["loyalty"]) if known else DEFAULT_LOYALTY

    @property
    def window_days(self) -> int | None:
        return self.values.get("window_days")


@once_per_page
def parameters_of(run: Run) -> Parameters:
    stored = RunStep.objects.filter(run=run, slug=STEP).values_list("parameters", flat=True).first()
    return Parameters((stored or {}).get("values", {}))


def explain_loyalty(
    row: LifecycleFigures, parameters: LoyaltyParameters = DEFAULT_LOYALTY
) -> list[MeasureExplanation]:
    """The stored sub-scores through the job's own weighing; measures without weight and value are left out."""
    scores = np.full(MEASURES, np.nan)
    for measure, name in _STORED.items():
        value = getattr(row, name)
        scores[measure] = np.nan if value is None else value
    return [line for line in explain_subscores(scores, parameters) if line.weight or line.score is not None]


@dataclass(frozen=True)
class StageExplanation:
    """The rule that fired, in words with its numbers, and the figures behind it."""

    sentence: str
    standard: str
    days_since: int | None
    pending: bool


def explain_stage(row: LifecycleFigures, as_of: dt.date, given: Parameters | None = None) -> StageExplanation:
    """The stored evidence in words."""
    parameters = given.stage if given else DEFAULT_STAGES
    window = (given.window_days if given else None) or parameters.window_days
    days = None if row.last_traded_on is None else (as_of - row.last_traded_on).days
    return StageExplanation(
        sentence=_sentence(row, days, window),
        standard=_standard(row.rule, parameters),
        days_since=days,
        pending=not row.overridden and row.stage != row.computed_stage,
    )


def _sentence(row: LifecycleFigures, days: int | None, window: int) -> str:
    match row.rule:
        case Rule.NO_PURCHASE if row.computed_stage == Stage.EXPLORATION:
            return _("Nothing bought yet, but an inquiry is open.")
        case Rule.NO_PURCHASE:
            return _("Nothing bought yet.")
        case Rule.LONG_SILENT | Rule.OVERDUE:
            return _(
                "Last purchase %(days)s days ago: %(ratio)s times the %(interval)s days after which one is expected."
            ) % {
                "days": number(days),
                "ratio": number(row.overdue_ratio, 1),
                "interval": number(row.interval),
            }
        case Rule.FEW_PURCHASES:
            return ngettext("One purchase so far.", "%(count)d purchases so far.", row.occasions) % {
                "count": row.occasions
            }
        case Rule.YOUNG_GROWTH if row.growth is None:
            return _("A young customer that bought nothing in the first half of its time with us.")
        case Rule.YOUNG_GROWTH:
            return _(
                "A young customer: %(now)s in the second half of its time with us, %(before)s in the first: "
                "%(growth)s."
            ) % _growth_words(row)
        case _ if row.growth is None:
            return _("Sales of %(now)s in the last %(window)s days after an empty period before.") % {
                "now": money_whole(row.window_value),
                "window": number(window),
            }
        case _:
            return _(
                "Sales of the last %(window)s days: %(now)s, against %(before)s in the period before (%(growth)s)."
            ) % {"window": number(window), **_growth_words(row)}


def _growth_words(row: LifecycleFigures) -> dict[str, str]:
    return {
        "now": money_whole(row.window_value),
        "before": money_whole(row.prior_value),
        "growth": _signed_percent(row.growth),
    }


def _standard(rule: int, p: StageParameters) -> str:
    """The limits the rule compares with."""
    match rule:
        case Rule.NO_PURCHASE:
            return _("A first purchase makes a customer.")
        case Rule.LONG_SILENT:
            return _("Lost from %(ratio)s times the expected interval and %(days)s days of silence.") % {
                "ratio": number(p.lost_overdue, 1),
                "days": number(p.lost_gap_days),
            }
        case Rule.OVERDUE:
            return _("Decline from %(ratio)s times the expected interval.") % {
                "ratio": number(p.decline_overdue, 1)
            }
        case Rule.FEW_PURCHASES:
            return _("Exploration up to %(count)s purchases.") % {"count": number(p.exploration_purchases)}
        case Rule.YOUNG_GROWTH:
            return _(
                "Formation from %(up)s, decline from %(down)s; between them stability, in the first period formation."
            ) % {"up": _signed_percent(p.growth), "down": _signed_percent(p.drop)}
        case _:
            return _("Formation from %(up)s, decline from %(down)s, between them stability.") % {
                "up": _signed_percent(p.growth),
                "down": _signed_percent(p.drop),
            }


def _signed_percent(value: float | None) -> str:
    return percent(value, 0) if value is None or value <= 0 else f"+{percent(value, 0)}"
