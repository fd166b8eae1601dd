"""How many queries each page costs: a recorded number, so that a query per row cannot creep in unseen.

`assert_query_count(client, url, name)` compares with tests/query_counts.json; RECORD_QUERY_COUNTS=1 records anew
(look at the difference before committing it). A name that is not recorded yet fails and says how to record it.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

BASELINE = Path(__file__).with_name("query_counts.json")
# Housekeeping of the test's own transaction is no cost of the page.
IGNORED = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def recorded() -> dict[str, int]:
    return json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}


def assert_query_count(client: Client, url: str, name: str, *, status: int = 200, **headers: Any) -> Any:
    """GET `url` and compare its number of queries with the baseline called `name`. Returns the response.

    The page is asked for cold: with nothing kept from an earlier view.
    """
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, **headers)
        if response.streaming:
            response.streamed_content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert response.status_code == status, f"{url} answered {response.status_code}"
    statements = [query["sql"] for query in captured if not query["sql"].startswith(IGNORED)]
    if os.environ.get("RECORD_QUERY_COUNTS") == "1":
        _record(name, len(statements))
        return response
    expected = recorded().get(name)
    listing = "\n".join(f"{number:>3}. {sql[:400]}" for number, sql in enumerate(statements, 1))
    assert expected is not None, f"{name!r} has no baseline: run with RECORD_QUERY_COUNTS=1\n{listing}"
    assert len(statements) == expected, f"{name}: {len(statements)} queries, recorded {expected}\n{listing}"
    return response


def _record(name: str, count: int) -> None:
    """Under a lock: workers of pytest-xdist record at the same time."""
    with Path(__file__).open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        counts = recorded() | {name: count}
        BASELINE.write_text(json.dumps(dict(sorted(counts.items())), indent=2) + "\n", "utf-8")
