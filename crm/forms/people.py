from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.account_filters import indented, tree_order
from crm.forms.base import StyledForm, StyledModelForm
from crm.models import Territory, User


class UserForm(StyledModelForm):
    class Meta:
        model = User
        fields = [
            "username",
            "last_name",
            "first_name",
            "email",
            "role",
            "language",
            "territories",
            "sees_personal_details",
            "is_active",
        ]
        labels = {"is_active": _("May log in")}
        help_texts = {"username": "", "is_active": ""}
        widgets = {"territories": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = tree_order(list(Territory.objects.all()))
        field = self.fields["territories"]
        field.choices = [(territory.pk, indented(territory)) for territory in tree]  # type: ignore[attr-defined]
        field.required = False
        field.help_text = _("A person sees the accounts of these territories and of all below them.")


class TerritoryForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    parent = forms.ModelChoiceField(Territory.objects.all(), label=_("Part of"), required=False)

    def __init__(self, *args: Any, territory: Territory | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = tree_order(list(Territory.objects.all()))
        if territory:
            tree = [place for place in tree if not place.path.startswith(territory.path)]
        field = self.fields["parent"]
        field.choices = [("", _("– (top)")), *((place.pk, indented(place)) for place in tree)]  # type: ignore[attr-defined]
