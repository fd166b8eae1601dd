"""What the sentiment adds to crm's pages of visits."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.models import Visit
from crm.panels import VisitMark
from crm.templatetags.ui import icon
from satisfaction.models import VisitSentiment
from satisfaction.sentiment.shown import moods


class MachineReading(VisitMark):
    """How the machine reads a note that the rep did not rate; the rep's own word needs nobody beside it."""

    def marks(self, visits: Sequence[Visit]) -> dict[int, SafeString]:
        unrated = [visit for visit in visits if visit.rating is None]
        return {
            mood.visit.pk: _badge(mood.reading, mood.tone)
            for mood in moods(unrated)
            if mood.reading is not None and mood.is_read
        }


def _badge(reading: VisitSentiment, tone: str) -> SafeString:
    return format_html(
        '<span class="badge badge-outline text-{}" title="{}">{}{}</span>',
        tone,
        _("Read from the note by the machine"),
        icon("robot", "icon-inline me-1"),
        reading.get_outcome_display(),
    )
