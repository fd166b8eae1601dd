"""A clustering as its page shows it: silhouettes tried, groups with size, value and what their members share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.charts import Chart
from crm.tables import Cell, Column, Table
from crm.templatetags.ui import MISSING, money_whole, number, percent
from segmentation.models import Clustering, Segment
from segmentation.scoring.clusters import ClusterModel, distinguishing
from segmentation.segments.operations import DONE, continued
from segmentation.segments.tables import share

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLES: dict[str, _StrPromise] = {
    "recency": gettext_lazy("Days since the last purchase"),
    "frequency": gettext_lazy("Purchases in 2 years"),
    "monetary": gettext_lazy("Net sales in 2 years"),
    "margin": gettext_lazy("Gross margin"),
    "growth": gettext_lazy("Growth of sales"),
    "breadth": gettext_lazy("Products bought in the year"),
    "tenure": gettext_lazy("Years of cooperation"),
}
# Nearer to the middle customer than this many robust deviations is nothing to speak of.
TELLING = 0.35


@dataclass(frozen=True)
class Trait:
    """One behaviour variable of a group against the middle customer's."""

    title: str
    value: str
    middle: str
    deviations: float

    @property
    def tone(self) -> str:
        return "secondary" if abs(self.deviations) < TELLING else "blue" if self.deviations > 0 else "orange"

    @property
    def said(self) -> str:
        if abs(self.deviations) < TELLING:
            return _("as usual")
        strong = abs(self.deviations) >= 1.5
        if self.deviations > 0:
            return _("much higher") if strong else _("higher")
        return _("much lower") if strong else _("lower")


@dataclass(frozen=True)
class Profile:
    group: int
    size: int
    share: float | None
    # Of the net sales of two years.
    share_of_sales: float | None
    traits: list[Trait]
    name: str
    name_zh: str
    # The segment in use that it continues.
    continues: Segment | None = None


def profile_of(clustering: Clustering, group: int | None, continues: Segment | None = None) -> Profile | None:
    """Variables that set the group apart first."""
    if clustering.model.get("state") != DONE or group is None:
        return None
    model = ClusterModel.from_dict(clustering.model["model"])
    medians, middle = clustering.model["medians"][group], clustering.model["all_medians"]
    traits = [
        Trait(
            str(TITLES[model.codes[j]]),
            _figure(model.codes[j], medians[j]),
            _figure(model.codes[j], middle[j]),
            deviations,
        )
        for j, deviations in distinguishing(model, group)
    ]
    english, chinese = clustering.model["names"][group]
    size = clustering.model["sizes"][group]
    return Profile(
        group,
        size,
        share(size, sum(clustering.model["sizes"])),
        share(clustering.model["sales"][group], sum(clustering.model["sales"])),
        traits,
        continues.name if continues else english,
        continues.name_zh if continues else chinese,
        continues,
    )


def profiles(clustering: Clustering) -> list[Profile]:
    if clustering.model.get("state") != DONE:
        return []
    stays = continued(clustering) if not clustering.active else {}
    found = [
        profile_of(clustering, group, stays.get(group)) for group in range(len(clustering.model["sizes"]))
    ]
    return [profile for profile in found if profile is not None]


def silhouettes_table(clustering: Clustering) -> Table:
    model = ClusterModel.from_dict(clustering.model["model"])
    columns = [Column(_("Groups"), "integer"), Column(_("Mean silhouette"), "ratio"), Column(_("Chosen"))]
    rows = [
        [k, Cell(value, css="fw-bold" if k == model.k else ""), _("chosen") if k == model.k else ""]
        for k, value in sorted(model.silhouettes.items())
    ]
    return Table("silhouettes", _("How many groups: the mean silhouette of each number tried"), columns, rows)


def silhouettes_chart(table: Table) -> Chart:
    option: dict[str, Any] = {
        "tooltip": {"trigger": "axis", "confine": True},
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [str(row[0]) for row in table.rows]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "bar",
                "data": [
                    {"value": row[1].value, "tone": "primary" if row[1].css else "muted"}
                    for row in table.rows
                ],
                "barMaxWidth": 40,
            }
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts(), "bars", table_open=True)


def _figure(code: str, value: float | None) -> str:
    if value is None:
        return MISSING
    match code:
        case "monetary":
            return money_whole(value)
        case "margin" | "growth":
            return percent(value, 0)
        case "tenure":
            return number(value, 1)
        case _:
            return number(value)
