"""Where the cards, areas and arrows of a decision map stand. Pure: the same people give the same picture.

People stand in rows by level. A faction has columns of its own, so that its area holds its members and nobody else.
Cards stand on one grid: between its columns run gutters, between its lines channels, and arrows use only those (see
`decision_routes`), so none passes behind a card. All lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.scoring.decision_routes import Cell, Grid, Point, draw, plan

CARD_WIDTH, CARD_HEIGHT = 172.0, 92.0
MARGIN_LEFT, MARGIN_RIGHT = 104.0, 16.0
GUTTER, GUTTER_BETWEEN_BANDS = 26.0, 46.0
CHANNEL, LANE = 46.0, 9.0
EMPTY_LINE = 20.0
AREA_SIDE, AREA_TOP, AREA_BOTTOM = 11.0, 22.0, 11.0
LEVELS: tuple[int | None, ...] = (1, 2, 3, 4)
MOST_COLUMNS = {True: 3, False: 4}  # of a faction, of those without one; further people go onto further lines
SWEEPS = 4


@dataclass(frozen=True)
class Node:
    """A person. `level`: 1 (top) to 4, None unknown. `faction`: a key of `factions`, or None. `weight`: 0 to 5."""

    key: int
    level: int | None = None
    faction: int | None = None
    weight: int = 0


@dataclass(frozen=True)
class Link:
    """`source` moves `target`, both keys of people, with `strength` 1 to 3."""

    key: int
    source: int
    target: int
    strength: int = 2


@dataclass(frozen=True)
class Box:
    key: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """A level, over the whole width."""

    level: int | None
    y: float
    height: float


@dataclass(frozen=True)
class Band:
    """The columns of a faction (None: of those without one), over the whole height; where cards are dropped."""

    faction: int | None
    x: float
    width: float


@dataclass(frozen=True)
class Route:
    key: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    cards: tuple[Box, ...]
    areas: tuple[Box, ...]  # one for each faction; key: the faction
    empty_areas: frozenset[int]  # factions without people
    rows: tuple[Row, ...]
    bands: tuple[Band, ...]
    arrows: tuple[Route, ...]


def lay_out(people: Sequence[Node], links: Sequence[Link], factions: Sequence[int] = ()) -> Layout:
    """The picture. Links to people who are not there, or from somebody to the same person, are left out.

    A person of a faction that is not in `factions` stands among those without one.
    """
    known = set(factions)
    nodes = sorted(people, key=lambda node: (-node.weight, node.key))
    keys = {node.key for node in nodes}
    drawn = [
        link
        for link in sorted(links, key=lambda link: link.key)
        if link.source in keys and link.target in keys and link.source != link.target
    ]
    band_of = {node.key: node.faction if node.faction in known else None for node in nodes}
    levels = [*LEVELS, *([None] if any(node.level not in LEVELS for node in nodes) else [])]
    groups: dict[tuple[int | None, int | None], list[int]] = {}
    for node in nodes:
        level = node.level if node.level in LEVELS else None
        groups.setdefault((band_of[node.key], level), []).append(node.key)
    bands = _bands(factions, groups)
    cells, lines = _places(groups, bands, levels, drawn)
    return _measured(cells, lines, bands, levels, drawn, band_of)


def _bands(
    factions: Sequence[int], groups: Mapping[tuple[int | None, int | None], Sequence[int]]
) -> dict[int | None, range]:
    """Each faction's columns in the order given (a map that reshuffles itself confuses), the others between them."""
    found: dict[int | None, range] = {}
    first = 0
    camps = list(dict.fromkeys(factions))
    middle = len(camps) // 2
    for faction in [*camps[:middle], None, *camps[middle:]]:
        widest = max((len(keys) for (band, _level), keys in groups.items() if band == faction), default=0)
        if faction is None and not widest and camps:
            continue
        count = min(max(widest, 1), MOST_COLUMNS[faction is not None])
        found[faction] = range(first, first + count)
        first += count
    return found


def _places(
    groups: dict[tuple[int | None, int | None], list[int]],
    bands: Mapping[int | None, range],
    levels: Sequence[int | None],
    links: Sequence[Link],
) -> tuple[dict[int, Cell], dict[int | None, range]]:
    """Who stands in which column and line: those who are linked are drawn near each other."""
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for link in links:
        neighbours.setdefault(link.source, []).append((link.target, link.strength))
        neighbours.setdefault(link.target, []).append((link.source, link.strength))
    lines: dict[int | None, range] = {}
    first = 0
    for level in levels:
        deep = max(
            (
                -(-len(keys) // len(bands[band]))
                for (band, its_level), keys in groups.items()
                if its_level == level
            ),
            default=1,
        )
        lines[level] = range(first, first + deep)
        first += deep
    cells: dict[int, Cell] = {}
    best: tuple[float, dict[int, Cell]] | None = None
    for _sweep in range(SWEEPS):
        for (band, level), keys in groups.items():
            cells |= _seated(keys, bands[band], lines[level])
        cost = float(
            sum(link.strength * abs(cells[link.source].column - cells[link.target].column) for link in links)
        )
        if best is None or cost < best[0]:
            best = (cost, dict(cells))
        for keys in groups.values():
            keys.sort(key=lambda key: _pull(key, cells, neighbours))
    return (best[1] if best else {}), lines


def _seated(keys: Sequence[int], columns: range, lines: range) -> dict[int, Cell]:
    """Line by line, each in the middle of its columns."""
    seats = {}
    for number, start in enumerate(range(0, len(keys), len(columns))):
        seated = keys[start : start + len(columns)]
        shift = (len(columns) - len(seated)) // 2
        for place, key in enumerate(seated):
            seats[key] = Cell(columns[place + shift], lines[number])
    return seats


def _pull(key: int, cells: Mapping[int, Cell], neighbours: Mapping[int, Sequence[tuple[int, int]]]) -> float:
    """The column to which a person's links draw the person."""
    linked = neighbours.get(key)
    if not linked:
        return float(cells[key].column)
    return sum(cells[other].column * strength for other, strength in linked) / sum(s for _k, s in linked)


def _measured(
    cells: Mapping[int, Cell],
    lines: Mapping[int | None, range],
    bands: Mapping[int | None, range],
    levels: Sequence[int | None],
    links: Sequence[Link],
    band_of: Mapping[int, int | None],
) -> Layout:
    """Cells in pixels. Columns first: how many lanes a channel needs follows from them, and the heights from that."""
    columns = max(band.stop for band in bands.values())
    starts_band = {band.start for band in bands.values()}
    gutters: list[tuple[float, float]] = []  # left end and width, of gutter i left of column i
    column_x: list[float] = []
    x = MARGIN_LEFT
    for column in range(columns):
        width = GUTTER_BETWEEN_BANDS if column in starts_band and column else GUTTER
        gutters.append((x, width))
        column_x.append(x + width)
        x += width + CARD_WIDTH
    gutters.append((x, GUTTER))
    width = x + GUTTER + MARGIN_RIGHT
    planned = plan(
        [(link.key, cells[link.source], cells[link.target]) for link in links],
        column_x,
        gutters,
        CARD_WIDTH,
    )
    peopled = {cell.line for cell in cells.values()}
    count = sum(len(rows) for rows in lines.values())
    line_y, line_height, channels = [], [], []
    y = 0.0
    for line in range(count + 1):
        height = CHANNEL + LANE * max(0, planned.lanes.get(line, 0) - 3)
        channels.append((y, height))
        y += height
        if line < count:
            line_y.append(y)
            line_height.append(CARD_HEIGHT if line in peopled else EMPTY_LINE)
            y += line_height[-1]
    grid = Grid(column_x, line_y, gutters, channels, CARD_WIDTH, CARD_HEIGHT)
    cards = tuple(
        Box(key, column_x[cell.column], line_y[cell.line], CARD_WIDTH, CARD_HEIGHT)
        for key, cell in sorted(cells.items(), key=lambda item: (item[1].line, item[1].column))
    )
    rows = []
    for level in levels:
        first, last = lines[level].start, lines[level].stop
        top = channels[first][0] + (channels[first][1] / 2 if first else 0)
        bottom = channels[last][0] + channels[last][1] * (0.5 if last < count else 1)
        rows.append(Row(level, top, bottom - top))
    shown_bands = tuple(
        Band(
            faction,
            column_x[band.start] - AREA_SIDE,
            column_x[band.stop - 1] + CARD_WIDTH - column_x[band.start] + 2 * AREA_SIDE,
        )
        for faction, band in bands.items()
    )
    areas, empty = [], set()
    for band in shown_bands:
        if band.faction is None:
            continue
        inside = [box for box in cards if band_of[box.key] == band.faction]
        top = min((box.y for box in inside), default=line_y[0]) - AREA_TOP
        bottom = max((box.y + box.height for box in inside), default=y - CHANNEL) + AREA_BOTTOM
        areas.append(Box(band.faction, band.x, top, band.width, bottom - top))
        if not inside:
            empty.add(band.faction)
    return Layout(
        width=width,
        height=y,
        cards=cards,
        areas=tuple(areas),
        empty_areas=frozenset(empty),
        rows=tuple(rows),
        bands=shown_bands,
        arrows=tuple(Route(key, points) for key, points in draw(planned, grid)),
    )
