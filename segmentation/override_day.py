"""A leader's day: proposals that wait for a word, and overrides that end soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models.history import OverrideState
from crm.overrides import DECIDES
from crm.panels import DayItem, DayLink, DaySource
from segmentation.override_review import Line, to_see_to

if TYPE_CHECKING:
    from crm.models import User

SOON = dt.timedelta(days=14)
SHOWN = 20


class OverridesToDecide(DaySource):
    slug = "overrides"
    title = gettext_lazy("Set by hand: to decide and to review")
    icon = "hand-stop"
    capability = DECIDES

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        return [_item(line, today) for line in to_see_to(user, today, SOON, SHOWN)]

    def links(self, *, user: User) -> Sequence[DayLink]:
        return (DayLink(gettext_lazy("Review of overrides"), "hand-stop", reverse("segmentation:overrides")),)


def _item(line: Line, today: dt.date) -> DayItem:
    override = line.override
    waits = override.state == OverrideState.PROPOSED
    values = {"kind": line.kind.title, "name": line.name or "–", "person": override.author}
    return DayItem(
        account=override.account,
        title=_("%(person)s proposes: %(kind)s %(name)s") % values
        if waits
        else _("%(kind)s %(name)s, set by hand, ends soon") % values,
        url=line.kind.url(override.account_id),
        due_on=None if waits else override.valid_to,
        detail=override.reason,
        tone="warn" if waits else "",
    )
