"""Where Celery looks for the tasks of this app."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from segmentation.cadence.replanning import replan
from segmentation.modelling.backtest_jobs import BACK_TEST_TASK, resume_back_tests, run_back_tests
from segmentation.segments.operations import CLUSTER_TASK, run_clustering, waiting_clusterings


@shared_task(name="segmentation.replan_visits")
def replan_visits() -> None:
    """After the night's figures: proposals follow changed grades. Again every hour: doing nothing costs little."""
    now = timezone.now()
    replan(today=timezone.localdate(now), now=now)


@shared_task(name=BACK_TEST_TASK)
def back_test_version(version_id: int) -> int:
    """What somebody asked for on the back-test page."""
    return run_back_tests(version_id)


@shared_task(name=CLUSTER_TASK)
def find_clusters(clustering_id: int | None = None) -> int:
    """A search for groups that somebody asked for; every minute those that a dead broker or worker left waiting."""
    asked = waiting_clusterings() if clustering_id is None else [clustering_id]
    return sum(run_clustering(one) for one in asked)


@shared_task(name="segmentation.resume_back_tests")
def resume_back_tests_waiting() -> int:
    """A lost message or a killed worker leaves nothing waiting for longer than a minute."""
    return resume_back_tests()
