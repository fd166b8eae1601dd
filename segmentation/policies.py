"""What each grade of customer gets: stored policies over the defaults, and changing one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Account, User
from crm.once import once_per_page
from segmentation.models import (
    AccountGrade,
    ScoringModel,
    ScoringModelVersion,
    ServicePolicy,
    ServicePolicyChange,
)
from segmentation.scoring.grading import GradingModel
from segmentation.wording import grade_title

FIELDS = (
    "visit_every_days",
    "response_hours",
    "discount_authority",
    "credit_days",
    "financial_benefits",
    "social_benefits",
    "structural_benefits",
)
# A visit every … days, an answer within … hours, discount in %, days of credit; further grades as the last.
_DEFAULTS: tuple[tuple[int, int, Decimal, int], ...] = (
    (30, 4, Decimal(8), 90),
    (60, 8, Decimal(5), 60),
    (90, 24, Decimal(3), 30),
    (180, 48, Decimal(0), 0),
)


# A scoring model and the position in its thresholds; None is unrated.
Key = tuple[int, int | None]


@dataclass(frozen=True)
class GradePolicy:
    """The policy is unsaved while nobody has changed it."""

    model: ScoringModel
    name: str
    grade: int | None
    policy: ServicePolicy
    # What people call the grade (白金), "" where it has no other name.
    title: str = ""

    @property
    def tone(self) -> str:
        return "none" if self.grade is None else str(min(self.grade, 3))

    @property
    def slug(self) -> str:
        return "unrated" if self.grade is None else str(self.grade)

    @property
    def key(self) -> Key:
        return self.model.pk, self.grade

    @property
    def is_default(self) -> bool:
        return self.policy.pk is None


@once_per_page
def policies() -> list[GradePolicy]:
    """For every grade of every model in use, and for those it leaves unrated; the default model first. Two queries."""
    newest = (
        ScoringModelVersion.objects.filter(published_at__isnull=False, model__retired_at__isnull=True)
        .select_related("model")
        .order_by("model_id", "-number")
        .distinct("model_id")
    )
    versions = sorted(
        newest, key=lambda version: (not version.model.is_default, version.model.priority, version.model_id)
    )
    stored = {
        (policy.model_id, policy.grade): policy
        for policy in ServicePolicy.objects.filter(model__in=[version.model_id for version in versions])
    }
    found = []
    for version in versions:
        model = GradingModel.from_dict(version.definition)
        grades: list[tuple[str, int | None]] = [*((name, place) for place, name in enumerate(model.grades))]
        for name, grade in [*grades, (_("Unrated"), None)]:
            policy = stored.get((version.model_id, grade)) or _default(version.model, grade)
            found.append(GradePolicy(version.model, name, grade, policy, grade_title(model, grade)))
    return found


def policy_of(account: Account) -> GradePolicy | None:
    """What this customer gets by its grade in force; without any, as the default model's unrated. Three queries."""
    graded = AccountGrade.objects.filter(account=account).values_list("version__model_id", "grade").first()
    found = policies()
    if graded is None:
        return next((entry for entry in found if entry.model.is_default and entry.grade is None), None)
    return next((entry for entry in found if entry.key == graded), None)


@transaction.atomic
def change_policy(
    *, entry: GradePolicy, values: Mapping[str, Any], author: User
) -> ServicePolicyChange | None:
    """Store `values` and what they were before. None where nothing is changed."""
    before = {name: getattr(entry.policy, name) for name in FIELDS}
    policy, _created = ServicePolicy.objects.select_for_update().get_or_create(
        model=entry.model, grade=entry.grade, defaults=before
    )
    changed = {
        name: [_text(getattr(policy, name)), _text(value)]
        for name, value in values.items()
        if getattr(policy, name) != value
    }
    if not changed:
        return None
    for name, value in values.items():
        setattr(policy, name, value)
    policy.updated_by = author
    policy.save()
    return ServicePolicyChange.objects.create(policy=policy, author=author, values=changed)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _default(model: ScoringModel, grade: int | None) -> ServicePolicy:
    if grade is None:
        return ServicePolicy(model=model, grade=None)
    days, hours, discount, credit = _DEFAULTS[min(grade, len(_DEFAULTS) - 1)]
    financial, social, structural = _benefits(grade)
    return ServicePolicy(
        model=model,
        grade=grade,
        visit_every_days=days,
        response_hours=hours,
        discount_authority=discount,
        credit_days=credit,
        financial_benefits=financial,
        social_benefits=social,
        structural_benefits=structural,
    )


def _benefits(grade: int) -> tuple[str, str, str]:
    match grade:
        case 0:
            return (
                _("Annual rebate, prices held for the year"),
                _("A visit of our management every year, invitations to plant and trade fair"),
                _("Consignment stock, joint development, a contact person for technical questions"),
            )
        case 1:
            return (
                _("Quantity discount"),
                _("Invitations to technical seminars"),
                _("Technical advice on site"),
            )
        case 2:
            return _("Price list with discount steps"), _("Greetings at the festivals"), ""
        case _:
            return _("Price list"), "", ""
