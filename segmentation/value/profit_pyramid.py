"""The pyramid by profit alone (models.md section 14): two years of gross profit, whatever the grades say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crm.models import Account
from crm.scoring.arrays import CodeArray, FloatArray, IntArray
from crm.tables import Column, Table
from segmentation.forms import BY_PROFIT
from segmentation.scoring.pareto import Tier, pyramid_tiers
from segmentation.value.concentration import earnings
from segmentation.value.wording import PROFIT_TIER_RULES, PROFIT_TIERS

TWO_YEARS = 730


def profit_tiers(ids: IntArray | None, as_of: dt.date) -> tuple[FloatArray, CodeArray]:
    """Profit and tier of the accounts `ids` (None: everybody's); ranked among all customers, whoever looks."""
    found = earnings(Account.objects.all(), BY_PROFIT, TWO_YEARS, as_of)
    tiers = pyramid_tiers(found.values)
    shown = np.ones(len(tiers), dtype=np.bool_) if ids is None else np.isin(found.account_ids, ids)
    return found.values[shown], tiers[shown]


def profit_pyramid_table(ids: IntArray | None, as_of: dt.date, month_end: dt.date | None) -> Table:
    profit, tiers = profit_tiers(ids, as_of)
    # The ledger tells any date again; today's customers as they stood then.
    then = profit_tiers(ids, month_end)[1] if month_end else None
    total = float(np.nansum(profit))
    columns = [
        Column(_("Tier")),
        Column(_("Rule")),
        Column(_("Accounts"), "integer"),
        Column(_("Share"), "percent"),
        Column(_("At month's end"), "integer"),
        Column(_("Gross profit"), "money"),
        Column(_("Share"), "percent"),
    ]
    rows: list[list[Any]] = []
    for tier in (Tier.PLATINUM, Tier.GOLD, Tier.IRON, Tier.LEAD, Tier.UNRATED):
        own = tiers == tier
        if tier == Tier.UNRATED and not own.any():
            continue
        earned = None if tier == Tier.UNRATED else float(profit[own].sum())
        rows.append(
            [
                str(PROFIT_TIERS[tier]),
                str(PROFIT_TIER_RULES[tier]),
                int(own.sum()),
                own.sum() / len(tiers) if len(tiers) else None,
                None if then is None else int((then == tier).sum()),
                earned,
                earned / total if earned is not None and total > 0 else None,
            ]
        )
    return Table("profit", _("By profit alone"), columns, rows)
