"""What accounts move along: grades, or the stages of a relationship; and how a movement reads as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from crm.snapshots import ABSENT, Asked, Flow, flows
from crm.tables import Cell, Column, Table
from lifecycle.dashboards import flow_css
from lifecycle.models import AccountLifecycle, LifecycleSnapshot
from lifecycle.wording import CHART_TONES, STAGE_SLUGS, STAGES
from segmentation.models import AccountGrade, GradeSnapshot, ScoringModelVersion

if TYPE_CHECKING:
    from django.db.models import Model

    from crm.models.accounts import AccountQuerySet

UNRATED_KEY = "unrated"
UP, DOWN, SAME = "move-up", "move-down", "move-same"
# Where a click leads: the account list narrowed to a cell, by its name in the address.
Leads = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Level:
    """One place of a scale. `key` names it in addresses; a value of None: known, but without a figure."""

    value: int | None
    key: str
    name: str
    tone: str


@dataclass(frozen=True)
class Scale:
    slug: str
    title: str
    # The filter of the account list that understands a cell.
    filter_slug: str
    levels: tuple[Level, ...]
    figures: type[Model]
    snapshots: type[Model]
    field: str
    # How a move reads: one of UP, DOWN, SAME or nothing.
    css: Callable[[Level | None, Level | None], str]
    # Accounts without a row at the earlier and the later date.
    not_yet: str
    no_more: str

    def flows(self, accounts: AccountQuerySet, since: dt.date | None, until: dt.date | None) -> list[Flow]:
        return flows(self.figures, self.snapshots, self.field, accounts, since, until)

    def place(self, value: int | None, there: bool) -> int | None:
        """Place among `levels`; None for no row. A value that the scale has no name for counts as its last."""
        if not there:
            return None
        known = [level.value for level in self.levels]
        return known.index(value) if value in known else len(known) - 1


def grade_scale(names: Sequence[str]) -> Scale:
    levels = [Level(index, name, name, f"grade-{min(index, 3)}") for index, name in enumerate(names)]
    return Scale(
        "grades",
        _("Movement between grades"),
        "moved",
        (*levels, Level(None, UNRATED_KEY, _("Unrated"), "muted")),
        AccountGrade,
        GradeSnapshot,
        "grade",
        _grade_css,
        _("Not a customer yet"),
        _("No longer a customer"),
    )


def stage_scale() -> Scale:
    return Scale(
        "stages",
        _("Movement between stages"),
        "stage_moved",
        tuple(
            Level(int(stage), STAGE_SLUGS[stage], str(name), CHART_TONES[stage])
            for stage, name in STAGES.items()
        ),
        AccountLifecycle,
        LifecycleSnapshot,
        "stage",
        _stage_css,
        _("Not there yet"),
        _("No longer there"),
    )


@dataclass(frozen=True)
class Movement:
    """Counted pairs of places of a scale. None stands for accounts without a row at that end."""

    scale: Scale
    counts: dict[tuple[int | None, int | None], int]

    @classmethod
    def of(cls, scale: Scale, moves: Iterable[Flow]) -> Movement:
        counts: dict[tuple[int | None, int | None], int] = {}
        for flow in moves:
            pair = (scale.place(flow.before, flow.there_before), scale.place(flow.now, flow.there_now))
            counts[pair] = counts.get(pair, 0) + flow.accounts
        return cls(scale, counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def level(self, place: int | None) -> Level | None:
        return None if place is None else self.scale.levels[place]

    def key(self, before: int | None, now: int | None) -> str:
        names = [level.key if (level := self.level(place)) else ABSENT for place in (before, now)]
        return ">".join(names)

    def count(self, where: Callable[[Level | None, Level | None], bool]) -> int:
        return sum(n for (i, j), n in self.counts.items() if where(self.level(i), self.level(j)))

    def before_name(self, place: int | None) -> str:
        level = self.level(place)
        return level.name if level else self.scale.not_yet

    def now_name(self, place: int | None) -> str:
        level = self.level(place)
        return level.name if level else self.scale.no_more

    def table(self, leads: Leads, slug: str = "movement") -> Table:
        """Rows: the place then; columns: the place now. Rows and columns of nobody are left out beyond the scale."""
        places: list[int | None] = list(range(len(self.scale.levels)))
        gone = any(now is None for _before, now in self.counts)
        new = any(before is None for before, _now in self.counts)
        across, down = [*places, *([None] if gone else [])], [*places, *([None] if new else [])]
        columns = [Column(_("Then / now")), *(Column(self.now_name(place), "integer") for place in across)]
        rows: list[list[Any]] = []
        for before in down:
            row: list[Any] = [self.before_name(before)]
            for now in across:
                count = self.counts.get((before, now), 0)
                url = leads(self.key(before, now)) if count else ""
                row.append(Cell(count, url, self.scale.css(self.level(before), self.level(now))))
            rows.append(row)
        return Table(slug, self.scale.title, columns, rows)


def leading(form: Any, scale: Scale, since: dt.date | None, until: dt.date | None) -> Leads:
    """Addresses of the account list, with the filters of the page in force."""

    def url(what: str) -> str:
        if since is None:
            return ""
        found: str = form.list_url(**{scale.filter_slug: str(Asked(what, since, until))})
        return found

    return url


def versions_differ(since: dt.date, until: dt.date | None, now: ScoringModelVersion) -> bool:
    """Whether the frozen grades of two dates (until None: the current ones) bear different versions of the model."""

    def version(day: dt.date) -> int | None:
        frozen = GradeSnapshot.objects.filter(month_end=day, version__model=now.model_id)
        return frozen.values_list("version_id", flat=True).first()

    then, later = version(since), version(until) if until else now.pk
    return None not in (then, later) and then != later


def _grade_css(before: Level | None, now: Level | None) -> str:
    if before is None or now is None:
        return ""
    if before.value == now.value:
        return SAME
    if before.value is None or now.value is None:
        return ""
    return UP if now.value < before.value else DOWN


def _stage_css(before: Level | None, now: Level | None) -> str:
    if now is None or now.value is None:
        return ""
    return flow_css(before.value if before else None, now.value)
