"""The list of segments and the page of one, as tables and charts: page and export show the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.forms.scope import ScopeForm
from crm.models import Run, User
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from segmentation.models import Segment, SegmentPurpose
from segmentation.queries import grade_names
from segmentation.segments import queries
from segmentation.segments.forms import SinceForm
from segmentation.segments.tables import (
    grade_at,
    mix_table,
    money_of,
    share,
    sizes_chart,
    sizes_of,
    sizes_table,
)

DRAWN = 8
NAMED = 50


@dataclass(frozen=True)
class SegmentList:
    """Segments of one purpose."""

    user: User
    form: ScopeForm
    run: Run
    purpose: str

    @cached_property
    def segments(self) -> list[Segment]:
        found = Segment.objects.filter(archived_at=None, purpose=self.purpose)
        return list(found.order_by("name", "pk"))

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def totals(self) -> dict[int, queries.Total]:
        return queries.totals([segment.pk for segment in self.segments], self.accounts)

    @cached_property
    def days(self) -> list[dt.date]:
        return queries.trend_days(self.run)

    @cached_property
    def sizes(self) -> dict[tuple[int, dt.date], int]:
        return queries.sizes([segment.pk for segment in self.segments], self.days, self.accounts)

    @cached_property
    def whole(self) -> queries.Total:
        return queries.whole(self.accounts)

    @cached_property
    def segments_table(self) -> Table:
        columns = [
            Column(_("Segment"), "name"),
            Column(_("Found by")),
            Column(_("Accounts"), "integer"),
            Column(_("Since last month's end"), "integer"),
            Column(_("Net sales"), "money"),
            Column(_("Gross profit"), "money"),
            Column(_("Share of gross profit"), "percent"),
        ]
        rows = []
        for segment in sorted(self.segments, key=lambda one: -self.total(one).accounts):
            total = self.total(segment)
            sizes = self.sizes_of(segment)
            then = sizes[-2] if len(sizes) > 1 else None
            rows.append(
                [
                    Cell(str(segment), reverse("segmentation:segment-detail", args=[segment.pk])),
                    _("behaviour") if segment.clustering_id else _("rule"),
                    total.accounts,
                    None if then is None else total.accounts - then,
                    total.net_sales,
                    total.gross_profit,
                    share(total.gross_profit, self.whole.gross_profit),
                ]
            )
        return Table("segments", _("Segments"), columns, rows)

    def sizes_of(self, segment: Segment) -> list[int | None]:
        return sizes_of(segment, self.days, self.sizes)

    def total(self, segment: Segment) -> queries.Total:
        return self.totals.get(segment.pk, queries.Total())

    @cached_property
    def sizes_table(self) -> Table:
        drawn = sorted(self.segments, key=lambda one: -self.total(one).accounts)[:DRAWN]
        return sizes_table(drawn, self.days, self.sizes)

    @property
    def sizes_chart(self) -> Chart:
        return sizes_chart(self.sizes_table)

    def table(self, slug: str) -> Table:
        return {"segments": lambda: self.segments_table, "sizes": lambda: self.sizes_table}[slug]()


@dataclass(frozen=True)
class SegmentBoard:
    """One segment: members, who joined and left, size over time, what members have in common."""

    user: User
    form: SinceForm
    run: Run
    segment: Segment
    days: list[dt.date]

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def members(self) -> Any:
        return queries.members(self.segment, self.accounts)

    @cached_property
    def total(self) -> queries.Total:
        return queries.totals([self.segment.pk], self.accounts).get(self.segment.pk, queries.Total())

    @cached_property
    def whole(self) -> queries.Total:
        return queries.whole(self.accounts)

    @property
    def share_of_profit(self) -> float | None:
        return share(self.total.gross_profit, self.whole.gross_profit)

    @property
    def since(self) -> dt.date:
        return self.form.since or (self.days[-2] if len(self.days) > 1 else self.run.as_of)

    @property
    def list_url(self) -> str:
        return self.form.list_url(segment=self.segment.pk)

    def members_table(self, most: int | None = NAMED) -> Table:
        names = grade_names()
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("Sales rep")),
            Column(_("Member since"), "date"),
            Column(_("Net sales"), "money"),
            Column(_("Gross profit"), "money"),
        ]
        rows = [
            [
                Cell(str(account), account.get_absolute_url()),
                grade_at(names, account.grade_place),
                str(account.owner or ""),
                account.since,
                *money_of(account),
            ]
            for account in self.members[:most]
        ]
        return Table("members", _("Members now"), columns, rows)

    @cached_property
    def movement(self) -> tuple[Any, Any]:
        return queries.moved(self.segment, self.since, self.accounts)

    def moved_table(self, slug: str, most: int | None = NAMED) -> Table:
        joined = slug == "joined"
        title = _("Joined") if joined else _("Left")
        columns = [
            Column(_("Account"), "name"),
            Column(title, "date"),
            Column(_("Net sales"), "money"),
            Column(_("Gross profit"), "money"),
        ]
        found = self.movement[0 if joined else 1]
        rows = [
            [Cell(str(account), account.get_absolute_url()), account.moved_on, *money_of(account)]
            for account in found[:most]
        ]
        return Table(slug, title, columns, rows)

    @cached_property
    def joined(self) -> Table:
        return self.moved_table("joined")

    @cached_property
    def left(self) -> Table:
        return self.moved_table("left")

    @cached_property
    def shown_members(self) -> Table:
        return self.members_table()

    @cached_property
    def sizes_table(self) -> Table:
        found = queries.sizes([self.segment.pk], self.days, self.accounts)
        return sizes_table([self.segment], self.days, found)

    @property
    def sizes_chart(self) -> Chart:
        return sizes_chart(self.sizes_table)

    @cached_property
    def grades_table(self) -> Table:
        names = [*enumerate(grade_names()), (None, _("Unrated"))]
        mine, all_of_them = queries.grade_mix(self.members), queries.grade_mix(self.accounts)
        return mix_table("grades", _("Grades of the members"), _("Grade"), names, mine, all_of_them)

    @cached_property
    def industries_table(self) -> Table:
        mine, all_of_them = queries.industry_mix(self.members), queries.industry_mix(self.accounts)
        names = [(name, name or _("not known")) for name in list(mine)[:8]]
        return mix_table(
            "industries", _("Industries of the members"), _("Industry"), names, mine, all_of_them
        )

    def table(self, slug: str) -> Table:
        return {
            "members": lambda: self.members_table(None),
            "joined": lambda: self.moved_table("joined", None),
            "left": lambda: self.moved_table("left", None),
            "sizes": lambda: self.sizes_table,
            "grades": lambda: self.grades_table,
            "industries": lambda: self.industries_table,
        }[slug]()


def segment_list(user: User, data: QueryDict) -> tuple[ScopeForm | None, SegmentList | None, str]:
    purpose = data.get("purpose", "")
    if purpose not in SegmentPurpose.values:
        purpose = SegmentPurpose.STRATEGIC.value
    run = shown_run()
    if run is None:
        return None, None, purpose
    form = ScopeForm(data, user=user)
    return form, SegmentList(user, form, run, purpose), purpose


def segment_board(
    user: User, segment: Segment, data: QueryDict
) -> tuple[SinceForm | None, SegmentBoard | None]:
    run = shown_run()
    if run is None:
        return None, None
    days = queries.trend_days(run)
    form = SinceForm(data, user=user)
    return form, SegmentBoard(user, form, run, segment, days)
