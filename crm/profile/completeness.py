"""How complete each account's profile is: criteria as one bit each, in SQL for all accounts at once.

The score and the next gaps are `crm.scoring.completeness`'s, here and on every page.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Case, Count, Exists, ExpressionWrapper, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import (
    Account,
    AccountPhone,
    CategorySpend,
    CompetitorShare,
    DecisionRole,
    Observation,
    Position,
)
from crm.scoring.completeness import completeness, next_gaps

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models.accounts import AccountQuerySet

FRESH = dt.timedelta(days=365)
ENOUGH_PEOPLE = 3


@dataclass(frozen=True)
class Criterion:
    """`gap` says what is missing, as the next thing to find out; `url_name` (with the pk) where to enter it."""

    slug: str
    weight: float
    gap: _StrPromise
    url_name: str
    # What follows the address: a query string, the field to go to.
    target: str = ""

    def url(self, account: Account) -> str:
        return reverse(self.url_name, args=[account.pk]) + self.target


EDIT, NEW_PERSON, DETAIL = "crm:account-edit", "crm:contact-create", "crm:account-detail"
CRITERIA: tuple[Criterion, ...] = (
    Criterion("industry", 8, _("The industry code"), EDIT, "#id_industry_code"),
    Criterion("address", 8, _("The address"), EDIT, "#id_address"),
    Criterion("place", 6, _("Where it is on the map"), EDIT, "#id_latitude"),
    Criterion("phone", 6, _("A phone number"), EDIT, "#id_phone"),
    Criterion("registration", 6, _("The registration number"), EDIT, "#id_registration_number"),
    Criterion("size", 6, _("How large it is: employees or revenue"), EDIT, "#id_employees"),
    Criterion("people", 10, _("At least three people"), NEW_PERSON),
    Criterion("decider", 14, _("Who makes the final decision"), DETAIL, "#panel-people"),
    Criterion("stances", 10, _("How those who decide stand towards us, this year"), DETAIL, "#panel-people"),
    Criterion("trends", 10, _("What happened in its business this year"), "crm:observation-create"),
    Criterion("demand", 6, _("How much it needs a year"), "crm:wallet-edit"),
    Criterion("competitors", 6, _("Who else supplies it"), "crm:observation-create", "?kind=competition"),
    Criterion("terms", 4, _("Payment term or frame contract"), EDIT, "#id_payment_days"),
)
SLUGS = tuple(criterion.slug for criterion in CRITERIA)
WEIGHTS = np.array([criterion.weight for criterion in CRITERIA])


@dataclass(frozen=True)
class Gap:
    text: _StrPromise
    url: str


def with_marks(accounts: AccountQuerySet, today: dt.date) -> AccountQuerySet:
    """`profile_marks` on each account: bit n is set where criterion n is met."""
    marks: Any = Value(0)
    for place, condition in enumerate(_conditions(today).values()):
        marks = marks + Case(When(condition, then=Value(1 << place)), default=Value(0))
    return accounts.annotate(profile_marks=ExpressionWrapper(marks, output_field=IntegerField()))


def _conditions(today: dt.date) -> dict[str, Any]:
    """Each criterion as a condition on an account, in the order of CRITERIA."""
    since = today - FRESH
    people = Position.objects.filter(account=OuterRef("pk")).filter(
        Q(left_on__isnull=True) | Q(left_on__gt=today)
    )
    deciding = people.exclude(decision_role="")
    enough = people.order_by().values("account").annotate(count=Count("pk")).filter(count__gte=ENOUGH_PEOPLE)
    competition = Observation.objects.filter(
        account=OuterRef("pk"), kind="competition", observed_on__gte=since
    )
    shares = CompetitorShare.objects.filter(account=OuterRef("pk"), year__gte=today.year - 1)
    conditions = {
        "industry": ~Q(industry_code="") | ~Q(isic_code=""),
        "address": ~Q(address="") & ~Q(city=""),
        "place": Q(latitude__isnull=False, longitude__isnull=False),
        "phone": ~Q(phone="") | Exists(AccountPhone.objects.filter(account=OuterRef("pk"))),
        "registration": ~Q(registration_number=""),
        "size": Q(employees__isnull=False) | Q(annual_revenue__isnull=False),
        "people": Exists(enough),
        "decider": Exists(people.filter(decision_role=DecisionRole.DECIDER)),
        # Of everybody who has a part in the decision, and of at least one.
        "stances": Exists(deciding)
        & ~Exists(
            deciding.filter(
                Q(stance__isnull=True) | Q(stance_noted_on__isnull=True) | Q(stance_noted_on__lt=since)
            )
        ),
        "trends": Exists(Observation.objects.filter(account=OuterRef("pk"), observed_on__gte=since)),
        "demand": Exists(CategorySpend.objects.filter(account=OuterRef("pk"), year__gte=today.year - 1)),
        "competitors": Exists(shares) | Exists(competition),
        "terms": Q(payment_days__isnull=False) | Q(contract_to__gte=today),
    }
    return {slug: conditions[slug] for slug in SLUGS}


def without(accounts: AccountQuerySet, slug: str, today: dt.date) -> AccountQuerySet:
    """Those that do not meet one criterion; nobody for an unknown one."""
    if slug not in SLUGS:
        return accounts.none()
    return accounts.exclude(_conditions(today)[slug])


def below(accounts: AccountQuerySet, score: float, today: dt.date) -> AccountQuerySet:
    """Those whose score is lower. The score stays one formula: it is asked for every possible set of marks."""
    every = np.array(list(product((False, True), repeat=len(CRITERIA))))
    numbers = every @ (1 << np.arange(len(CRITERIA)))
    low = numbers[completeness(every, WEIGHTS) < score]
    marked: Any = with_marks(accounts, today)
    found: AccountQuerySet = marked.filter(profile_marks__in=[int(number) for number in low])
    return found


def marks_of(account: Account, today: dt.date) -> int:
    """Of one account, in a query."""
    marked: Any = with_marks(Account.objects.filter(pk=account.pk), today)
    return int(marked.values_list("profile_marks", flat=True).get())


def score_of(marks: int) -> int:
    return round(float(completeness([_bits(marks)], WEIGHTS)[0]))


def gaps_of(account: Account, marks: int, most: int = 3) -> list[Gap]:
    (places,) = next_gaps([_bits(marks)], WEIGHTS, most)
    return [Gap(CRITERIA[place].gap, CRITERIA[place].url(account)) for place in places]


def _bits(marks: int) -> list[bool]:
    return [bool(marks >> place & 1) for place in range(len(CRITERIA))]
