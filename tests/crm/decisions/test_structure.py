"""Units and reporting lines are trees; steps have an order; arrows stay inside one account."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.decisions.operations import draw_arrow, place_person
from crm.decisions.steps import add_step, add_usual_steps, in_order, move_step, total_days
from crm.decisions.structure import closes_circle, delete_unit, organisation_of, save_person, save_unit
from crm.models import (
    BuyingProcess,
    DecisionStep,
    Faction,
    Influence,
    OrganisationUnit,
    Participation,
    Position,
)
from crm.operations import RefusedError
from tests.factories import make_contact
from tests.fixtures import World


def unit(world: World, name: str, parent: OrganisationUnit | None = None) -> OrganisationUnit:
    return save_unit(unit=OrganisationUnit(account=world.account, name=name, parent=parent))


def position(world: World, name: str, **fields: object) -> Position:
    return Position.objects.get(contact=make_contact(world.account, name, **fields))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8)), st.integers(1, 8), st.integers(1, 8)
)
def test_a_circle_is_seen_from_wherever_it_closes(parents: dict, child: int, parent: int) -> None:
    above, node = set(), parent
    while node is not None and node not in above:
        above.add(node)
        node = parents.get(node)
    assert closes_circle(parents, child, parent) == (child in above)


def test_units_hang_below_units_but_never_below_themselves(world: World) -> None:
    plant = unit(world, "工厂")
    shop = unit(world, "车间", plant)
    team = unit(world, "班组", shop)
    for wrong in (plant, shop, team):
        plant.parent = wrong
        with pytest.raises(RefusedError, match="cannot stand above it"):
            save_unit(unit=plant)
    plant.refresh_from_db()
    assert plant.parent is None
    team.parent, team.name = None, "维修班"
    save_unit(unit=team)
    branches = organisation_of(list(world.account.units.all()), [])
    assert [(branch.unit.name, branch.depth) for branch in branches] == [
        ("工厂", 0),
        ("车间", 1),
        ("维修班", 0),
    ]


def test_a_unit_of_another_account_is_no_parent(world: World) -> None:
    other = OrganisationUnit.objects.create(account=world.strangers_account, name="x")
    with pytest.raises(RefusedError, match="another account"):
        unit(world, "y", other)


def test_what_hung_on_a_deleted_unit_moves_up(world: World) -> None:
    plant = unit(world, "工厂")
    shop = unit(world, "车间", plant)
    team = unit(world, "班组", shop)
    person = position(world, "李工", unit=shop)
    delete_unit(unit=shop)
    team.refresh_from_db()
    person.refresh_from_db()
    assert (team.parent, person.unit) == (plant, plant)
    delete_unit(unit=plant)
    team.refresh_from_db()
    person.refresh_from_db()
    assert (team.parent, person.unit) == (None, None)


def test_nobody_reports_in_a_circle_or_to_another_company(world: World) -> None:
    boss, head, worker = (position(world, name) for name in ("王总", "李经理", "赵工"))
    for below, above in ((head, boss), (worker, head)):
        below.reports_to = above
        save_person(contact=below.contact, position=below)
    boss.reports_to = worker
    with pytest.raises(RefusedError, match="赵工 reports to 王总 already"):
        save_person(contact=boss.contact, position=boss)
    boss.reports_to = Position.objects.get(contact=make_contact(world.strangers_account))
    with pytest.raises(RefusedError, match="another account"):
        save_person(contact=boss.contact, position=boss)
    people = organisation_of([], list(world.account.positions.select_related("contact")))[0].people
    assert [(row.contact.name, depth) for row, depth in people] == [("王总", 0), ("李经理", 1), ("赵工", 2)]


def test_a_person_stands_once_at_an_account(world: World) -> None:
    held = position(world, "李工")
    with pytest.raises(RefusedError, match="on record"):
        save_person(contact=held.contact, position=Position(account=world.account))


def test_only_what_is_named_is_written(world: World) -> None:
    person = position(world, "李工", decision_role="user", influence=2, level=3)
    process = BuyingProcess.objects.create(account=world.account, name="x")
    place_person(position=person, process=None, values={"level": 1})
    place_person(position=person, process=process, values={"influence": 5, "level": 2})
    person.refresh_from_db()
    assert (person.decision_role, person.influence, person.level) == ("user", 2, 2)
    assert Participation.objects.values_list("decision_role", "influence").get() == ("", 5)
    elsewhere = Faction.objects.create(account=world.strangers_account, name="x")
    with pytest.raises(RefusedError):
        place_person(position=person, process=None, values={"faction": elsewhere})


def test_an_arrow_is_drawn_once_between_two_people_of_one_account(world: World) -> None:
    one, other = position(world, "王总"), position(world, "李工")
    draw_arrow(source=one, target=other, strength=1)
    draw_arrow(source=one, target=other, strength=3)
    draw_arrow(source=other, target=one, strength=1)
    assert set(Influence.objects.values_list("source", "target", "strength")) == {
        (one.pk, other.pk, 3),
        (other.pk, one.pk, 1),
    }
    stranger = Position.objects.get(contact=make_contact(world.strangers_account))
    for wrong in ({"target": one}, {"target": stranger}, {"target": other, "strength": 4}):
        with pytest.raises(RefusedError):
            draw_arrow(**{"source": one, "strength": 2, **wrong})


def test_steps_are_moved_and_their_days_added(world: World) -> None:
    process = BuyingProcess.objects.create(account=world.account, name="x")
    assert total_days([]) is None
    for name, days in (("a", 5), ("b", None), ("c", 7)):
        add_step(step=DecisionStep(process=process, name=name, usual_days=days))
    names = lambda: "".join(step.name for step in in_order(process.steps.all()))  # noqa: E731
    assert total_days(process.steps.all()) == 12
    move_step(step=process.steps.get(name="c"), up=True)
    assert names() == "acb"
    move_step(step=process.steps.get(name="a"), up=True)
    assert names() == "acb"
    move_step(step=process.steps.get(name="a"), up=False)
    assert names() == "cab"
    add_usual_steps(process=process)
    assert names() == "cab"


def test_the_usual_steps_come_once(world: World) -> None:
    process = BuyingProcess.objects.create(account=world.account, name="x")
    add_usual_steps(process=process)
    add_usual_steps(process=process)
    assert process.steps.count() == 7
    assert total_days(process.steps.all()) == 125
