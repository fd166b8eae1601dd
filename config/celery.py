"""The Celery application. What it does when, stands in the settings (CELERY_*)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("mainstay")
# JSON only: a task's arguments are numbers and names, never objects, and reading a message runs no code.
app.add_defaults(
    lambda: {
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        # A worker waits for its broker as long as it takes; the launcher and the containers stop it if they must.
        "broker_connection_timeout": 5,
        "broker_connection_max_retries": None,
        # With acks_late a task that goes on without its broker would be run a second time by another worker.
        "worker_cancel_long_running_tasks_on_connection_loss": True,
    }
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
