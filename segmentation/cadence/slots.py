"""What the cadence contributes to crm's pages: a column, a filter, a panel, a source of my day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Exists, FloatField, IntegerField, OuterRef, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Account, PlannedVisit
from crm.panels import DayItem, DayLink, DaySource, ListColumn, ListFilter, Panel
from crm.templatetags.ui import MISSING
from segmentation.cadence.standing import NEEDED, annotated, days, in_states, rules, standing
from segmentation.cadence.wording import BADGE_TONES, SLUGS, STATES, due_date, standing_text
from segmentation.policies import policy_of
from segmentation.scoring.cadence import Cadence, CadenceParameters, CadenceState, cadence

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

NEEDED_SLUG = "needed"
# Nobody drives to more in a day's work; the list has all of them.
SHOWN = 30


@lru_cache(maxsize=8192)
def _of_one(
    visited_on: dt.date | None, every: int | None, as_of: dt.date, share: float, most: int
) -> Cadence:
    """The rows of a list come one by one; many of them are alike, and the next reader's are the same."""
    rule = CadenceParameters(lead_share=share, lead_most_days=most)
    return cadence(days([visited_on]), np.array([every], dtype=np.float64), as_of, rule)


class VisitDueColumn(ListColumn):
    """How the last visit stands against the interval of the grade. As of today: a visit logged now counts now."""

    slug = "visit_due"
    title = gettext_lazy("Visit due")

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        found = rules()
        # The rule goes with the rows: a cell is written from its row alone.
        return annotated(accounts, found).annotate(
            visit_lead_share=Value(found.parameters.lead_share, output_field=FloatField()),
            visit_lead_most=Value(found.parameters.lead_most_days, output_field=IntegerField()),
        )

    def cell(self, account: Account) -> str:
        found = _of_row(account)
        state = CadenceState(int(found.state[0]))
        if state == CadenceState.NO_PLAN:
            return format_html('<span class="text-secondary">{}</span>', MISSING)
        text = standing_text(found, 0)
        return format_html('<span class="badge bg-{}-lt">{}</span>', BADGE_TONES[state], text)

    def export_value(self, account: Account) -> Any:
        return due_date(_of_row(account), 0)


def _of_row(account: Any) -> Cadence:
    return _of_one(
        account.visited_on,
        account.visit_every,
        timezone.localdate(),
        account.visit_lead_share,
        account.visit_lead_most,
    )


class VisitDueFilter(ListFilter):
    slug = "visit"
    title = gettext_lazy("Visit due")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [
            (NEEDED_SLUG, gettext_lazy("Never visited, due or overdue")),
            *((slug, STATES[state]) for state, slug in SLUGS.items()),
        ]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        by_slug: dict[str, tuple[CadenceState, ...]] = {slug: (state,) for state, slug in SLUGS.items()}
        by_slug[NEEDED_SLUG] = NEEDED
        if value not in by_slug:
            return accounts.none()
        return in_states(accounts, by_slug[value], timezone.localdate(), rules())


class ServicePanel(Panel):
    """When the next visit is due, and what this customer gets by its grade."""

    slug = "service"
    lazy = True
    title = gettext_lazy("Visits and service")
    icon = "calendar-repeat"
    template_name = "segmentation/panels/service.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        entry = policy_of(account)
        found = rules()
        at = standing(Account.objects.filter(pk=account.pk), today, found).cadence
        planned = PlannedVisit.objects.filter(account=account, planned_on__gte=today, cancelled_at=None)
        state = CadenceState(int(at.state[0]))
        return {
            "entry": entry,
            "state": state,
            "state_name": STATES[state],
            "tone": BADGE_TONES[state],
            "standing": standing_text(at, 0),
            "due_on": due_date(at, 0),
            "planned": list(
                planned.filter(visit=None).select_related("user").order_by("planned_on", "pk")[:3]
            ),
            "no_plan": state == CadenceState.NO_PLAN,
            "may_edit": user.can("edit_policies"),
            "may_plan": user.can("log_visits"),
        }


class VisitsDueSource(DaySource):
    """The user's own customers that the cadence asks to be visited and nobody has planned yet."""

    slug = "visits-due"
    title = gettext_lazy("Visits due")
    icon = "calendar-repeat"
    capability = "log_visits"
    route = "wish"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        found = rules()
        own = in_states(unplanned(user, today), NEEDED, today, found)
        at = standing(own, today, found)
        places = at.most_urgent_first(np.arange(len(at.account_ids)))[:SHOWN]
        accounts = Account.objects.in_bulk([int(at.account_ids[place]) for place in places])
        items = []
        for place in places:
            account = accounts.get(int(at.account_ids[place]))
            if account is None:
                continue
            late = at.cadence.state[place] == CadenceState.OVERDUE
            items.append(
                DayItem(
                    account=account,
                    title=standing_text(at.cadence, place),
                    url=account.get_absolute_url(),
                    due_on=due_date(at.cadence, place),
                    detail=_why(found.name(*at.key(place)), int(at.every[place])),
                    tone="bad" if late else "warn",
                )
            )
        return items

    def links(self, *, user: User) -> Sequence[DayLink]:
        return [
            DayLink(_("Propose my week"), "wand", reverse("segmentation:week-proposal")),
            DayLink(
                _("All in the list"), "list", f"{reverse('crm:account-list')}?owner=me&visit={NEEDED_SLUG}"
            ),
        ]


def unplanned(user: User, today: dt.date) -> AccountQuerySet:
    """The user's own accounts that nobody has a visit planned to, from today on."""
    ahead = PlannedVisit.objects.filter(
        account=OuterRef("pk"), planned_on__gte=today, cancelled_at=None, visit=None
    )
    return Account.objects.visible_to(user).filter(owner=user).exclude(Exists(ahead))


def _why(grade: str, every: int) -> str:
    sentence = ngettext("Grade %(grade)s: every %(days)d day", "Grade %(grade)s: every %(days)d days", every)
    return sentence % {"grade": grade, "days": every}
