"""How forms look: Bootstrap's classes, one place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


CONTROL_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
]


class _Styled(forms.BaseForm):
    """Gives every widget its class, every date field the browser's own picker, and marks what is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style(self)

    def full_clean(self) -> None:
        # Not in __init__: a form is checked after its subclass has set its choices.
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                attributes = self.fields[name].widget.attrs
                attributes["class"] = f"{attributes.get('class', '')} is-invalid"


class StyledForm(_Styled, forms.Form):
    pass


class StyledModelForm(_Styled, forms.ModelForm):
    pass


def style(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        widget = field.widget
        css = next(css for kind, css in CONTROL_CLASSES if isinstance(widget, kind))
        given = str(widget.attrs.get("class", "")).split()
        widget.attrs["class"] = " ".join(dict.fromkeys([*given, css]))
        if isinstance(widget, forms.DateInput):
            widget.input_type = "date"
            widget.format = "%Y-%m-%d"
        elif isinstance(widget, forms.DateTimeInput):
            widget.input_type = "datetime-local"
            widget.format = "%Y-%m-%dT%H:%M"
