"""Two accounts become one, and two again. Each in one transaction; everything that hangs on them follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from psycopg2.sql import SQL, Identifier

from crm import rollup
from crm.duplicates import fields, returning
from crm.duplicates.moving import Mover
from crm.duplicates.relations import Relation, movable
from crm.models import Account, AccountMerge, Position, TradeLine, User
from crm.models.history import Override, OverrideState
from crm.refresh import refresh_account


class MergeRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The merge or its undo is not possible; `code` says why, crm.duplicates.wording in whole sentences."""

    def __init__(self, code: str, account: Account | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.account = account


def merge_accounts(
    *,
    kept_id: int,
    merged_id: int,
    chosen: Mapping[str, str],
    user: User,
    now: dt.datetime,
    revisions: tuple[int, int] | None = None,
) -> AccountMerge:
    """`merged` becomes part of `kept`. `chosen`: {"field": "kept" or "merged"}; fields not named: as proposed.

    `revisions`: of both accounts as the person saw them; refused where one was changed since.
    """
    if kept_id == merged_id:
        raise MergeRefused("itself")
    with transaction.atomic(), connection.cursor() as cursor:
        kept, merged = _locked(kept_id, merged_id)
        if revisions is not None and revisions != (kept.revision, merged.revision):
            raise MergeRefused("changed")
        merge = AccountMerge.objects.create(
            kept=kept, merged=merged, user=user, fields=fields.write(kept, merged, chosen)
        )
        kept.revision += 1
        kept.save()
        _note_months(cursor, kept.pk, merged.pk)
        _settle_doubles(Mover(cursor, merge.pk), kept.pk, merged.pk, now)
        _move_everything(cursor, merge)
        Account.objects.filter(pk=merged.pk).update(
            merged_into=kept, revision=models.F("revision") + 1, updated_at=now
        )
        # Foreign keys are checked at the end otherwise, when nobody can tell any more what was wrong.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _refresh(cursor, kept, merged, user)
    return merge


def undo_merge(*, merge_id: int, user: User, now: dt.datetime) -> AccountMerge:
    """Give back what was moved and still hangs on the kept account; `leftovers` of the merge says what could not be."""
    with transaction.atomic(), connection.cursor() as cursor:
        merge = AccountMerge.objects.get(pk=merge_id)
        both = Account.objects.select_for_update().filter(pk__in=(merge.kept_id, merge.merged_id))
        accounts = {account.pk: account for account in both.order_by("pk")}
        # Read again under the locks: somebody may have undone it while we waited.
        merge.refresh_from_db()
        kept, merged = accounts[merge.kept_id], accounts[merge.merged_id]
        if merge.undone_at is not None:
            raise MergeRefused("undone")
        if kept.merged_into_id is not None or merged.merged_into_id != kept.pk:
            raise MergeRefused("merged_further", kept)
        Account.objects.filter(pk=merged.pk).update(
            merged_into=None, revision=models.F("revision") + 1, updated_at=now
        )
        _note_returning_months(cursor, merge)
        try:
            with transaction.atomic():
                left = returning.take_back(cursor, merge)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            raise MergeRefused("in_the_way") from error
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        # The steps may have put another parent above the kept account.
        kept.refresh_from_db()
        changed = fields.take_back(kept, merge.fields)
        left += [{"code": "field", "name": name} for name in changed]
        kept.revision += 1
        kept.save()
        merge.undone_at, merge.undone_by, merge.leftovers = now, user, left
        merge.save(update_fields=["undone_at", "undone_by", "leftovers"])
        _refresh(cursor, kept, merged, user)
    return merge


def adopt_strays(*, now: dt.datetime) -> int:
    """Rows that reached a merged account all the same (written while it was being merged) follow it; how many.

    They are recorded with the merge, so that its undo gives them back.
    """
    adopted = 0
    for merge in AccountMerge.objects.filter(undone_at=None).order_by("pk"):
        if not any(
            relation.model._base_manager.filter(**{relation.field.attname: merge.merged_id}).exists()
            for relation in movable()
        ):
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            accounts = Account.objects.select_for_update().filter(pk__in=(merge.kept_id, merge.merged_id))
            merged = next(account for account in accounts.order_by("pk") if account.pk == merge.merged_id)
            if merged.merged_into_id is None:
                continue
            before = merge.rows.count()
            _note_months(cursor, merged.merged_into_id, merged.pk)
            _move_everything(cursor, merge, into=merged.merged_into_id)
            _roll_up(cursor)
            adopted += sum(len(row.moved) for row in merge.rows.order_by("pk")[before:])
    return adopted


def _locked(kept_id: int, merged_id: int) -> tuple[Account, Account]:
    """Both rows, in the order of their ids: A into B and B into A at once wait for each other, and one is refused."""
    rows = Account.objects.select_for_update().filter(pk__in=(kept_id, merged_id)).order_by("pk")
    accounts = {account.pk: account for account in rows}
    if len(accounts) != 2:
        raise MergeRefused("gone")
    for account in (accounts[merged_id], accounts[kept_id]):
        if account.merged_into_id is not None:
            raise MergeRefused("merged_already", account)
    return accounts[kept_id], accounts[merged_id]


def _settle_doubles(mover: Mover, kept: int, merged: int, now: dt.datetime) -> None:
    """Where only one may hold and no unique rule says so: the kept account's override, its first person to call."""
    for relation in movable():
        model = relation.model
        if issubclass(model, Override):
            approved = model._default_manager.filter(state=OverrideState.APPROVED)
            valid = approved.filter(revoked_at=None, valid_to__gt=now.date())
            doubles = list(valid.filter(account=merged).values_list("pk", flat=True))
            if doubles and valid.filter(account=kept).exists():
                mover.change(model, model._meta.get_field("revoked_at"), None, now, rows=doubles)
        elif model is Position:
            primary = Position.objects.filter(is_primary=True)
            doubles = list(primary.filter(account=merged).values_list("pk", flat=True))
            if doubles and primary.filter(account=kept).exists():
                mover.change(model, Position._meta.get_field("is_primary"), True, False, rows=doubles)


def _move_everything(cursor: Any, merge: AccountMerge, into: int | None = None) -> None:
    mover = Mover(cursor, merge.pk)
    for relation in movable():
        mover.move(relation, merge.merged_id, into or merge.kept_id)


_MONTHS = "_merge_months"


def _note_months(cursor: Any, kept: int, merged: int) -> None:
    _create_months(
        cursor,
        "SELECT traded_on FROM crm_tradeline WHERE account_id = %s",
        [merged],
        (kept, merged),
    )


def _note_returning_months(cursor: Any, merge: AccountMerge) -> None:
    _create_months(
        cursor,
        "SELECT traded_on FROM crm_tradeline WHERE account_id = %s AND id IN (SELECT e::bigint FROM crm_mergedrows m,"
        ' jsonb_array_elements_text(m.moved) e WHERE m.merge_id = %s AND m."table" = %s AND m."column" = %s)',
        [merge.kept_id, merge.pk, *_trade_column()],
        (merge.kept_id, merge.merged_id),
    )


def _trade_column() -> tuple[str, str]:
    relation = Relation(TradeLine, TradeLine._meta.get_field("account"))
    return relation.table, relation.column


def _create_months(cursor: Any, days: str, values: list[Any], accounts: tuple[int, int]) -> None:
    cursor.execute(
        SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT a.account_id, m.month FROM ").format(
            Identifier(_MONTHS)
        )
        + SQL("(SELECT DISTINCT date_trunc('month', d.traded_on::timestamp)::date AS month FROM (")
        + SQL(days)
        + SQL(") d) m, unnest(%s::bigint[]) AS a(account_id)"),
        [*values, list(accounts)],
    )


def _roll_up(cursor: Any) -> None:
    rollup.refresh_months(cursor, _MONTHS)
    cursor.execute(SQL("DROP TABLE {}").format(Identifier(_MONTHS)))


def _refresh(cursor: Any, kept: Account, merged: Account, user: User) -> None:
    """Both accounts' figures are out of date, whether they ever traded or not."""
    _roll_up(cursor)
    rollup.note_changed(cursor, f"SELECT {int(merged.pk)}")
    refresh_account(kept, user)
