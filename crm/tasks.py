"""Where Celery looks for the tasks of this app."""

from crm.attachments.tasks import sweep_attachments
from crm.duplicates.tasks import find_duplicates
from crm.imports.tasks import resume_imports, run_import
from crm.notices.tasks import remind_and_mail
from crm.plan.tasks import send_daily_digests

__all__ = [
    "find_duplicates",
    "remind_and_mail",
    "resume_imports",
    "run_import",
    "send_daily_digests",
    "sweep_attachments",
]
