"""How much retention is enough, from our own figures: who stayed, what they earn, what keeping them costs."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from crm.models import AccountFacts, CostKind, CostToServe, Run
from crm.scoring.arrays import BoolArray, FloatArray
from crm.snapshots import among, month_ends
from crm.tables import Column, Table
from lifecycle.scoring.retention import NoCurve, Optimum, RetentionCurve, best_spend, calibrate, worth_along
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.retention_forms import RetentionForm, usual_ceiling
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.queries import grade_names

WINDOW = dt.timedelta(days=365)
NEAR = dt.timedelta(days=92)  # grades of a year ago: the month's end nearest to it, no further off
FEWEST = 20  # customers, below which a retention rate says little


@dataclass(frozen=True)
class Facts:
    """Accounts with trade in one of the last two years."""

    account: list[int]
    before: BoolArray  # bought in the year before
    kept: BoolArray  # and in this one
    active: BoolArray  # bought in this one
    profit: FloatArray  # gross profit of twelve months
    spend: FloatArray  # retention programmes: its own and its part of the company's

    def of(self, rows: BoolArray) -> Own:
        customers = int((self.active & rows).sum())
        before = int((self.before & rows).sum())
        spend = float(self.spend[self.active & rows].sum())
        return Own(
            customers,
            before,
            float((self.kept & rows).sum()) / before if before else None,
            float(self.profit[self.active & rows].sum()) / customers if customers else None,
            spend / customers if customers and spend > 0 else None,
        )


@dataclass(frozen=True)
class Own:
    """What our records say; None where they say nothing."""

    customers: int
    before: int
    retention: float | None
    margin: float | None  # per customer and year, before what keeping it costs
    spend: float | None  # per customer and year

    @property
    def everybody_stayed(self) -> bool:
        return self.retention == 1.0

    @property
    def for_curve(self) -> float | None:
        """Of n who all stayed, n of n + 1: no curve leads through 100 %, and the next one may go."""
        return self.before / (self.before + 1) if self.everybody_stayed else self.retention


def read_facts(accounts: Any, as_of: dt.date) -> Facts:
    """Three queries. What the company spends as a whole is shared out by gross profit over all of its customers."""
    rows = list(
        among(AccountFacts.objects.all(), accounts)
        .exclude(net_sales_12m=0, net_sales_prior_12m=0)
        .order_by("account_id")
        .values_list("account_id", "net_sales_12m", "net_sales_prior_12m", "gross_profit_12m")
    )
    ids = [row[0] for row in rows]
    figures = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
    active, before = figures[:, 0] > 0, figures[:, 1] > 0
    profit = np.nan_to_num(figures[:, 2])
    costs = dict(
        CostToServe.objects.filter(kind=CostKind.RETENTION, spent_on__gt=as_of - WINDOW, spent_on__lte=as_of)
        .order_by()
        .values_list("account_id")
        .annotate(amount=Sum("amount"))
    )
    common = float(costs.pop(None, 0) or 0)
    spend = np.array([float(costs.get(pk, 0)) for pk in ids])
    if common:
        everybody = AccountFacts.objects.filter(net_sales_12m__gt=0, gross_profit_12m__gt=0)
        whole = float(everybody.aggregate(sum=Sum("gross_profit_12m"))["sum"] or 0)
        if whole > 0:
            spend = spend + common * np.where(active, np.maximum(profit, 0.0), 0.0) / whole
    return Facts(ids, before, before & active, active, profit, spend)


@dataclass(frozen=True)
class Answer:
    """The curve through today's point, and where it is worth most."""

    curve: RetentionCurve
    best: Optimum
    now: float  # worth of a customer at today's spend
    spend: float
    retention: float
    margin: float

    @property
    def more(self) -> float:
        return self.best.spend - self.spend

    @property
    def further(self) -> float | None:
        """What a further tenth of a point of retention costs at the best spend, per customer and year; None where the
        maximum is nearer than that."""
        left = self.curve.ceiling - self.best.retention
        return -math.log1p(-0.001 / left) / self.curve.rate if left > 0.001 else None


def answer(
    *,
    spend: float | None,
    retention: float | None,
    margin: float | None,
    ceiling: float,
    discount_rate: float,
) -> Answer | str:
    """Or, in words, why there is none."""
    if margin is None or retention is None:
        return _("Margin or retention is not known.")
    if margin <= 0:
        return _("These customers earn nothing: keeping them longer loses more.")
    if spend is None or spend <= 0:
        return _("What keeping them costs is not known.")
    if spend >= margin:
        return _("Keeping them costs as much as they earn, or more.")
    if retention >= ceiling:
        return _("Retention is at the judged maximum already.")
    if retention <= 0:
        return _("Nobody stayed: there is no curve through that.")
    try:
        curve = calibrate(spend, retention, ceiling)
    except NoCurve:
        return _("No curve leads through these figures.")
    best = best_spend(curve, margin, discount_rate)
    return Answer(curve, best, float(curve.value(spend, margin, discount_rate)), spend, retention, margin)


@dataclass(frozen=True)
class RetentionBoard:
    form: EquityScopeForm
    inputs: RetentionForm
    run: Run

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.form.accounts(), self.run.as_of)

    @cached_property
    def own(self) -> Own:
        return self.facts.of(np.ones(len(self.facts.account), dtype=np.bool_))

    @property
    def too_few(self) -> bool:
        return self.own.before < FEWEST

    @cached_property
    def answer(self) -> Answer | str | None:
        """None while the inputs are wrong: the form says how."""
        said = self.inputs.figures(self.own)
        if said is None:
            return None
        return answer(
            spend=said["spend"],
            retention=said["retention"],
            margin=said["margin"],
            ceiling=said["ceiling"],
            discount_rate=said["discount_rate"],
        )

    @property
    def solved(self) -> Answer | None:
        return self.answer if isinstance(self.answer, Answer) else None

    @property
    def in_all(self) -> float | None:
        """What today's customers together would be worth more at the best spend."""
        return (
            None if self.solved is None else (self.solved.best.value - self.solved.now) * self.own.customers
        )

    @cached_property
    def curve_table(self) -> Table:
        columns = [
            Column(_("Spend per customer and year"), "money"),
            Column(_("Retention"), "percent"),
            Column(_("Worth of a customer"), "money"),
        ]
        rows: list[list[Any]] = []
        said = self.inputs.figures(self.own)
        if self.solved and said:
            along = worth_along(self.solved.curve, self.solved.margin, said["discount_rate"])
            rows = [[float(part) for part in point] for point in zip(*along, strict=True)]
        return Table("curve", _("Retention and worth along the spend"), columns, rows)

    @cached_property
    def _grades(self) -> tuple[dict[int, int], bool]:
        """Grades of a year ago, and True; else today's."""
        wanted = self.run.as_of - WINDOW
        ends = [day for day in month_ends(GradeSnapshot) if abs(day - wanted) <= NEAR]
        told: QuerySet[Any] = AccountGrade.objects.all()
        if ends:
            nearest = min(ends, key=lambda day: abs(day - wanted))
            told = GradeSnapshot.objects.filter(month_end=nearest)
        found = told.filter(grade__isnull=False, account__in=self.facts.account)
        return dict(found.values_list("account_id", "grade")), bool(ends)

    @property
    def grades_are_old(self) -> bool:
        return self._grades[1]

    @cached_property
    def tiers_table(self) -> Table:
        columns = [
            Column(_("Grade"), "name"),
            Column(_("Accounts"), "integer"),
            Column(_("A year before"), "integer"),
            Column(_("Retention"), "percent"),
            Column(_("Margin each"), "money"),
            Column(_("Spend each"), "money"),
            Column(_("Best spend"), "money"),
            Column(_("Retention at it"), "percent"),
            Column(_("Worth more"), "money"),
            Column(_("Note")),
        ]
        said = self.inputs.figures(self.own)
        grades, _old = self._grades
        place = np.array([grades.get(pk, -1) for pk in self.facts.account], dtype=np.int64)
        rows = []
        for grade, name in enumerate(grade_names()):
            own = self.facts.of(place == grade)
            if said is None or not (own.customers or own.before):
                continue
            found = answer(
                spend=own.spend,
                retention=own.for_curve,
                margin=own.margin,
                ceiling=said["ceiling"] if self.inputs.judges_ceiling else usual_ceiling(own.for_curve) / 100,
                discount_rate=said["discount_rate"],
            )
            head = [name, own.customers, own.before, own.retention, own.margin, own.spend]
            if isinstance(found, Answer):
                few = _("few customers: rough") if own.before < FEWEST else ""
                note = _("all stayed: taken as n of n + 1") if own.everybody_stayed else few
                tail = [found.best.spend, found.best.retention, found.best.value - found.now, note]
            else:
                tail = [None, None, None, found]
            rows.append([*head, *tail])
        return Table("tiers", _("Grade by grade"), columns, rows)

    def table(self, slug: str) -> Table:
        return {"curve": lambda: self.curve_table, "tiers": lambda: self.tiers_table}[slug]()
