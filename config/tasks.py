"""Where Celery looks for the tasks of the composition root."""

from config.nightly import help_run, nightly, resume_runs, run_chain
from config.warm import prepare, prepare_all

__all__ = ["help_run", "nightly", "prepare", "prepare_all", "resume_runs", "run_chain"]
