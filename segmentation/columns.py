"""Columns of the account list about grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, TextField, Value
from django.db.models.expressions import Func
from django.db.models.functions import Cast
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.account_columns import by_hand
from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, number

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
    sort = "grade_index"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            grade_index=F("current_grade__grade"),
            grade_letter=GRADE_NAME,
            grade_overridden=F("current_grade__overridden"),
        )

    def cell(self, account: Account) -> str:
        letter, place = account.grade_letter, account.grade_index  # type: ignore[attr-defined]
        if not letter:
            return format_html('<span class="text-secondary">{}</span>', MISSING)
        mark = by_hand(gettext("Set by a person")) if account.grade_overridden else ""  # type: ignore[attr-defined]
        return format_html('<span class="grade grade-{}">{}</span>{}', place, letter, mark)

    def export_value(self, account: Account) -> Any:
        return account.grade_letter  # type: ignore[attr-defined]


class ScoreColumn(ListColumn):
    slug = "score"
    on_demand = True
    title = _("Score")
    sort = "grade_score"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(grade_score=F("current_grade__score"))

    def cell(self, account: Account) -> str:
        return number(account.grade_score, 1)  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return account.grade_score  # type: ignore[attr-defined]
