"""The six questions of the key-account checklist, and figures as evidence, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.ui import money_whole, number, percent
from segmentation.models import KeyAccountReview
from segmentation.value.key_reading import CRITERIA

NAMES = {name: KeyAccountReview._meta.get_field(name).verbose_name for name in CRITERIA}  # type: ignore[union-attr]
MOST_REASONS = 3
QUESTIONS = {
    "volume": gettext_lazy("How much does it buy from us, compared with others?"),
    "potential": gettext_lazy("How much more could we earn with it?"),
    "represents": gettext_lazy("Do others of an industry or region that we want to win look to it?"),
    "value_buyer": gettext_lazy(
        "Does it pay for quality and service rather than press the price, on a large scale?"
    ),
    "profit": gettext_lazy("Do we earn money with it, after all discounts?"),
    "preference": gettext_lazy("Would it come to us first?"),
}


def figure_text(name: str, figure: float) -> str:
    """The figure behind a suggested mark."""
    match name:
        case "volume":
            return _("net sales %(amount)s in 12 months") % {"amount": money_whole(figure)}
        case "potential":
            return _("rank of growth potential %(rank)s of 100") % {"rank": number(figure)}
        case "represents":
            return _("position in its industry %(mark)s of 5") % {"mark": number(figure)}
        case "value_buyer":
            return _("takes %(share)s off the list price") % {"share": percent(figure)}
        case "profit":
            return _("gross profit %(amount)s in 12 months") % {"amount": money_whole(figure)}
        case _:
            return _("loyalty index %(index)s of 100") % {"index": number(figure)}


def why(marks: dict[str, tuple[int, float]]) -> str:
    """What speaks for a candidate most: its best three marks of 4 and 5."""
    strong = sorted(
        ((mark, name) for name, (mark, _figure) in marks.items() if mark >= 4), key=lambda pair: -pair[0]
    )
    return ", ".join(f"{NAMES[name]} {mark}" for mark, name in strong[:MOST_REASONS])
