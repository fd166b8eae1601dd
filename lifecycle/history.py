"""Stage and loyalty of one account over the years: chart and table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.charting import history_line
from crm.charts import Chart
from crm.snapshots import month_ends
from crm.tables import Column, Table
from lifecycle.models import LifecycleSnapshot, LoyaltyInterval, StageInterval
from lifecycle.wording import LEVELS, STAGES, level_name, stage_name

if TYPE_CHECKING:
    from crm.models import Account


def stage_history(account: Account, until: dt.date) -> Chart:
    intervals = list(StageInterval.objects.filter(account=account).order_by("valid_from"))
    columns = [Column(_("Stage")), Column(_("From"), "date"), Column(_("Until"), "date")]
    rows = [[stage_name(one.value), one.valid_from, one.valid_to] for one in reversed(intervals)]
    table = Table("stage-history", _("Stage"), columns, rows)
    used = {one.value for one in intervals}
    # Best on top: stability, formation, exploration, decline, lost, prospect.
    order = [stage for stage in (3, 2, 1, 4, 5, 0) if stage in used or stage in (3, 2, 1, 4)]
    steps = [(one.valid_from, stage_name(one.value)) for one in intervals]
    return history_line(table, [str(STAGES[stage]) for stage in order], steps, until)


def loyalty_history(account: Account, until: dt.date) -> Chart:
    intervals = list(LoyaltyInterval.objects.filter(account=account, value__gte=1).order_by("valid_from"))
    index = list(
        LifecycleSnapshot.objects.filter(account=account, month_end__in=month_ends(LifecycleSnapshot))
        .order_by("month_end")
        .values_list("month_end", "loyalty")
    )
    columns = [Column(_("Loyalty level")), Column(_("From"), "date"), Column(_("Until"), "date")]
    rows = [[level_name(one.value), one.valid_from, one.valid_to] for one in reversed(intervals)]
    table = Table("loyalty-history", _("Loyalty level"), columns, rows)
    steps = [(one.valid_from, level_name(one.value)) for one in intervals]
    levels = [str(LEVELS[level]) for level in sorted(LEVELS, reverse=True)]
    return history_line(table, levels, steps, until, index, _("Loyalty index"))
