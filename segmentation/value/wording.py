"""Quadrants, levels, bases and risks in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmentation.scoring.matrix import CurrentBasis, PotentialBasis, Quadrant
from segmentation.scoring.pareto import Risk, Tier
from segmentation.scoring.relationships import Level

# The pyramid uses the same words for other things: each has its context.
QUADRANTS = {
    Quadrant.PLATINUM: pgettext_lazy("matrix", "Platinum"),
    Quadrant.GOLD: pgettext_lazy("matrix", "Gold"),
    Quadrant.IRON: pgettext_lazy("matrix", "Iron"),
    Quadrant.LEAD: pgettext_lazy("matrix", "Lead"),
    Quadrant.UNRATED: _("Unrated"),
}
PLACES = {
    Quadrant.PLATINUM: _("high value today, much to gain"),
    Quadrant.GOLD: _("high value today, little to gain"),
    Quadrant.IRON: _("low value today, much to gain"),
    Quadrant.LEAD: _("low value today, little to gain"),
    Quadrant.UNRATED: _("value or potential not known"),
}
STRATEGIES = {
    Quadrant.PLATINUM: _(
        "Spare no effort: the best people, the first delivery, a plan of its own for each customer."
    ),
    Quadrant.GOLD: _("Keep at a high level: guard the business, watch for rivals, do not expect growth."),
    Quadrant.IRON: _("Invest to rebuild: find out who supplies the rest, and win it product by product."),
    Quadrant.LEAD: _(
        "No extra investment: serve at low cost, by phone and price list; let go what loses money."
    ),
    Quadrant.UNRATED: _("Find out: grade needs more figures, cost of goods, satisfaction or demand."),
}
# In the address of the account list.
QUADRANT_SLUGS = {
    Quadrant.PLATINUM: "platinum",
    Quadrant.GOLD: "gold",
    Quadrant.IRON: "iron",
    Quadrant.LEAD: "lead",
    Quadrant.UNRATED: "unrated",
}

CURRENT_BASES = {
    CurrentBasis.FORECAST: _("purchase forecast"),
    CurrentBasis.RUN_RATE: _("this year's gross profit continued"),
    CurrentBasis.SALES: _("net sales at the average margin"),
    CurrentBasis.UNKNOWN: _("not known"),
}
POTENTIAL_BASES = {
    PotentialBasis.DEMAND: _("demand that others supply"),
    PotentialBasis.SCORE: _("future value of the grade"),
    PotentialBasis.UNKNOWN: _("not known"),
}

LEVELS = {
    Level.BASIC: pgettext_lazy("relationship", "Basic"),
    Level.REACTIVE: pgettext_lazy("relationship", "Reactive"),
    Level.ACCOUNTABLE: pgettext_lazy("relationship", "Accountable"),
    Level.PROACTIVE: pgettext_lazy("relationship", "Proactive"),
    Level.PARTNERSHIP: pgettext_lazy("relationship", "Partnership"),
}
LEVEL_MEANINGS = {
    Level.BASIC: _("we sell and leave it at that"),
    Level.REACTIVE: _("we answer when they ask"),
    Level.ACCOUNTABLE: _("we ask after the sale whether all is well"),
    Level.PROACTIVE: _("we come by ourselves, with ideas"),
    Level.PARTNERSHIP: _("we develop or sell together"),
}

# By profit alone; the grades of a scoring model have names of their own.
PROFIT_TIERS = {
    Tier.PLATINUM: pgettext_lazy("pyramid", "Platinum"),
    Tier.GOLD: pgettext_lazy("pyramid", "Gold"),
    Tier.IRON: pgettext_lazy("pyramid", "Iron"),
    Tier.LEAD: pgettext_lazy("pyramid", "Lead"),
    Tier.UNRATED: _("Unrated"),
}
PROFIT_TIER_RULES = {
    Tier.PLATINUM: _("the best 5 %"),
    Tier.GOLD: _("the next 15 %"),
    Tier.IRON: _("the others with a profit"),
    Tier.LEAD: _("no profit, or a loss"),
    Tier.UNRATED: _("cost not known"),
}

RISKS = {
    Risk.LOW: pgettext_lazy("dependence", "Low"),
    Risk.MEDIUM: pgettext_lazy("dependence", "Medium"),
    Risk.HIGH: pgettext_lazy("dependence", "High"),
}
RISK_TONES = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red"}
