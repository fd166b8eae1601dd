"""Keep the Chinese complete: `messages update | check | compile | set FILE.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import messages


class Command(BaseCommand):
    help = "Update, check, compile the message catalogues, or set translations from a JSON file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "check", "compile", "set"])
        parser.add_argument(
            "file", nargs="?", type=Path, help='for set: {"English": "中文"}, plural "one\\u0000many"'
        )

    def handle(self, *args: Any, action: str, file: Path | None = None, **options: Any) -> None:
        if action == "compile":
            self.stdout.write(f"{messages.compile_all()} catalogues compiled")
        elif action == "check":
            found = messages.problems()
            if found:
                raise CommandError("\n".join([*found, f"{len(found)} messages are not ready"]))
            self.stdout.write("Every message has its Chinese")
        elif action == "update":
            messages.update()
            messages.compile_all()
        else:
            if file is None:
                raise CommandError("Name the JSON file.")
            texts = json.loads(file.read_text(encoding="utf-8"))
            messages.update({_message(key): text for key, text in texts.items()})
            messages.compile_all()


def _message(key: str) -> messages.Message:
    """ "text", "one\\0many", or "context\\x04text"."""
    context, _, rest = key.rpartition("\x04")
    text, _, plural = rest.partition("\x00")
    return messages.Message(text, plural, context)
