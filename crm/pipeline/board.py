"""The board: a column a stage, with its cards and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from crm.models import Opportunity, PipelineStage
from crm.pipeline.listing import CHANCE, OpportunityList
from crm.scoring.pipeline import sums_by

# More cards than this in a column are read in the list.
CARDS = 40


@dataclass(frozen=True)
class Column:
    stage: PipelineStage
    cards: list[Opportunity]
    count: int
    # In the reporting currency; `unknown` opportunities have no rate and are not in them.
    amount: float
    weighted: float
    unknown: int

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


@dataclass(frozen=True)
class Board:
    columns: list[Column]
    missing: list[str]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)

    @property
    def amount(self) -> float:
        return sum(column.amount for column in self.columns)

    @property
    def weighted(self) -> float:
        return sum(column.weighted for column in self.columns)


def board_of(listed: OpportunityList) -> Board:
    """Five queries, whatever the size."""
    stages = listed.stages
    places = {stage.pk: place for place, stage in enumerate(stages)}
    figures = list(listed.found.annotate(chance=CHANCE).values_list("stage", "amount", "currency", "chance"))
    sums = sums_by(
        [places[row[0]] for row in figures],
        len(stages),
        [listed.rates.value(row[1], row[2]) for row in figures],
        [row[3] for row in figures],
    )
    columns = [
        Column(
            stage,
            [],
            int(sums.count[place]),
            float(sums.amount[place]),
            float(sums.weighted[place]),
            int(sums.unknown[place]),
        )
        for place, stage in enumerate(stages)
    ]
    for card in _cards(listed):
        columns[places[card.stage_id]].cards.append(card)
    return Board(columns, listed.rates.missing(row[2] for row in figures))


def _cards(listed: OpportunityList) -> list[Opportunity]:
    """The nearest decisions of each stage."""
    place: Any = Window(
        RowNumber(),
        partition_by=F("stage"),
        order_by=[F("expected_on").asc(), F("pk").asc()],
    )
    rows = (
        listed.found.annotate(chance=CHANCE, place=place)
        .filter(place__lte=CARDS)
        .select_related("account", "owner", "stage")
        .order_by("expected_on", "pk")
    )
    cards: list[Any] = list(rows)
    listed.marked(cards)
    return cards
