"""Cadence in words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy, ngettext

from segmentation.scoring.cadence import Cadence, CadenceState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STATES: dict[int, _StrPromise] = {
    CadenceState.NO_PLAN: gettext_lazy("Not visited by plan"),
    CadenceState.NEVER: gettext_lazy("Never visited"),
    CadenceState.ON_TRACK: gettext_lazy("On track"),
    CadenceState.DUE: gettext_lazy("Visit due"),
    CadenceState.OVERDUE: gettext_lazy("Visit overdue"),
}
SLUGS = {
    CadenceState.NEVER: "never",
    CadenceState.OVERDUE: "overdue",
    CadenceState.DUE: "due",
    CadenceState.ON_TRACK: "on_track",
    CadenceState.NO_PLAN: "no_plan",
}
# Tabler's colours; charts have tones of their own (static/js/charts.js).
BADGE_TONES = {
    CadenceState.NO_PLAN: "secondary",
    CadenceState.NEVER: "orange",
    CadenceState.ON_TRACK: "green",
    CadenceState.DUE: "yellow",
    CadenceState.OVERDUE: "red",
}


def standing_text(found: Cadence, place: int) -> str:
    """ "12 days overdue", "due in 3 days", "never visited"."""
    state = CadenceState(int(found.state[place]))
    if state in (CadenceState.NO_PLAN, CadenceState.NEVER):
        return str(STATES[state])
    late = int(found.days_late[place])
    if late > 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", late) % {"days": late}
    if late == 0:
        return gettext("due today")
    return ngettext("due in %(days)d day", "due in %(days)d days", -late) % {"days": -late}


def due_date(found: Cadence, place: int) -> dt.date | None:
    due: dt.date | None = found.due_on[place].astype(object)
    return due
