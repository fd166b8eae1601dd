"""Red flags: an interaction that went badly is put before a person, never averaged away."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import override as language

from crm.models import NoticeKind, Task, User, Visit
from crm.notices.operations import notify
from satisfaction.models import SentimentHead
from satisfaction.sentiment.index import parameters

# Known to gettext; shown in the reader's language.
MESSAGE = gettext_noop("%(account)s: the last contact seems to have gone badly. Please look at it.")
TITLE = gettext_noop("Look at the contact of %(day)s with %(account)s: it seems to have gone badly")
_WORST_RATING = -2
_LOCK = 4_217_033
# A rating is the person's own word; without one the machine's reading of the present text counts. Visits lie in the
# past, so one of the last days was also touched in them: the index on updated_at keeps this cheap.
_FLAGGED = """
SELECT v.id FROM crm_visit v
LEFT JOIN LATERAL (
    SELECT s.score, s.outcome FROM satisfaction_visitsentiment s
    WHERE s.visit_id = v.id AND s.text_digest = encode(sha256(convert_to(v.note, 'UTF8')), 'hex')
    ORDER BY (s.model_id = %(head)s) DESC, s.id DESC LIMIT 1
) s ON v.rating IS NULL
WHERE v.updated_at >= %(since)s AND v.happened_at >= %(since)s AND NOT v.not_about_us
    AND (v.rating = %(worst)s OR (v.rating IS NULL AND s.outcome <> 'unknown' AND s.score <= %(score)s))
    AND NOT EXISTS (SELECT 1 FROM crm_notice n WHERE n.key = 'sentiment.red-flag:' || v.id)
ORDER BY v.id
"""


def key_of(visit_id: int) -> str:
    return f"sentiment.red-flag:{visit_id}"


@transaction.atomic
def raise_flags(*, now: dt.datetime) -> int:
    """A task and a notice for the owner of each flagged interaction of the last days, once per visit."""
    values = parameters()
    head = SentimentHead.objects.filter(active=True).values_list("pk", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            _FLAGGED,
            {
                "head": head or 0,
                "since": now - dt.timedelta(days=values.red_flag_days),
                "worst": _WORST_RATING,
                "score": values.red_flag,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    visits = Visit.objects.filter(pk__in=ids, account__merged_into=None)
    flagged = [(visit, _recipient(visit)) for visit in visits.select_related("account__owner", "user")]
    tasks = Task.objects.bulk_create([_task(visit, person) for visit, person in flagged])
    for (visit, person), task in zip(flagged, tasks, strict=True):
        _notify(visit, person, task)
    return len(flagged)


def _recipient(visit: Visit) -> User:
    owner = visit.account.owner
    return owner if owner is not None and owner.is_active else visit.user


def _task(visit: Visit, person: User) -> Task:
    with language(person.language or None):
        title = gettext(TITLE) % {"day": f"{visit.happened_at:%Y-%m-%d}", "account": visit.account}
    return Task(account=visit.account, assignee=person, creator=visit.user, title=title[:200], urgent=True)


def _notify(visit: Visit, person: User, task: Task) -> None:
    with language(person.language or None):
        account = str(visit.account)
    notify(
        recipient=person,
        kind=NoticeKind.ALERT,
        account=visit.account,
        task=task,
        message=MESSAGE,
        values={"account": account},
        path=visit.account.get_absolute_url(),
        key=key_of(visit.pk),
    )
