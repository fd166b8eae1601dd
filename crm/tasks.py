"""Where Celery looks for the tasks of this app."""

from crm.imports.tasks import resume_imports, run_import

__all__ = ["resume_imports", "run_import"]
