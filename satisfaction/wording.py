"""Classes of satisfaction in words, with the tone of their badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from satisfaction.scoring.ratio import RatioClass

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# From bad to good: the order of every list and chart.
CLASSES: dict[int, _StrPromise] = {
    RatioClass.WHOLLY_UNMET: _("Wholly unmet"),
    RatioClass.DISSATISFIED: _("Dissatisfied"),
    RatioClass.NEUTRAL: _("Fairly satisfied"),
    RatioClass.EXCEEDED: _("Exceeds expectations"),
}
BADGE_TONES: dict[int, str] = {
    RatioClass.WHOLLY_UNMET: "red",
    RatioClass.DISSATISFIED: "red",
    RatioClass.NEUTRAL: "secondary",
    RatioClass.EXCEEDED: "green",
}
CHART_TONES: dict[int, str] = {
    RatioClass.WHOLLY_UNMET: "bad",
    RatioClass.DISSATISFIED: "bad",
    RatioClass.NEUTRAL: "muted",
    RatioClass.EXCEEDED: "good",
}


def class_name(code: int | None) -> str:
    return str(CLASSES.get(-1 if code is None else code, ""))
