"""The comparison populations of a run, as its grading step kept them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from crm.models import Run
from crm.scoring.arrays import FloatArray
from segmentation.scoring.grading import GradingModel


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


def populations_of(run: Run) -> Populations:
    return Populations()
