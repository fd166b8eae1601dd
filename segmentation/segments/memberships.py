"""Publication of memberships: what a run found holds from its date until the next run's, in set-based SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

# One publisher at a time: a run, and somebody who saves a rule meanwhile.
_LOCK = 4_217_044

# For whom the membership on the date differs from what was found. Merged accounts belong nowhere.
_CHANGED = """
CREATE TEMPORARY TABLE _member_changed ON COMMIT DROP AS
WITH wanted AS (
    SELECT m.segment_id, m.account_id FROM ({members}) m
    JOIN crm_account a ON a.id = m.account_id AND a.merged_into_id IS NULL
    WHERE m.segment_id = ANY(%(segments)s)
), covering AS (
    SELECT s.id, s.segment_id, s.account_id FROM segmentation_segmentmembership s
    WHERE s.segment_id = ANY(%(segments)s)
        AND s.valid_from <= %(as_of)s AND (s.valid_to IS NULL OR s.valid_to > %(as_of)s)
        AND s.account_id IN (
            {covered} UNION ALL SELECT id FROM crm_account WHERE merged_into_id IS NOT NULL
        )
)
SELECT segment_id, account_id, w.account_id IS NOT NULL AS member
FROM wanted w FULL JOIN covering c USING (segment_id, account_id)
WHERE (w.account_id IS NULL) <> (c.id IS NULL)
"""
# What replaces every interval that touches [as_of, next): what is left before, the new, what is left after.
_PIECES = """
CREATE TEMPORARY TABLE _member_new ON COMMIT DROP AS
WITH piece AS (
    SELECT s.segment_id, s.account_id, s.valid_from, %(as_of)s::date AS valid_to, s.run_id
    FROM segmentation_segmentmembership s JOIN _member_changed c USING (segment_id, account_id)
    WHERE s.valid_from < %(as_of)s AND (s.valid_to IS NULL OR s.valid_to >= %(as_of)s)
    UNION ALL
    SELECT c.segment_id, c.account_id, %(as_of)s::date, %(next)s::date, %(run)s::bigint
    FROM _member_changed c WHERE c.member
    UNION ALL
    SELECT s.segment_id, s.account_id, %(next)s::date, s.valid_to, s.run_id
    FROM segmentation_segmentmembership s JOIN _member_changed c USING (segment_id, account_id)
    WHERE s.valid_from <= %(next)s::date AND (s.valid_to IS NULL OR s.valid_to > %(next)s::date)
), marked AS (
    SELECT *, coalesce(valid_from = lag(valid_to) OVER w, false) AS continues
    FROM piece WINDOW w AS (PARTITION BY segment_id, account_id ORDER BY valid_from)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE NOT continues)
        OVER (PARTITION BY segment_id, account_id ORDER BY valid_from) AS island
    FROM marked
)
SELECT segment_id, account_id, min(valid_from) AS valid_from,
    CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS valid_to,
    (array_agg(run_id ORDER BY valid_from))[1] AS run_id
FROM numbered GROUP BY segment_id, account_id, island
"""
_DELETE = """
DELETE FROM segmentation_segmentmembership s USING _member_changed c
WHERE s.segment_id = c.segment_id AND s.account_id = c.account_id
    AND (s.valid_to IS NULL OR s.valid_to >= %(as_of)s)
    AND (%(next)s::date IS NULL OR s.valid_from <= %(next)s::date)
"""
_INSERT = """
INSERT INTO segmentation_segmentmembership (segment_id, account_id, valid_from, valid_to, run_id)
SELECT segment_id, account_id, valid_from, valid_to, run_id FROM _member_new
ORDER BY segment_id, account_id, valid_from
"""


def publish_memberships(
    cursor: Any,
    *,
    segments: Sequence[int],
    members: str,
    covered: str,
    as_of: dt.date,
    next_as_of: dt.date | None,
    run_id: int,
) -> int:
    """Make `members` hold from `as_of` until (and without) `next_as_of`; returns for how many pairs that is new.

    `members`: a query for segment_id and account_id; `covered`: one for the accounts that were looked at, others are
    left alone. Runs may come in any order of their dates; the intervals are those that date order would have given.
    Call inside a transaction.
    """
    if not segments:
        return 0
    values = {"segments": list(segments), "as_of": as_of, "next": next_as_of, "run": run_id}
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    cursor.execute(_CHANGED.format(members=members, covered=covered), values)
    cursor.execute("SELECT count(*) FROM _member_changed")
    changed: int = cursor.fetchone()[0]
    if changed:
        cursor.execute("ANALYZE _member_changed")
        cursor.execute(_PIECES, values)
        cursor.execute(_DELETE, values)
        cursor.execute(_INSERT)
        cursor.execute("DROP TABLE _member_new")
    cursor.execute("DROP TABLE _member_changed")
    return changed
