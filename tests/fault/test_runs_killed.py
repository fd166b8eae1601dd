"""Killed processes, two schedulers at once, a dead broker: nothing lost, nothing doubled, nobody sees half a run."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config.nightly import resume_runs
from crm.models import AccountFacts, Run, RunState, TradeLine
from segmentation.models import GradeChange
from tests.factories import make_account, make_trade_line
from tests.figures import compute, roll_up, stored

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]
A = dt.date(2025, 6, 30)

# The chain with a step before the last that says where it is and then hangs, as if the machine had.
HANG = """
import sys, time, datetime as dt
import django; django.setup()
from config import nightly
from segmentation.recompute import GradeStep

def hang(self, cursor, context, accounts):
    print("computing", flush=True)
    time.sleep(600)

def publish(self, cursor, publication):
    GradeStep.published(self, cursor, publication)
    print("publishing", flush=True)
    time.sleep(600)

if sys.argv[1] == "compute":
    GradeStep.compute = hang
else:
    GradeStep.published = GradeStep.publish
    GradeStep.publish = publish
nightly.recompute(as_of=dt.date(2025, 6, 30), trigger="schedule")
"""


def environment(**changes: str) -> dict[str, str]:
    """For a process that works on this test's database."""
    parameters = connection.get_connection_params()
    host, port = parameters.get("host", ""), parameters.get("port", "")
    url = (
        f"postgresql://{parameters.get('user', '')}:{parameters.get('password', '')}@/{parameters['dbname']}"
    )
    url += f"?host={host}" + (f"&port={port}" if port else "")
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "x" * 50,
        "RUN_THREADS": "1",
        **changes,
    }


@pytest.fixture
def ledger(transactional_db: None) -> Iterator[None]:
    for n in range(12):
        account = make_account(industry_position=1 + n % 5)
        for month in range(1, 13 - n % 4):
            make_trade_line(account, dt.date(2024, month, 1 + n), net_amount=100 + 10 * n * month, cost=60)
        make_trade_line(account, dt.date(2025, 5, 1 + n), net_amount=50 * (n + 1), cost=30)
    roll_up()
    yield
    # A killed client's session may live on for a moment; the next test empties the tables.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("moment", ["compute", "publish"])
def test_a_run_killed_on_the_way_is_redone_alike_and_never_half_seen(
    ledger: None, moment: str, threads: str
) -> None:
    """With two threads the earlier steps are published, though not committed, while the last one computes."""
    compute(A)
    reference = stored()
    feed = GradeChange.objects.count()
    TradeLine.objects.filter(pk__in=TradeLine.objects.order_by("pk").values("pk")[:20]).update(
        net_amount=4000
    )
    roll_up()

    process = subprocess.Popen(
        [sys.executable, "-c", HANG, moment],
        cwd=ROOT,
        env=environment(RUN_THREADS=threads),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == ("computing" if moment == "compute" else "publishing")
    assert stored() == reference
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    assert stored() == reference
    killed = Run.objects.latest("pk")
    assert killed.state == RunState.RUNNING

    wait_until_lock_is_free()
    resume_runs()
    killed.refresh_from_db()
    assert (killed.state, killed.attempts) == (RunState.PUBLISHED, 2)
    redone, redone_feed = stored(), GradeChange.objects.count()
    assert redone != reference
    assert redone_feed >= feed
    # An undisturbed run of the same date gives the same bytes.
    compute(A)
    assert stored() == redone
    assert GradeChange.objects.count() == redone_feed


def wait_until_lock_is_free() -> None:
    for _ in range(100):
        with connection.cursor() as cursor:
            # Of this database: other tests work on the same server.
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the killed process still holds its lock")


def test_two_schedulers_at_once_make_one_run(ledger: None) -> None:
    command = [sys.executable, "manage.py", "recompute", "--as-of", A.isoformat(), "--json"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert {json.loads(output)["state"] for output in outputs} == {"published"}
    runs = list(Run.objects.all())
    # Either the second found the first one's run, or it came when that was over and made its own, after it.
    assert len(runs) == len({json.loads(output)["run"] for output in outputs})
    assert all(run.attempts == 1 for run in runs)
    assert AccountFacts.objects.count() == 12


def test_a_run_that_another_process_executes_is_left_to_it(ledger: None) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HANG, "compute"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "computing"
        resume_runs()
        run = Run.objects.get()
        assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    finally:
        process.kill()
        process.wait(20)
    wait_until_lock_is_free()


def test_readers_see_the_whole_of_one_run(ledger: None) -> None:
    """While runs alternate between two ledgers, every look at all figures is the one state or the other."""
    compute(A)
    states = {json.dumps({table: data.decode() for table, data in stored().items()})}
    stop, mixed = threading.Event(), []

    def look() -> None:
        from django.db import transaction

        try:
            while not stop.is_set():
                with transaction.atomic():
                    connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    mixed.append(json.dumps({table: data.decode() for table, data in stored().items()}))
        finally:
            connection.close()

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for amount in (7000, 5):
            TradeLine.objects.filter(traded_on__year=2025).update(net_amount=amount)
            compute(A)
            states.add(json.dumps({table: data.decode() for table, data in stored().items()}))
    finally:
        stop.set()
        reader.join(30)
    assert mixed
    assert set(mixed) <= states


REQUEST = """
import datetime as dt
import django; django.setup()
from crm.runs import request_run
run = request_run(as_of=dt.date(2025, 6, 30), trigger="button")
print(run.state)
"""


def test_with_a_dead_broker_the_run_waits_and_is_picked_up(ledger: None) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REQUEST],
        cwd=ROOT,
        env=environment(REDIS_URL="redis://127.0.0.1:1/0"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "queued"
    assert "broker does not answer" in done.stderr
    resume_runs()
    assert Run.objects.get().state == RunState.PUBLISHED
