"""Where Celery looks for the tasks of this app."""

from crm.attachments.tasks import sweep_attachments
from crm.imports.tasks import resume_imports, run_import

__all__ = ["resume_imports", "run_import", "sweep_attachments"]
