"""Visits with notes, and the models as a worker has them."""

from __future__ import annotations

import datetime as dt

import pytest

from satisfaction.sentiment.registry import WorkingHead, working_head

NOW = dt.datetime(2026, 6, 30, 9, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 30)
ANGRY = "交期延误两周非常不满，再有一次就换供应商。"
PLEASED = "对新款减速机样机评价很高，非常满意，马上下单。"


@pytest.fixture
def working(db: None) -> WorkingHead:
    found = working_head()
    assert found is not None
    return found
