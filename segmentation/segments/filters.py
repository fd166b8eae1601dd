"""The account list narrowed to a segment: where the pages of segments lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from segmentation.models import Segment, SegmentMembership

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet


class SegmentFilter(ListFilter):
    slug = "segment"
    title = _("Segment")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        found = Segment.objects.filter(archived_at=None).order_by("-purpose", "name", "pk")
        return [(str(segment.pk), str(segment)) for segment in found]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        if not value.isdecimal() or len(value) > 12:
            return accounts.none()
        now = SegmentMembership.objects.filter(segment=int(value), segment__archived_at=None, valid_to=None)
        return accounts.filter(pk__in=now.values("account_id"))
