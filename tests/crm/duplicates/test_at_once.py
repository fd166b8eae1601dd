"""Two people at the same pair at the same moment: one merge happens, the other is told so."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from crm.duplicates.merging import MergeRefused, merge_accounts, undo_merge
from crm.models import Account, AccountMerge, Visit
from tests.factories import make_account, make_visit
from tests.fixtures import World, build_world

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def both(world: World, orders: list[tuple[Account, Account]]) -> list[str]:
    start = Barrier(len(orders))

    def one(order: tuple[Account, Account]) -> str:
        try:
            start.wait()
            merge_accounts(kept_id=order[0].pk, merged_id=order[1].pk, chosen={}, user=world.manager, now=NOW)
        except MergeRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(orders)) as pool:
        return sorted(pool.map(one, orders))


@pytest.mark.parametrize("crossed", [False, True])
def test_the_same_pair_is_merged_once(crossed: bool) -> None:
    world = build_world()
    first, second = make_account(world.rep), make_account(world.rep)
    visits = [make_visit(account, world.rep, NOW) for account in (first, second)]

    answers = both(world, [(first, second), (second, first) if crossed else (first, second)])

    assert answers == ["done", "merged_already"]
    merge = AccountMerge.objects.get()
    assert set(Visit.objects.filter(account=merge.kept)) == set(visits)


def test_an_undo_asked_for_twice_happens_once() -> None:
    world = build_world()
    kept, merged = make_account(world.rep), make_account(world.rep)
    visit = make_visit(merged, world.rep, NOW)
    merge = merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW)

    def undo(_number: int) -> str:
        try:
            undo_merge(merge_id=merge.pk, user=world.manager, now=NOW)
        except MergeRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(undo, range(2))) == ["done", "undone"]
    visit.refresh_from_db()
    assert visit.account == merged
