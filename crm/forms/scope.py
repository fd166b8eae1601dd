"""Whose accounts a dashboard counts: territory, owner, industry."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.models import Account, Territory, User
from crm.remember import last_edit, remember

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet


def _industries(accounts: AccountQuerySet) -> list[str]:
    names = accounts.exclude(industry="").order_by("industry").values_list("industry", flat=True)
    return list(names.distinct())


class ScopeForm(StyledForm):
    """The filters above every dashboard. Offers only what the user may see; a foreign value narrows to nothing."""

    territory = forms.ModelChoiceField(Territory.objects.none(), required=False, label=_("Territory"))
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Sales rep"))
    industry = forms.ChoiceField(required=False, label=_("Industry"))

    # The account list understands these parameters by the same names.
    SCOPE = ("territory", "owner", "industry")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        visible = Account.objects.visible_to(user)
        territories = Territory.objects.all()
        if not user.can("administer") and user.role == "manager":
            territories = territories.within(user.territory_paths)
        field = self.fields["territory"]
        field.queryset = territories  # type: ignore[attr-defined]
        field.empty_label = _("All territories")  # type: ignore[attr-defined]
        owner = self.fields["owner"]
        owner.queryset = User.objects.visible_to(user).order_by("last_name", "first_name", "username")  # type: ignore[attr-defined]
        owner.empty_label = _("Everybody")  # type: ignore[attr-defined]
        industries = remember(user, None, "industries", lambda: _industries(visible), last_edit())
        self.fields["industry"].choices = [  # type: ignore[attr-defined]
            ("", _("All industries")),
            *((name, name) for name in industries),
        ]

    def accounts(self) -> AccountQuerySet:
        """The visible accounts that pass the filters."""
        accounts = Account.objects.visible_to(self.user)
        if not self.is_valid():
            return accounts.none()
        chosen = self.cleaned_data
        if chosen["territory"]:
            accounts = accounts.filter(territory__in=Territory.objects.within([chosen["territory"].path]))
        if chosen["owner"]:
            accounts = accounts.filter(owner=chosen["owner"])
        if chosen["industry"]:
            accounts = accounts.filter(industry=chosen["industry"])
        return accounts

    def list_url(self, **parameters: Any) -> str:
        """The account list narrowed to what was clicked, with the filters in force."""
        kept = {name: self.data.get(name, "") for name in self.SCOPE}
        given = {key: value for key, value in {**kept, **parameters}.items() if value not in ("", None)}
        # "{name}" stands for the point that is clicked on a chart.
        return f"{reverse('crm:account-list')}?{urlencode(given, safe='{}')}"


class ComparedForm(ScopeForm):
    """Whose accounts, and which of the frozen month ends (given newest first)."""

    month = forms.ChoiceField(required=False, label=_("Compared with"))
    # How a month's end is written in the choice.
    MONTH_FORMAT = "%Y-%m-%d"

    def __init__(self, *args: Any, user: User, month_ends: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.month_ends = month_ends
        choices = [(f"{day:%Y-%m-%d}", day.strftime(self.MONTH_FORMAT)) for day in month_ends]
        self.fields["month"].choices = choices  # type: ignore[attr-defined]

    @property
    def month_end(self) -> dt.date | None:
        """The month's end chosen, else the newest."""
        chosen = self.cleaned_data.get("month") if self.is_valid() else ""
        return dt.date.fromisoformat(chosen) if chosen else (self.month_ends[0] if self.month_ends else None)
