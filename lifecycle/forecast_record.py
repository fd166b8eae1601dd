"""The fitted forecasts as a run keeps them: JSON with the step, read back for partial runs and for the pages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast.backtest import Backtest
from lifecycle.scoring.forecast.bgnbd import BgNbd
from lifecycle.scoring.forecast.credibility import Credibility
from lifecycle.scoring.forecast.fitting import Report
from lifecycle.scoring.forecast.gamma_gamma import GammaGamma
from lifecycle.scoring.forecast.mbgcnbd import MbgCnbd
from lifecycle.scoring.forecast.models import Purchases, Spend
from lifecycle.scoring.forecast.nbd import Nbd
from lifecycle.scoring.forecast.outlook import Fits

_MODELS: dict[str, Any] = {model.__name__: model for model in (BgNbd, MbgCnbd, Nbd, Credibility, GammaGamma)}
_EPOCH = dt.date(1970, 1, 1)


def plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def fits_to_values(fits: Fits) -> dict[str, Any]:
    values: dict[str, Any] = {"purchases": int(fits.purchases), "spend": int(fits.spend)}
    for name in ("bg_nbd", "mbg_cnbd", "nbd", "credibility", "gamma_gamma"):
        model = getattr(fits, name)
        values[name] = {"model": type(model).__name__, **plain(dataclasses.asdict(model))}
    return values


def fits_from_values(values: Mapping[str, Any]) -> Fits:
    models: dict[str, Any] = {
        name: _model(values[name]) for name in ("bg_nbd", "mbg_cnbd", "nbd", "credibility", "gamma_gamma")
    }
    return Fits(**models, purchases=Purchases(values["purchases"]), spend=Spend(values["spend"]))


def backtest_to_values(test: Backtest) -> dict[str, Any]:
    """`chosen` is a place in `candidates`; null where nothing could be compared."""
    candidates = [plain(dataclasses.asdict(candidate)) for candidate in test.candidates]
    return {
        "calibration_end": (_EPOCH + dt.timedelta(days=test.calibration_end)).isoformat(),
        "holdout_days": test.holdout_days,
        "customers": test.customers,
        "occasions": plain(test.occasions),
        "value": plain(test.value),
        "candidates": candidates,
        "chosen": test.candidates.index(test.chosen) if test.chosen else None,
    }


def _model(values: Mapping[str, Any]) -> Any:
    given = _known({key: value for key, value in values.items() if key != "model"})
    if "report" in given:
        reported = _known(given["report"])
        bounds, reason = tuple(reported.pop("bounds_hit")), Reason(reported.pop("reason"))
        given["report"] = Report(**reported, bounds_hit=bounds, reason=reason)
    else:
        given["reason"] = Reason(given["reason"])
    return _MODELS[values["model"]](**given)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: math.nan if value is None else value for key, value in values.items()}
