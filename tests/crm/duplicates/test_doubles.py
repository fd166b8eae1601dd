"""Where two rows cannot both stay: one does, knows what both knew, and the other comes back with the undo."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import (
    Account,
    AccountSupply,
    Contact,
    Faction,
    Influence,
    Position,
    StanceChange,
    Visit,
)
from segmentation.models import GradeOverride
from tests.crm.duplicates.support import DAY, NOW, merge, undo
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World


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
