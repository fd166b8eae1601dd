"""The forecasts side by side, as a run recorded them: back-test, parameters, what was degenerate, which is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.scoring.reasons import Reason
from crm.tables import Cell, Column, Table
from crm.templatetags.ui import number
from lifecycle.scoring.forecast.backtest import GINI_TIE
from lifecycle.scoring.forecast.models import Purchases, Spend

PURCHASES = {
    Purchases.BG_NBD: "BG/NBD",
    Purchases.MBG_CNBD: "MBG/CNBD-k",
    Purchases.NBD: "NBD",
    Purchases.LAST_PERIOD: gettext_lazy("Same as last period"),
}
SPENDS = {
    Spend.CREDIBILITY: gettext_lazy("credibility"),
    Spend.GAMMA_GAMMA: gettext_lazy("gamma-gamma"),
    Spend.LAST_PERIOD: gettext_lazy("same amount"),
}
_FIELDS = {
    Purchases.BG_NBD: "bg_nbd",
    Purchases.MBG_CNBD: "mbg_cnbd",
    Purchases.NBD: "nbd",
}
_SPEND_FIELDS = {Spend.CREDIBILITY: "credibility", Spend.GAMMA_GAMMA: "gamma_gamma"}
_PARAMETERS = ("k", "r", "alpha", "a", "b", "p", "q", "v", "mu", "within", "between")
_SYMBOLS = {"alpha": "α", "mu": "μ", "within": "σ²", "between": "τ²"}


def pair_name(purchases: int, spend: int) -> str:
    return f"{PURCHASES[Purchases(purchases)]} × {SPENDS[Spend(spend)]}"


@dataclass(frozen=True)
class Forecasts:
    """`record` is what the step of lifetime value kept with its run."""

    record: Mapping[str, Any]

    @property
    def test(self) -> Mapping[str, Any]:
        tested: Mapping[str, Any] = self.record["backtest"]
        return tested

    @property
    def chosen(self) -> Mapping[str, Any] | None:
        place = self.test["chosen"]
        return None if place is None else self.test["candidates"][place]

    @property
    def used(self) -> str:
        fits = self.record["fits"]
        return pair_name(fits["purchases"], fits["spend"])

    @property
    def sampled(self) -> bool:
        return bool(self.record["fitted_to"] < self.record["customers"])

    @property
    def why(self) -> str:
        """Why this one is used, in a sentence."""
        chosen = self.chosen
        if chosen is None:
            return _(
                "There is too little history to compare forecasts: every customer is expected to go on at its own"
                " rate, drawn towards the average of all."
            )
        best = max(
            row["gini"] for row in self.test["candidates"] if row["eligible"] and row["gini"] is not None
        )
        if chosen["gini"] >= best:
            return _("It ranked the customers best by what they then bought (Gini %(gini)s).") % {
                "gini": number(chosen["gini"], 3)
            }
        return _(
            "It ranked the customers as well as the best did (Gini %(gini)s, the best %(best)s; less than %(tie)s"
            " apart counts as equal), with the smallest error."
        ) % {"gini": number(chosen["gini"], 3), "best": number(best, 3), "tie": number(GINI_TIE, 2)}

    @property
    def held_out(self) -> tuple[dt.date, dt.date]:
        start = dt.date.fromisoformat(self.test["calibration_end"])
        return start + dt.timedelta(days=1), start + dt.timedelta(days=self.test["holdout_days"])

    @property
    def used_degenerate(self) -> list[str]:
        """The same of the pair in use alone."""
        fits = self.record["fits"]
        names = [_FIELDS.get(Purchases(fits["purchases"])), _SPEND_FIELDS.get(Spend(fits["spend"]))]
        return [said for name in names if name for said in _said(_title(name), fits[name].get("report"))]

    @property
    def degenerate(self) -> list[str]:
        """What the data do not determine, a sentence per model."""
        found = []
        for purchases, name in _FIELDS.items():
            found += _said(str(PURCHASES[purchases]), self.record["fits"][name].get("report"))
        found += _said(str(SPENDS[Spend.GAMMA_GAMMA]), self.record["fits"]["gamma_gamma"].get("report"))
        if self.record["fits"]["credibility"]["reason"] == Reason.TOO_FEW_OBS:
            found.append(_("Credibility: too few purchases; everybody is expected to spend the same."))
        return found

    def table(self) -> Table:
        columns = [
            Column(_("Forecast"), "name"),
            Column("Gini", "ratio"),
            Column(_("Mean error per customer"), "money"),
            Column(_("Correlation"), "ratio"),
            Column(_("Caught by the top 20 %"), "percent"),
            Column(_("Purchases forecast"), "integer"),
            Column(_("Sales forecast"), "money"),
            Column(_("Note")),
        ]
        chosen = self.test["chosen"]
        rows = [
            [
                Cell(pair_name(row["purchases"], row["spend"]), css="fw-bold" if place == chosen else ""),
                row["gini"],
                row["mae"],
                row["correlation"],
                row["top_share"],
                row["occasions"],
                row["value"],
                self._note(place, row),
            ]
            for place, row in enumerate(self.test["candidates"])
        ]
        actual = [_("What happened"), None, None, None, None, self.test["occasions"], self.test["value"], ""]
        return Table("forecasts", _("Forecasts on the time held out"), columns, rows, actual if rows else ())

    def _note(self, place: int, row: Mapping[str, Any]) -> str:
        said = [_("used")] if place == self.test["chosen"] else []
        if not row["eligible"]:
            said.append(_("not usable"))
        if row["reason"] == Reason.DEGENERATE_FIT:
            said.append(_("degenerate fit"))
        if row["reason"] == Reason.TOO_FEW_OBS:
            said.append(_("too few observations"))
        return " · ".join(said)

    def parameters_table(self) -> Table:
        """Of the fits to all the history, the ones that forecast from today."""
        fits = self.record["fits"]
        rows = []
        for name in (*_FIELDS.values(), *_SPEND_FIELDS.values()):
            model = fits[name]
            values = ", ".join(
                f"{_SYMBOLS.get(key, key)} {number(model[key], 0 if key == 'k' else 4)}"
                for key in _PARAMETERS
                if model.get(key) is not None
            )
            report = model.get("report") or {}
            rows.append([_title(name), values or "–", report.get("log_likelihood"), report.get("customers")])
        return Table(
            "parameters",
            _("Parameters"),
            [
                Column(_("Model"), "name"),
                Column(_("Parameters")),
                Column(_("Log likelihood"), "score"),
                Column(_("Customers fitted"), "integer"),
            ],
            rows,
        )


def _title(field: str) -> str:
    titles = {**{name: PURCHASES[kind] for kind, name in _FIELDS.items()}}
    titles |= {name: SPENDS[kind] for kind, name in _SPEND_FIELDS.items()}
    return str(titles[field])


def _said(name: str, report: Mapping[str, Any] | None) -> list[str]:
    if not report or report["reason"] == Reason.OK:
        return []
    if report["reason"] == Reason.TOO_FEW_OBS:
        return [_("%(model)s: too few customers bought again to fit it.") % {"model": name}]
    if report["bounds_hit"]:
        bounds = ", ".join(_SYMBOLS.get(bound, bound) for bound in report["bounds_hit"])
        return [
            _("%(model)s: %(parameters)s rests on the edge of its range: the data do not determine it.")
            % {"model": name, "parameters": bounds}
        ]
    return [_("%(model)s: the fit did not settle.") % {"model": name}]
