"""What a person says of an account's value: judgements, recorded gains, costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import Account, CostToServe, User, ValueCase, ValueCaseKind
from lifecycle.models import ValueInput
from lifecycle.worth.reading import PERCENT

MOST = Decimal(10) ** 13


class JudgementForm(StyledForm):
    value = forms.DecimalField(max_digits=18, decimal_places=4)
    reason = forms.CharField(max_length=255, label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, part: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        self.fields["value"].label = ValueInput(part).label

    def clean_value(self) -> Decimal:
        value: Decimal = self.cleaned_data["value"]
        if self.part in PERCENT and value > 100:
            raise ValidationError(_("At most 100 %."))
        if self.part == ValueInput.MARGIN:
            if value < -100:
                raise ValidationError(_("At least -100 %."))
        elif value < 0:
            raise ValidationError(_("Not below 0."))
        if value > MOST:
            raise ValidationError(_("That is too much to be true."))
        return value


class CaseForm(StyledModelForm):
    """The referred account is named by its number, of those the user sees."""

    referred_number = forms.CharField(
        max_length=40,
        required=False,
        label=gettext_lazy("Number of the account that came through it"),
        help_text=gettext_lazy("Of a referral only."),
    )

    class Meta:
        model = ValueCase
        fields = ("kind", "happened_on", "benefit", "share", "unsolicited", "note")
        widgets = {"happened_on": forms.DateInput()}

    field_order = ("kind", "happened_on", "benefit", "share", "referred_number", "unsolicited", "note")

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        if self.instance.referred_id:
            self.initial["referred_number"] = self.instance.referred.number

    def clean_happened_on(self) -> dt.date:
        return _not_ahead(self.cleaned_data["happened_on"], self.today)

    def clean_referred_number(self) -> Account | None:
        number = self.cleaned_data["referred_number"].strip()
        if not number:
            return None
        found = Account.objects.visible_to(self.user).filter(number=number).first()
        if found is None:
            raise ValidationError(_("No account has this number."))
        if found.pk == self.instance.account_id:
            raise ValidationError(_("An account does not refer itself."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        referral = cleaned.get("kind") == ValueCaseKind.REFERRAL
        self.instance.referred = cleaned.get("referred_number") if referral else None
        return cleaned


class CostForm(StyledModelForm):
    class Meta:
        model = CostToServe
        fields = ("kind", "spent_on", "amount", "note")
        widgets = {"spent_on": forms.DateInput()}

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_spent_on(self) -> dt.date:
        return _not_ahead(self.cleaned_data["spent_on"], self.today)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount < 0:
            raise ValidationError(_("Not below 0."))
        return amount


def _not_ahead(day: dt.date, today: dt.date) -> dt.date:
    if day > today:
        raise ValidationError(_("This day is still to come."))
    return day
