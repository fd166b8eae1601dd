"""Writing ratings of suppliers so that two people never overwrite each other unseen."""

from __future__ import annotations

import json

from django.db import transaction

from crm.models import Account, Competitor, SupplierRating


class RatingChangedError(Exception):
    """Somebody else saved or deleted the rating after it was shown."""


class RatedAlreadyError(Exception):
    """There is a rating of this supplier on this day."""


class ChosenAlreadyError(Exception):
    """Another supplier of the same day is already the one bought from; `which`: "bought_last" or "buys_next"."""

    def __init__(self, which: str, other: SupplierRating) -> None:
        super().__init__(which)
        self.which = which
        self.other = other


def fingerprint(rating: SupplierRating) -> str:
    """What is on record, as one line; "" for a new one."""
    if rating.pk is None:
        return ""
    said = [rating.competitor_id, str(rating.rated_on), rating.bought_last, rating.buys_next, rating.source]
    return json.dumps([*said, sorted(rating.ratings.items())])


@transaction.atomic
def save_rating(*, rating: SupplierRating, new_competitor: str, shown: str) -> SupplierRating:
    """`shown` is the fingerprint that the editor started from. The account's row is the lock for all of its ratings."""
    Account.objects.select_for_update().get(pk=rating.account_id)
    siblings = SupplierRating.objects.filter(account=rating.account_id)
    if rating.pk is not None:
        current = siblings.filter(pk=rating.pk).first()
        if current is None or fingerprint(current) != shown:
            raise RatingChangedError
    if new_competitor:
        rating.competitor = Competitor.objects.get_or_create(name=new_competitor)[0]
    same_day = list(
        siblings.filter(rated_on=rating.rated_on).exclude(pk=rating.pk).select_related("competitor")
    )
    if any(other.competitor_id == rating.competitor_id for other in same_day):
        raise RatedAlreadyError
    # One purchase, one supplier: a choice between them is what the weights of the drivers are worked out from.
    for which in ("bought_last", "buys_next"):
        if getattr(rating, which):
            taken = next((other for other in same_day if getattr(other, which)), None)
            if taken:
                raise ChosenAlreadyError(which, taken)
    rating.save()
    return rating
