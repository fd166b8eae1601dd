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
    "sweep-attachments": {"task": "crm.sweep_attachments", "schedule": crontab(hour="3", minute="40")},
    # The mood in visit notes. Two tasks: what was just written does not wait behind an import's thousands.
    "read-notes": {"task": "satisfaction.read_notes", "schedule": crontab(), "options": {"expires": 55}},
    "read-all-notes": {
        "task": "satisfaction.read_all_notes",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 590},
    },
    "publish-sentiment": {"task": "satisfaction.publish_sentiment", "schedule": crontab(minute="20")},
    "learn-sentiment": {"task": "satisfaction.learn_sentiment", "schedule": crontab(hour="3", minute="50")},
    # Proposals follow changed grades, after the night's figures; again every hour for machines that were off then.
    "replan-visits": {"task": "segmentation.replan_visits", "schedule": crontab(hour="3-23", minute="45")},
    # At seven; later in the morning whoever could not be reached then.
    "daily-mails": {
        "task": "crm.send_digests",
        "schedule": crontab(hour="7-11", minute="*/10"),
        "options": {"expires": 590},
    },
    # Reminders that have come due, and the mails that wait for a mail server.
    "remind": {"task": "crm.remind", "schedule": crontab(), "options": {"expires": 55}},
    "find-duplicates": {"task": "crm.find_duplicates", "schedule": crontab(hour="4", minute="10")},
    "resume-clusters": {
        "task": "segmentation.find_clusters",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "resume-back-tests": {
        "task": "segmentation.resume_back_tests",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "resume-imports": {"task": "crm.resume_imports", "schedule": crontab(), "options": {"expires": 55}},
}
