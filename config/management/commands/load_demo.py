"""Fill an empty database with the demo company and compute its figures: `load_demo [--as-of] [--accounts] [--json]`."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.demo import load as demo


class Command(BaseCommand):
    help = (
        "Fill an empty database with a generated bearing manufacturer and compute every figure for the last "
        f"{demo.HISTORY_MONTHS} months. A load that was cut short is taken up where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, help="last day of the generated trade (default: today)"
        )
        parser.add_argument("--accounts", type=int, default=300, help="how many (default: 300)")
        parser.add_argument("--json", action="store_true", help="print a summary as JSON on standard output")
        parser.add_argument("--without-figures", action="store_true", help="load only, compute nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()

        def say(text: str) -> None:
            # Beside the JSON of a script, progress goes to standard error.
            stream = sys.stderr if options["json"] else self.stdout
            stream.write(f"  [{time.monotonic() - started:4.0f} s] {text}\n")
            stream.flush()

        earlier = demo.loaded()
        if earlier and earlier.figures:
            raise CommandError("The demo company is here already, complete. Nothing was changed.")
        summary: dict[str, Any] = {}
        try:
            if earlier:
                as_of = self._resumed(earlier, options)
                say(f"The demo company of {as_of} is here, its figures are not: going on with them")
            else:
                today = timezone.localdate()
                as_of = options["as_of"] or today
                if as_of > today:
                    raise demo.DemoError(f"{as_of} is in the future: today is {today}. Nothing was changed.")
                summary = demo.load(as_of=as_of, accounts=options["accounts"], say=say)
        except demo.DemoError as error:
            raise CommandError(str(error)) from None
        if not options["without_figures"]:
            self._figures(as_of, say)
        summary |= {
            "as_of": as_of.isoformat(),
            "figures": not options["without_figures"],
            "logins": str(demo.logins_file()),
            "seconds": round(time.monotonic() - started, 1),
        }
        if options["json"]:
            self.stdout.write(json.dumps(summary))
        else:
            say(f"Done. The log-ins are in {demo.logins_file()}")

    def _resumed(self, earlier: demo.Loaded, options: dict[str, Any]) -> dt.date:
        wanted = options["as_of"]
        if wanted and wanted != earlier.as_of:
            raise demo.DemoError(
                f"An unfinished demo company as of {earlier.as_of} is in this database. Finish it with "
                f"--as-of {earlier.as_of}, or start afresh with an empty database."
            )
        return earlier.as_of

    def _figures(self, as_of: dt.date, say: demo.Say) -> None:
        first = demo.first_month_end(as_of)
        say(f"computing every figure as of each month's end since {first} and as of {as_of}")
        # Its closing line goes where progress goes; the JSON stays alone on standard output.
        call_command("recompute", as_of=as_of, month_ends_from=first, stdout=sys.stderr)
        demo.finish(as_of=as_of)
