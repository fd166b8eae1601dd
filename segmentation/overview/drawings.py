"""Small pictures as SVG made on the server: they print sharp, need no script, and the table beside holds the figures.

Coordinates are in the units of the view box; the page scales them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, ROW, LABEL, FIGURE = 340.0, 22.0, 90.0, 62.0
COLUMN_WIDTH, COLUMN_HEIGHT = 340.0, 120.0


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle with its tone, and words with where they stand."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Words:
    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Drawing:
    title: str
    width: float
    height: float
    parts: list[Part] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    # The ground line of columns.
    ground: float | None = None

    @property
    def box(self) -> str:
        return f"0 0 {self.width:g} {self.height:g}"


def bars(title: str, rows: Sequence[tuple[str, str, float | None, str]]) -> Drawing:
    """Lying bars: (name, tone, figure, figure in words), one a row. Losses and unknowns have words and no bar."""
    most = max(
        [figure for _name, _tone, figure, _text in rows if figure is not None and figure > 0], default=1.0
    )
    room = WIDTH - LABEL - FIGURE
    drawing = Drawing(title, WIDTH, ROW * len(rows) + 2)
    for place, (name, tone, figure, text) in enumerate(rows):
        top = place * ROW + 4
        long = round(room * max(figure or 0.0, 0.0) / most, 1)
        drawing.parts.append(Part(LABEL, top, long, ROW - 8, tone))
        drawing.words.append(Words(LABEL - 6, top + 11, name, "end"))
        drawing.words.append(Words(LABEL + long + 5, top + 11, text))
    return drawing


def columns(title: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> Drawing:
    """Standing columns over the months: positive figures stack upwards, negative ones downwards. (tone, data)."""
    up = max((sum(max(data[i], 0) for _tone, data in series) for i in range(len(names))), default=0.0)
    down = max((sum(max(-data[i], 0) for _tone, data in series) for i in range(len(names))), default=0.0)
    scale = (COLUMN_HEIGHT - 44) / ((up + down) or 1.0)
    ground = 14 + up * scale
    drawing = Drawing(title, COLUMN_WIDTH, COLUMN_HEIGHT, ground=round(ground, 1))
    step = COLUMN_WIDTH / max(len(names), 1)
    for place, name in enumerate(names):
        left, above, below = place * step + step * 0.2, ground, ground
        risen = fallen = 0.0
        for tone, data in series:
            figure = data[place]
            high = round(abs(figure) * scale, 1)
            if figure > 0:
                above, risen = above - high, risen + figure
                drawing.parts.append(Part(round(left, 1), round(above, 1), round(step * 0.6, 1), high, tone))
            elif figure < 0:
                drawing.parts.append(Part(round(left, 1), round(below, 1), round(step * 0.6, 1), high, tone))
                below, fallen = below + high, fallen - figure
        middle = round(left + step * 0.3, 1)
        if risen:
            drawing.words.append(Words(middle, round(above - 3, 1), f"{risen:g}", "middle"))
        if fallen:
            drawing.words.append(Words(middle, round(below + 10, 1), f"{fallen:g}", "middle"))
        drawing.words.append(Words(middle, COLUMN_HEIGHT - 4, name, "middle"))
    return drawing
