"""What a step of a run is: the contract between the engine (crm.runs) and the apps that compute figures."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from django.db import models

from crm.models import Run, RunScope

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.scoring.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class AccountRange:
    """Accounts with ids lower..upper, both included."""

    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a step worked out once for everybody: JSON values, arrays to compare with, the version of its model."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    populations: Mapping[str, FloatArray] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may know while it computes. `prepared` holds this step's and the earlier steps' preparations."""

    run: Run
    prepared: Mapping[str, Prepared] = field(default_factory=dict)

    @property
    def run_id(self) -> int:
        return self.run.pk

    @property
    def as_of(self) -> dt.date:
        return self.run.as_of

    @property
    def only_changed(self) -> bool:
        return self.run.scope == RunScope.CHANGED


@dataclass(frozen=True, slots=True)
class Publication:
    """What a step must know to publish. `newest`: no published run has a later date, so current figures change."""

    context: Context
    newest: bool
    next_as_of: dt.date | None

    @property
    def run_id(self) -> int:
        return self.context.run_id

    @property
    def as_of(self) -> dt.date:
        return self.context.as_of

    @property
    def month_end(self) -> bool:
        return (self.as_of + dt.timedelta(days=1)).day == 1


# Every step there is by its slug, for pages that show runs: crm does not know which apps stand above it.
STEP_CLASSES: dict[str, type[Step]] = {}


class Step:
    """A stage of every run. Instances hold nothing: several processes compute ranges of one step at a time."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    # The unlogged table that `compute` fills; the engine empties it.
    staged: ClassVar[type[models.Model]]

    def __init_subclass__(cls) -> None:
        STEP_CLASSES[cls.slug] = cls

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        """Called once a full run, when all earlier steps are done for all accounts."""
        return Prepared()

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        """Stage the figures of a range; returns the rows. In one transaction with the mark that the range is done."""
        raise NotImplementedError

    def publish(self, cursor: Any, publication: Publication) -> None:
        """Move the staged figures to where readers see them, inside the one transaction of all steps."""
        raise NotImplementedError

    def changed_accounts(self) -> str | None:
        """A query (one column) for accounts whose input to this step changed after %(since)s, or None."""
        return None


def pack_populations(populations: Mapping[str, FloatArray]) -> bytes | None:
    """Arrays as numpy's own bytes, for RunStep.population."""
    if not populations:
        return None
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {
        name: np.asarray(array, dtype=np.float64) for name, array in populations.items()
    }
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def unpack_populations(data: bytes | memoryview | None) -> dict[str, FloatArray]:
    if data is None:
        return {}
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
