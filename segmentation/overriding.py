"""A grade set by a person, and every figure that can be set so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Account
from crm.override_pages import OverrideKind
from lifecycle.overriding import STAGE
from segmentation.explanations import grade_name
from segmentation.models import AccountGrade, GradeOverride
from segmentation.queries import grade_names
from segmentation.scoring.grading import GradingModel


class GradeByHand(OverrideKind):
    slug = "grade"
    title = _("Grade")
    heading = _("Set the grade by hand")
    model = GradeOverride
    most_days = 366
    url_name = "segmentation:grade-override"
    revoke_url_name = "segmentation:grade-override-revoke"
    decide_url_name = "segmentation:grade-decide"

    def choices(self, account: Account) -> Sequence[tuple[int, Any]]:
        """The grades of the model that grades the account; of any, where it has none yet."""
        figures = AccountGrade.objects.select_related("version").filter(account=account).first()
        if figures is None:
            return list(enumerate(grade_names()))
        return list(enumerate(GradingModel.from_dict(figures.version.definition).grades))

    def names(self, overrides: Sequence[Any]) -> dict[int, tuple[str, str]]:
        ids = {one.account_id for one in overrides}
        figures = {
            row.account_id: row
            for row in (AccountGrade.objects.select_related("version").filter(account__in=ids) if ids else [])
        }
        models = {row.version_id: GradingModel.from_dict(row.version.definition) for row in figures.values()}
        found = {}
        for one in overrides:
            row = figures.get(one.account_id)
            if row is None:
                found[one.pk] = ("", "")
                continue
            model = models[row.version_id]
            # As the job has it: in a model with fewer grades, the nearest it has.
            value = min(one.value, len(model.grades) - 1)
            found[one.pk] = (grade_name(model, value) or "", grade_name(model, row.computed_grade) or "")
        return found


GRADE = GradeByHand()
KINDS: dict[str, OverrideKind] = {"grade": GRADE, "stage": STAGE}
