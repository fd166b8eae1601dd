"""A merged account leads to what is left of it, through a chain, and shows nothing to whoever may not see that."""

from __future__ import annotations

import pytest
from django.http import Http404

from crm.duplicates.resolve import resolve_account, surviving_account_id
from tests.factories import make_account
from tests.fixtures import World


def test_a_chain_is_followed_to_its_end(world: World) -> None:
    second = make_account(world.rep, merged_into=world.account)
    third = make_account(world.rep, merged_into=second)

    assert surviving_account_id(third.pk) == world.account.pk
    assert surviving_account_id(second.pk) == world.account.pk
    assert surviving_account_id(world.account.pk) == world.account.pk
    assert resolve_account(third.pk, world.rep) == world.account


def test_what_does_not_exist_stays_what_it_is(world: World) -> None:
    assert surviving_account_id(10**9) == 10**9
    with pytest.raises(Http404):
        resolve_account(10**9, world.administrator)


def test_the_survivor_is_shown_only_to_whoever_sees_it(world: World) -> None:
    merged = make_account(world.rep, merged_into=world.strangers_account)

    with pytest.raises(Http404):
        resolve_account(merged.pk, world.rep)
    assert resolve_account(merged.pk, world.analyst) == world.strangers_account
