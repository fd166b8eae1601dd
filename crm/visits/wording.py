"""Words about visits that pages and answers share."""

from __future__ import annotations

from django.utils.translation import gettext as _


def distance_words(metres: int | None) -> str:
    if metres is None:
        return _("The place of this customer is not on record, so the distance is unknown.")
    if metres < 1000:
        return _("%(metres)d m from the address") % {"metres": metres}
    return _("%(kilometres)s km from the address") % {"kilometres": f"{metres / 1000:,.1f}"}
