"""Entering, changing and deciding opportunities; the stages they pass."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import (
    Account,
    BuyingProcess,
    Competitor,
    ExchangeRate,
    ExitCriterion,
    Opportunity,
    OpportunityState,
    PipelineStage,
    ProductFamily,
    Role,
    User,
)

# More competitors than this are found by typing their names.
COMPETITORS_OFFERED = 24
SEPARATORS = re.compile(r"[,;、，；\n]+")
EARLIEST = dt.date(1990, 1, 1)
LATEST = dt.date(2100, 1, 1)


def competitors_named(text: str, *, whole: bool = False) -> list[Competitor]:
    """Competitors by either name, whatever the case; those that nobody has named before are put on record.

    Several with commas between them; with `whole` the text is one name.
    """
    found: dict[int, Competitor] = {}
    parts = [text] if whole else SEPARATORS.split(text)
    for name in dict.fromkeys(" ".join(part.split()) for part in parts):
        if not name:
            continue
        known = Competitor.objects.filter(name__iexact=name).first()
        known = known or Competitor.objects.filter(english_name__iexact=name).first()
        if known is None:
            known, _created = Competitor.objects.get_or_create(name=name)
        found[known.pk] = known
    return list(found.values())


def _check_names(text: str) -> str:
    if any(len(" ".join(part.split())) > 120 for part in SEPARATORS.split(text)):
        raise ValidationError(_("A name has at most 120 letters. Put commas between several."))
    return text


class OpportunityForm(StyledModelForm):
    new_competitors = forms.CharField(
        label=_("Other competitors"),
        max_length=400,
        required=False,
        help_text=_("Several: with commas between them."),
    )
    new_process = forms.BooleanField(label=_("Start a decision map for this deal"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    # What the editor was shown: tells the editor's changes from a colleague's where both changed the row.
    base = forms.CharField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Opportunity
        fields = [
            "name", "stage", "amount", "currency", "probability", "expected_on", "owner", "family",
            "inquired_on", "quoted_on", "process", "competitors", "note",
        ]  # fmt: skip
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3}),
            "competitors": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, account: Account, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.user, self.today = account, user, today
        fields: Any = self.fields
        fields["probability"].help_text = _("Left empty: the usual one of the stage.")
        fields["competitors"].required = False
        fields["competitors"].queryset = self._competitors()
        fields["competitors"].widget.attrs["class"] = "form-selectgroup-input"
        fields["family"].queryset = ProductFamily.objects.order_by("name")
        fields["process"].queryset = BuyingProcess.objects.filter(account=account).order_by("-created_at")
        fields["process"].label = _("Decision map of this deal")
        for name in ("family", "process"):
            fields[name].empty_label = "–"
        if not fields["process"].queryset.exists():
            del fields["process"]
        fields["currency"].choices = [(code, code) for code in self._currencies()]
        self._offer_owners()
        if self.instance.pk:
            # A stage is left by a move, which asks for its exit criteria.
            del fields["stage"]
            if self.instance.process_id:
                del fields["new_process"]
            self.initial["revision"] = self.instance.revision
            self.initial["base"] = json.dumps(self.as_shown())
        else:
            fields["stage"].queryset = PipelineStage.objects.order_by("order")
            fields["stage"].empty_label = None
            self.initial["inquired_on"] = self.initial.get("inquired_on") or today
            self.initial["currency"] = self.initial.get("currency") or (
                account.currency or settings.REPORTING_CURRENCY
            )

    def _competitors(self) -> Any:
        """Those named most often; and whoever is on the opportunity already."""
        often = Competitor.objects.annotate(n=Count("opportunities")).order_by("-n", "name")
        offered = list(often.values_list("pk", flat=True)[:COMPETITORS_OFFERED])
        if self.instance.pk:
            offered += self.instance.competitors.values_list("pk", flat=True)
        return Competitor.objects.filter(pk__in=offered).order_by("name")

    def _currencies(self) -> list[str]:
        rates = ExchangeRate.objects.order_by("currency").values_list("currency", flat=True).distinct()
        own = [settings.REPORTING_CURRENCY, self.account.currency, self.instance.currency]
        return [code for code in dict.fromkeys([*own, *rates]) if code]

    def _offer_owners(self) -> None:
        if self.user.role == Role.REP:
            del self.fields["owner"]
            return
        owners = User.objects.visible_to(self.user).filter(is_active=True)
        kept = [pk for pk in (self.instance.owner_id, self.account.owner_id) if pk]
        field: Any = self.fields["owner"]
        field.queryset = (
            (owners | User.objects.filter(pk__in=kept)).distinct().order_by("last_name", "username")
        )
        field.empty_label = "–"
        if not self.instance.pk:
            self.initial["owner"] = self.initial.get("owner") or self.account.owner_id

    def own_fields(self) -> list[tuple[str, forms.Field]]:
        left_out = ("base", "revision", "new_competitors", "new_process")
        return [(name, field) for name, field in self.fields.items() if name not in left_out]

    def as_shown(self) -> dict[str, Any]:
        """Every field as the browser sends it back."""
        return {
            name: self._text(name, self.get_initial_for_field(field, name))
            for name, field in self.own_fields()
        }

    def _text(self, name: str, value: Any) -> Any:
        field = self.fields[name]
        if name == "competitors":
            return sorted(str(getattr(one, "pk", one)) for one in value or [])
        value = field.prepare_value(value)
        return "" if value is None else str(value)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError(_("Give the opportunity a name."))
        return name

    def clean_new_competitors(self) -> str:
        return _check_names(self.cleaned_data["new_competitors"])

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount.is_finite():
            raise ValidationError(_("Enter a number."))
        return amount

    def clean_expected_on(self) -> dt.date:
        return _within_reach(self.cleaned_data["expected_on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        inquired, quoted = cleaned.get("inquired_on"), cleaned.get("quoted_on")
        for name, day in (("inquired_on", inquired), ("quoted_on", quoted)):
            if day and day > self.today:
                self.add_error(name, _("This date lies in the future."))
            elif day and day < EARLIEST:
                self.add_error(name, _("This date is too long ago."))
        if inquired and quoted and quoted < inquired:
            self.add_error("quoted_on", _("Quoted before the inquiry."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What to write, competitors aside."""
        left_out = ("competitors", "stage")
        return {name: self.cleaned_data[name] for name, _field in self.own_fields() if name not in left_out}

    def competitors(self) -> list[Competitor]:
        chosen = list(self.cleaned_data["competitors"])
        return [*chosen, *competitors_named(self.cleaned_data["new_competitors"])]


class CloseForm(StyledForm):
    """Won or lost, why, and to whom."""

    closed_on = forms.DateField(label=_("Decided on"), widget=forms.DateInput)
    close_reason = forms.ChoiceField(label=_("Why"), widget=forms.RadioSelect)
    lost_to = forms.ModelChoiceField(Competitor.objects.none(), required=False, label=_("Lost to"))
    other = forms.CharField(label=_("Another competitor"), max_length=120, required=False)
    close_note = forms.CharField(
        label=_("What we learned"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, opportunity: Opportunity, state: str, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.opportunity, self.state, self.today = opportunity, state, today
        fields: Any = self.fields
        self.initial["closed_on"] = self.initial.get("closed_on") or today
        fields["close_reason"].choices = Opportunity._meta.get_field("close_reason").flatchoices
        fields["close_reason"].widget.attrs["class"] = "form-selectgroup-input"
        if state == OpportunityState.WON:
            del fields["lost_to"], fields["other"]
            return
        here = list(opportunity.competitors.order_by("name"))
        known = [one for one in Competitor.objects.order_by("name") if one not in here]
        fields["lost_to"].queryset = Competitor.objects.all()
        fields["lost_to"].choices = [
            ("", _("nobody, or not known")),
            *((c.pk, str(c)) for c in [*here, *known]),
        ]

    def clean_closed_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["closed_on"]
        if day > self.today:
            raise ValidationError(_("This date lies in the future."))
        if self.opportunity.inquired_on and day < self.opportunity.inquired_on:
            raise ValidationError(_("Decided before the inquiry."))
        return _within_reach(day)

    def competitor(self) -> Competitor | None:
        if named := competitors_named(self.cleaned_data.get("other", ""), whole=True):
            return named[0]
        return self.cleaned_data.get("lost_to")


class StageForm(StyledModelForm):
    class Meta:
        model = PipelineStage
        fields = ["name", "name_zh", "probability"]


class CriterionForm(StyledModelForm):
    class Meta:
        model = ExitCriterion
        fields = ["text", "text_zh"]


CriterionFormSet = forms.inlineformset_factory(
    PipelineStage, ExitCriterion, form=CriterionForm, extra=3, can_delete=True, max_num=20
)


def _within_reach(day: dt.date) -> dt.date:
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(_("Check the year."))
    return day
