"""The feed of grade changes, written inside the publishing transaction: what was shown before against the run's."""

from __future__ import annotations

from typing import Any

from crm.steps import Publication

# Grades are positions in their version's thresholds; clients read names, and a name lives longer than a position.
GRADE_NAMES = """
SELECT v.id AS version_id, (t.position - 1)::smallint AS grade, t.threshold ->> 0 AS name
FROM segmentation_scoringmodelversion v,
    jsonb_array_elements(v.definition -> 'thresholds') WITH ORDINALITY AS t(threshold, position)
"""

_COLUMNS = "account_id, account_number, grade, previous_grade, score, deleted, as_of, version_id, run_id, recorded_at"

_CHANGES = f"""
WITH name AS MATERIALIZED ({GRADE_NAMES})
INSERT INTO segmentation_gradechange ({_COLUMNS})
SELECT m.account_id, a.number, new_name.name, old_name.name, m.score, m.gone, %(as_of)s, m.version_id, %(run)s, now()
FROM (
    -- Few: only whose position or model moved, or who came or went.
    SELECT f.account_id, s.version_id, s.grade, s.score, c.version_id AS old_version_id, c.grade AS old_grade,
        s.account_id IS NULL AS gone, c.account_id IS NULL AS came
    FROM (
        SELECT account_id FROM crm_stagedaccountfacts WHERE run_id = %(run)s
        -- Merged into another account: no run covers it, and what it had is told to be gone.
        UNION ALL SELECT id FROM crm_account WHERE merged_into_id IS NOT NULL
    ) f
    LEFT JOIN segmentation_stagedgrade s ON s.run_id = %(run)s AND s.account_id = f.account_id
    LEFT JOIN segmentation_accountgrade c ON c.account_id = f.account_id
    WHERE (s.version_id, s.grade) IS DISTINCT FROM (c.version_id, c.grade)
) m
JOIN crm_account a ON a.id = m.account_id
LEFT JOIN name new_name ON new_name.version_id = m.version_id AND new_name.grade = m.grade
LEFT JOIN name old_name ON old_name.version_id = m.old_version_id AND old_name.grade = m.old_grade
WHERE new_name.name IS DISTINCT FROM old_name.name OR m.gone <> m.came
ORDER BY m.account_id
"""  # noqa: S608

# The account is gone and its grade went with it; what clients last heard of it is in the feed itself.
_TOMBSTONES = f"""
INSERT INTO segmentation_gradechange ({_COLUMNS})
SELECT account_id, account_number, NULL, grade, NULL, true, %(as_of)s, NULL, %(run)s, now()
FROM (
    SELECT DISTINCT ON (account_id) account_id, account_number, grade, deleted
    FROM segmentation_gradechange g
    WHERE NOT EXISTS (SELECT 1 FROM crm_account a WHERE a.id = g.account_id)
    ORDER BY account_id, id DESC
) last_word
WHERE NOT deleted
"""  # noqa: S608


def publish_changes(cursor: Any, publication: Publication) -> None:
    """One row per account whose grade has another name now, or that has lost or got its place among the graded."""
    parameters = {"run": publication.run_id, "as_of": publication.as_of}
    cursor.execute(_CHANGES, parameters)
    # Finding who is gone means reading the whole feed: once a night, not after every small change.
    if not publication.context.only_changed:
        cursor.execute(_TOMBSTONES, parameters)
