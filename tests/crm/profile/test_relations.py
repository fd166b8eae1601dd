"""The graph of relations: two steps out, only what is in sight named, boxes that do not lie on each other."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crm.models import Account, AccountSupply
from crm.profile.relations import MOST_PER_STEP, relations_of
from crm.scoring.relation_map import BOX_HEIGHT, BOX_WIDTH, place_nodes
from tests.factories import make_account
from tests.fixtures import World


def supply(supplier: Account, customer: Account) -> None:
    AccountSupply.objects.create(supplier=supplier, customer=customer)


def named(world: World, account: Account) -> dict[str, tuple[int, str]]:
    found = relations_of(account, world.administrator)
    return {node.account.number: (node.steps, node.relation) for node in found.others}


def test_two_steps_through_group_and_supply(world: World) -> None:
    parent = make_account(number="parent")
    Account.objects.filter(pk=world.account.pk).update(parent=parent)
    world.account.refresh_from_db()
    holding, sister, daughter, shop, client, far = (
        make_account(number=number) for number in ("holding", "sister", "daughter", "shop", "client", "far")
    )
    for below, above in ((parent, holding), (sister, parent), (daughter, world.account)):
        Account.objects.filter(pk=below.pk).update(parent=above)
    supply(shop, world.account)
    supply(world.account, client)
    supply(client, far)
    supply(far, make_account(number="too far"))
    assert named(world, world.account) == {
        "parent": (1, "parent"),
        "daughter": (1, "subsidiary"),
        "shop": (1, "supplier"),
        "client": (1, "customer"),
        "holding": (2, "parent"),
        "sister": (2, "subsidiary"),
        "far": (2, "customer"),
    }
    found = relations_of(world.account, world.administrator)
    through = {node.account.number: node.through.number for node in found.others if node.through}
    assert through["far"] == "client"
    assert through["sister"] == "parent"
    places = {node.account.number: node.place for node in found.nodes.values() if node.place}
    assert places["shop"].x < places["C-REP"].x < places["client"].x < places["far"].x
    assert places["holding"].y < places["parent"].y < places["C-REP"].y < places["daughter"].y


def test_what_is_out_of_sight_is_counted_and_leads_nowhere(world: World) -> None:
    supply(world.strangers_account, world.account)
    supply(world.strangers_account, make_account(world.rep, number="behind"))
    found = relations_of(world.account, world.rep)
    assert found.others == []
    assert found.unseen == 1


def test_a_circle_in_the_data_ends_and_a_crowd_is_cut(world: World) -> None:
    other = make_account(number="other", parent=world.account)
    Account.objects.filter(pk=world.account.pk).update(parent=other)
    supply(other, world.account)
    supply(world.account, other)
    assert set(named(world, world.account)) == {"other"}
    found = relations_of(world.account, world.administrator)
    assert len(found.edges) == 4
    Account.objects.update(parent=None)
    AccountSupply.objects.all().delete()
    for _n in range(MOST_PER_STEP + 3):
        supply(world.account, make_account())
    found = relations_of(world.account, world.administrator)
    assert (len(found.others), found.more) == (MOST_PER_STEP, 3)


def test_names_are_cut_to_the_box(world: World) -> None:
    other = make_account(number="o", name="无锡市东方轴承国际贸易有限责任公司", parent=world.account)
    (node,) = relations_of(world.account, world.administrator).others
    assert node.account == other
    assert node.label == "无锡市东方轴承国际…"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 8)), max_size=14))
def test_boxes_never_overlap_and_lie_within_the_picture(relations: list[tuple[bool, int, int]]) -> None:
    reached, kept = {0}, []
    for edge in relations:
        if (edge[1] in reached) != (edge[2] in reached):
            reached |= {edge[1], edge[2]}
            kept.append(edge)
    drawing = place_nodes(0, sorted(reached), kept)
    assert set(drawing.places) == reached
    assert len(drawing.paths) == len(kept)
    for place in drawing.places.values():
        assert 0 <= place.x <= drawing.width - BOX_WIDTH
        assert 0 <= place.y <= drawing.height - BOX_HEIGHT
    for one, two in combinations(drawing.places.values(), 2):
        assert abs(one.x - two.x) >= BOX_WIDTH or abs(one.y - two.y) >= BOX_HEIGHT
