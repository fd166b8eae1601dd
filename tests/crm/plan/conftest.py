"""A Wednesday morning in Shanghai, and accounts with a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

TODAY = dt.date(2026, 7, 1)
NOW = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)  # nine o'clock there


@pytest.fixture
def wednesday() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield
