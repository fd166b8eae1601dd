"""What is judged rather than measured in customer equity, and the weights in use: estimated where there is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _

from crm import parameters
from segmentation.equity.ratings import DRIVERS, Estimate
from segmentation.scoring.equity import Logit

PARAMETERS = "segmentation.equity"


def _equal() -> dict[str, float]:
    # Which driver matters most differs by industry: none is preferred until somebody says so.
    return dict.fromkeys(DRIVERS, 1.0)


@dataclass(frozen=True)
class Assumptions:
    """[D] all of them: to be set by the company."""

    # Pull towards the supplier bought from last, on the scale of the logit: odds x e^1.5 = 4.5.
    inertia: float = 1.5
    # What one mark more in every driver does together: odds x e^0.4 = 1.5.
    effect: float = 0.4
    # How the effect is shared out between the drivers; in proportion, they need not add up to anything.
    weights: Mapping[str, float] = field(default_factory=_equal)
    # Judged weights even where the ratings would tell.
    prefer_judgement: bool = False
    horizon: float = 3.0
    discount_rate: float = 0.10
    # Our share of the wallet where no customer's demand is known.
    unknown_share: float = 0.5

    @property
    def judged(self) -> Logit:
        points = np.array([max(float(self.weights.get(name, 0.0)), 0.0) for name in DRIVERS])
        total = points.sum()
        shares = points / total if total > 0 else np.zeros(len(DRIVERS))
        return Logit(self.inertia, self.effect * shares, True, 0)


@dataclass(frozen=True)
class Weights:
    """The weights that count, and where they come from."""

    logit: Logit
    estimate: Estimate

    @property
    def estimated(self) -> bool:
        return self.logit.errors is not None

    @property
    def origin(self) -> str:
        found = self.estimate
        if self.estimated:
            return _("Estimated from %(n)s decisions between suppliers that customers told us.") % {
                "n": found.decisions
            }
        if found.decisions < found.needed:
            return _(
                "Judged: %(n)s decisions between suppliers are on record; an estimate of the weights needs %(needed)s."
            ) % {"n": found.decisions, "needed": found.needed}
        if found.logit is None:
            return _("Judged: the %(n)s decisions on record lead to no stable estimate.") % {
                "n": found.decisions
            }
        return _("Judged, as set by hand, though %(n)s decisions would give an estimate.") % {
            "n": found.decisions
        }


def load() -> tuple[Assumptions, int]:
    return parameters.load(PARAMETERS, Assumptions)


def weights_in_use(estimate: Estimate, assumptions: Assumptions) -> Weights:
    logit = None if assumptions.prefer_judgement else estimate.logit
    return Weights(logit or assumptions.judged, estimate)
