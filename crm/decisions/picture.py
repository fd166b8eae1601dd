"""The decision map as the template draws it: the pure layout, with words, classes and labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.decisions.people import Person
from crm.models import Faction, Influence, Level
from crm.scoring.decision_map import Box, Layout, Link, Node, lay_out
from crm.scoring.decision_routes import path_of

SIGNS = {1: "+", 0: "0", -1: "–", None: "?"}
STANCE_CLASSES = {1: "supports", 0: "neutral", -1: "opposes", None: "unknown"}
NAME_WIDTH, LINE_WIDTH, AREA_WIDTH_PER_UNIT = 15, 22, 7.5
# On screen a map up to this width is shrunk to fit, a wider one scrolls.
FITS = 1300


@dataclass(frozen=True)
class Card:
    person: Person
    box: Box
    name: str
    title: str
    label: str
    stance: str
    sign: str
    dots: tuple[tuple[int, bool], ...]  # where each stands, and whether it is filled
    flagged: bool


@dataclass(frozen=True)
class Area:
    faction: Faction
    box: Box
    name: str
    name_x: float
    name_y: float
    empty: bool


@dataclass(frozen=True)
class Arrow:
    influence: Influence
    path: str
    label: str


@dataclass(frozen=True)
class Picture:
    layout: Layout
    cards: tuple[Card, ...]
    areas: tuple[Area, ...]
    arrows: tuple[Arrow, ...]
    rows: tuple[tuple[str, str, Box], ...]  # value of the level, its word, where

    @property
    def fits(self) -> bool:
        return self.layout.width <= FITS


def draw_map(
    people: Sequence[Person],
    influences: Sequence[Influence],
    factions: Sequence[Faction],
    flagged: Collection[int] = (),
) -> Picture:
    """`flagged`: the people whom an alert names."""
    named = {faction.pk: faction for faction in factions}
    by_pk = {person.pk: person for person in people}
    layout = lay_out(
        [
            Node(person.pk, person.position.level, person.position.faction_id, person.influence or 0)
            for person in people
        ],
        [Link(arrow.pk, arrow.source_id, arrow.target_id, arrow.strength) for arrow in influences],
        list(named),
    )
    arrows = {arrow.pk: arrow for arrow in influences}
    return Picture(
        layout=layout,
        cards=tuple(_card(by_pk[box.key], box, box.key in flagged) for box in layout.cards),
        areas=tuple(
            Area(
                named[box.key],
                box,
                shortened(named[box.key].name, int(box.width / AREA_WIDTH_PER_UNIT)),
                box.x + 12,
                box.y + 16,
                box.key in layout.empty_areas,
            )
            for box in layout.areas
        ),
        arrows=tuple(
            Arrow(arrows[route.key], path_of(route.points), arrow_label(arrows[route.key], by_pk))
            for route in layout.arrows
        ),
        rows=tuple(
            (
                str(row.level or ""),
                level_word(row.level),
                Box(row.level or 0, 0, row.y, layout.width, row.height),
            )
            for row in layout.rows
        ),
    )


def level_word(level: int | None) -> str:
    return str(Level(level).label) if level else _("Level not known")


def arrow_label(arrow: Influence, people: dict[int, Person]) -> str:
    return _("%(source)s influences %(target)s: %(strength)s") % {
        "source": people[arrow.source_id],
        "target": people[arrow.target_id],
        "strength": arrow.get_strength_display(),
    }


def _card(person: Person, box: Box, flagged: bool) -> Card:
    words = [
        str(person),
        person.position.title,
        person.role_word or _("Part not known"),
        person.stance_word or _("Stance unknown"),
    ]
    if person.influence:
        words.append(_("influence %(count)d of 5") % {"count": person.influence})
    return Card(
        person=person,
        box=box,
        name=shortened(str(person), NAME_WIDTH),
        title=shortened(person.position.title or person.position.department, LINE_WIDTH),
        label=_(", ").join(word for word in words if word),
        stance=STANCE_CLASSES[person.stance],
        sign=SIGNS[person.stance],
        dots=tuple((23 + 13 * place, place < (person.influence or 0)) for place in range(5)),
        flagged=flagged,
    )


def shortened(text: str, width: int) -> str:
    """Cut to about `width` narrow letters; a Chinese character is twice as wide. SVG does not break lines."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > width:
            return text[: max(place - 1, 1)] + "…"
    return text
