"""`make demo`: from a fresh clone to a running Mainstay with a demo company, and an orderly end on Ctrl-C."""

import os
import re
import signal
import sys
from pathlib import Path

import psycopg2
import redis

from config.env import ConfigError, database_from_url, home
from config.stack import assets, programs
from config.stack.postgres import Postgres
from config.stack.processes import (
    Program,
    Register,
    die_with_parent,
    port_is_taken,
    wait_until,
    write_private,
)
from config.stack.single import LOGINS, UNFINISHED, Lock
from config.stack.speech import StackError, explain, run_logged, say
from config.stack.supervisor import StopRequested, Supervisor
from config.stack.valkey import Valkey

SERVERS = frozenset({"PostgreSQL", "Valkey"})


class Demo:
    def __init__(self, port: int) -> None:
        self.port = port
        self.home = home()
        self.logs = self.home / "log"
        self.supervisor = Supervisor(Register(self.home / "run" / "processes.json"))
        self.environ = dict(os.environ)
        self.postgres: Postgres | None = None

    def run(self) -> None:
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = Lock(self.home)
        lock.take(self.port)
        self.supervisor.catch_signals()
        try:
            ended = self.supervisor.register.end_leftovers()
            if ended:
                say(f"Ended what an earlier start had left running: {', '.join(ended)}")
            self.check_port()
            self.secret_key()
            assets.build()
            self.servers()
            self.database()
            self.start_programs()
            self.welcome()
            self.supervisor.watch()
        except StopRequested:
            say("Stopping ...")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self.supervisor.stop_all(servers=SERVERS)
            for name in ("DATABASE_URL", "REDIS_URL", "valkey.conf"):
                (self.home / "run" / name).unlink(missing_ok=True)
        say("Everything has stopped; the data stay in " + str(self.home))

    def check_port(self) -> None:
        if port_is_taken(self.port):
            raise StackError(
                f"Port {self.port} is in use by another program. Choose another one: "
                f"make demo PORT={self.port + 1 if self.port < 65535 else 8000}"
            )

    def secret_key(self) -> None:
        if not (os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")):
            path = self.home / "secret-key"
            if not path.exists():
                write_private(path, os.urandom(48).hex())

    def servers(self) -> None:
        """Start PostgreSQL and Valkey, or check the ones that DATABASE_URL and REDIS_URL name."""
        url = os.environ.get("DATABASE_URL", "").strip()
        if url:
            check_database(url)
        else:
            say("Starting PostgreSQL")
            self.postgres = Postgres(self.home, log=self.logs / "postgres.log")
            self.supervisor.adopt(self.postgres.program(), self.postgres.start())
            url = self.postgres.url()
            write_private(self.home / "run" / "DATABASE_URL", url + "\n")
        self.environ["DATABASE_URL"] = url
        broker = os.environ.get("REDIS_URL", "").strip()
        if broker:
            check_broker(broker)
        else:
            say("Starting Valkey")
            valkey = Valkey(self.home, log=self.logs / "valkey.log")
            self.supervisor.adopt(valkey.program(), valkey.start())
            broker = valkey.url
            write_private(self.home / "run" / "REDIS_URL", broker + "\n")
        self.environ["REDIS_URL"] = broker
        self.environ.update({"HOST": "127.0.0.1", "PORT": str(self.port), "PYTHONUNBUFFERED": "1"})

    def manage(self, *arguments: str, what: str, echo: bool = False) -> None:
        log = str(self.logs / f"{arguments[0]}.log")
        status = run_logged(
            programs.manage(*arguments), log, what, environ=self.environ, count=progress_word, echo=echo
        )
        if status != 0:
            raise explain(log, status, what[0].upper() + what[1:])

    def database(self) -> None:
        """Bring the tables up to date, and load the demo company where there is no account yet."""
        unfinished = self.home / UNFINISHED
        if unfinished.exists():
            if self.postgres is None:
                raise StackError(
                    "The demo company was not loaded to its end, and the database is not ours to empty. Give "
                    f"DATABASE_URL an empty database and remove {unfinished}."
                )
            say("The demo company was not loaded to its end: starting again with an empty database")
            self.postgres.ensure_database(fresh=True)
        say("Bringing the tables up to date")
        self.manage("migrate", "--noinput", what="bringing the tables up to date")
        if has_accounts(self.environ["DATABASE_URL"]):
            unfinished.unlink(missing_ok=True)
            return
        say("Loading the demo company (once; a minute or so)")
        unfinished.touch()
        self.manage("load_demo", what="loading the demo company", echo=True)
        unfinished.unlink()

    def start_programs(self) -> None:
        # The port goes to the processes' command lines through the environment, as in the containers.
        for name, label in (("web", "Web server"), ("worker", "Worker"), ("beat", "Scheduler")):
            say(f"Starting the {label.lower()}")
            self.supervisor.start(
                Program(
                    label,
                    programs.command(name),
                    self.logs / f"{name}.log",
                    environ=self.environ,
                    cwd=Path(programs.ROOT),
                    stop_seconds=15,
                )
            )
        program, process = next(pair for pair in self.supervisor.running if pair[0].name == "Web server")
        wait_until(lambda: programs.web_answers(self.port), process, program, seconds=60)

    def welcome(self) -> None:
        lines = ["", f"  Mainstay runs at  http://127.0.0.1:{self.port}", ""]
        logins = self.home / LOGINS
        if logins.is_file():
            lines += [f"  {line}" for line in logins.read_text(encoding="utf-8").rstrip().splitlines()]
        lines += ["", f"  Logs: {self.logs}    Stop: Ctrl-C    Start afresh: make reset", ""]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def progress_word(line: str) -> str | None:
    found = re.match(r"\s*Applying ([\w.]+)\.\.\.", line)
    return f"migration {found.group(1)}" if found else None


def check_database(url: str) -> None:
    """A sentence where the server that DATABASE_URL names cannot be used."""
    options = database_from_url(url)
    where = f"{options['HOST'] or 'the local socket'}:{options['PORT'] or 5432}"
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise StackError(
            f"The database that DATABASE_URL names, at {where}, cannot be used: {reason}"
        ) from None
    try:
        if connection.server_version < 150000:
            raise StackError(
                f"The server at {where} is PostgreSQL {connection.server_version // 10000}; Mainstay needs 15 or later."
            )
    finally:
        connection.close()


def check_broker(url: str) -> None:
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise StackError(f"The server that REDIS_URL names cannot be used: {error}.") from None


def has_accounts(url: str) -> bool:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM crm_account)")
            row = cursor.fetchone()
            return bool(row and row[0])
    finally:
        connection.close()


def run_demo(port: int, *, with_parent: bool = False) -> None:
    """`with_parent` (make sets it): stop when the parent process is gone, however it went."""
    if with_parent:
        die_with_parent(signal.SIGTERM)()
    try:
        Demo(port).run()
    except ConfigError as error:
        raise StackError(str(error)) from None
