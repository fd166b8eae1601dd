"""Opportunities as the address asks for them: filters, order, rows. List, board, forecast and export share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Case, DecimalField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.account_filters import NONE, as_id, indented, offered_territories
from crm.addresses import changed_query
from crm.models import Account, Opportunity, OpportunityState, PipelineStage, Role, Territory, User
from crm.pipeline.norms import mark_stale
from crm.pipeline.rates import Rates, rates_on

if TYPE_CHECKING:
    from collections.abc import Sequence

ME, TEAM = "me", "team"
ALL = "all"
CHUNK = 1000
CHANCE = Coalesce(F("probability"), F("stage__probability"))
MONEY = DecimalField(max_digits=24, decimal_places=4)


@dataclass(frozen=True)
class OpportunityList:
    """`state` is the one shown where the address names none."""

    user: User
    parameters: QueryDict
    today: dt.date
    state: str = OpportunityState.OPEN

    @property
    def who(self) -> str:
        """A rep begins with the own ones, whoever leads with the team's."""
        asked = self.parameters.get("who", "")
        return asked if asked in (ME, TEAM) else ME if self.user.role == Role.REP else TEAM

    @property
    def shown_state(self) -> str:
        asked = self.parameters.get("state", "")
        return asked if asked in OpportunityState.values or asked == ALL else self.state

    @cached_property
    def rates(self) -> Rates:
        return rates_on(self.today)

    @cached_property
    def found(self) -> QuerySet[Opportunity]:
        """Visible and narrowed, without order."""
        rows = self.in_sight
        if self.shown_state != ALL:
            rows = rows.filter(state=self.shown_state)
        if stage := self.parameters.get("stage"):
            rows = rows.filter(stage=as_id(stage))
        if month := self.parameters.get("month"):
            rows = rows.filter(expected_on__range=_month(month))
        return rows

    @cached_property
    def in_sight(self) -> QuerySet[Opportunity]:
        """Whose they are, whatever their state: the filters that every view of the pipeline has."""
        asked = self.parameters
        rows: Any = Opportunity.objects.visible_to(self.user)
        if self.who == ME:
            rows = rows.filter(owner=self.user)
        elif owner := asked.get("owner"):
            rows = rows.filter(owner=None) if owner == NONE else rows.filter(owner=as_id(owner))
        if territory := asked.get("territory"):
            path = Territory.objects.filter(pk=as_id(territory)).values_list("path", flat=True).first()
            within = Territory.objects.within([path] if path else [])
            rows = rows.filter(account__territory__in=within)
        if text := asked.get("q", "").replace("\0", "").strip():
            accounts = Account.objects.visible_to(self.user).matching(text)
            rows = rows.filter(Q(name__icontains=text) | Q(account__in=accounts.order_by().values("pk")))
        return rows

    @property
    def sort(self) -> str:
        asked = self.parameters.get("sort", "")
        return asked if asked.removeprefix("-") in self._orders else "expected"

    @property
    def _orders(self) -> dict[str, Any]:
        return {
            "name": F("name"),
            "account": F("account__sort_name"),
            "stage": F("stage__order"),
            "amount": F("value"),
            "probability": F("chance"),
            "expected": F("expected_on"),
            "since": F("stage_since"),
            "owner": F("owner__username"),
        }

    def valued(self, rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
        """With `chance` (percent) and `value`, the amount in the reporting currency (null: no rate)."""
        known = [
            When(currency=currency, then=Value(rate, output_field=MONEY))
            for currency, rate in self.rates.known.items()
        ]
        blank = When(currency="", then=Value(Decimal(1), output_field=MONEY))
        return rows.annotate(
            chance=CHANCE, value=F("amount") * Case(blank, *known, default=None, output_field=MONEY)
        )

    def rows(self) -> QuerySet[Opportunity]:
        order = self._orders[self.sort.removeprefix("-")]
        first = order.desc(nulls_last=True) if self.sort.startswith("-") else order.asc(nulls_last=True)
        rows = self.valued(self.found).select_related("account", "stage", "owner", "family")
        return rows.order_by(first, "expected_on", "pk")

    def marked(self, rows: Sequence[Opportunity]) -> Sequence[Opportunity]:
        mark_stale(rows, self.today)
        return rows

    @cached_property
    def stages(self) -> list[PipelineStage]:
        return list(PipelineStage.objects.order_by("order"))

    def owners(self) -> list[User]:
        colleagues = User.objects.visible_to(self.user).filter(is_active=True)
        return list(colleagues.order_by("last_name", "username"))

    def territories(self) -> list[tuple[int, str]]:
        return [(territory.pk, indented(territory)) for territory in offered_territories(self.user)]

    def headings(self) -> list[dict[str, Any]]:
        titles = [
            ("name", _("Opportunity"), "start"), ("account", _("Account"), "start"), ("stage", _("Stage"), "start"),
            ("amount", _("Amount"), "end"), ("probability", _("Probability"), "end"),
            ("expected", _("Expected"), "start"), ("owner", _("Sales rep"), "start"),
        ]  # fmt: skip
        headings = []
        for slug, title, align in titles:
            in_force = self.sort.removeprefix("-") == slug
            falling = self.sort.startswith("-")
            first = f"-{slug}" if align == "end" else slug
            other = slug if falling else f"-{slug}"
            direction = ("descending" if falling else "ascending") if in_force else ""
            headings.append(
                {
                    "title": title,
                    "align": align,
                    "direction": direction,
                    "query": self.query(sort=other if in_force else first),
                }
            )
        return headings

    def query(self, **changes: str | None) -> str:
        return changed_query(self.parameters, **changes)

    def export_headers(self) -> list[str]:
        worth = _("Amount in %(currency)s") % {"currency": settings.REPORTING_CURRENCY}
        return [
            _("Opportunity"), _("Account number"), _("Account"), _("Sales rep"), _("Stage"), _("State"),
            _("Amount"), _("Currency"), worth, _("Probability in %"), _("Expected"), _("In this stage since"),
            _("Product family"), _("Decided on"), _("Why won or lost"), _("What we learned"), _("Note"),
        ]  # fmt: skip

    def export_rows(self) -> Iterator[list[Any]]:
        row: Any
        for row in self.rows().iterator(chunk_size=CHUNK):
            yield [
                row.name, row.account.number, str(row.account), str(row.owner) if row.owner else None,
                str(row.stage), row.get_state_display(), row.amount, row.currency, row.value, row.chance,
                row.expected_on, row.stage_since, str(row.family) if row.family else None, row.closed_on,
                row.get_close_reason_display(), row.close_note, row.note,
            ]  # fmt: skip


def _month(value: str) -> tuple[dt.date, dt.date]:
    """First and last day of "2026-07"; nothing lies between the ends of what is no month."""
    try:
        first = dt.date.fromisoformat(f"{value}-01")
    except ValueError:
        return dt.date.max, dt.date.min
    following = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first, following - dt.timedelta(days=1)
