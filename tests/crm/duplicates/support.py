"""Merging and undoing as the manager, at one moment."""

from __future__ import annotations

import datetime as dt

from crm.duplicates.merging import merge_accounts, undo_merge
from crm.models import Account, AccountMerge
from tests.fixtures import World

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)
DAY = dt.date(2025, 3, 3)


def merge(merged: Account, kept: Account, world: World, **chosen: str) -> AccountMerge:
    return merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen=chosen, user=world.manager, now=NOW)


def undo(done: AccountMerge, world: World) -> AccountMerge:
    return undo_merge(merge_id=done.pk, user=world.manager, now=NOW)
