"""Import files from the command line: import_ledger FILE... [--mapping M.toml] [--dry-run] [--json]."""

from __future__ import annotations

import datetime as dt
import fnmatch
import json
import sys
from argparse import SUPPRESS
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.imports.batches import new_batch, saved_mapping
from crm.imports.guessing import guess, guess_kind
from crm.imports.mapping import Mapping, from_toml
from crm.imports.problems import ImportFileError, sentence
from crm.imports.rejections import column_of, rejected_csv
from crm.imports.report import report
from crm.imports.running import Files, run_batch
from crm.imports.tables import read_table
from crm.models import ImportBatch, ImportKind, ImportState

ALL_IN, FAILED, USAGE, SOME_REJECTED = 0, 1, 2, 3
SHOWN_REJECTIONS = 5


class Command(BaseCommand):
    help = "Import CSV, CSV.GZ or XLSX files. Exit status: 0 all rows in, 3 some rejected, 1 failed, 2 usage."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--mapping", type=Path, help="TOML file that says which column means what")
        parser.add_argument(
            "--kind", choices=ImportKind.values, help="what the file holds, where no mapping says so"
        )
        parser.add_argument("--source", default="", help="name of the system the files come from")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument(
            "--keep-existing", action="store_true", help="leave rows alone that exist already"
        )
        parser.add_argument(
            "--create-missing",
            action="store_true",
            help="create accounts and products that are not known yet",
        )
        parser.add_argument(
            "--rejected", type=Path, metavar="OUT.csv", help="write rejected rows to this file"
        )
        parser.add_argument("--json", action="store_true", help="summary as JSON on standard output")
        parser.add_argument("--today", type=str, default="", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = self._plan(options)
        except (ImportFileError, OSError) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        results = []
        for mapping, files in plan:
            results.append(self._import(mapping, files, options))
            if results[-1]["state"] == ImportState.FAILED:
                break
        failed = any(result["state"] == ImportState.FAILED for result in results)
        rejected = any(result["rejected"] for result in results)
        if options["json"]:
            summary = {"ok": not failed and not rejected, "dry_run": options["dry_run"], "imports": results}
            self.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2))
        if failed or rejected:
            sys.exit(FAILED if failed else SOME_REJECTED)

    # What to import

    def _plan(self, options: dict[str, Any]) -> list[tuple[Mapping, Files]]:
        paths: list[Path] = options["files"]
        for path in paths:
            if not path.is_file():
                raise OSError(f"No such file: {path}")
        if options["mapping"]:
            mappings = from_toml(options["mapping"].read_text(encoding="utf-8"))
            plan = self._matched(mappings, paths)
        else:
            plan = [(self._guessed(path, options["kind"]), Files(path)) for path in paths]
        for mapping, _files in plan:
            if options["create_missing"] and mapping.kind == ImportKind.TRADE_LINES:
                mapping.options |= {"create_missing_accounts": True, "create_missing_products": True}
        return plan

    def _matched(self, mappings: list[Mapping], paths: list[Path]) -> list[tuple[Mapping, Files]]:
        """Each mapping with the files its patterns name; a mapping without a pattern takes what is left."""
        helpers = {lookup.file for mapping in mappings for lookup in mapping.lookups}
        plan: list[tuple[Mapping, Files]] = []
        used: set[Path] = set()
        for mapping in mappings:
            lookups = {}
            for lookup in mapping.lookups:
                found = [path for path in paths if fnmatch.fnmatch(path.name, lookup.file)]
                if not found:
                    raise ImportFileError("unknown_lookup", file=lookup.file)
                lookups[lookup.name] = found[0]
            mains = [
                path
                for path in paths
                if (
                    fnmatch.fnmatch(path.name, mapping.file) if mapping.file else path not in lookups.values()
                )
            ]
            used.update(mains, lookups.values())
            plan += [(mapping, Files(path, lookups)) for path in mains]
        idle = [path.name for path in paths if path not in used]
        if idle:
            raise OSError(
                f"The mapping does not say what to do with {', '.join(idle)} (lookups: {helpers or '-'})"
            )
        if not plan:
            raise OSError("The mapping names none of the files.")
        return plan

    def _guessed(self, path: Path, kind: str | None) -> Mapping:
        table = read_table(path)
        kept = saved_mapping(table, kind or "")
        if kept is not None:
            return Mapping.kept(kept.definition)
        chosen = kind or guess_kind(table)
        if not chosen:
            raise ImportFileError("unknown_kind")
        return guess(chosen, table)

    # One file

    def _import(self, mapping: Mapping, files: Files, options: dict[str, Any]) -> dict[str, Any]:
        batch = new_batch(
            filename=files.main.name,
            size=files.main.stat().st_size,
            mapping=mapping,
            source=options["source"] or mapping.source or "import",
            dry_run=options["dry_run"],
            update_existing=not options["keep_existing"],
            user=None,
        )
        today = dt.date.fromisoformat(options["today"]) if options["today"] else timezone.localdate()
        run_batch(batch.pk, today=today, files=files, watch=self._watch(files.main.name))
        batch.refresh_from_db()
        if options["rejected"] and batch.rows_rejected:
            self._write_rejected(batch, options["rejected"])
        result = report(batch)
        if not options["json"]:
            self._tell(batch, result)
        elif batch.state == ImportState.FAILED:
            self.stderr.write(f"{batch.filename}: {batch.error}")
        return result

    def _watch(self, name: str) -> Any:
        def watch(percent: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{name}: {percent} %", ending="" if percent < 97 else "\n")

        return watch

    def _write_rejected(self, batch: ImportBatch, path: Path) -> None:
        with path.open(
            "a" if path.exists() and path.stat().st_size else "w", encoding="utf-8", newline=""
        ) as file:
            file.writelines(rejected_csv(batch))

    def _tell(self, batch: ImportBatch, result: dict[str, Any]) -> None:
        if batch.state == ImportState.FAILED:
            self.stderr.write(self.style.ERROR(f"{batch.filename}: {batch.error}"))
            return
        verb = "would be " if batch.dry_run else ""
        counts = (
            f"{verb}{batch.rows_created} created, {batch.rows_updated} updated, "
            f"{batch.rows_unchanged} unchanged, {batch.rows_rejected} rejected"
        )
        self.stdout.write(f"{batch.filename} ({batch.get_kind_display()}): {batch.rows_read} rows, {counts}")
        for name, value in result["summary"].items():
            if value not in (None, 0):
                self.stdout.write(f"  {name}: {value}")
        for rejection in batch.rejections.order_by("row_number", "pk")[:SHOWN_REJECTIONS]:
            cause = sentence(rejection.cause, rejection.parameters)
            self.stdout.write(f"  row {rejection.row_number}, {column_of(batch, rejection)}: {cause}")
