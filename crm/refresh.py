"""After a person's word about one account: bring its figures up to date without waiting for the night."""

from __future__ import annotations

from django.db import connection

from crm.models import Account, RunScope, User
from crm.rollup import note_changed
from crm.runs import newest_full_run, request_run
from crm.snapshots import shown_run


def refresh_account(account: Account, user: User) -> None:
    """Note the account as changed and ask for a run over the changed accounts. Call inside the transaction.

    Where no full run is published, or the newest is not the one shown, the next full run brings the change.
    """
    with connection.cursor() as cursor:
        note_changed(cursor, f"SELECT {int(account.pk)}")
    base, shown = newest_full_run(), shown_run()
    if base is not None and shown is not None and base.as_of == shown.as_of:
        request_run(as_of=base.as_of, trigger="button", requested_by=user, scope=RunScope.CHANGED)
