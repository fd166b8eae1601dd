"""Entering and changing an account."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.account_filters import indented, offered_territories
from crm.custom_fields import values as further
from crm.forms.base import StyledModelForm, style
from crm.forms.profile import AccountPicker, refuse_bad_place
from crm.models import Account, Role, Territory, User
from crm.models.naming import reads_chinese
from crm.profile.groups import leads_back
from crm.profile.industries import GBT, ISIC, Standard

SECTIONS: list[tuple[Any, list[str]]] = [
    (_("Name"), ["name", "english_name", "short_name", "former_name", "number", "kind", "channel"]),
    (_("Who looks after it"), ["owner", "territory", "parent"]),
    (
        _("Address"),
        ["country", "region", "city", "postal_code", "address", "latitude", "longitude", "phone", "fax", "email",
         "website"],
    ),
    (
        _("Business"),
        ["industry", "industry_code", "isic_code", "registration_number", "industry_position", "employees",
         "annual_revenue", "first_contact_on"],
    ),
    (
        _("Trade with us"),
        ["currency", "payment_days", "contract_from", "contract_to", "sole_source", "viable_alternatives",
         "switching_cost"],
    ),
]  # fmt: skip
# Where typing begins: the rest is folded away for a new account.
FIRST_SECTIONS = 3
# Stands for a parent group that the editor does not see: it may stay, it is not named.
UNSEEN = "·"
CIRCLE = _("This account belongs to the group that you are changing.")


class TerritoryChoice(forms.ModelChoiceField):
    """Only the territories offered, as a tree."""

    def label_from_instance(self, territory: Territory) -> str:
        return indented(territory)


class AccountForm(StyledModelForm):
    number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        required=False,
        help_text=_("Left empty: the next free number."),
    )
    territory = TerritoryChoice(Territory.objects.none(), required=False, label=_("Territory"))
    website = forms.URLField(label=_("Web site"), required=False, assume_scheme="https")
    parent = forms.CharField(label=_("Parent group"), max_length=200, required=False, widget=AccountPicker)
    # What the editor was shown: tells the editor's changes from a colleague's where both changed the account.
    base = forms.CharField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Account
        fields = [name for _title, names in SECTIONS for name in names if name not in ("parent",)]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.further = further.offered()
        for own in self.further:
            self.fields[f"{further.PREFIX}{own.code}"] = further.form_field(own)
            self.initial[f"{further.PREFIX}{own.code}"] = further.initial(own, self.instance)
        style(self)
        self._offer_places()
        self._offer_owners()
        fields = self.fields
        self._offer_parent()
        # Creating without a word about it: a direct customer.
        fields["channel"].required = False
        fields["industry_code"].widget.attrs["list"] = "gbt-codes"
        fields["isic_code"].widget.attrs["list"] = "isic-codes"
        fields["sole_source"].widget.choices = [("unknown", "–"), ("true", _("Yes")), ("false", _("No"))]
        if self.instance.pk:
            fields["number"].required = True
            fields["number"].help_text = ""
            self.initial["revision"] = self.instance.revision
            self.initial["base"] = json.dumps(self.as_shown())

    def _offer_places(self) -> None:
        """The user's own territories, and the one where the account already is."""
        offered = offered_territories(self.user)
        pks = [territory.pk for territory in offered] + [self.instance.territory_id]
        field = self.fields["territory"]
        field.queryset = Territory.objects.filter(pk__in=pks)  # type: ignore[attr-defined]
        field.choices = [("", "–"), *((territory.pk, indented(territory)) for territory in offered)]  # type: ignore[attr-defined]
        if self.instance.territory_id and self.instance.territory_id not in {place.pk for place in offered}:
            field.choices = [*field.choices, (self.instance.territory_id, str(self.instance.territory))]  # type: ignore[attr-defined]

    def _offer_owners(self) -> None:
        """A rep's account stays the rep's; who leads may hand it to anybody in sight."""
        if self.user.role == Role.REP:
            del self.fields["owner"]
            return
        owners = User.objects.visible_to(self.user).filter(is_active=True)
        if self.instance.owner_id:
            owners = owners | User.objects.filter(pk=self.instance.owner_id)
        field = self.fields["owner"]
        field.queryset = owners.distinct().order_by("last_name", "username")  # type: ignore[attr-defined]
        field.empty_label = "–"  # type: ignore[attr-defined]

    def _offer_parent(self) -> None:
        """The group by its name where the editor sees it."""
        picker, parent = self.fields["parent"].widget, self.instance.parent
        assert isinstance(picker, AccountPicker)
        visible = Account.objects.visible_to(self.user)
        seen = parent is not None and visible.filter(pk=parent.pk).exists()
        if parent is not None:
            self.initial["parent"] = parent.number if seen else UNSEEN

        def name_of(number: str) -> str:
            if number == UNSEEN:
                return str(_("An account of another team"))
            found = parent if seen and parent.number == number else visible.filter(number=number).first()
            return str(found or number)

        picker.name_of, picker.exclude = name_of, self.instance.pk

    def as_shown(self) -> dict[str, str]:
        """Every field as text, as the form first shows it."""
        return {
            name: self._text(name, self.get_initial_for_field(field, name))
            for name, field in self.own_fields()
        }

    def own_fields(self) -> list[tuple[str, forms.Field]]:
        return [(name, field) for name, field in self.fields.items() if name not in ("base", "revision")]

    def _text(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field.widget, forms.NullBooleanSelect):
            return str(field.widget.format_value(value))
        value = field.prepare_value(value)
        return "" if value is None else str(value)

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        own = [f"{further.PREFIX}{field.code}" for field in self.further]
        listed = [*SECTIONS, *([(_("Further fields"), own)] if own else [])]
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in listed]

    def first_sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return self.sections()[:FIRST_SECTIONS]

    def more_sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return self.sections()[FIRST_SECTIONS:]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError(_("Give the account a name."))
        return name

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if number and Account.objects.filter(number=number).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This account number is taken."))
        return number

    def clean_parent(self) -> Account | None:
        number = self.cleaned_data["parent"].strip()
        if not number:
            return None
        if number == UNSEEN and self.initial.get("parent") == UNSEEN:
            # The group belongs to another team: it may stay, it may not be chosen.
            return self.instance.parent
        parent = Account.objects.visible_to(self.user).filter(number=number).first()
        if parent is None:
            raise ValidationError(_("There is no such account in your sight: choose one from the list."))
        if self.instance.pk and leads_back(parent.pk, self.instance.pk):
            raise ValidationError(CIRCLE)
        return parent

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or self.instance.channel

    def clean_industry_code(self) -> str:
        return self._code("industry_code", GBT, _("Write it as in GB/T 4754: C34, 3451 or C3451."))

    def clean_isic_code(self) -> str:
        return self._code("isic_code", ISIC, _("Write it as in ISIC Rev. 4: C28, 2814 or C2814."))

    def _code(self, name: str, standard: Standard, message: Any) -> str:
        """An old code that the standard does not know may stay as long as nobody touches it."""
        code: str = self.cleaned_data[name].strip()
        if not code or code == self.initial.get(name):
            return code
        checked = standard.checked(code)
        if checked is None:
            raise ValidationError(message)
        return checked

    def codes(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """For the lists to pick from."""
        chinese = reads_chinese()
        return [("gbt-codes", GBT.choices(chinese=chinese)), ("isic-codes", ISIC.choices(chinese=chinese))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        refuse_bad_place(self, cleaned)
        start, end = cleaned.get("contract_from"), cleaned.get("contract_to")
        if start and end and end < start:
            self.add_error("contract_to", _("The contract ends before it begins."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.instance.custom = further.merged(self.instance, self.further, self.cleaned_data)

    def values(self) -> dict[str, Any]:
        """What to write."""
        named = {
            name: self.cleaned_data[name]
            for name, _field in self.own_fields()
            if not name.startswith(further.PREFIX)
        }
        return {**named, "custom": self.instance.custom}

    def save(self, commit: bool = True) -> Any:
        raise NotImplementedError("crm.operations saves accounts")
