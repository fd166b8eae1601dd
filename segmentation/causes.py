"""Why a grade changed when it did: set by a person, another version of the model, or the indicator that moved most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from crm.models import Account
from crm.models.history import OverrideState
from segmentation.explanations import grade_name
from segmentation.models import AccountGrade, GradeInterval, GradeOverride, GradeSnapshot
from segmentation.movers import driver_of
from segmentation.queries import Move
from segmentation.scoring.grading import GradingModel
from segmentation.wording import indicator_name


class Cause(StrEnum):
    FIRST = "first"
    SET_BY_HAND = "set_by_hand"
    HAND_ENDED = "hand_ended"
    MODEL = "model"
    CONFIRMED = "confirmed"
    INDICATOR = "indicator"
    # No month's end is frozen on one side of the change.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Change:
    """A grade from its first day on, and what made it."""

    interval: GradeInterval
    model: GradingModel
    cause: Cause
    # Of INDICATOR and CONFIRMED: what moved most since the month's end before, in points of the score.
    indicator: str | None = None
    points: float | None = None
    override: GradeOverride | None = None

    @property
    def grade(self) -> str | None:
        return grade_name(self.model, self.interval.value)

    @property
    def reason(self) -> str:
        """What the person said who set the grade, or published the version."""
        if self.override is not None:
            return self.override.reason
        return self.interval.version.reason if self.cause is Cause.MODEL else ""


def changes_of(account: Account) -> list[Change]:
    """The history of the grade, oldest first. Four queries."""
    intervals = list(
        GradeInterval.objects.select_related("version__model").filter(account=account).order_by("valid_from")
    )
    if not intervals:
        return []
    overrides = list(
        GradeOverride.objects.select_related("author")
        .filter(account=account, state=OverrideState.APPROVED)
        .order_by("pk")
    )
    frozen = list(
        GradeSnapshot.objects.select_related("version").filter(account=account).order_by("month_end")
    )
    current = AccountGrade.objects.select_related("version").filter(account=account).first()
    models = {one.version_id: GradingModel.from_dict(one.version.definition) for one in intervals}
    kept: list[AccountGrade | GradeSnapshot] = [*frozen, *([current] if current else [])]
    for figures in kept:
        if figures.version_id not in models:
            models[figures.version_id] = GradingModel.from_dict(figures.version.definition)
    found = []
    for place, interval in enumerate(intervals):
        previous = intervals[place - 1] if place else None
        found.append(_change(interval, previous, overrides, frozen, current, models))
    return found


def _change(
    interval: GradeInterval,
    previous: GradeInterval | None,
    overrides: Sequence[GradeOverride],
    frozen: Sequence[GradeSnapshot],
    current: AccountGrade | None,
    models: dict[int, GradingModel],
) -> Change:
    model, start = models[interval.version_id], interval.valid_from
    if said := _said(overrides, interval.value, start):
        return Change(interval, model, Cause.SET_BY_HAND, override=said)
    if previous is None:
        return Change(interval, model, Cause.FIRST)
    if ended := _said(overrides, previous.value, start - dt.timedelta(days=1), also_revoked=True):
        return Change(interval, model, Cause.HAND_ENDED, override=ended)
    if interval.version_id != previous.version_id:
        return Change(interval, model, Cause.MODEL)
    before = next((one for one in reversed(frozen) if one.month_end < start), None)
    after = _figures_within(interval, frozen, current)
    if before is None or after is None:
        return Change(interval, model, Cause.UNKNOWN)
    code, points = driver_of(Move(after, before), models[after.version_id], models[before.version_id])
    confirmed = before.grade != interval.value and before.computed_grade == interval.value
    return Change(interval, model, Cause.CONFIRMED if confirmed else Cause.INDICATOR, code, points)


def _said(
    overrides: Sequence[GradeOverride], value: int, day: dt.date, *, also_revoked: bool = False
) -> GradeOverride | None:
    """The newest word for this grade that held on the day."""
    for override in reversed(overrides):
        kept = also_revoked or override.revoked_at is None or override.revoked_at.date() > day
        if override.value == value and kept and override.valid_from <= day < override.valid_to:
            return override
    return None


def _figures_within(
    interval: GradeInterval, frozen: Sequence[GradeSnapshot], current: AccountGrade | None
) -> GradeSnapshot | AccountGrade | None:
    """The first figures that are kept from the time of the grade."""
    end = interval.valid_to or dt.date.max
    first = next((one for one in frozen if interval.valid_from <= one.month_end < end), None)
    return first or (current if interval.valid_to is None else None)


def cause_text(change: Change) -> str:
    values = {
        "person": change.override.author if change.override else "",
        "reason": change.reason,
        "version": change.interval.version,
        "indicator": indicator_name(change.indicator) if change.indicator else "",
        "points": f"{change.points:+.1f}" if change.points is not None else "",
    }
    match change.cause:
        case Cause.FIRST:
            return _("First grade")
        case Cause.SET_BY_HAND:
            return _("Set by hand by %(person)s: %(reason)s") % values
        case Cause.HAND_ENDED:
            return _("What %(person)s had set by hand ended") % values
        case Cause.MODEL:
            return _("%(version)s published: %(reason)s") % values
        case Cause.CONFIRMED:
            return _("Confirmed by the next month's end; most moved by %(indicator)s %(points)s") % values
        case Cause.INDICATOR:
            return _("%(indicator)s %(points)s points") % values
    return _("not known: no month's end is frozen before or after")
