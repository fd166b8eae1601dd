"""Nothing that hangs on either account is lost: a row in every table there is, merged, undone, merged again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from crm.duplicates.merging import merge_accounts, undo_merge
from crm.duplicates.relations import unique_sets
from crm.models import Account, AccountMerge, User
from crm.rollup import rebuild
from tests.crm.duplicates.everything import contents, derived_relations, make_row, movable_relations
from tests.factories import make_account
from tests.fixtures import World

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def pair(world: World) -> tuple[Account, Account]:
    """Two accounts with rows everywhere, other accounts below and beside them."""
    kept = make_account(world.rep, world.east, number="K", name="甲公司")
    merged = make_account(world.rep, world.east, number="M", name="甲有限公司", city="宁波", custom={"a": 1})
    for account in (kept, merged):
        make_account(world.rep, parent=account)
        for relation in movable_relations():
            make_row(relation.model, world.rep, make_account(world.rep), **{relation.field.name: account})
    # What both have: the same person, the same year, the same supplier.
    for relation in movable_relations():
        if any(len(rule.fields) > 1 for rule in unique_sets(relation)):
            double = relation.model._base_manager.filter(**{relation.field.name: kept}).order_by("pk")[0]
            double.pk = None
            setattr(double, relation.field.attname, merged.pk)
            double.save(force_insert=True)
    earlier = make_account(world.rep, number="E")
    merge(earlier, merged, world.administrator)
    with connection.cursor() as cursor:
        rebuild(cursor)
    kept.refresh_from_db()
    merged.refresh_from_db()
    return kept, merged


def merge(merged: Account, kept: Account, user: User) -> AccountMerge:
    return merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=user, now=NOW)


def hanging(account: Account) -> dict[str, int]:
    return {
        f"{relation.table}.{relation.column}": relation.model._base_manager.filter(
            **{relation.field.attname: account.pk}
        ).count()
        for relation in movable_relations()
    }


def of_table(rows: dict[str, int], more: dict[str, int] | None = None) -> dict[str, int]:
    sums = {name.split(".")[0]: 0 for name in rows}
    for name, number in rows.items():
        sums[name.split(".")[0]] += number
    return {table: number + (more or {}).get(table, 0) for table, number in sums.items()}


def test_every_table_is_in_the_test(pair: tuple[Account, Account]) -> None:
    kept, merged = pair
    assert all(hanging(kept).values()), hanging(kept)
    assert all(hanging(merged).values()), hanging(merged)
    assert derived_relations(), "figures stay"


def test_all_rows_of_both_hang_on_the_kept_account(pair: tuple[Account, Account], world: World) -> None:
    kept, merged = pair
    mine, theirs = hanging(kept), hanging(merged)
    before = contents()

    done = merge(merged, kept, world.administrator)

    after = hanging(kept)
    assert not any(hanging(merged).values())
    put_away = {table: done.rows.filter(table=table).exclude(displaced=[]).count() for table in before}
    assert {"crm_position", "crm_faction", "crm_accountsupply", "crm_categoryspend"} <= {
        table for table, rows in put_away.items() if rows
    }
    assert of_table(after, put_away) == of_table({name: mine[name] + theirs[name] for name in mine})
    for table, rows in contents().items():
        # Days of trade on which both bought are one day now.
        if table != "crm_tradeday":
            assert len(rows) + put_away[table] == len(before[table]), table


def test_undo_brings_every_table_back_to_what_it_was_and_merging_again_works(
    pair: tuple[Account, Account], world: World
) -> None:
    kept, merged = pair
    before = contents()
    first = merge(merged, kept, world.administrator)
    merged_once = contents()

    undone = undo_merge(merge_id=first.pk, user=world.administrator, now=NOW)

    assert undone.leftovers == []
    now = contents()
    assert {table for table in before if before[table] != now[table]} == set()

    merge(merged, kept, world.administrator)
    again = contents()
    assert {table for table in merged_once if merged_once[table] != again[table]} == set()
