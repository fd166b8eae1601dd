"""What the profile brings to "My day": birthdays, and frame contracts that end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Account, Position
from crm.panels import DayItem, DaySource
from crm.profile.personal import note_birthdays

if TYPE_CHECKING:
    from crm.models import User

BIRTHDAYS_AHEAD = 14
CONTRACTS_AHEAD = 60
MOST = 50


class Birthdays(DaySource):
    """Of people at the user's own accounts, two weeks ahead. That it was shown goes into the log."""

    slug = "birthdays"
    title = gettext_lazy("Birthdays")
    icon = "cake"
    capability = "view_personal_details"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        days = [today + dt.timedelta(days=ahead) for ahead in range(BIRTHDAYS_AHEAD + 1)]
        wanted = {key: day for day in reversed(days) for key in _kept_on(day)}
        born = Q()
        for month, number in wanted:
            born |= Q(
                contact__personal_details__birth_date__month=month,
                contact__personal_details__birth_date__day=number,
            )
        positions = Position.objects.filter(
            born,
            Q(left_on__isnull=True) | Q(left_on__gt=today),
            account__in=Account.objects.visible_to(user).filter(owner=user),
        )
        found: dict[int, DayItem] = {}
        for position in positions.select_related("contact__personal_details", "account").order_by("pk"):
            birth = position.contact.personal_details.birth_date
            assert birth is not None
            day = wanted[birth.month, birth.day]
            # Somebody at two accounts has one birthday.
            found.setdefault(
                position.contact_id,
                DayItem(
                    account=position.account,
                    title=_("Birthday of %(person)s") % {"person": position.contact},
                    url=reverse("crm:position-edit", args=[position.pk]),
                    due_on=day,
                    detail=_("today") if day == today else f"{day:%m-%d}",
                ),
            )
        note_birthdays(contact_ids=found, user=user, today=today)
        return sorted(found.values(), key=lambda item: (item.due_on or today, item.title))


def _kept_on(day: dt.date) -> list[tuple[int, int]]:
    """Birth dates (month, day) that are kept on a day: those of 29 February on the 28th where the year has none."""
    kept = [(day.month, day.day)]
    if (day.month, day.day) == (2, 28) and (day + dt.timedelta(days=1)).day == 1:
        kept.append((2, 29))
    return kept


class ContractEnds(DaySource):
    """Frame contracts of the user's own accounts that run out within two months."""

    slug = "contracts"
    title = gettext_lazy("Frame contracts that end")
    icon = "file-certificate"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        last = today + dt.timedelta(days=CONTRACTS_AHEAD)
        accounts = Account.objects.visible_to(user).filter(owner=user, contract_to__range=(today, last))
        return [
            DayItem(
                account=account,
                title=_contract_title((account.contract_to - today).days),
                url=reverse("crm:account-profile", args=[account.pk]),
                due_on=account.contract_to,
                tone="warn" if account.contract_to - today <= dt.timedelta(days=14) else "",
            )
            for account in accounts.order_by("contract_to", "sort_name")[:MOST]
            if account.contract_to
        ]


def _contract_title(days: int) -> str:
    if days == 0:
        return _("The frame contract ends today")
    return ngettext(
        "The frame contract ends in %(days)d day", "The frame contract ends in %(days)d days", days
    ) % {"days": days}
