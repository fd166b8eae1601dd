"""What lifetime value puts on crm's pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.panels import VALUE, AccountPage, ListColumn, ListFilter, NavigationEntry, Panel
from crm.snapshots import shown_run
from crm.templatetags.ui import MISSING, money_short
from lifecycle.models import AccountValue
from lifecycle.scoring.lifetime import ValueTier
from lifecycle.worth.wording import BADGES, TIER_SLUGS, TIERS, remark, tier_name

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import Account, User
    from crm.models.accounts import AccountQuerySet

BY_SLUG = {slug: tier for tier, slug in TIER_SLUGS.items()}


class LifetimeValueEntry(NavigationEntry):
    title = _("Lifetime value")
    group = VALUE
    icon = "hourglass"
    url_name = "lifecycle:lifetime-value"
    capability = "view_dashboards"


class ValuePage(AccountPage):
    slug = "value"
    title = pgettext_lazy("menu", "Value")
    icon = "diamond"
    url_name = "lifecycle:account-value"


class ValuePanel(Panel):
    slug = "value"
    title = _("Lifetime value")
    icon = "diamond"
    template_name = "lifecycle/panels/value.html"
    column = "side"
    lazy = True

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        figures = AccountValue.objects.filter(account=account).first()
        run = shown_run()
        if figures is None or run is None:
            return {"figures": None}
        parts = (
            (_("Purchase value"), figures.purchase_value),
            (_("Word-of-mouth value"), figures.referral_value),
            (_("Information value"), figures.information_value),
            (_("Knowledge value"), figures.knowledge_value),
            (_("Transaction value"), figures.transaction_value),
        )
        return {
            "figures": figures,
            "as_of": run.as_of,
            "tier": tier_name(figures.tier),
            "badge": "secondary" if figures.tier is None else BADGES[ValueTier(figures.tier)],
            "parts": parts,
            "reason": remark(figures.reason),
            "forecast_reason": remark(figures.forecast_reason),
        }


class ValueTierColumn(ListColumn):
    slug = "value_tier"
    title = _("Tier of lifetime value")
    sort = "lifetime_tier"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(lifetime_tier=F("current_value__tier"))

    def cell(self, account: Account) -> str:
        tier: int | None = account.lifetime_tier  # type: ignore[attr-defined]
        if tier is None:
            return MISSING
        return format_html('<span class="badge bg-{}-lt">{}</span>', BADGES[tier], tier_name(tier))  # type: ignore[index]

    def export_value(self, account: Account) -> Any:
        return tier_name(account.lifetime_tier) or None  # type: ignore[attr-defined]


class LifetimeValueColumn(ListColumn):
    slug = "lifetime_value"
    title = _("Lifetime value")
    sort = "lifetime_worth"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(lifetime_worth=F("current_value__lifetime_value"))

    def cell(self, account: Account) -> str:
        return money_short(account.lifetime_worth)  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return account.lifetime_worth  # type: ignore[attr-defined]


class ValueTierFilter(ListFilter):
    slug = "value_tier"
    title = _("Tier of lifetime value")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [*((TIER_SLUGS[tier], name) for tier, name in TIERS.items()), ("unknown", _("Not known"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        rated = AccountValue.objects.filter(tier__isnull=False)
        if value == "unknown":
            return accounts.exclude(pk__in=rated.values("account_id"))
        if value not in BY_SLUG:
            return accounts.none()
        return accounts.filter(pk__in=rated.filter(tier=BY_SLUG[value]).values("account_id"))
