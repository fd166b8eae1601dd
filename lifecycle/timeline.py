"""Stages and loyalty on an account's timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.panels import TimelineEntry, TimelineSource
from crm.timeline.days import at_noon, last_day
from lifecycle.models import LoyaltyInterval, StageInterval
from lifecycle.scoring.stages import Stage
from lifecycle.wording import level_name, stage_name

if TYPE_CHECKING:
    from crm.models import Account, User

STAGE_TONES = {Stage.STABILITY: "good", Stage.FORMATION: "good", Stage.DECLINE: "bad", Stage.LOST: "bad"}


def _changes(
    intervals: Any, last: dt.date, most: int, name: Callable[[int], str]
) -> list[tuple[Any, str, str]]:
    """The interval, its value in words and the one before ("" at the beginning), newest first."""
    # One more than is shown: what the oldest one came from.
    rows = list(intervals.filter(valid_from__lte=last).order_by("-valid_from")[: most + 1])
    names = [str(name(row.value)) for row in rows]
    return [
        (row, names[place], names[place + 1] if place + 1 < len(rows) else "")
        for place, row in enumerate(rows[:most])
    ]


class StagesOfAccount(TimelineSource):
    slug = "stages"
    title = gettext_lazy("Stages")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        changes = _changes(StageInterval.objects.filter(account=account), last_day(before), most, stage_name)
        return [
            TimelineEntry(
                at=at_noon(row.valid_from),
                title=_("Stage %(before)s → %(after)s") % {"before": earlier, "after": stage}
                if earlier
                else _("First stage: %(stage)s") % {"stage": stage},
                icon="rotate-clockwise",
                url=f"{account.get_absolute_url()}#panel-stage",
                tone=STAGE_TONES.get(Stage(row.value), ""),
            )
            for row, stage, earlier in changes
        ]


class LoyaltyOfAccount(TimelineSource):
    slug = "loyalty"
    title = gettext_lazy("Loyalty")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        known = LoyaltyInterval.objects.filter(account=account, value__gte=1)
        return [
            TimelineEntry(
                at=at_noon(row.valid_from),
                title=_("Loyalty %(before)s → %(after)s") % {"before": earlier, "after": level}
                if earlier
                else _("First loyalty level: %(level)s") % {"level": level},
                icon="heart",
                url=f"{account.get_absolute_url()}#panel-loyalty",
            )
            for row, level, earlier in _changes(known, last_day(before), most, level_name)
        ]
