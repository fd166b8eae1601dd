"""The comparison populations of a run, as its grading step kept them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from crm.models import Run, RunStep
from crm.scoring.arrays import FloatArray
from crm.steps import unpack_populations
from segmentation.evaluation import TOTALS, populations_for
from segmentation.scoring.grading import GradingModel

STEP = "segmentation.grade"


@dataclass(frozen=True)
class Populations:
    """`indicators`: sorted raw values per code; `totals`: sorted totals, for grades by share."""

    indicators: Mapping[str, FloatArray] = field(default_factory=dict)
    totals: FloatArray = field(default_factory=lambda: np.zeros(0))

    def sizes(self, model: GradingModel) -> list[int | None]:
        return [
            len(self.indicators[i.code])
            if i.standard.needs_population and i.code in self.indicators
            else None
            for i in model.indicators
        ]


def populations_of(run: Run, version_id: int) -> Populations:
    """What a version compared with. A run over the changed accounts takes the populations of its full run."""
    arrays = populations_for(version_id, _read(run.base_id or run.pk))
    totals = arrays.pop(TOTALS, np.zeros(0))
    return Populations(arrays, totals)


# A published run's populations never change, and are megabytes for a large base: read once a process.
@lru_cache(maxsize=4)
def _read(run_id: int) -> dict[str, FloatArray]:
    packed = RunStep.objects.filter(run_id=run_id, slug=STEP).values_list("population", flat=True).first()
    return unpack_populations(packed)
