"""What a merge does where two rows cannot both stay, who may no longer do it, and how an undo answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from crm.duplicates.merging import MergeRefused, adopt_strays, merge_accounts, undo_merge
from crm.models import (
    Account,
    AccountMerge,
    AccountSupply,
    ChangedAccount,
    Contact,
    Faction,
    Influence,
    Position,
    StanceChange,
    TradeDay,
    Visit,
)
from crm.rollup import rebuild, refresh_months
from segmentation.models import GradeOverride
from tests.factories import make_account, make_contact, make_trade_line, make_visit
from tests.fixtures import World

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)
DAY = dt.date(2025, 3, 3)


@pytest.fixture
def kept(world: World) -> Account:
    return make_account(world.rep, world.east, number="K", name="甲轴承", phone="0574-1")


@pytest.fixture
def merged(world: World) -> Account:
    return make_account(world.colleague, world.east, number="M", name="甲轴承有限公司", city="宁波")


def merge(merged: Account, kept: Account, world: World, **chosen: str) -> AccountMerge:
    return merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen=chosen, user=world.manager, now=NOW)


def undo(done: AccountMerge, world: World) -> AccountMerge:
    return undo_merge(merge_id=done.pk, user=world.manager, now=NOW)


def test_fields_go_as_chosen_and_come_back(kept: Account, merged: Account, world: World) -> None:
    kept.annual_revenue = Decimal("123456789012345.67")
    kept.save()
    merged.annual_revenue = Decimal("2.10")
    merged.save()

    done = merge(merged, kept, world, name="merged", annual_revenue="merged")

    kept.refresh_from_db()
    assert (kept.name, kept.city, kept.phone) == ("甲轴承有限公司", "宁波", "0574-1")
    assert kept.annual_revenue == Decimal("2.10")
    assert "youxiangongsi" in kept.search_text, "search knows the name it has now"
    assert kept.owner == world.rep, "who looks after it stays unless somebody chooses otherwise"

    kept.city = "上海"
    kept.save()
    undone = undo(done, world)

    kept.refresh_from_db()
    assert (kept.name, kept.annual_revenue) == ("甲轴承", Decimal("123456789012345.67"))
    assert kept.city == "上海", "somebody changed it since"
    assert undone.leftovers == [{"code": "field", "name": "city"}]
    assert "youxiangongsi" not in kept.search_text


def test_a_person_with_a_position_at_both_keeps_one_that_knows_what_both_knew(
    kept: Account, merged: Account, world: World
) -> None:
    person = make_contact(kept, "李工", title="Head")
    mine = Position.objects.get(contact=person)
    boss = Position.objects.get(contact=make_contact(merged, "王总"))
    theirs = Position.objects.create(
        contact=person,
        account=merged,
        title="Engineer",
        department="Purchasing",
        reports_to=boss,
        influence=4,
    )
    below = Position.objects.get(contact=make_contact(merged, "小张", reports_to=theirs))
    Influence.objects.create(source=theirs, target=below)
    noted = StanceChange.objects.create(position=theirs, stance=1, noted_on=DAY, user=world.rep)
    visit = make_visit(merged, world.rep, NOW)
    visit.contacts.set([person])

    done = merge(merged, kept, world)

    mine.refresh_from_db()
    below.refresh_from_db()
    noted.refresh_from_db()
    assert (mine.title, mine.department, mine.influence, mine.reports_to) == ("Head", "Purchasing", 4, boss)
    assert (below.reports_to, noted.position) == (mine, mine)
    assert list(Influence.objects.values_list("source", "target")) == [(mine.pk, below.pk)]
    assert not Position.objects.filter(pk=theirs.pk).exists()
    assert list(Visit.objects.get(account=kept).contacts.all()) == [person]

    assert undo(done, world).leftovers == []

    mine.refresh_from_db()
    below.refresh_from_db()
    assert (mine.department, mine.influence, mine.reports_to) == ("", None, None)
    assert Position.objects.get(pk=theirs.pk).department == "Purchasing"
    assert below.reports_to_id == theirs.pk
    assert list(Influence.objects.values_list("source", "target")) == [(theirs.pk, below.pk)]


def test_people_who_report_to_each_other_do_not_end_in_a_circle(
    kept: Account, merged: Account, world: World
) -> None:
    person = make_contact(kept, "李工")
    mine = Position.objects.get(contact=person)
    theirs = Position.objects.create(contact=person, account=merged)
    between = Position.objects.get(contact=make_contact(merged, reports_to=theirs))
    Position.objects.filter(pk=mine.pk).update(reports_to=between)

    done = merge(merged, kept, world)

    mine.refresh_from_db()
    between.refresh_from_db()
    assert (mine.reports_to, between.reports_to) == (None, mine)
    undo(done, world)
    mine.refresh_from_db()
    between.refresh_from_db()
    assert (mine.reports_to, between.reports_to_id) == (between, theirs.pk)


def test_factions_of_one_name_become_one_with_all_their_people(
    kept: Account, merged: Account, world: World
) -> None:
    ours, others = (Faction.objects.create(account=account, name="老派") for account in (kept, merged))
    people = [make_contact(account, faction=faction) for account, faction in ((kept, ours), (merged, others))]

    done = merge(merged, kept, world)

    assert set(Contact.objects.filter(positions__faction=ours)) == set(people)
    undo(done, world)
    assert Position.objects.get(contact=people[1]).faction.name == "老派"  # type: ignore[union-attr]
    assert Faction.objects.count() == 2


def test_one_first_person_to_call_and_one_override_are_left(
    kept: Account, merged: Account, world: World
) -> None:
    make_contact(kept, is_primary=True)
    second = make_contact(merged, is_primary=True)
    span = {"valid_from": DAY, "valid_to": dt.date(2026, 1, 1), "reason": "x", "author": world.manager}
    for value, account in ((0, kept), (2, merged)):
        GradeOverride.objects.create(account=account, value=value, **span)

    done = merge(merged, kept, world)

    assert Position.objects.filter(account=kept, is_primary=True).count() == 1
    assert GradeOverride.objects.filter(account=kept).count() == 2
    assert GradeOverride.objects.get(account=kept, revoked_at=None).value == 0
    undo(done, world)
    assert Position.objects.get(contact=second).is_primary
    assert GradeOverride.objects.get(account=merged).revoked_at is None


def test_who_supplies_whom_never_becomes_itself(kept: Account, merged: Account, world: World) -> None:
    AccountSupply.objects.create(supplier=merged, customer=kept)
    for account in (kept, merged):
        AccountSupply.objects.create(supplier=world.account, customer=account)

    done = merge(merged, kept, world)

    assert list(AccountSupply.objects.values_list("supplier", "customer")) == [(world.account.pk, kept.pk)]
    undo(done, world)
    assert AccountSupply.objects.count() == 3


@pytest.mark.parametrize("kept_below", [True, False])
def test_a_group_and_its_own_part_make_no_circle(
    kept: Account, merged: Account, world: World, kept_below: bool
) -> None:
    top = make_account(world.rep, number="TOP")
    upper, lower = (merged, kept) if kept_below else (kept, merged)
    between = make_account(world.rep, parent=upper)
    Account.objects.filter(pk=upper.pk).update(parent=top)
    Account.objects.filter(pk=lower.pk).update(parent=between)

    done = merge(merged, kept, world)

    kept.refresh_from_db()
    between.refresh_from_db()
    assert (kept.parent, between.parent) == (top, kept)
    undo(done, world)
    between.refresh_from_db()
    assert Account.objects.get(pk=lower.pk).parent == between
    assert Account.objects.get(pk=upper.pk).parent == top
    assert between.parent_id == upper.pk


def test_days_of_trade_are_rolled_up_for_the_kept_account_and_back(
    kept: Account, merged: Account, world: World
) -> None:
    from django.db import connection

    make_trade_line(kept, DAY, net_amount=100)
    make_trade_line(merged, DAY, net_amount=50)
    make_trade_line(merged, DAY + dt.timedelta(days=40), net_amount=7, cost=None)
    with connection.cursor() as cursor:
        rebuild(cursor)
    ChangedAccount.objects.all().delete()

    done = merge(merged, kept, world)

    days = TradeDay.objects.order_by("traded_on").values_list("account_id", "net_sales", "costed_lines")
    assert list(days) == [(kept.pk, 150, 2), (kept.pk, 7, 0)]
    assert set(ChangedAccount.objects.values_list("pk", flat=True)) == {kept.pk, merged.pk}
    undo(done, world)
    assert list(days.order_by("account_id", "traded_on")) == [
        (kept.pk, 100, 1), (merged.pk, 50, 1), (merged.pk, 7, 0),
    ]  # fmt: skip


def test_what_came_since_stays_with_the_kept_account(kept: Account, merged: Account, world: World) -> None:
    old = make_visit(merged, world.rep, NOW)
    done = merge(merged, kept, world)
    new = make_visit(kept, world.rep, NOW)
    removed = make_visit(kept, world.rep, NOW)
    removed.delete()

    undo(done, world)

    assert list(Visit.objects.filter(account=kept)) == [new]
    assert list(Visit.objects.filter(account=merged)) == [old]


def test_a_row_that_was_deleted_or_moved_on_since_is_told(
    kept: Account, merged: Account, world: World
) -> None:
    first, second = (make_visit(merged, world.rep, NOW) for _ in range(2))
    person = make_contact(kept)
    Position.objects.create(contact=person, account=merged)
    done = merge(merged, kept, world)
    first.delete()
    Visit.objects.filter(pk=second.pk).update(account=world.account)
    person.delete()

    left = undo(done, world).leftovers

    assert left == [
        {"code": "rows", "table": "crm_visit", "count": 2},
        {"code": "displaced", "table": "crm_position"},
    ]
    assert Visit.objects.get(pk=second.pk).account == world.account


def test_a_chain_leads_to_its_end_and_is_undone_from_its_end(
    kept: Account, merged: Account, world: World
) -> None:
    first = make_account(world.rep, number="A")
    visit = make_visit(first, world.rep, NOW)
    inner = merge(first, merged, world)
    outer = merge(merged, kept, world)

    first.refresh_from_db()
    assert first.merged_into == kept, "one step leads to the end"
    with pytest.raises(MergeRefused, match="merged_further") as refused:
        undo(inner, world)
    assert refused.value.account == merged

    undo(outer, world)
    first.refresh_from_db()
    assert first.merged_into == merged
    undo(inner, world)
    visit.refresh_from_db()
    assert visit.account == first


@pytest.mark.parametrize(
    ("from_to", "code"),
    [("MK", "merged_already"), ("KM", "merged_already"), ("KK", "itself"), ("MW", "merged_already")],
)
def test_what_was_merged_takes_part_in_no_further_merge(
    kept: Account, merged: Account, world: World, from_to: str, code: str
) -> None:
    merge(merged, kept, world)
    accounts = {"K": kept, "M": merged, "W": world.account}
    with pytest.raises(MergeRefused, match=code):
        merge(accounts[from_to[0]], accounts[from_to[1]], world)
    assert AccountMerge.objects.count() == 1


def test_an_undo_is_done_once_and_the_pair_can_be_merged_the_other_way_round(
    kept: Account, merged: Account, world: World
) -> None:
    done = merge(merged, kept, world)
    undo(done, world)
    with pytest.raises(MergeRefused, match="undone"):
        undo(done, world)
    merge(kept, merged, world)
    kept.refresh_from_db()
    assert kept.merged_into == merged


def test_an_account_that_somebody_changed_meanwhile_is_not_merged(
    kept: Account, merged: Account, world: World
) -> None:
    with pytest.raises(MergeRefused, match="changed"):
        merge_accounts(
            kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW, revisions=(0, 5)
        )
    assert not AccountMerge.objects.exists()


def test_a_row_written_while_its_account_was_merged_follows_and_goes_back_with_the_undo(
    kept: Account, merged: Account, world: World
) -> None:
    from django.db import connection

    done = merge(merged, kept, world)
    late = make_visit(merged, world.rep, NOW)
    make_trade_line(merged, DAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE late ON COMMIT DROP AS SELECT %s AS account_id, %s::date AS month",
            [merged.pk, DAY.replace(day=1)],
        )
        refresh_months(cursor, "late")

    assert adopt_strays(now=NOW) == 2
    assert adopt_strays(now=NOW) == 0

    late.refresh_from_db()
    assert late.account == kept
    assert TradeDay.objects.get().account_id == kept.pk
    undo(done, world)
    late.refresh_from_db()
    assert late.account == merged
    assert TradeDay.objects.get().account_id == merged.pk
