"""crm's own panels of the account page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.custom_fields import values as further
from crm.models import Account, Position
from crm.panels import Panel
from crm.queries import people_of, trade_history
from crm.snapshots import shown_run
from crm.templatetags.ui import money_whole
from crm.trade_charts import trade_chart

if TYPE_CHECKING:
    from crm.charts import Chart
    from crm.models import User

PROFILE_FIELDS = [
    "short_name", "former_name", "industry", "industry_code", "isic_code", "registration_number",
    "industry_position", "employees", "annual_revenue", "first_contact_on", "currency", "payment_days",
    "contract_from", "contract_to", "sole_source", "viable_alternatives", "switching_cost",
]  # fmt: skip
VISITS_SHOWN = 5
COMPLAINTS_SHOWN = 5
RELATIONS_SHOWN = 20


class ProfilePanel(Panel):
    slug = "profile"
    title = _("Profile")
    icon = "building-factory-2"
    template_name = "crm/panels/profile.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        rows = []
        for name in PROFILE_FIELDS:
            value = getattr(account, name)
            if value in (None, ""):
                continue
            if name == "annual_revenue":
                value = money_whole(value, account.currency or None)
            rows.append((capfirst(Account._meta.get_field(name).verbose_name), value))  # type: ignore[union-attr]
        return {"rows": [*rows, *further.shown(account)]}


class PeoplePanel(Panel):
    slug = "people"
    title = _("People and their part in the decision")
    icon = "users-group"
    template_name = "crm/panels/people.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        people = people_of(account)
        present = [position for position in people if _stays(position, today)]
        return {
            "present": present,
            "left": [position for position in people if not _stays(position, today)],
        }


def _stays(position: Position, today: dt.date) -> bool:
    return position.left_on is None or position.left_on > today


class HistoryPart(Panel):
    """What a panel's figure was over the years: a chart inside it, up to the date of the figures on show."""

    template_name = "crm/panels/history_part.html"

    def chart(self, account: Account, until: dt.date) -> Chart:
        raise NotImplementedError

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        run = shown_run()
        return {"history": self.chart(account, run.as_of) if run else None}


class TradePanel(Panel):
    slug = "trade"
    title = _("Trade")
    icon = "chart-bar"
    template_name = "crm/panels/trade.html"
    lazy = True
    # Parameters of the panel's address that reach `get_context`.
    options: ClassVar[tuple[str, ...]] = ("months",)

    def get_context(
        self, *, account: Account, user: User, today: dt.date, months: str = "24"
    ) -> dict[str, Any]:
        span = 60 if months == "60" else 24
        history = trade_history(account, months=span, today=today)
        url = reverse("crm:account-trade-lines", args=[account.pk])
        facts = getattr(account, "facts", None)
        return {
            "history": history,
            "months": span,
            "facts": facts,
            # Not the run of the facts' own row: a run leaves rows as they are whose figures did not change.
            "run": shown_run(),
            "chart": trade_chart(history, drill_url=f"{url}?month={{name}}"),
            "growth": _growth(facts),
        }


def _growth(facts: Any) -> float | None:
    """Sales of the last 12 months against the 12 before; None where there is nothing to compare with."""
    if facts is None or not facts.net_sales_prior_12m or facts.net_sales_prior_12m < 0:
        return None
    return float(facts.net_sales_12m / facts.net_sales_prior_12m) - 1


class VisitsPanel(Panel):
    slug = "visits"
    title = _("Visits")
    icon = "calendar-event"
    template_name = "crm/panels/visits.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        visits = account.visits.select_related("user").prefetch_related("contacts", "attachments")
        listed = list(visits.order_by("-happened_at", "-pk")[: VISITS_SHOWN + 1])
        return {
            "visits": listed[:VISITS_SHOWN],
            "more": len(listed) > VISITS_SHOWN,
            "user": user,
            "query_string": f"?account={account.pk}",
        }


class ComplaintsPanel(Panel):
    slug = "complaints"
    lazy = True
    title = _("Complaints")
    icon = "message-exclamation"
    template_name = "crm/panels/complaints.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        complaints = list(account.complaints.order_by("resolved_on", "-opened_on")[:200])
        unsettled = [complaint for complaint in complaints if complaint.resolved_on is None]
        settled = [complaint for complaint in complaints if complaint.resolved_on is not None]
        settled.sort(key=lambda complaint: complaint.opened_on, reverse=True)
        shown = [*unsettled, *settled][: max(COMPLAINTS_SHOWN, len(unsettled))]
        return {"complaints": shown, "count": len(complaints), "open_count": len(unsettled), "today": today}


class GroupPanel(Panel):
    slug = "group"
    title = _("Group and supply")
    icon = "sitemap"
    template_name = "crm/panels/group.html"
    column = "side"
    lazy = True

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        """Related accounts; those out of the reader's sight are only counted."""
        visible = Account.objects.visible_to(user)
        sections = []
        for title, related in (
            (_("Parent group"), Account.objects.filter(subsidiaries=account)),
            (_("Subsidiaries"), account.subsidiaries.all()),
            (_("Buys through"), account.suppliers.all()),
            (_("Supplies"), account.customers.all()),
        ):
            ids = list(related.order_by("sort_name").values_list("pk", flat=True)[:1000])
            sections.append((title, ids))
        named = visible.filter(pk__in=[pk for _title, ids in sections for pk in ids]).in_bulk()
        groups = [
            {
                "title": title,
                "accounts": [named[pk] for pk in ids if pk in named][:RELATIONS_SHOWN],
                "others": sum(pk not in named for pk in ids),
                "more": max(0, sum(pk in named for pk in ids) - RELATIONS_SHOWN),
            }
            for title, ids in sections
            if ids
        ]
        return {"groups": groups}
