"""The page of lifetime value: tiers, forecasts, the customers worth most, how value is spread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Count, F, FloatField, Sum
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charting import Bar, paired_bars
from crm.charts import Chart
from crm.forms.scope import ScopeForm
from crm.models import Run, RunStep, User
from crm.runs import prepared_of
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from lifecycle.models import AccountValue
from lifecycle.scoring.lifetime import ValueTier
from lifecycle.value_step import STEP
from lifecycle.worth.costs import Costs, costs_of_all
from lifecycle.worth.models_table import Forecasts
from lifecycle.worth.wording import TIER_SLUGS, TIER_TONES, TIERS, remark

TOP = 10
BINS = 20


@dataclass(frozen=True)
class ValueBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: ScopeForm
    run: Run
    user: User
    forecasts: Forecasts

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def rows(self) -> Any:
        return AccountValue.objects.filter(account__in=self.accounts)

    @cached_property
    def totals(self) -> dict[int | None, dict[str, Any]]:
        """By tier; totals over customers leave the word-of-mouth value out: it is in the referred ones' own."""
        grouped = (
            self.rows.order_by()
            .values("tier")
            .annotate(
                accounts=Count("pk"),
                value=Sum("lifetime_value_without_referrals"),
                predicted=Sum("predicted"),
                purchase=Sum("purchase_value"),
            )
        )
        return {row["tier"]: row for row in grouped}

    @property
    def rated(self) -> int:
        return sum(row["accounts"] for tier, row in self.totals.items() if tier is not None)

    @property
    def value(self) -> float | None:
        return _sum(row["value"] for row in self.totals.values())

    @property
    def predicted(self) -> float | None:
        return _sum(row["predicted"] for row in self.totals.values())

    @cached_property
    def costs(self) -> Costs:
        return costs_of_all(self.accounts, self.run)

    @cached_property
    def tiers_table(self) -> Table:
        columns = [
            Column(_("Tier")),
            Column(_("Accounts"), "integer"),
            Column(_("Lifetime value"), "money"),
            Column(_("Share"), "percent"),
            Column(_("Purchase value a year"), "money"),
            Column(_("Predicted value"), "money"),
        ]
        whole = self.value
        rows = []
        for tier in (*TIERS, None):
            found = self.totals.get(tier)
            if tier is None and found is None:
                continue
            value = found["value"] if found else 0.0
            name = TIERS[tier] if tier is not None else _("Not known")
            rows.append(
                [
                    Cell(str(name), self.form.list_url(value_tier=TIER_SLUGS.get(tier, "unknown"))),
                    found["accounts"] if found else 0,
                    value,
                    value / whole if whole and whole > 0 and value is not None else None,
                    found["purchase"] if found else None,
                    found["predicted"] if found else None,
                ]
            )
        everybody = sum(row["accounts"] for row in self.totals.values())
        purchase = _sum(row["purchase"] for row in self.totals.values())
        total = [_("Total"), everybody, whole, None, purchase, self.predicted]
        return Table("tiers", _("Tiers of lifetime value"), columns, rows, total)

    @property
    def tiers_chart(self) -> Chart:
        bars = [
            Bar(
                str(name),
                TIER_SLUGS[tier],
                TIER_TONES[tier],
                self.totals[tier]["accounts"] if tier in self.totals else 0,
                self.totals[tier]["value"] if tier in self.totals else 0.0,
            )
            for tier, name in TIERS.items()
        ]
        return paired_bars(
            self.tiers_table,
            bars,
            _("Accounts"),
            _("Lifetime value"),
            self.form.list_url(value_tier="{name}"),
            open_table=True,
        )

    @cached_property
    def distribution_table(self) -> Table:
        """How many accounts are worth how much: equal steps from the 1st to the 99th of 100, the rest at the ends."""
        found = self.rows.filter(lifetime_value__isnull=False).values_list("lifetime_value", flat=True)
        values = np.fromiter(found.iterator(chunk_size=20_000), dtype=np.float64)
        columns = [
            Column(_("Worth from"), "money"),
            Column(_("to"), "money"),
            Column(_("Accounts"), "integer"),
            Column(_("Share"), "percent"),
        ]
        title = _("How lifetime value is spread")
        if not len(values):
            return Table("distribution", title, columns)
        low, high = np.percentile(values, [1, 99])
        edges = np.linspace(low, high, BINS + 1) if high > low else np.array([low, low])
        edges[0], edges[-1] = values.min(), values.max()
        counts, edges = np.histogram(values, edges if edges[-1] > edges[0] else 1)
        rows = [
            [float(edges[i]), float(edges[i + 1]), int(count), count / len(values)]
            for i, count in enumerate(counts)
        ]
        return Table("distribution", title, columns, rows)

    @property
    def distribution_chart(self) -> Chart:
        table = self.distribution_table
        option = {
            "grid": {"left": 8, "right": 16, "top": 12, "bottom": 8, "containLabel": True},
            "tooltip": {"trigger": "axis", "confine": True},
            "xAxis": {"type": "category", "data": [round(row[0]) for row in table.rows], "format": "compact"},
            "yAxis": {"type": "value", "format": "integer"},
            "series": [
                {
                    "name": _("Accounts"),
                    "type": "bar",
                    "data": [row[2] for row in table.rows],
                    "tone": "primary",
                    "format": "integer",
                    "barCategoryGap": "10%",
                }
            ],
        }
        return Chart(table.slug, table.title, option, table.headers, table.texts())

    def top(self, slug: str, title: str, field: str) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Sales rep")),
            Column(_("Lifetime value"), "money"),
            Column(_("Predicted value"), "money"),
            Column(_("From (80 %)"), "money"),
            Column(_("To (80 %)"), "money"),
            Column(_("Active"), "percent"),
            Column(_("Tier")),
            Column(_("Note")),
        ]
        found = (
            self.rows.filter(**{f"{field}__isnull": False})
            .select_related("account", "account__owner")
            .annotate(sorted_by=Cast(F(field), FloatField()))
            .order_by("-sorted_by", "account_id")[:TOP]
        )
        rows = [
            [
                Cell(str(row.account), reverse("lifecycle:account-value", args=[row.account_id])),
                str(row.account.owner or ""),
                row.lifetime_value,
                row.predicted,
                row.predicted_low,
                row.predicted_high,
                row.alive,
                "" if row.tier is None else str(TIERS[ValueTier(row.tier)]),
                remark(row.reason or row.forecast_reason),
            ]
            for row in found
        ]
        return Table(slug, title, columns, rows)

    @cached_property
    def top_lifetime(self) -> Table:
        return self.top("top-lifetime", _("Worth most"), "lifetime_value")

    @cached_property
    def top_predicted(self) -> Table:
        return self.top("top-predicted", _("Worth most by forecast"), "predicted")

    @cached_property
    def forecasts_table(self) -> Table:
        return self.forecasts.table()

    @cached_property
    def parameters_table(self) -> Table:
        return self.forecasts.parameters_table()

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "tiers": lambda: self.tiers_table,
            "distribution": lambda: self.distribution_table,
            "forecasts": lambda: self.forecasts_table,
            "parameters": lambda: self.parameters_table,
            "top-lifetime": lambda: self.top_lifetime,
            "top-predicted": lambda: self.top_predicted,
        }[slug]()


def value_board(user: User, data: Any) -> tuple[ScopeForm, ValueBoard | None]:
    """The filters, and the board unless no run with values was published yet."""
    form = ScopeForm(data, user=user)
    form.is_valid()
    run = shown_run()
    step = RunStep.objects.filter(run=run, slug=STEP).select_related("run").first() if run else None
    if run is None or step is None:
        return form, None
    return form, ValueBoard(form, run, user, Forecasts(prepared_of(step).parameters))


def _sum(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
