"""Parent groups: no chain of parents may lead back to where it began."""

from __future__ import annotations

from django.db import connection

from crm.models import Account

# Changes of parents come one after another, so that two of them cannot close a circle together.
PARENTS_LOCK = 0x4D50_0001
LEADS_BACK = """
WITH RECURSIVE chain AS (
    SELECT id, parent_id FROM crm_account WHERE id = %(parent)s
    UNION
    SELECT a.id, a.parent_id FROM crm_account a JOIN chain c ON a.id = c.parent_id
)
SELECT EXISTS (SELECT FROM chain WHERE id = %(account)s)
"""


class CircularParentError(Exception):
    """The new parent is the account itself or belongs to it."""


def leads_back(parent_id: int, account_id: int) -> bool:
    """Whether the chain of parents that begins at `parent_id` meets `account_id`. Ends also in a chain gone wrong."""
    with connection.cursor() as cursor:
        cursor.execute(LEADS_BACK, {"parent": parent_id, "account": account_id})
        return bool(cursor.fetchone()[0])


def lock_parents() -> None:
    """Before any account is locked, in the transaction that writes a parent: others wait until it ends.

    Not after: writing a parent takes a lock on the parent's row, which another change of parents may hold.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARENTS_LOCK])


def guard_parent(*, account: Account, parent: Account | None) -> None:
    """Raises CircularParentError; to be asked after `lock_parents`."""
    if parent is not None and parent.pk != account.parent_id and leads_back(parent.pk, account.pk):
        raise CircularParentError
