"""Further addresses and phones, supply relations, and the choice of an account by a part of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import Account, AccountAddress, AccountPhone, User


class AccountPicker(forms.TextInput):
    """Search as you type; what is sent is the account's number. Without scripts the number itself is typed."""

    template_name = "crm/profile/_picker.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        # The name that goes with a number.
        self.name_of: Callable[[str], str] = lambda number: number
        self.exclude: int | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        address = reverse("crm:account-pick")
        context["picker"] = {
            "name": self.name_of(str(value)) if value else "",
            "url": f"{address}?exclude={self.exclude}" if self.exclude else address,
            "results": f"{name}-found",
        }
        return context


class AddressForm(StyledModelForm):
    class Meta:
        model = AccountAddress
        fields = ["kind", "address", "city", "region", "postal_code", "country", "latitude", "longitude"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        refuse_bad_place(self, cleaned)
        return cleaned


def refuse_bad_place(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """Both coordinates or none, and on this globe."""
    latitude, longitude = cleaned.get("latitude"), cleaned.get("longitude")
    for name, value, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if value is not None and abs(value) > most:
            form.add_error(name, _("Between -%(most)d and %(most)d degrees.") % {"most": most})
    if (latitude is None) != (longitude is None) and not {"latitude", "longitude"} & set(form.errors):
        form.add_error("longitude", _("Latitude and longitude go together."))


class PhoneForm(StyledModelForm):
    class Meta:
        model = AccountPhone
        fields = ["label", "number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.input_type = "tel"


class SupplyForm(StyledForm):
    """An account to be named as the one that is bought through, or sold on to."""

    other = forms.CharField(label=_("Account"), max_length=200, widget=AccountPicker)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, user: User, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.account = user, account
        picker = self.fields["other"].widget
        assert isinstance(picker, AccountPicker)
        picker.exclude = account.pk

    def clean_other(self) -> Account:
        other = (
            Account.objects.visible_to(self.user).filter(number=self.cleaned_data["other"].strip()).first()
        )
        if other is None:
            raise ValidationError(_("Choose an account from the list."))
        if other.pk == self.account.pk:
            raise ValidationError(_("An account does not supply itself."))
        return other
