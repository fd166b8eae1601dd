"""Where Celery looks for the tasks of the composition root."""

from config.nightly import help_run, nightly, resume_runs, run_chain

__all__ = ["help_run", "nightly", "resume_runs", "run_chain"]
