"""A worker killed in the middle of an import leaves nothing, and the next one does the whole of it once."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from crm.imports.batches import receive, start
from crm.imports.running import run_batch
from crm.imports.tasks import resume_imports
from crm.models import Account, ImportBatch, ImportState, TradeDay, TradeLine
from tests.crm.imports.support import HEADER, lines
from tests.factories import make_account, make_product

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2025, 6, 30)

# The import with a loader that has written everything and then hangs, as if the machine had.
HANG = """
import sys, time, datetime as dt
import django; django.setup()
from crm.imports.loaders.trade_lines import TradeLineLoader
from crm.imports.running import run_batch

after = TradeLineLoader.after
def hang(self):
    after(self)
    print("written", flush=True)
    time.sleep(600)

TradeLineLoader.after = hang
run_batch(int(sys.argv[1]), today=dt.date(2025, 6, 30))
"""


@pytest.fixture
def batch() -> ImportBatch:
    make_account(number="C1")
    make_product(code="P1")
    rows = "\n".join(f"L{number},C1,2024-02-29,P1,1,10" for number in range(100))
    made, _new = receive(
        user=None, main=("lines.csv", ContentFile(f"{HEADER}\n{rows}\n".encode())), source="erp"
    )
    # Announced to nobody: this test is the worker.
    return start(made, lines(), dry_run=False, update_existing=True, announced=False)


def environment() -> dict[str, str]:
    from django.conf import settings
    from django.db import connection

    url = os.environ["DATABASE_URL"]
    base, _slash, rest = url.rpartition("/")
    query = f"?{rest.split('?', 1)[1]}" if "?" in rest else ""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.fault.import_settings",
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}{query}",
        "IMPORT_TEST_MEDIA": str(settings.MEDIA_ROOT),
    }


def test_a_worker_killed_before_its_commit_leaves_nothing_and_the_next_does_it_whole(
    batch: ImportBatch,
) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", HANG, str(batch.pk)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "written"
        batch.refresh_from_db()
        assert batch.state == ImportState.RUNNING, "its progress is seen while it runs"
        assert batch.progress >= 85
        assert not TradeLine.objects.exists(), "its rows are not"
        assert run_batch(batch.pk, today=TODAY) is False, "nobody else takes a batch that is being run"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    for _attempt in range(100):
        # The server needs a moment to notice that the worker is gone, and with it its lock.
        resume_imports()
        batch.refresh_from_db()
        if batch.state == ImportState.DONE:
            break
    assert (batch.state, batch.rows_created) == (ImportState.DONE, 100)
    assert TradeLine.objects.count() == 100
    assert TradeDay.objects.get().lines == 100
    resume_imports()
    assert TradeLine.objects.count() == 100


def test_two_workers_at_once_do_it_once(batch: ImportBatch) -> None:
    from django.db import connections

    def work() -> None:
        run_batch(batch.pk, today=TODAY)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch.refresh_from_db()
    assert (batch.state, batch.rows_created) == (ImportState.DONE, 100)
    assert TradeLine.objects.count() == 100
    assert Account.objects.count() == 1
