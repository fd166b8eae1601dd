"""Where an account went: the one that is left of it after merges."""

from __future__ import annotations

from django.db import connection
from django.http import Http404

from crm.models import Account, User

# Merges form chains (A into B, B into C) and never circles: a merged account takes part in no further merge.
_SURVIVOR = """
WITH RECURSIVE chain(id, next, depth) AS (
    SELECT id, merged_into_id, 0 FROM crm_account WHERE id = %s
    UNION ALL
    SELECT a.id, a.merged_into_id, c.depth + 1 FROM chain c JOIN crm_account a ON a.id = c.next WHERE c.depth < 50
)
SELECT id FROM chain ORDER BY depth DESC LIMIT 1
"""


def surviving_account_id(pk: int) -> int:
    """The account that `pk` was merged into, through any number of merges; `pk` itself where it was not."""
    with connection.cursor() as cursor:
        cursor.execute(_SURVIVOR, [pk])
        row = cursor.fetchone()
    return int(row[0]) if row else pk


def resolve_account(pk: int, user: User) -> Account:
    """The account that is left of `pk`, if the user may see it; otherwise "not found"."""
    account = Account.objects.visible_to(user).filter(pk=surviving_account_id(pk)).first()
    if account is None:
        raise Http404
    return account
