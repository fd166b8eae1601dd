"""Key accounts: reviews of the large customers with their evidence, some a second time, one due, one turned down."""

from __future__ import annotations

import datetime as dt

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice, texts
from crm.models import User
from segmentation.models import KeyAccountReview
from segmentation.value.key_reading import CRITERIA

MANAGERS = {True: "lin.xiaoming", False: "helen.grant"}
A_YEAR = dt.timedelta(days=365)
FEWEST, SHARE = 5, 0.04


def make_key_accounts(plans: list[Plan], users: dict[str, User], as_of: dt.date) -> int:
    """Returns how many reviews."""
    large = sorted(
        (plan for plan in plans if plan.kind in (Kind.STEADY, Kind.GROWING, Kind.ERRATIC)),
        key=lambda plan: (-plan.yearly, plan.key),
    )
    reviews: list[KeyAccountReview] = []
    for place, plan in enumerate(large[: max(FEWEST, round(SHARE * len(plans)))]):
        dice = plan.dice("key account")
        last = as_of - dt.timedelta(days=dice.whole(20, 300))
        if place == 1:
            # Reviewed more than a year ago: it stands among those due.
            last = as_of - A_YEAR - dt.timedelta(days=9)
        elif dice.chance(0.5):
            reviews.append(_review(dice, plan, users, last - A_YEAR, lift=-1, is_key=True))
        reviews.append(_review(dice, plan, users, last, lift=0, is_key=place != 2))
    KeyAccountReview.objects.bulk_create(reviews)
    return len(reviews)


def _review(
    dice: Dice, plan: Plan, users: dict[str, User], day: dt.date, *, lift: int, is_key: bool
) -> KeyAccountReview:
    words = texts("key_accounts")["zh" if plan.china else "en"]
    # A customer turned down buys much, at prices we earn little with.
    middle = {"volume": 5, "potential": 4, "represents": 4, "value_buyer": 4, "profit": 4, "preference": 4}
    if not is_key:
        middle |= {"value_buyer": 1, "profit": 2, "preference": 2}
    marks = {name: min(5, max(0, middle[name] + lift + dice.whole(-1, 1))) for name in CRITERIA}
    evidence = {name: dice.pick(words[name]["strong" if marks[name] >= 3 else "weak"]) for name in CRITERIA}
    return KeyAccountReview(
        account=plan.account,
        reviewed_on=day,
        next_review_on=day + A_YEAR,
        evidence=evidence,
        is_key=is_key,
        note=dice.pick(words["plans" if is_key else "refusals"]),
        reviewer=users[MANAGERS[plan.china]],
        **marks,
    )
