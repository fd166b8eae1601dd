"""The tiers of lifetime value in words, addresses and colours."""

from django.utils.translation import pgettext_lazy

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


def tier_name(tier: int | None) -> str:
    """ "" where it is not known."""
    return "" if tier is None else str(TIERS[ValueTier(tier)])
