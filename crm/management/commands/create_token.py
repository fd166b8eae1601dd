"""A token for the REST API from the shell. Exit: 0 made, 2 wrong arguments, 3 no such user."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.api.throttling import parse_rate
from crm.models import Scope, User
from crm.tokens import TokenNameError, create_token, end_of

WRONG_ARGUMENTS = 2
NO_SUCH_USER = 3


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write it as 2026-12-31") from None


def rate(text: str) -> str:
    try:
        parse_rate(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no rate; write it as 600/minute") from None
    return text


class Command(BaseCommand):
    help = (
        "Make a token for the REST API and print it once; only its digest is kept. "
        "Exit status: 0 made, 2 wrong arguments, 3 no such user or not active."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name whose rights the token has")
        parser.add_argument("--scope", required=True, choices=Scope.values, help="write includes read")
        parser.add_argument("--name", default="", help="what the token is for; by default its beginning")
        parser.add_argument("--expires", type=day, metavar="DATE", help="the last day on which it works")
        parser.add_argument("--rate", type=rate, help="a throttle of its own, as 600/minute")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of the token")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['user']!r}.", returncode=NO_SUCH_USER)
        expires: dt.date | None = options["expires"]
        if expires is not None and expires < timezone.localdate(now):
            raise CommandError(f"{expires} has passed already.", returncode=WRONG_ARGUMENTS)
        try:
            row, token = create_token(
                user=user,
                scope=options["scope"],
                name=options["name"],
                rate=options["rate"] or "",
                expires_at=end_of(expires) if expires else None,
                now=now,
            )
        except TokenNameError:
            message = f"{user.username} has a token named {options['name']!r} that still works."
            raise CommandError(message, returncode=WRONG_ARGUMENTS) from None
        if options["json"]:
            shown = {
                "token": token,
                "user": user.username,
                "name": row.name,
                "scopes": row.scopes,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            }
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
        else:
            self.stdout.write(token)
