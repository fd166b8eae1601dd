"""What Celery beat starts and when. The only place with clock times, in the company's own time zone."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # At half past two. The later hours are for machines that were off then.
    "nightly": {"task": "config.nightly.nightly", "schedule": crontab(hour="2-23", minute="30")},
    # An entry that waited longer than this for a worker is overtaken by the next one anyway.
    "resume-runs": {
        "task": "config.nightly.resume_runs",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "resume-imports": {"task": "crm.resume_imports", "schedule": crontab(), "options": {"expires": 55}},
}
