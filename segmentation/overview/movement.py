"""The page of movement: grades or stages between any two dates, as a matrix, as a picture and by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm.charts import Chart
from crm.models import Run, User
from crm.snapshots import ABSENT, ANY, OTHER, Flow, month_ends, shown_run
from crm.tables import Table
from lifecycle.scoring.stages import Stage
from lifecycle.wording import STAGE_SLUGS
from segmentation import queries
from segmentation.models import GradeSnapshot, ScoringModelVersion
from segmentation.movers import kpi_table, movers_table
from segmentation.overview.forms import STAGES, End, MovementForm
from segmentation.overview.sankey import flow_table, sankey
from segmentation.overview.scales import (
    Leads,
    Level,
    Movement,
    Scale,
    grade_scale,
    leading,
    stage_scale,
    versions_differ,
)
from segmentation.overview.stage_movers import stage_movers_table
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import Migration

MOVERS = 15


@dataclass(frozen=True)
class Tile:
    """A number of accounts that leads to their names."""

    slug: str
    accounts: int
    url: str


@dataclass(frozen=True)
class MovementBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: MovementForm
    run: Run
    version: ScoringModelVersion
    user: User
    ends: tuple[End, End]

    @cached_property
    def model(self) -> GradingModel:
        return GradingModel.from_dict(self.version.definition)

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @property
    def since(self) -> dt.date:
        return self.ends[0].day

    @property
    def until(self) -> dt.date:
        return self.ends[1].day

    @property
    def frozen_until(self) -> dt.date | None:
        """None: the current figures."""
        return self.ends[1].month_end

    @property
    def other_since(self) -> dt.date | None:
        """The date asked for, where the figures are of another."""
        asked: dt.date = self.form.cleaned_data["since"]
        return None if asked == self.since else asked

    @property
    def other_until(self) -> dt.date | None:
        asked: dt.date = self.form.cleaned_data["until"]
        return None if asked == self.until else asked

    @property
    def of_stages(self) -> bool:
        return self.form.scale == STAGES

    @cached_property
    def grades(self) -> Scale:
        return grade_scale(self.model.grades)

    @cached_property
    def stages(self) -> Scale:
        return stage_scale()

    @cached_property
    def grade_flows(self) -> list[Flow]:
        return self.grades.flows(self.accounts, self.since, self.frozen_until)

    @cached_property
    def grade_movement(self) -> Movement:
        return Movement.of(self.grades, self.grade_flows)

    @cached_property
    def stage_movement(self) -> Movement:
        return Movement.of(self.stages, self.stages.flows(self.accounts, self.since, self.frozen_until))

    @property
    def movement(self) -> Movement:
        return self.stage_movement if self.of_stages else self.grade_movement

    @cached_property
    def migration(self) -> Migration:
        return queries.migration_of(self.grade_flows, len(self.model.grades))

    def leads(self, scale: Scale) -> Leads:
        return leading(self.form, scale, self.since, self.frozen_until)

    @property
    def tiles(self) -> list[Tile]:
        of_grades, of_stages = self.leads(self.grades), self.leads(self.stages)
        decline, lost = STAGE_SLUGS[Stage.DECLINE], STAGE_SLUGS[Stage.LOST]
        new = self.grade_movement.count(lambda before, now: before is None and now is not None)
        return [
            Tile("up", self.migration.upgraded, of_grades("up")),
            Tile("down", self.migration.downgraded, of_grades("down")),
            Tile("new", new, of_grades(f"{ABSENT}>{ANY}")),
            Tile("decline", self._into(Stage.DECLINE), of_stages(f"{OTHER}>{decline}")),
            Tile("lost", self._into(Stage.LOST), of_stages(f"{OTHER}>{lost}")),
        ]

    def _into(self, stage: Stage) -> int:
        def entered(before: Level | None, now: Level | None) -> bool:
            came = before is None or before.value != stage
            return came and now is not None and now.value == stage

        return self.stage_movement.count(entered)

    @cached_property
    def movement_table(self) -> Table:
        return self.movement.table(self.leads(self.movement.scale))

    @property
    def sankey(self) -> Chart:
        return sankey(self.movement, self.leads(self.movement.scale))

    @property
    def model_changed(self) -> bool:
        """Grades at the two ends were made by different versions: part of the movement is the model's."""
        return versions_differ(self.since, self.frozen_until, self.version)

    def movers_table(self, direction: str, most: int = MOVERS) -> Table:
        if self.of_stages:
            return stage_movers_table(self.accounts, self.since, self.frozen_until, direction, most)
        moves = queries.movers(self.accounts, self.since, direction, most, self.frozen_until)
        return movers_table(moves, direction)

    @property
    def movers(self) -> list[Table]:
        return [self.movers_table("up"), self.movers_table("down")]

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "movement": lambda: self.movement_table,
            "flows": lambda: flow_table(self.movement, self.leads(self.movement.scale)),
            "kpi": lambda: kpi_table(self.migration),
            "movers-up": lambda: self.movers_table("up", 10_000),
            "movers-down": lambda: self.movers_table("down", 10_000),
        }[slug]()


def movement_board(user: User, data: Any) -> tuple[MovementForm | None, MovementBoard | None]:
    """The filters, and the board unless no run was published yet or the dates make no sense (the form says why)."""
    run, version = shown_run(), queries.shown_version()
    if run is None or version is None:
        return None, None
    ends = [day for day in month_ends(GradeSnapshot) if day <= run.as_of]
    filled = data.copy()
    usual = MovementForm(user=user, run=run, month_ends=ends).usual_start
    for name, day in (("since", usual), ("until", run.as_of)):
        if not filled.get(name) and day is not None:
            filled[name] = day.isoformat()
    form = MovementForm(filled, user=user, run=run, month_ends=ends)
    return form, MovementBoard(form, run, version, user, form.ends) if form.ends else None
