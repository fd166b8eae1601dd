"""Visits whose note, as it stands, the working head has not read yet: found, claimed, read, stored.

Whatever made or changed the note, it is found here: nobody announces it, no message can be lost. Several workers
share the work; a note that another one is reading at this moment is left to it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence

from django.db import connection, transaction

from crm.models import Visit
from satisfaction.models import VisitSentiment
from satisfaction.sentiment.index import publish_indexes
from satisfaction.sentiment.reading import Reading, read_notes
from satisfaction.sentiment.registry import WorkingHead, working_head
from satisfaction.sentiment.text import digest

BATCH = 32
# Advisory locks of this kind bear a visit's number.
_CLAIM = 4_217_032
# A note about a mood that is not about us is nobody's business here.
_UNREAD = """
    v.note <> '' AND NOT v.not_about_us AND NOT EXISTS (
        SELECT 1 FROM satisfaction_visitsentiment s
        WHERE s.visit_id = v.id AND s.model_id = %(head)s
            AND s.text_digest = encode(sha256(convert_to(v.note, 'UTF8')), 'hex')
    )
"""
# The newest first: of them somebody is most likely to ask. Claims last until the transaction ends.
_NEXT = f"""
WITH waiting AS MATERIALIZED (
    SELECT v.id FROM crm_visit v
    WHERE (%(since)s::timestamptz IS NULL OR v.updated_at >= %(since)s) AND {_UNREAD}
    ORDER BY v.happened_at DESC, v.id DESC
    LIMIT %(candidates)s
)
SELECT id FROM waiting
WHERE pg_try_advisory_xact_lock(%(claim)s, (id %% 2147483647)::int)
LIMIT %(most)s
"""  # noqa: S608  (our own words)
# Read again after the claim: whoever had it until now may have finished.
_CLAIMED = f"""
SELECT v.id, v.account_id, v.note FROM crm_visit v
WHERE v.id = ANY(%(ids)s) AND {_UNREAD}
ORDER BY v.happened_at DESC, v.id DESC
"""  # noqa: S608


def read_waiting(
    *, today: dt.date, since: dt.datetime | None = None, seconds: float = 50, most: int = 10**9
) -> int:
    """Read what waits (of visits touched `since`, or of all) for at most so long; returns how many were read.

    Each batch is its own transaction: a worker that dies loses one, and the next one finds it again.
    """
    working = working_head()
    if working is None:
        return 0
    started = time.monotonic()
    done = 0
    touched: set[int] = set()
    while done < most and time.monotonic() - started < seconds:
        accounts = read_batch(working, since=since, most=min(BATCH, most - done))
        if not accounts:
            break
        done += len(accounts)
        touched.update(accounts)
    publish_indexes(as_of=today, account_ids=sorted(touched))
    return done


@transaction.atomic
def read_batch(working: WorkingHead, *, since: dt.datetime | None = None, most: int = BATCH) -> list[int]:
    """Claim, read and store up to `most` notes; returns the account of each."""
    values = {
        "head": working.row.pk,
        "since": since,
        "claim": _CLAIM,
        "most": most,
        # Enough to find unclaimed ones behind those that other workers hold.
        "candidates": most * 16,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, values)
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(_CLAIMED, {**values, "ids": ids})
        visits = cursor.fetchall()
    if not visits:
        return []
    readings = read_notes(working.head, working.encoder, [note for _id, _account, note in visits])
    _store(working, [(visit, note) for visit, _account, note in visits], readings)
    return [account for _id, account, _note in visits]


def _store(working: WorkingHead, notes: Sequence[tuple[int, str]], readings: Sequence[Reading]) -> None:
    # A visit deleted while its note was read takes its reading with it; the others are held until we commit.
    held = Visit.objects.filter(pk__in=[visit for visit, _note in notes])
    there = set(held.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = [
        VisitSentiment(
            visit_id=visit,
            model=working.row,
            text_digest=digest(note),
            outcome=reading.outcome,
            negative=reading.negative,
            neutral=reading.neutral,
            positive=reading.positive,
            score=reading.score,
            confidence=reading.confidence,
            sentences=[
                {"text": s.text, "score": round(s.score, 4), "weight": round(s.weight, 4)}
                for s in reading.sentences
            ],
        )
        for (visit, note), reading in zip(notes, readings, strict=True)
        if visit in there
    ]
    VisitSentiment.objects.bulk_create(rows, ignore_conflicts=True)
