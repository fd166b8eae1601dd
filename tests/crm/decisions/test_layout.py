"""The decision map: nothing lies on anything else, arrows join their people, the same map gives the same picture."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.scoring.decision_map import Box, Layout, Link, Node, lay_out
from crm.scoring.decision_routes import path_of

FACTIONS = [7, 3, 9]
# A busy machine is no fault of the picture.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def maps(draw: st.DrawFn) -> tuple[list[Node], list[Link], list[int]]:
    keys = draw(st.lists(st.integers(1, 60), unique=True, max_size=22))
    people = [
        Node(
            key,
            draw(st.sampled_from([None, 1, 2, 3, 4])),
            draw(st.sampled_from([None, *FACTIONS, 99])),
            draw(st.integers(0, 5)),
        )
        for key in keys
    ]
    ends = st.integers(1, 60) if not keys else st.sampled_from([*keys, 61])
    links = [
        Link(number, *draw(st.tuples(ends, ends)), draw(st.integers(1, 3)))
        for number in range(draw(st.integers(0, 25)))
    ]
    return people, links, draw(st.lists(st.sampled_from(FACTIONS), unique=True))


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def inside(one: Box, other: Box) -> bool:
    return (
        other.x <= one.x
        and one.x + one.width <= other.x + other.width
        and other.y <= one.y
        and one.y + one.height <= other.y + other.height
    )


def on_edge(point: tuple[float, float], box: Box) -> bool:
    x, y = point
    across = box.x <= x <= box.x + box.width
    along = box.y <= y <= box.y + box.height
    return (across and y in (box.y, box.y + box.height)) or (along and x in (box.x, box.x + box.width))


def drawn(made: tuple[list[Node], list[Link], list[int]]) -> tuple[Layout, dict[int, Box]]:
    layout = lay_out(*made)
    return layout, {box.key: box for box in layout.cards}


@unhurried
@given(maps())
def test_everybody_has_a_card_and_no_two_cards_overlap(
    made: tuple[list[Node], list[Link], list[int]],
) -> None:
    layout, cards = drawn(made)
    assert sorted(cards) == sorted(node.key for node in made[0])
    assert not [pair for pair in combinations(layout.cards, 2) if overlap(*pair)]
    whole = Box(0, 0, 0, layout.width, layout.height)
    assert all(inside(card, whole) for card in layout.cards)


@unhurried
@given(maps())
def test_a_person_stands_in_the_row_of_the_level(made: tuple[list[Node], list[Link], list[int]]) -> None:
    layout, cards = drawn(made)
    rows = {row.level: Box(0, 0, row.y, layout.width, row.height) for row in layout.rows}
    for node in made[0]:
        assert inside(cards[node.key], rows[node.level])
    assert not [pair for pair in combinations(rows.values(), 2) if overlap(*pair)]


@unhurried
@given(maps())
def test_a_factions_area_holds_its_members_and_nobody_else(
    made: tuple[list[Node], list[Link], list[int]],
) -> None:
    layout, cards = drawn(made)
    areas = {area.key: area for area in layout.areas}
    assert sorted(areas) == sorted(made[2])
    assert not [pair for pair in combinations(layout.areas, 2) if overlap(*pair)]
    for node in made[0]:
        for faction, area in areas.items():
            if node.faction == faction:
                assert inside(cards[node.key], area)
            else:
                assert not overlap(cards[node.key], area)


@settings(unhurried, max_examples=200)
@given(maps())
def test_every_arrow_runs_from_its_source_to_its_target_and_through_no_card(
    made: tuple[list[Node], list[Link], list[int]],
) -> None:
    layout, cards = drawn(made)
    links = {
        link.key: link
        for link in made[1]
        if link.source in cards and link.target in cards and link.source != link.target
    }
    assert sorted(links) == sorted(route.key for route in layout.arrows)
    for route in layout.arrows:
        link = links[route.key]
        assert on_edge(route.points[0], cards[link.source])
        assert on_edge(route.points[-1], cards[link.target])
        for (x1, y1), (x2, y2) in pairwise(route.points):
            assert x1 == x2 or y1 == y2
            way = Box(0, min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
            crossed = [
                box
                for box in layout.cards
                if way.x < box.x + box.width
                and box.x < way.x + way.width
                and way.y < box.y + box.height
                and box.y < way.y + way.height
            ]
            assert not crossed, f"{route} runs behind {crossed}"
            assert way.x >= 0
            assert way.x + way.width <= layout.width
            assert way.y >= 0
            assert way.y + way.height <= layout.height


@unhurried
@given(maps(), st.randoms(use_true_random=False))
def test_the_same_map_gives_the_same_picture_in_whatever_order_it_is_read(made, random) -> None:
    people, links, factions = made
    shuffled = random.sample(people, len(people)), random.sample(links, len(links)), factions
    assert lay_out(*made) == lay_out(*shuffled)


def test_an_empty_map_has_the_levels_to_drop_people_on() -> None:
    layout = lay_out([], [], [5])
    assert [row.level for row in layout.rows] == [1, 2, 3, 4]
    assert layout.empty_areas == {5}
    assert not layout.cards


def test_a_path_is_rounded_at_its_corners() -> None:
    assert path_of([(0, 0), (0, 20), (30, 20)]) == "M0.0 0.0L0.0 13.0Q0.0 20.0 7.0 20.0L30.0 20.0"
    assert path_of([(0, 0), (9, 0)]) == "M0.0 0.0L9.0 0.0"
