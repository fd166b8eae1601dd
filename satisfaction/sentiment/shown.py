"""What the machine read in visits, for pages: the reading that counts, and the sentences that decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from crm.models import Visit
from satisfaction.models import VisitSentiment
from satisfaction.models.sentiment import SentimentOutcome

# A sentence is coloured if it pulls at least half as hard as the strongest one.
_NEARLY = 0.5
# A sentence this close to neutral decides nothing.
_FAINT = 0.2
_CURRENT = """
SELECT DISTINCT ON (s.visit_id) s.id
FROM satisfaction_visitsentiment s
JOIN crm_visit v ON v.id = s.visit_id AND s.text_digest = encode(sha256(convert_to(v.note, 'UTF8')), 'hex')
JOIN satisfaction_sentimenthead h ON h.id = s.model_id
WHERE s.visit_id = ANY(%s)
ORDER BY s.visit_id, h.active DESC, s.id DESC
"""


@dataclass(frozen=True)
class ShownSentence:
    text: str
    score: float
    tone: str


@dataclass(frozen=True)
class ShownMood:
    """The mood of one interaction: the rep's word before the machine's."""

    visit: Visit
    reading: VisitSentiment | None

    @property
    def is_rated(self) -> bool:
        return self.visit.rating is not None and not self.visit.not_about_us

    @property
    def is_read(self) -> bool:
        return self.reading is not None and self.reading.outcome != SentimentOutcome.UNKNOWN

    @property
    def tone(self) -> str:
        tones = {SentimentOutcome.NEGATIVE: "red", SentimentOutcome.POSITIVE: "green"}
        return tones.get(SentimentOutcome(self.reading.outcome), "secondary") if self.reading else "secondary"

    @property
    def sentences(self) -> list[ShownSentence]:
        """In the order of the note; coloured are those that decided."""
        if self.reading is None:
            return []
        stored = self.reading.sentences
        strongest = max((abs(s["score"]) * s["weight"] for s in stored), default=0.0)
        shown = []
        for s in stored:
            decides = abs(s["score"]) >= _FAINT and abs(s["score"]) * s["weight"] >= _NEARLY * strongest
            tone = ("red" if s["score"] < 0 else "green") if decides else ""
            shown.append(ShownSentence(s["text"], s["score"], tone))
        return shown


def current_readings(visit_ids: Sequence[int]) -> dict[int, VisitSentiment]:
    """By visit, of the note as it stands: the head in use before others, newer readings before older. Two queries."""
    if not visit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [list(visit_ids)])
        found = [row[0] for row in cursor.fetchall()]
    rows = VisitSentiment.objects.filter(pk__in=found).select_related("model")
    return {row.visit_id: row for row in rows}


def moods(visits: Sequence[Visit]) -> list[ShownMood]:
    """In the order given."""
    readings = current_readings([visit.pk for visit in visits if not visit.not_about_us])
    return [ShownMood(visit, readings.get(visit.pk)) for visit in visits]
