"""Columns of the account list about the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.account_columns import by_hand, emphasised
from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, number
from lifecycle.wording import BADGE_TONES, stage_name

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet


ALARMING = 2


class StageColumn(ListColumn):
    slug = "stage"
    on_phone = True
    title = _("Stage")
    sort = "lifecycle_stage"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            lifecycle_stage=F("current_lifecycle__stage"),
            lifecycle_overridden=F("current_lifecycle__overridden"),
        )

    def cell(self, account: Account) -> str:
        stage: int | None = account.lifecycle_stage  # type: ignore[attr-defined]
        tone = BADGE_TONES.get(-1 if stage is None else stage, "secondary")
        mark = by_hand(gettext("Set by a person")) if account.lifecycle_overridden else ""  # type: ignore[attr-defined]
        words = stage_name(stage) or MISSING
        return format_html('<span class="badge bg-{}-lt">{}</span>{}', tone, words, mark)

    def export_value(self, account: Account) -> Any:
        return stage_name(account.lifecycle_stage) or None  # type: ignore[attr-defined]


class OverdueColumn(ListColumn):
    """Days since the last purchase over the interval to be expected: 2 and more is alarming."""

    slug = "overdue"
    title = _("Overdue ratio")
    sort = "overdue_ratio"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(overdue_ratio=F("current_lifecycle__overdue_ratio"))

    def cell(self, account: Account) -> str:
        ratio: float | None = account.overdue_ratio  # type: ignore[attr-defined]
        return emphasised(number(ratio, 1), ratio is not None and ratio >= ALARMING)

    def export_value(self, account: Account) -> Any:
        return account.overdue_ratio  # type: ignore[attr-defined]


class LoyaltyColumn(ListColumn):
    slug = "loyalty"
    on_demand = True
    title = _("Loyalty")
    sort = "loyalty_index"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(loyalty_index=F("current_lifecycle__loyalty"))

    def cell(self, account: Account) -> str:
        return number(account.loyalty_index, 0)  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return account.loyalty_index  # type: ignore[attr-defined]
