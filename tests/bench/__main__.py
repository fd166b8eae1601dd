"""`make bench`: the table of DESIGN's speed section, every figure a ratio measured in this run.

python -m tests.bench [--accounts 10000,100000] [--lines-per-account 100] [--import-lines 1000000] [--without-search]
    [--json FILE]

--import-lines 0 leaves the import out.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any


def start_services(home: Path) -> None:
    """A server as `make demo` sets it up (durable, same settings), on a data directory that is thrown away."""
    from config.stack.postgres import Postgres
    from config.stack.valkey import Valkey

    os.environ["MAINSTAY_HOME"] = str(home)
    (home / "static").mkdir()
    os.environ["SECRET_KEY"] = secrets.token_hex(32)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    postgres = Postgres(home, log=home / "postgres.log")
    postgres.start()
    os.environ["DATABASE_URL"] = postgres.url()
    valkey = Valkey(home, log=home / "valkey.log", durable=False)
    valkey.start()
    os.environ["REDIS_URL"] = valkey.url


def measure_size(
    accounts: int, lines_per_account: int, import_lines: int, with_search: bool, home: Path
) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from crm import rollup
    from crm.models import Role, Scope, Territory, User
    from crm.tokens import create_token
    from tests.bench import fits, imports, pages, preview, recompute, world
    from tests.bench.clock import seconds

    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    say(f"{accounts:,} accounts: making the world")
    territory = Territory.objects.create(name="Bench")
    user = User.objects.create_user("bench", role=Role.ADMINISTRATOR, password=secrets.token_hex(8))
    result: dict[str, Any] = {"accounts": accounts}
    result["lines"] = world.build(accounts, lines_per_account, user.pk, territory.pk)
    # The roll-up locks what it rebuilds, which only a transaction may.
    with transaction.atomic(), connection.cursor() as cursor:
        result["rebuild roll-up"] = seconds(lambda: rollup.rebuild(cursor))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    say(f"  {result['lines']:,} trade lines, rolled up in {result['rebuild roll-up']:.1f} s")
    result["recompute"] = recompute.measure()
    say(f"  recompute {result['recompute']['nightly']:.1f} s against {result['recompute']['duckdb']:.1f} s")
    result["changed"] = recompute.measure_changed()
    result["preview"] = preview.measure(user)
    result["fit"] = fits.measure(accounts)
    result["pages"] = pages.measure_pages(user)
    result["boards"] = pages.measure_boards(user)
    _row, token = create_token(user=user, scope=Scope.READ, now=timezone.now(), name="bench")
    result["grades"] = pages.measure_grades(token)
    if import_lines:
        result["import"] = imports.measure(home, import_lines)
        say(f"  import {result['import']['import']:.1f} s against {result['import']['copy']:.1f} s")
    if with_search:
        # Last: it gives the accounts other names, and people and visits.
        result["search"] = pages.measure_search(user)
    return result


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", default="10000,100000")
    parser.add_argument("--lines-per-account", type=int, default=100)
    parser.add_argument("--import-lines", type=int, default=1_000_000)
    parser.add_argument("--without-search", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="mainstay-bench-"))
    home.chmod(0o711)
    try:
        start_services(home)
        import django

        django.setup()
        from tests.bench.report import table

        results = [
            measure_size(
                int(size), options.lines_per_account, options.import_lines, not options.without_search, home
            )
            for size in options.accounts.split(",")
        ]
        sys.stdout.write(table(results))
        if options.json:
            options.json.write_text(json.dumps(results, indent=2, default=str), encoding="utf-8")
    finally:
        stop_services()
        shutil.rmtree(home, ignore_errors=True)


def stop_services() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        child.terminate()
    psutil.wait_procs(psutil.Process().children(recursive=True), timeout=15)


if __name__ == "__main__":
    main()
