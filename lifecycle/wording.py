"""Stages, rules and loyalty in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from lifecycle.scoring.loyalty import AakerLevel, Measure
from lifecycle.scoring.stages import Stage

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# In the order of a relationship's life.
STAGES: dict[int, _StrPromise] = {
    Stage.PROSPECT: _("Prospect"),
    Stage.EXPLORATION: _("Exploration"),
    Stage.FORMATION: _("Formation"),
    Stage.STABILITY: _("Stability"),
    Stage.DECLINE: _("Decline"),
    Stage.LOST: _("Lost"),
}
BADGE_TONES: dict[int, str] = {
    Stage.PROSPECT: "secondary",
    Stage.EXPLORATION: "azure",
    Stage.FORMATION: "teal",
    Stage.STABILITY: "green",
    Stage.DECLINE: "orange",
    Stage.LOST: "red",
}
CHART_TONES: dict[int, str] = {
    Stage.PROSPECT: "muted",
    Stage.EXPLORATION: "explore",
    Stage.FORMATION: "primary",
    Stage.STABILITY: "good",
    Stage.DECLINE: "warn",
    Stage.LOST: "bad",
}
# Addresses and the API name a stage by its word, not by its number.
STAGE_SLUGS: dict[int, str] = {stage: stage.name.lower() for stage in Stage if stage >= 0}

LEVELS: dict[int, _StrPromise] = {
    AakerLevel.SWITCHER: _("Switcher"),
    AakerLevel.HABITUAL: _("Habitual buyer"),
    AakerLevel.SATISFIED: _("Satisfied, switching would cost"),
    AakerLevel.LIKES: _("Likes us"),
    AakerLevel.COMMITTED: _("Committed"),
}

MEASURES: dict[int, _StrPromise] = {
    Measure.REPEAT_RATE: _("Repeat purchases"),
    Measure.FREQUENCY: _("Time and frequency of purchases"),
    Measure.WALLET_SHARE: _("Share of their spending"),
    Measure.SELECTION_TIME: _("Time to choose"),
    Measure.EMOTION: _("Feeling towards us"),
    Measure.REFERRAL: _("Recommendation"),
    Measure.COMPETITORS: _("Attitude to competitors"),
    Measure.PRICE_QUALITY: _("Attitude to price and quality"),
    Measure.INVOLVEMENT: _("Involvement"),
}


def stage_name(stage: int | None) -> str:
    return str(STAGES.get(-1 if stage is None else stage, ""))


def level_name(level: int | None) -> str:
    return str(LEVELS.get(-1 if level is None else level, ""))
