"""Entering and changing a further field. What accounts hold and models weigh does not change under them."""

from __future__ import annotations

import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.operations import held_values
from crm.forms.base import StyledForm, StyledModelForm
from crm.models import CustomField, CustomFieldKind

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class CustomFieldForm(StyledModelForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy(
            "Small letters, digits and underscores, for files and interfaces. Stays as it is once saved."
        ),
    )

    class Meta:
        model = CustomField
        fields = ["name", "name_zh", "code", "kind", "unit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("code", "kind"):
                self.fields[name].disabled = True

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if self.instance.pk:
            return code
        if not CODE.fullmatch(code):
            raise ValidationError(_("Begin with a small letter; then small letters, digits, underscores."))
        if CustomField.objects.filter(code=code).exists():
            raise ValidationError(_("There is a field with this code."))
        return code


class ChoiceForm(StyledForm):
    value = forms.SlugField(label=gettext_lazy("Code"), max_length=40, required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=80, required=False)
    mark = forms.FloatField(label=gettext_lazy("Mark"), required=False)

    def clean_mark(self) -> float | None:
        mark: float | None = self.cleaned_data["mark"]
        if mark is not None and not math.isfinite(mark):
            raise ValidationError(_("Not a number."))
        return mark

    @property
    def is_empty(self) -> bool:
        return not any(
            self.cleaned_data.get(name) not in (None, "") for name in ("value", "name", "name_zh", "mark")
        )


class _Choices(BaseFormSet):
    """Rows left empty are no choices."""

    def clean(self) -> None:
        for form in self.forms:
            if form.is_valid() and not form.is_empty:
                for name in ("value", "mark"):
                    if form.cleaned_data.get(name) in (None, ""):
                        form.add_error(name, _("A choice needs a code and a mark."))


ChoiceFormSet = formset_factory(ChoiceForm, formset=_Choices, extra=4, max_num=60, absolute_max=60)


def choices_of(rows: Any) -> list[dict[str, Any]]:
    """Of a valid formset, as `CustomField.choices`."""
    return [
        {
            "value": form.cleaned_data["value"],
            "mark": form.cleaned_data["mark"],
            "name": form.cleaned_data["name"] or form.cleaned_data["value"],
            "name_zh": form.cleaned_data["name_zh"],
        }
        for form in rows.forms
        if not form.is_empty
    ]


def choice_problems(field: CustomField, choices: list[dict[str, Any]], users: list[str]) -> list[str]:
    """Why these choices cannot replace the field's: nothing that accounts hold goes, no mark that is weighed moves."""
    if field.kind != CustomFieldKind.CHOICE:
        return []
    values = [choice["value"] for choice in choices]
    found = []
    if len(choices) < 2:
        found.append(_("Name two choices at least."))
    if doubled := sorted({value for value in values if values.count(value) > 1}):
        found.append(_("The same code twice: %(codes)s.") % {"codes": _(", ").join(doubled)})
    if field.pk:
        for value, accounts in held_values(field).items():
            if value in field.marks and value not in values:
                found.append(
                    _("“%(choice)s” stays: %(accounts)s accounts hold it.")
                    % {"choice": field.label_of(value), "accounts": accounts}
                )
        moved = [
            choice["value"]
            for choice in choices
            if choice["value"] in field.marks and field.marks[choice["value"]] != choice["mark"]
        ]
        if moved and users:
            found.append(
                _("The mark of %(codes)s stays as it is: the field is used by %(users)s.")
                % {"codes": _(", ").join(moved), "users": _(", ").join(users)}
            )
    return found
