"""Where the boxes of a graph of companies stand: suppliers left, customers right, the group from the top down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 176, 44
GAP_X, GAP_Y = 64, 18
MARGIN = 12
# Between a box and the line of its group, left of it.
GROUP_BEND = 26


@dataclass(frozen=True)
class Place:
    """The upper left corner of a box, in pixels."""

    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + BOX_HEIGHT // 2


@dataclass(frozen=True)
class Drawing:
    """`paths` are SVG path data, one for each relation in its order."""

    places: dict[int, Place]
    paths: list[str]
    width: int
    height: int


def place_nodes(start: int, nodes: Sequence[int], relations: Sequence[tuple[bool, int, int]]) -> Drawing:
    """Columns by supply (who supplies stands left of whom it supplies), rows by group (parents above).

    ``nodes``: ids, ``start`` among them, in the order in which equals stand below each other. ``relations``: (is it
    supply?, the supplier or parent, the customer or subsidiary), each reachable from the start. The same
    input gives the same drawing.
    """
    column, level = _steps(start, relations)
    columns = sorted({column.get(node, 0) for node in nodes})
    members = {
        number: sorted(
            (node for node in nodes if column.get(node, 0) == number),
            key=lambda node: (level.get(node, 0), nodes.index(node)),
        )
        for number in columns
    }
    tallest = max(len(listed) for listed in members.values())
    height = 2 * MARGIN + tallest * BOX_HEIGHT + (tallest - 1) * GAP_Y
    places = {}
    for place, number in enumerate(columns):
        listed = members[number]
        taken = len(listed) * BOX_HEIGHT + (len(listed) - 1) * GAP_Y
        top = (height - taken) // 2
        x = MARGIN + GROUP_BEND + place * (BOX_WIDTH + GAP_X)
        for row, node in enumerate(listed):
            places[node] = Place(x, top + row * (BOX_HEIGHT + GAP_Y))
    width = 2 * MARGIN + GROUP_BEND + len(columns) * BOX_WIDTH + (len(columns) - 1) * GAP_X
    paths = [_path(places[above], places[below]) for _supply, above, below in relations]
    return Drawing(places, paths, width, height)


def _steps(start: int, relations: Sequence[tuple[bool, int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """For each node its supply and group steps from the start, along the first shortest way."""
    column, level = {start: 0}, {start: 0}
    front = [start]
    while front:
        reached = []
        for supply, above, below in relations:
            for here, there, step in ((above, below, 1), (below, above, -1)):
                if here in front and there not in column:
                    column[there] = column[here] + (step if supply else 0)
                    level[there] = level[here] + (0 if supply else step)
                    reached.append(there)
        front = reached
    return column, level


def _path(above: Place, below: Place) -> str:
    if above.x == below.x:
        # The same column: round the left side.
        bend = above.x - GROUP_BEND
        return (
            f"M{above.x} {above.middle} C{bend} {above.middle} {bend} {below.middle} {below.x} {below.middle}"
        )
    if above.x < below.x:
        start, end = above.x + BOX_WIDTH, below.x
    else:
        start, end = above.x, below.x + BOX_WIDTH
    half = (start + end) // 2
    return f"M{start} {above.middle} C{half} {above.middle} {half} {below.middle} {end} {below.middle}"
