"""What key accounts contribute to crm's pages: a tab of the account, a source of my day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.models import Account
from crm.panels import AccountPage, DayItem, DayLink, DaySource
from segmentation.value.key_reading import newest_reviews

if TYPE_CHECKING:
    from crm.models import User

SHOWN = 10


class KeyAccountPage(AccountPage):
    slug = "key-account"
    title = gettext_lazy("Key account")
    icon = "crown"
    url_name = "segmentation:key-account"


class KeyReviewsDue(DaySource):
    """Yearly reviews that are due: of those one reviewed last, and of one's own customers."""

    slug = "key-reviews"
    title = gettext_lazy("Key accounts to review")
    icon = "crown"
    capability = "view_dashboards"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        due = newest_reviews().filter(
            Q(reviewer=user) | Q(account__owner=user),
            next_review_on__lte=today,
            account__in=Account.objects.visible_to(user),
        )
        rows = due.select_related("account").order_by("next_review_on", "pk")[:SHOWN]
        return [
            DayItem(
                account=review.account,
                title=_("Review the key account") if review.is_key else _("Review: a key account now?"),
                url=reverse("segmentation:key-review", args=[review.account_id]),
                due_on=review.next_review_on,
                detail=_since((today - review.next_review_on).days),
                tone="warn",
            )
            for review in rows
        ]

    def links(self, *, user: User) -> Sequence[DayLink]:
        return (DayLink(gettext_lazy("All key accounts"), "crown", reverse("segmentation:key-accounts")),)


def _since(days: int) -> str:
    if days <= 0:
        return pgettext("review", "due today")
    return ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}
