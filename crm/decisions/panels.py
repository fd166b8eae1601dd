"""What the decision maps contribute to other pages: a panel, entries of my day, a timeline, a filter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from crm.decisions.alerts import KINDS, OPPOSES, UNKNOWN, Alert, alert_parameters, alerts_of, support_of
from crm.decisions.people import MapKey, people_of_map, people_of_maps, staying
from crm.decisions.picture import SIGNS
from crm.models import Account, BuyingProcess, DecisionRole, Participation, Position, Stance, StanceChange
from crm.panels import DayItem, DaySource, ListFilter, Panel, TimelineEntry, TimelineSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

ALERTS_ON_PANEL = 3
DAY_ITEMS = 20


class DecisionsPanel(Panel):
    slug = "decisions"
    lazy = True
    title = gettext_lazy("Who decides")
    icon = "hierarchy-3"
    template_name = "crm/decisions/panel.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        people = people_of_map(account, None, today=today)
        key: MapKey = (account.pk, None)
        alerts = alerts_of({key: people}, today=today, parameters=alert_parameters())[key]
        return {
            "people": people,
            "deciders": [person for person in people if person.decides],
            "alerts": alerts[:ALERTS_ON_PANEL],
            "more": max(0, len(alerts) - ALERTS_ON_PANEL),
            "support": support_of(people),
            "processes": list(account.buying_processes.filter(closed_on=None).order_by("name", "pk")),
        }


class DecisionAlerts(DaySource):
    """The red flags of the reader's own accounts: one entry an account, the most urgent and the largest first."""

    slug = "decision-alerts"
    title = gettext_lazy("Who decides")
    icon = "hierarchy-3"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        own = Account.objects.visible_to(user).filter(owner=user)
        sales = dict(own.values_list("pk", "facts__net_sales_12m"))
        processes = {
            process.pk: process
            for process in BuyingProcess.objects.filter(account__in=list(sales), closed_on=None)
        }
        keys: list[MapKey] = [(pk, None) for pk in sales]
        keys += [(process.account_id, process.pk) for process in processes.values()]
        maps = people_of_maps(keys, list(sales), today=today)
        found = alerts_of(maps, today=today, parameters=alert_parameters())
        by_account: dict[int, list[tuple[Alert, int | None]]] = {}
        for (account, process), alerts in found.items():
            listed = by_account.setdefault(account, [])
            # A process is named only for what is not said of the account as a whole.
            known = {alert.subject for alert, _process in listed}
            listed += [(alert, process) for alert in alerts if alert.subject not in known]
        urgent = sorted(
            ((pk, alerts) for pk, alerts in by_account.items() if alerts),
            key=lambda row: (min(_rank(alert) for alert, _process in row[1]), -(sales[row[0]] or 0), row[0]),
        )[:DAY_ITEMS]
        accounts = Account.objects.in_bulk([pk for pk, _alerts in urgent])
        return [_day_item(accounts[pk], alerts, processes) for pk, alerts in urgent]


def _rank(alert: Alert) -> int:
    return KINDS.index(alert.kind)


def _day_item(
    account: Account, alerts: list[tuple[Alert, int | None]], processes: dict[int, BuyingProcess]
) -> DayItem:
    first, *others = sorted(alerts, key=lambda row: _rank(row[0]))
    alert, process = first
    url = reverse("crm:account-decisions", args=[account.pk])
    return DayItem(
        account=account,
        title=f"{processes[process]}: {alert.text}" if process else alert.text,
        url=f"{url}?process={process}" if process else url,
        detail=" ".join(other.text for other, _process in others[:2]),
        tone="bad" if alert.tone == "danger" else "warn",
    )


class StanceChanges(TimelineSource):
    slug = "stances"
    title = gettext_lazy("Stances")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        """Dated by the day they were noted for, in the reader's zone."""
        changes = (
            StanceChange.objects.filter(position__account=account, noted_on__lte=timezone.localdate(before))
            .select_related("position__contact", "process", "user")
            .order_by("-noted_on", "-pk")
        )
        entries = (self._entry(account, change) for change in changes[: most + 50])
        return [entry for entry in entries if entry.at < before][:most]

    def _entry(self, account: Account, change: StanceChange) -> TimelineEntry:
        zone = timezone.get_current_timezone()
        url = f"{reverse('crm:account-decisions', args=[account.pk])}?person={change.position_id}"
        return TimelineEntry(
            at=dt.datetime.combine(change.noted_on, dt.time(12), zone),
            title=f"{SIGNS[change.stance]} {change.position.contact}: {Stance(change.stance).label}",
            icon="hierarchy-3",
            text=change.note,
            url=url,
            tone={1: "good", -1: "bad"}.get(change.stance, ""),
            who=str(change.user),
        )


class DecisionFilter(ListFilter):
    """The red flags of the decider, as `crm.scoring.decision_flags` has them (a test holds the two together)."""

    slug = "decision"
    title = gettext_lazy("Final decision maker")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [(UNKNOWN, gettext_lazy("Unknown")), (OPPOSES, gettext_lazy("Opposes us"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        today = timezone.localdate()
        deciders = Position.objects.filter(
            staying(today), account=OuterRef("pk"), decision_role=DecisionRole.DECIDER
        )
        if value == UNKNOWN:
            return accounts.filter(~Exists(deciders))
        if value == OPPOSES:
            return accounts.filter(
                Exists(deciders.filter(stance=Stance.OPPOSES)) | Exists(_opposing_in_a_process(today))
            )
        return accounts.none()


def _opposing_in_a_process(today: dt.date) -> Any:
    """Parts in processes under way where the final decision maker of the process opposes."""
    return (
        Participation.objects.filter(
            staying(today, "position__"), process__account=OuterRef("pk"), process__closed_on=None
        )
        .annotate(
            role=Coalesce(NullIf(F("decision_role"), Value("")), F("position__decision_role")),
            standing=Coalesce(F("stance"), F("position__stance")),
        )
        .filter(Q(role=DecisionRole.DECIDER), Q(standing=Stance.OPPOSES))
    )
