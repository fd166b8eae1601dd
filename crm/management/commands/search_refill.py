"""manage.py search_refill: search lines and dictionary of rows that SQL wrote past save()."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from crm.search.refill import refill


class Command(BaseCommand):
    help = "Bring what the search reads up to date with the rows. Safe to run at any time, and twice."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            changed = refill(cursor, self.stdout.write)
        self.stdout.write(f"{changed} lines were not up to date")
