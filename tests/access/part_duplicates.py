"""Two accounts of the owner's territory that may be one, two of them in different territories, and two merges."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from crm.duplicates.merging import merge_accounts
from crm.models import Account
from tests.factories import make_account
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    twin, other = (make_account(world.rep, world.east, name=f"Twin {letter}") for letter in "AB")
    return {
        "twin": twin.pk,
        "other_twin": other.pk,
        "merge": _merge(world, twin).pk,
        "far_merge": _merge(world, world.strangers_account).pk,
        "merged": Account.objects.filter(merged_into=twin).latest("pk").pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    revisions = {"kept-revision": 1, "merged-revision": 0}
    far = Account.objects.get(pk=world.strangers_account.pk)
    return {
        "twins": {"first": rows["twin"], "second": rows["other_twin"]},
        "far_twins": {"first": rows["twin"], "second": far.pk},
        "merge": {"with": rows["other_twin"], **revisions},
        "far_merge": {"with": far.pk, "kept-revision": 1, "merged-revision": far.revision},
    }


def _merge(world: World, kept: Account) -> Any:
    merged = make_account(world.rep, kept.territory)
    return merge_accounts(
        kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.administrator, now=timezone.now()
    )
