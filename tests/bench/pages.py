"""Pages and the REST feed on a real server, against an empty logged-in page and a plain COPY."""

from __future__ import annotations

import http.client
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from config.stack.processes import free_port
from crm.models import Account, User
from tests.bench import search
from tests.bench.clock import percentile_95, seconds

ROUNDS = 40
BOARD_ROUNDS = 10
# Dashboards are kept per run: this is what the first reader after a run waits for.
FIRST_VIEW = "tier dashboard, first view"


@contextmanager
def server() -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
         "--workers", "1", "--threads", "2", "--worker-class", "gthread", "--log-level", "warning"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"},
    )  # fmt: skip
    try:
        for _ in range(100):
            with (
                suppress(OSError),
                closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as probe,
            ):
                probe.request("GET", "/healthz")
                if probe.getresponse().status == 200:
                    break
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def session_cookie(user: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def fetch(port: int, path: str, headers: dict[str, str]) -> int:
    """Bytes received; anything but 200 is a failed measurement."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as client:
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        received = 0
        while block := answer.read(65536):
            received += len(block)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
    return received


def measure_pages(user: User) -> dict[str, Any]:
    account = Account.objects.order_by("pk")[100]
    paths = {
        "empty": "/bench/empty/",
        "account list": reverse("crm:account-list"),
        "account list, misspelt search": reverse("crm:account-list") + "?q=bench+custmer+77",
        "360°": account.get_absolute_url(),
        "account list by score": reverse("crm:account-list") + "?sort=-score",
        "tier dashboard": reverse("segmentation:tiers"),
    }
    headers = {"Cookie": session_cookie(user)}
    times: dict[str, list[float]] = {name: [] for name in paths}
    with server() as (port, _process):
        for path in paths.values():
            fetch(port, path, headers)
        for _ in range(ROUNDS):
            for name, path in paths.items():
                times[name].append(seconds(partial(fetch, port, path, headers)))
        # Apart: what is kept for one page is kept for the others as well.
        times[FIRST_VIEW] = []
        for _ in range(BOARD_ROUNDS):
            cache.clear()
            times[FIRST_VIEW].append(seconds(partial(fetch, port, paths["tier dashboard"], headers)))
    empty = percentile_95(times["empty"])
    return {name: {"p95": percentile_95(t), "ratio": percentile_95(t) / empty} for name, t in times.items()}


def measure_boards(user: User) -> dict[str, dict[str, float]]:
    """The pages of value and movement: what the first reader after a run waits for, and every later one."""
    names = {
        "value matrix": "segmentation:value-matrix",
        "80/20": "segmentation:concentration",
        "pyramid": "segmentation:pyramid",
        "key accounts": "segmentation:key-accounts",
        "lifetime value": "lifecycle:lifetime-value",
        "movement": "segmentation:movement",
        "monthly figures": "segmentation:kpis",
        "competition": "segmentation:competition",
        "customer equity": "segmentation:equity",
        "segments": "segmentation:segments",
    }
    headers = {"Cookie": session_cookie(user)}
    found = {}
    with server() as (port, _process):
        fetch(port, "/bench/empty/", headers)
        for name, url_name in names.items():
            path = reverse(url_name)
            cache.clear()
            first = seconds(partial(fetch, port, path, headers))
            later = [seconds(partial(fetch, port, path, headers)) for _ in range(BOARD_ROUNDS)]
            found[name] = {"first": first, "later": percentile_95(later)}
    return found


def measure_search(user: User) -> dict[str, Any]:
    """How long Ctrl-K takes on a real server: whole requests, by kind of query and reader."""
    world = search.build()
    readers = {"all": user, "manager": world["manager"], "rep": world["rep"]}
    cookies = {name: session_cookie(reader) for name, reader in readers.items()}
    found: dict[str, Any] = {}
    with server() as (port, _process):
        for kind, text in search.queries(world["sample"]).items():
            path = f"{reverse('crm:search')}?{urlencode({'q': text})}"
            found[kind] = {"query": text}
            for name, cookie in cookies.items():
                headers = {"Cookie": cookie, "HX-Target": "quick-search-results"}
                fetch(port, path, headers)
                times = [seconds(partial(fetch, port, path, headers)) for _ in range(search.ROUNDS)]
                found[kind][name] = percentile_95(times)
    return found


def measure_grades(token: str) -> dict[str, Any]:
    out = io.BytesIO()

    def copy_out() -> None:
        with connection.cursor() as cursor:
            cursor.copy_expert(
                "COPY (SELECT a.id, a.number, g.grade, g.computed_grade, g.overridden, g.score, g.current_score, "
                "g.future_score, g.coverage, g.rank, g.net_sales_12m, g.gross_profit_12m, r.as_of "
                "FROM segmentation_accountgrade g JOIN crm_account a ON a.id = g.account_id "
                "JOIN crm_run r ON r.id = g.run_id ORDER BY a.id) TO STDOUT WITH (FORMAT csv)",
                out,
            )

    plain = seconds(copy_out)
    headers = {"Authorization": f"Bearer {token}"}
    with server() as (port, process):
        path = "/api/v1/grades/?format=ndjson"
        fetch(port, path, headers)
        worker = max(process.children(recursive=True), key=lambda child: child.memory_info().rss)
        before = worker.memory_info().rss
        received = 0
        rest = seconds(lambda: fetch(port, path, headers))
        grown = (worker.memory_info().rss - before) / 1024 / 1024
        received = fetch(port, path, headers)
    return {"copy": plain, "rest": rest, "ratio": rest / plain, "bytes": received, "memory growth MB": grown}
