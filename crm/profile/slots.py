"""What the profile puts on crm's pages: the panel of gaps, the column and the filter of the account list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn, ListFilter, Panel
from crm.profile.completeness import CRITERIA, below, gaps_of, marks_of, score_of, with_marks, without

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import Account, User
    from crm.models.accounts import AccountQuerySet

LOW = 50


class CompletenessPanel(Panel):
    slug = "completeness"
    lazy = True
    title = _("What we do not know yet")
    icon = "checklist"
    template_name = "crm/profile/_completeness.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        found = marks_of(account, today)
        return {"score": score_of(found), "gaps": gaps_of(account, found)}


class CompletenessColumn(ListColumn):
    slug = "completeness"
    on_demand = True
    title = _("Profile")
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return with_marks(accounts, timezone.localdate())

    def cell(self, account: Account) -> str:
        return f"{score_of(account.profile_marks)}%"  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return score_of(account.profile_marks)  # type: ignore[attr-defined]


class GapsFilter(ListFilter):
    slug = "gaps"
    title = _("Missing in the profile")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [("low", _("More than half")), *((one.slug, one.gap) for one in CRITERIA)]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        today = timezone.localdate()
        return below(accounts, LOW, today) if value == "low" else without(accounts, value, today)
