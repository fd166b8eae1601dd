"""How the arrows of a decision map run: along the gutters and channels between the cards, each in a lane of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
SIDE_STEP = 14.0  # between two arrows that join the same two neighbours
LANE_STEP = 9.0
CLEAR = 6.0  # two arrows in one lane keep this far apart


@dataclass(frozen=True)
class Cell:
    column: int
    line: int


@dataclass(frozen=True)
class Grid:
    """Pixels. Gutter i is left of column i, channel i above line i (one more of each at the end): start and extent."""

    column_x: Sequence[float]
    line_y: Sequence[float]
    gutters: Sequence[tuple[float, float]]
    channels: Sequence[tuple[float, float]]
    card_width: float
    card_height: float


@dataclass
class Run:
    """One arrow: where it leaves and enters, and the channels and the gutter it uses between."""

    key: int
    source: Cell
    target: Cell
    channels: tuple[int, ...]
    gutter: int | None = None
    down: bool = True  # leaves by the lower edge
    enters_above: bool = True
    start_x: float = 0.0
    end_x: float = 0.0
    gutter_x: float = 0.0
    side_offset: float = 0.0
    lane_of: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    runs: list[Run]
    lanes: dict[int, int]  # how many lanes each used channel has


def plan(
    arrows: Sequence[tuple[int, Cell, Cell]],
    column_x: Sequence[float],
    gutters: Sequence[tuple[float, float]],
    card_width: float,
) -> Plan:
    """Everything across: ports on the cards' edges, lanes in gutters and channels. Heights come later, in `draw`."""
    runs = [_run(*arrow) for arrow in arrows]
    _ports(runs, column_x, card_width)
    _side_by_side(runs)
    _gutter_lanes(runs, gutters)
    lanes: dict[int, int] = {}
    for channel in sorted({channel for run in runs for channel in run.channels}):
        uses = []
        for run in runs:
            if channel not in run.channels:
                continue
            first = run.start_x if channel == run.channels[0] else run.gutter_x
            last = run.end_x if channel == run.channels[-1] else run.gutter_x
            uses.append((min(first, last), max(first, last), run))
        lanes[channel] = 0
        for run, lane in _lanes(uses, CLEAR):
            run.lane_of[channel] = lane
            lanes[channel] = max(lanes[channel], lane + 1)
    return Plan(runs, lanes)


def _run(key: int, source: Cell, target: Cell) -> Run:
    if source.line == target.line:
        if abs(source.column - target.column) == 1:
            return Run(key, source, target, ())
        return Run(key, source, target, (source.line + 1,), enters_above=False)
    down = source.line < target.line
    leaves = source.line + 1 if down else source.line
    enters = target.line if down else target.line + 1
    if leaves == enters:
        return Run(key, source, target, (leaves,), down=down, enters_above=down)
    # Past the lines between, in the gutter beside the target, on the side from which the arrow comes.
    gutter = target.column if source.column < target.column else target.column + 1
    return Run(key, source, target, (leaves, enters), gutter, down, down)


def _ports(runs: Sequence[Run], column_x: Sequence[float], width: float) -> None:
    """Arrows share an edge of a card evenly, in the order of where they go."""
    edges: dict[tuple[Cell, bool], list[tuple[float, int, Run, bool]]] = {}
    for run in runs:
        if not run.channels:
            continue
        edges.setdefault((run.source, run.down), []).append((run.target.column, run.key, run, True))
        edges.setdefault((run.target, not run.enters_above), []).append(
            (run.source.column, run.key, run, False)
        )
    for (cell, _lower), ports in edges.items():
        ports.sort(key=lambda port: port[:2])
        for place, (_column, _key, run, leaving) in enumerate(ports, 1):
            x = column_x[cell.column] + width * place / (len(ports) + 1)
            if leaving:
                run.start_x = x
            else:
                run.end_x = x


def _side_by_side(runs: Sequence[Run]) -> None:
    pairs: dict[tuple[Cell, Cell], list[Run]] = {}
    for run in runs:
        if not run.channels:
            left, right = sorted((run.source, run.target), key=lambda cell: cell.column)
            pairs.setdefault((left, right), []).append(run)
    for beside in pairs.values():
        step = min(SIDE_STEP, 70.0 / len(beside))
        for place, run in enumerate(beside):
            run.side_offset = (place - (len(beside) - 1) / 2) * step


def _gutter_lanes(runs: Sequence[Run], gutters: Sequence[tuple[float, float]]) -> None:
    for gutter in sorted({run.gutter for run in runs if run.gutter is not None}):
        uses = [
            (float(min(run.channels)), float(max(run.channels)), run) for run in runs if run.gutter == gutter
        ]
        lanes = list(_lanes(uses, 0.5))
        count = max(lane for _run_, lane in lanes) + 1
        start, width = gutters[gutter]
        for run, lane in lanes:
            run.gutter_x = start + width * (lane + 1) / (count + 1)


def _lanes(uses: Sequence[tuple[float, float, Run]], clear: float) -> Iterator[tuple[Run, int]]:
    """The first lane that is free from the use's start on."""
    ends: list[float] = []
    for start, end, run in sorted(uses, key=lambda use: (use[0], use[1], use[2].key)):
        lane = next((lane for lane, busy in enumerate(ends) if busy + clear < start), len(ends))
        if lane == len(ends):
            ends.append(end)
        ends[lane] = end
        yield run, lane


def draw(planned: Plan, grid: Grid) -> Iterator[tuple[int, tuple[Point, ...]]]:
    """The corners of each arrow, from the edge of its source to the edge of its target."""
    for run in planned.runs:
        yield run.key, _corners(run, planned, grid)


def _corners(run: Run, planned: Plan, grid: Grid) -> tuple[Point, ...]:
    if not run.channels:
        y = grid.line_y[run.source.line] + grid.card_height / 2 + run.side_offset
        right = run.source.column < run.target.column
        start = grid.column_x[run.source.column] + (grid.card_width if right else 0)
        end = grid.column_x[run.target.column] + (0 if right else grid.card_width)
        return ((start, y), (end, y))
    levels = []
    for channel in run.channels:
        top, height = grid.channels[channel]
        count = planned.lanes[channel]
        step = min(LANE_STEP, (height - 18) / max(count, 1))
        levels.append(top + height / 2 + (run.lane_of[channel] - (count - 1) / 2) * step)
    start_y = grid.line_y[run.source.line] + (grid.card_height if run.down else 0)
    end_y = grid.line_y[run.target.line] + (0 if run.enters_above else grid.card_height)
    corners = [(run.start_x, start_y), (run.start_x, levels[0])]
    if run.gutter is not None:
        corners += [(run.gutter_x, levels[0]), (run.gutter_x, levels[1])]
    corners += [(run.end_x, levels[-1]), (run.end_x, end_y)]
    return _straightened(corners)


def _straightened(corners: Sequence[Point]) -> tuple[Point, ...]:
    """Without points that stand twice or on a straight line."""
    kept: list[Point] = []
    for point in corners:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept[-1] = point
            continue
        kept.append(point)
    return tuple(kept)


def path_of(points: Sequence[Point], radius: float = 7.0) -> str:
    """SVG path data through the corners, rounded."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        into, out = _toward(corner, before, near), _toward(corner, after, near)
        parts.append(
            f"L{into[0]:.1f} {into[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {out[0]:.1f} {out[1]:.1f}"
        )
    parts.append(f"L{points[-1][0]:.1f} {points[-1][1]:.1f}")
    return "".join(parts)


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(start: Point, goal: Point, distance: float) -> Point:
    whole = _distance(start, goal)
    if not whole:
        return start
    return (
        start[0] + (goal[0] - start[0]) * distance / whole,
        start[1] + (goal[1] - start[1]) * distance / whole,
    )
