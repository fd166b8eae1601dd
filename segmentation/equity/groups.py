"""By what figures are split: grade, industry, region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Account
from segmentation.models import AccountGrade
from segmentation.queries import grade_names

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

GRADE, INDUSTRY, REGION = "grade", "industry", "region"
SPLITS: list[tuple[str, str | _StrPromise]] = [
    (GRADE, gettext_lazy("Grade")),
    (INDUSTRY, gettext_lazy("Industry")),
    (REGION, gettext_lazy("Region")),
]


def groups_of(accounts: Iterable[int], by: str) -> list[str]:
    """The group of each account, in the order given; grades stand by their names. At most two queries."""
    ids = list(accounts)
    if by == GRADE:
        names = grade_names()
        grades = dict(AccountGrade.objects.filter(pk__in=ids).values_list("pk", "grade"))
        found = {
            pk: names[grade] if grade is not None and grade < len(names) else ""
            for pk, grade in grades.items()
        }
    else:
        found = dict(Account.objects.filter(pk__in=ids).values_list("pk", by))
    unknown = _("Unrated") if by == GRADE else _("Not stated")
    return [found.get(pk) or unknown for pk in ids]


def in_order(names: Iterable[str], weights: dict[str, float], by: str) -> list[str]:
    """Grades from the best; the rest by weight, the heaviest first."""
    distinct = sorted(set(names), key=lambda name: (-weights.get(name, 0.0), name))
    if by != GRADE:
        return distinct
    best = {name: place for place, name in enumerate(grade_names())}
    return sorted(distinct, key=lambda name: best.get(name, len(best)))
