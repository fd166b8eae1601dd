"""The filters of the pages of competition and customer equity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.scope import ScopeForm
from crm.models import Account
from segmentation.equity.groups import GRADE, SPLITS
from segmentation.equity.wallets import years_of
from segmentation.models import Segment, SegmentMembership
from segmentation.queries import grade_names

if TYPE_CHECKING:
    from crm.models import User
    from crm.models.accounts import AccountQuerySet


class EquityScopeForm(ScopeForm):
    """Whose accounts, of which grade, split by what."""

    grade = forms.ChoiceField(required=False, label=_("Grade"))
    by = forms.ChoiceField(required=False, label=_("Split by"), choices=SPLITS)

    segment = forms.ModelChoiceField(Segment.objects.none(), required=False, label=_("Segment"))

    field_order = ("territory", "owner", "industry", "grade", "segment", "year", "by")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.grades = grade_names()
        segments = Segment.objects.filter(archived_at=None).order_by("name")
        if segments.exists():
            self.fields["segment"].queryset = segments  # type: ignore[attr-defined]
            self.fields["segment"].empty_label = _("All segments")  # type: ignore[attr-defined]
        else:
            del self.fields["segment"]
        self.fields["grade"].choices = [("", _("All grades")), *((name, name) for name in self.grades)]  # type: ignore[attr-defined]

    def accounts(self) -> AccountQuerySet:
        accounts = super().accounts()
        if not self.is_valid():
            return accounts
        if grade := self.cleaned_data.get("grade"):
            accounts = accounts.filter(current_grade__grade=self.grades.index(grade))
        if segment := self.cleaned_data.get("segment"):
            members = SegmentMembership.objects.filter(segment=segment, valid_to=None)
            accounts = accounts.filter(pk__in=members.values("account"))
        return accounts

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What is set, for the hidden fields of other forms of the page."""
        return [(name, value) for name in self.fields if (value := self.data.get(name, ""))]

    @property
    def split(self) -> str:
        return (self.cleaned_data.get("by") if self.is_valid() else "") or GRADE


class CompetitionForm(EquityScopeForm):
    year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=_("Year"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.years = years_of(Account.objects.visible_to(user))
        self.fields["year"].choices = [(year, str(year)) for year in self.years]  # type: ignore[attr-defined]

    @property
    def shown_year(self) -> int | None:
        """The year chosen, else the newest."""
        chosen = self.cleaned_data.get("year") if self.is_valid() else None
        return chosen or (self.years[0] if self.years else None)
