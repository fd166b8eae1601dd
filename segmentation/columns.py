"""Columns of the account list about grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, TextField, Value
from django.db.models.expressions import Func
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet

# The letter stands in the version's definition: thresholds -> position -> name.
GRADE_NAME = Func(
    F("current_grade__version__definition"),
    Value("thresholds"),
    Cast("current_grade__grade", TextField()),
    Value("0"),
    function="jsonb_extract_path_text",
    output_field=TextField(),
)


class GradeColumn(ListColumn):
    slug = "grade"
    on_phone = True
    title = _("Grade")
    template_name = "segmentation/_column_grade.html"
    sort = "grade_index"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            grade_index=F("current_grade__grade"),
            grade_letter=GRADE_NAME,
            grade_overridden=F("current_grade__overridden"),
        )

    def export_value(self, account: Account) -> Any:
        return account.grade_letter  # type: ignore[attr-defined]


class ScoreColumn(ListColumn):
    slug = "score"
    title = _("Score")
    template_name = "segmentation/_column_score.html"
    sort = "grade_score"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(grade_score=F("current_grade__score"))

    def export_value(self, account: Account) -> Any:
        return account.grade_score  # type: ignore[attr-defined]
