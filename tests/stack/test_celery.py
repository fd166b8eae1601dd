"""What the queue carries, and what a caller sees when it is gone."""

import pytest
from kombu.exceptions import OperationalError

from config.celery import app


def test_only_json_travels() -> None:
    assert app.conf.task_serializer == "json"
    assert list(app.conf.accept_content) == ["json"]


def test_a_task_is_acknowledged_when_it_is_done_and_returned_when_its_worker_dies() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1
    # Redis gives a task to a second worker after this time: it must be longer than a task may take.
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit


def test_a_caller_without_a_broker_gets_an_error_and_does_not_wait() -> None:
    with app.connection_for_write("redis://127.0.0.1:1/0") as connection, pytest.raises(OperationalError):
        app.send_task("nobody.knows.this", connection=connection)
