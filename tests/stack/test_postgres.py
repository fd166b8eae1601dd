"""The private PostgreSQL: started, stopped, and started again after everything that can go wrong in between."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from config.stack.postgres import THROWAWAY, Postgres
from config.stack.processes import end_session
from config.stack.speech import StackError
from config.stack.valkey import Valkey


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Not tmp_path: only root may enter that, and as root the server runs as another user.
    with tempfile.TemporaryDirectory(prefix="mainstay-postgres-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def server(home: Path) -> Postgres:
    return Postgres(home, log=home / "log" / "postgres.log", options=THROWAWAY)


def stop(postgres: Postgres, process: subprocess.Popen[bytes]) -> None:
    end_session(process, stop_signal=signal.SIGINT, seconds=30)
    assert not (postgres.placement.data / "postmaster.pid").exists()


def ask(postgres: Postgres, sql: str) -> object:
    connection = psycopg2.connect(postgres.url())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


@pytest.mark.fault
def test_a_life_with_every_mishap(home: Path) -> None:
    # A data directory that initdb did not finish is not taken for one.
    unfinished = server(home).placement
    (unfinished.directory / "data.new").mkdir(parents=True)
    (unfinished.directory / "data.new" / "PG_VERSION").write_text("18\n", "utf-8")

    first = server(home)
    process = first.start()
    ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert ask(first, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    if os.geteuid() == 0:
        assert psutil.Process(process.pid).uids().real != 0
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(first.url().replace(first.password, "wrong"))

    # An orphan of a killed launcher: the next start stops it and takes over its data.
    second = server(home)
    process_two = second.start()
    process.wait(10)
    assert ask(second, "SELECT answer FROM kept") == 42
    stop(second, process_two)

    # A crashed machine's postmaster.pid, with a number that belongs to someone else by now.
    pid_file = second.placement.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{second.placement.data}\n1\n5432\n\n127.0.0.1\n\nready\n", "utf-8")
    third = server(home)
    process_three = third.start()
    assert ask(third, "SELECT answer FROM kept") == 42

    # Killed without notice: the write-ahead log brings it back.
    process_three.kill()
    process_three.wait()
    fourth = server(home)
    process_four = fourth.start()
    assert ask(fourth, "SELECT answer FROM kept") == 42
    fourth.ensure_database(fresh=True)
    assert ask(fourth, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == 0
    stop(fourth, process_four)


def test_data_of_another_version_are_refused_and_kept(home: Path) -> None:
    postgres = server(home)
    version = postgres.placement.data / "PG_VERSION"
    postgres.prepare()
    version.write_text("14\n", "utf-8")
    try:
        with pytest.raises(StackError, match="PostgreSQL 14's, the installed server is 18"):
            server(home).start()
    finally:
        version.write_text("18\n", "utf-8")


@pytest.mark.fault
def test_valkey_keeps_its_queue_when_it_is_killed_and_asks_for_a_password(tmp_path: Path) -> None:
    import redis

    first = Valkey(tmp_path, log=tmp_path / "log")
    process = first.start()
    client = redis.Redis.from_url(first.url)
    client.rpush("mainstay", "a task")
    client.execute_command("WAITAOF", 1, 0, 5000)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(first.url.replace(first.password, "wrong")).ping()
    client.close()
    process.kill()
    process.wait()

    second = Valkey(tmp_path, log=tmp_path / "log")
    process = second.start()
    client = redis.Redis.from_url(second.url)
    try:
        assert client.lrange("mainstay", 0, -1) == [b"a task"]
    finally:
        client.close()
        end_session(process, stop_signal=signal.SIGTERM, seconds=10)
    assert not psutil.pid_exists(process.pid)
