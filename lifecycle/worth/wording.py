"""The tiers of lifetime value in words, addresses and colours."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.scoring.reasons import Reason
from lifecycle.scoring.lifetime import ValueTier

TIERS = {
    ValueTier.HIGH: pgettext_lazy("lifetime value", "High"),
    ValueTier.MEDIUM: pgettext_lazy("lifetime value", "Medium"),
    ValueTier.LOW: pgettext_lazy("lifetime value", "Low"),
}
TIER_SLUGS: dict[int | None, str] = {ValueTier.HIGH: "high", ValueTier.MEDIUM: "medium", ValueTier.LOW: "low"}
# Of charts, and of badges.
TIER_TONES = {ValueTier.HIGH: "good", ValueTier.MEDIUM: "primary", ValueTier.LOW: "muted"}
BADGES = {ValueTier.HIGH: "green", ValueTier.MEDIUM: "blue", ValueTier.LOW: "secondary"}


# What a list of values says beside a figure, or where it is missing.
REMARKS = {
    Reason.NO_TRADES: _("never bought"),
    Reason.NO_COST: _("cost unknown for too many trade lines"),
    Reason.MISSING_INPUT: _("demand not known: from its gross profit"),
    Reason.TOO_FEW_OBS: _("too few customers to compare with"),
    Reason.SINGLE_PURCHASE: _("bought only once"),
    Reason.DEGENERATE_FIT: _("degenerate fit"),
}


def remark(reason: int) -> str:
    """ "" where there is nothing to say."""
    return str(REMARKS.get(Reason(reason), ""))


def tier_name(tier: int | None) -> str:
    """ "" where it is not known."""
    return "" if tier is None else str(TIERS[ValueTier(tier)])
