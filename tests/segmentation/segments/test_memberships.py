"""Who belongs where: by rule and by group, from run to run, in whatever order runs come."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from crm.models import Account, CustomField
from segmentation.models import Clustering, Segment, SegmentMembership
from segmentation.segments.operations import (
    InvalidRule,
    adopt,
    archive_segment,
    assign_now,
    request_clustering,
    run_clustering,
    save_segment,
)
from segmentation.segments.rules import node_of
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World

MAY, JUNE, JULY = dt.date(2025, 5, 31), dt.date(2025, 6, 30), dt.date(2025, 7, 31)


def rule(*rules: dict[str, Any], match: str = "all") -> Any:
    return node_of({"match": match, "rules": list(rules)})


def at_least(amount: float, window: int = 365) -> dict[str, Any]:
    return {"field": "net_sales", "op": "ge", "values": [amount], "window": window}


def one_of(field: str, *values: Any, op: str = "in") -> dict[str, Any]:
    return {"field": field, "op": op, "values": [str(value) for value in values]}


def segment(*rules: dict[str, Any], match: str = "all", name: str = "Big") -> Segment:
    return save_segment(Segment(name=name), rule=rule(*rules, match=match), user=None)


def history(found: Segment) -> set[tuple[int, dt.date, dt.date | None]]:
    rows = SegmentMembership.objects.filter(segment=found)
    return set(rows.values_list("account_id", "valid_from", "valid_to"))


def members(found: Segment) -> set[int]:
    rows = SegmentMembership.objects.filter(segment=found, valid_to=None)
    return set(rows.values_list("account_id", flat=True))


@pytest.fixture
def traders(world: World) -> tuple[Account, Account, Account]:
    """Steady buys 200 a month, Rising 50 in May and 500 in June, Quiet never bought."""
    steady = make_account(world.rep, world.east, name="Steady", country="China", kind="customer")
    rising = make_account(world.stranger, world.west, name="Rising", country="Germany")
    quiet = make_account(world.rep, world.east, name="Quiet", country="China", kind="prospect")
    for month in (4, 5, 6, 7):
        make_trade_line(steady, dt.date(2025, month, 10), net_amount=200, cost=100)
    make_trade_line(rising, dt.date(2025, 5, 5), net_amount=50, cost=40)
    make_trade_line(rising, dt.date(2025, 6, 5), net_amount=500, cost=300)
    return steady, rising, quiet


def test_every_run_opens_and_closes_memberships(traders: Any) -> None:
    steady, rising, _quiet = traders
    big = segment(at_least(200, 30))
    assert members(big) == set()
    compute(MAY)
    assert history(big) == {(steady.pk, MAY, None)}
    compute(JUNE)
    assert history(big) == {(steady.pk, MAY, None), (rising.pk, JUNE, None)}
    compute(JULY)
    assert history(big) == {(steady.pk, MAY, None), (rising.pk, JUNE, JULY)}
    # The same date again says the same, and leaves the same rows.
    before = set(SegmentMembership.objects.values_list("pk", flat=True))
    compute(JULY)
    assert set(SegmentMembership.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    "order", [(MAY, JUNE, JULY), (JULY, MAY, JUNE), (JUNE, JULY, MAY), (JULY, JUNE, MAY)]
)
def test_runs_in_any_order_give_the_same_history(traders: Any, order: tuple[dt.date, ...]) -> None:
    steady, rising, _quiet = traders
    big = segment(at_least(200, 30))
    for as_of in order:
        compute(as_of)
    assert history(big) == {(steady.pk, MAY, None), (rising.pk, JUNE, JULY)}


def test_fields_and_figures_of_every_kind(traders: Any, world: World) -> None:
    steady, rising, quiet = traders
    CustomField.objects.create(code="lines", name="Lines", kind="number")
    choices = [{"value": "a", "mark": 1, "name": "A"}]
    CustomField.objects.create(code="class", name="Class", kind="choice", choices=choices)
    CustomField.objects.create(code="audited", name="Audited", kind="yes_no")
    Account.objects.filter(pk=steady.pk).update(custom={"lines": 3, "class": "a", "audited": True})
    compute(JUNE)
    everybody = {world.account.pk, world.colleagues_account.pk, world.strangers_account.pk}
    expected = [
        ([one_of("country", "China")], {steady.pk, quiet.pk}),
        ([one_of("country", "", "Germany")], everybody | {rising.pk}),
        ([one_of("kind", "prospect")], {quiet.pk}),
        # A territory means what lies below it too.
        (
            [
                one_of("territory", world.china.pk),
                one_of("owner", world.stranger.pk, op="not_in"),
                at_least(1),
            ],
            {steady.pk},
        ),
        ([one_of("stage", 0)], everybody | {quiet.pk}),
        ([{"field": "custom:lines", "op": "gt", "values": [2]}], {steady.pk}),
        ([one_of("custom:class", "a")], {steady.pk}),
        ([one_of("custom:audited", "true")], {steady.pk}),
        ([{"field": "satisfaction", "op": "unknown"}, at_least(1)], {steady.pk, rising.pk}),
        # Typed in percent: half of it is margin.
        ([{"field": "margin", "op": "ge", "values": [50]}], {steady.pk}),
        ([one_of("tier", 0, 1, 2, op="not_in"), one_of("channel", "indirect")], set()),
        (
            [
                one_of("grade", 0, 1, 2, 3, ""),
                one_of("loyalty_level", "", 1, 2, 3, 4, 5),
                one_of("satisfaction_class", ""),
                at_least(1),
            ],
            {steady.pk, rising.pk},
        ),
    ]
    found = [segment(*rules, name=str(place)) for place, (rules, _members) in enumerate(expected)]
    assert [members(one) for one in found] == [those for _rules, those in expected]
    # The night finds what was assigned at once.
    compute(JUNE)
    assert [members(one) for one in found] == [those for _rules, those in expected]


def test_nested_groups(traders: Any) -> None:
    steady, rising, quiet = traders
    compute(JUNE)
    either = {
        "match": "any",
        "rules": [
            {"match": "all", "rules": [one_of("country", "China"), at_least(1)]},
            {"match": "none", "rules": [one_of("country", "China", ""), at_least(10_000)]},
        ],
    }
    assert members(segment(either)) == {steady.pk, rising.pk}
    assert members(segment({"match": "none", "rules": [either]}, one_of("country", "China"))) == {quiet.pk}


def test_a_removed_field_leaves_members_as_they_are(traders: Any) -> None:
    steady, _rising, _quiet = traders
    field = CustomField.objects.create(code="lines", name="Lines", kind="number")
    Account.objects.filter(pk=steady.pk).update(custom={"lines": 3})
    compute(MAY)
    of_field = segment({"field": "custom:lines", "op": "ge", "values": [1]})
    field.delete()
    compute(JUNE)
    assert history(of_field) == {(steady.pk, MAY, None)}
    with pytest.raises(InvalidRule, match="field_removed"):
        save_segment(of_field, rule=node_of(of_field.rule), user=None)


def test_archived_segments_have_no_members(traders: Any) -> None:
    steady, rising, _quiet = traders
    big = segment(at_least(200))
    compute(MAY)
    compute(JUNE)
    archive_segment(big, archived=True)
    assert history(big) == {(steady.pk, MAY, JUNE)}
    compute(JULY)
    assert members(big) == set()
    archive_segment(big, archived=False)
    assert history(big) == {(steady.pk, MAY, JUNE), (steady.pk, JULY, None), (rising.pk, JULY, None)}


def test_merged_accounts_leave(traders: Any) -> None:
    steady, rising, _quiet = traders
    big = segment(at_least(200))
    compute(JUNE)
    Account.objects.filter(pk=rising.pk).update(merged_into=steady)
    compute(JULY)
    assert members(big) == {steady.pk}


@pytest.fixture
def base(world: World) -> None:
    """48 customers of four kinds."""
    chance = np.random.default_rng(3)
    for place in range(48):
        account = make_account(world.rep if place % 2 else world.stranger, name=f"N{place}")
        often, amount = [(12, 5000), (12, 100), (2, 200), (2, 9000)][place % 4]
        for month in range(often):
            day = dt.date(2025, 6, 20) - dt.timedelta(days=30 * month + place % 7)
            net = round(amount * float(chance.uniform(0.9, 1.1)), 2)
            make_trade_line(account, day, net_amount=net, cost=net / 2)


def test_groups_are_found_adopted_and_kept(base: None, world: World) -> None:
    run = compute(JUNE)
    first = request_clustering(run=run, reason="Yearly look", purpose="marketing", user=world.manager)
    assert run_clustering(first.pk)
    assert not run_clustering(first.pk), "a second worker finds it done"
    first.refresh_from_db()
    assert sum(first.model["sizes"]) == 48
    segments = adopt(first, names={0: ("Pillars", "支柱")}, user=world.manager)
    assert str(segments[0]) == "Pillars"
    assert sorted(len(members(one)) for one in segments) == sorted(first.model["sizes"])
    before = {one.pk: members(one) for one in segments}
    # Found anew on the same figures: every group is the same segment with the same members, and keeps its history.
    second = request_clustering(run=run, reason="Again", purpose="marketing", user=world.manager)
    run_clustering(second.pk)
    second.refresh_from_db()
    again = adopt(second, names={}, user=world.manager)
    assert {one.pk: members(one) for one in again} == before
    assert {one.name for one in again} == {one.name for one in segments}
    assert Clustering.objects.filter(active=True).get() == second
    compute(JULY)
    assert sum(len(members(one)) for one in again) == 48
    assert not SegmentMembership.objects.filter(
        account__in=Account.objects.exclude(name__startswith="N")
    ).exists()


def test_too_few_customers_are_said_so(traders: Any, world: World) -> None:
    run = compute(JUNE)
    asked = request_clustering(run=run, reason="Try", purpose="strategic", user=world.manager)
    run_clustering(asked.pk)
    asked.refresh_from_db()
    assert asked.model["state"] == "failed"
    assert asked.model["customers"] == 2


def test_without_a_run_nothing_is_assigned(traders: Any) -> None:
    assert assign_now([segment(at_least(1))]) == 0
