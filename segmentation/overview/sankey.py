"""A movement as a Sankey picture: on the left where accounts were, on the right where they are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.snapshots import ANY
from crm.tables import Cell, Column, Table
from segmentation.overview.scales import DOWN, UP, Leads, Movement

_TONES = {UP: "good", DOWN: "bad"}


def flow_table(movement: Movement, leads: Leads) -> Table:
    """Every flow in a row, the widest first."""
    columns = [
        Column(_("Then")),
        Column(_("Now")),
        Column(_("Accounts"), "integer"),
        Column(_("Share of those then"), "percent"),
    ]
    then: dict[int | None, int] = {}
    for (before, _now), count in movement.counts.items():
        then[before] = then.get(before, 0) + count
    rows = [
        [
            movement.before_name(before),
            movement.now_name(now),
            Cell(count, leads(movement.key(before, now))),
            count / then[before],
        ]
        for (before, now), count in sorted(movement.counts.items(), key=lambda item: -item[1])
    ]
    return Table("flows", movement.scale.title, columns, rows)


def sankey(movement: Movement, leads: Leads) -> Chart:
    """Widths are numbers of accounts; a click leads to the names."""
    places = [*range(len(movement.scale.levels)), None]
    nodes: list[dict[str, Any]] = []
    for side in (0, 1):
        for place in places:
            count = sum(n for pair, n in movement.counts.items() if pair[side] == place)
            if not count:
                continue
            name = movement.now_name(place) if side else movement.before_name(place)
            level = movement.level(place)
            pair = movement.key(place, place).split(">")[0]
            nodes.append(
                {
                    "name": _node(side, place),
                    "depth": side,
                    "words": f"{name}: {count}",
                    "key": f"{ANY}>{pair}" if side else f"{pair}>{ANY}",
                    "tone": level.tone if level else "muted",
                    "label": {
                        "position": "left" if side else "right",
                        "formatter": _plain(f"{name} {count}"),
                    },
                }
            )
    links = []
    for (before, now), count in sorted(movement.counts.items(), key=lambda item: _order(item[0])):
        css = movement.scale.css(movement.level(before), movement.level(now))
        words = f"{movement.before_name(before)} → {movement.now_name(now)}: {count}"
        links.append(
            {
                "source": _node(0, before),
                "target": _node(1, now),
                "value": count,
                "words": words,
                "key": movement.key(before, now),
                "tone": _TONES.get(css, "muted"),
            }
        )
    table = flow_table(movement, leads)
    series = {
        "type": "sankey",
        "data": nodes,
        "links": links,
        # In the order of the scale, and not as ECharts would untangle them.
        "layoutIterations": 0,
        "nodeGap": 14,
        "nodeWidth": 14,
        "left": 4,
        "right": 4,
        "top": 8,
        "bottom": 8,
        "draggable": False,
        "label": {"fontSize": 12},
        "lineStyle": {"opacity": 0.35},
        "emphasis": {"focus": "adjacency"},
    }
    option = {"tooltip": {"trigger": "item", "confine": True}, "series": [series]}
    # The key in the braces is what was clicked; "@" and the dates stand behind it.
    drill = leads("{name}")
    return Chart("sankey", movement.scale.title, option, table.headers, table.texts(), "lg", drill_url=drill)


def _node(side: int, place: int | None) -> str:
    return f"{'then' if side == 0 else 'now'}:{'none' if place is None else place}"


def _order(pair: tuple[int | None, int | None]) -> tuple[int, int]:
    return tuple(10**6 if place is None else place for place in pair)  # type: ignore[return-value]


def _plain(text: str) -> str:
    """Braces mean something in ECharts' templates."""
    return text.replace("{", "(").replace("}", ")")
