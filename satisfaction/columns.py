"""Columns of the account list about satisfaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, number
from satisfaction.wording import class_name

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet


UNSATISFIED_BELOW = 2


class SatisfactionColumn(ListColumn):
    """C = b/a with its class: the class for the eye, the ratio for the sort."""

    slug = "satisfaction"
    on_phone = True
    title = _("Satisfaction")
    sort = "satisfaction_ratio"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            satisfaction_ratio=F("current_satisfaction__ratio"),
            satisfaction_class=F("current_satisfaction__satisfaction_class"),
        )

    def cell(self, account: Account) -> str:
        ratio, code = account.satisfaction_ratio, account.satisfaction_class  # type: ignore[attr-defined]
        if ratio is None:
            return format_html('<span class="text-secondary">{}</span>', MISSING)
        tone = " text-red fw-bold" if code is not None and code < UNSATISFIED_BELOW else ""
        words = class_name(code)
        return format_html('<span class="text-nowrap{}" title="{}">{}</span>', tone, words, number(ratio, 2))

    def export_value(self, account: Account) -> Any:
        return account.satisfaction_ratio  # type: ignore[attr-defined]
