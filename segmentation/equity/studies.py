"""Studies: a what-if kept with its inputs and what came out, to be opened again and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import parameters
from crm.access import SEES_EVERYTHING
from crm.models import EquityDriver, Territory, User
from crm.tables import Cell, Column, Table
from segmentation.equity.board import EquityBoard
from segmentation.models import EquityStudy, Segment

if TYPE_CHECKING:
    from segmentation.equity.portfolio import Outcome

SCOPE = ("territory", "owner", "industry", "grade", "segment")


def studies_of(user: User) -> QuerySet[EquityStudy]:
    """A study adds up accounts that its author sees: others see it only if they see all accounts."""
    studies = EquityStudy.objects.select_related("author").order_by("-created_at", "-pk")
    return studies if user.role in SEES_EVERYTHING else studies.filter(author=user)


def save_study(*, board: EquityBoard, name: str, author: User) -> EquityStudy:
    """The board's what-if with everything that it was worked out from."""
    found, logit = board.outcome, board.weights.logit
    assert found is not None
    scope = {key: board.form.data.get(key, "") for key in SCOPE}
    return EquityStudy.objects.create(
        name=name,
        as_of=board.run.as_of,
        author=author,
        inputs={
            "question": board.question.inputs,
            "scope": {key: value for key, value in scope.items() if value},
            "assumptions": parameters.to_values(board.assumptions),
            "weights": {
                "estimated": board.weights.estimated,
                "inertia": logit.inertia,
                "drivers": logit.weights.tolist(),
                "errors": None if logit.errors is None else logit.errors.tolist(),
                "decisions": board.weights.estimate.decisions,
            },
            "result": summary(found),
        },
    )


def summary(outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    return {
        "customers": len(outcome.before),
        "before": result.before,
        "gain": result.gain,
        "low": outcome.low,
        "high": outcome.high,
        "spend": outcome.spend,
        "roi": outcome.roi(result.gain),
        "roi_low": outcome.roi(outcome.low),
        "roi_high": outcome.roi(outcome.high),
    }


@dataclass(frozen=True)
class Kept:
    """A study as the list shows it."""

    study: EquityStudy
    scope: str

    @property
    def question(self) -> dict[str, Any]:
        found: dict[str, Any] = self.study.inputs["question"]
        return found

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = self.study.inputs["result"]
        return found

    @property
    def driver(self) -> str:
        return str(EquityDriver(self.question["driver"]).label)

    @property
    def estimated(self) -> bool:
        return bool(self.study.inputs["weights"]["estimated"])

    @property
    def address(self) -> str:
        """The equity page with these inputs, worked out on the figures of today."""
        return f"{reverse('segmentation:equity')}?{urlencode(self.parameters)}#what-if"

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.study.inputs["scope"], **self.question, "study": self.study.pk}


def kept(studies: list[EquityStudy]) -> list[Kept]:
    """With the names of what was chosen; three queries."""
    chosen = [study.inputs["scope"] for study in studies]
    names: dict[str, dict[str, str]] = {}
    for key, model in (("territory", Territory), ("owner", User), ("segment", Segment)):
        ids = {scope[key] for scope in chosen if str(scope.get(key, "")).isdecimal()}
        named = model.objects.in_bulk([int(pk) for pk in ids])
        names[key] = {str(pk): str(row) for pk, row in named.items()}
    return [Kept(study, _words(study.inputs["scope"], names)) for study in studies]


def _words(scope: dict[str, str], names: dict[str, dict[str, str]]) -> str:
    parts = [names.get(key, {}).get(str(scope[key]), str(scope[key])) for key in SCOPE if key in scope]
    return " · ".join(parts) or _("All accounts")


def studies_table(rows: list[Kept]) -> Table:
    columns = [
        Column(_("Study"), "name"),
        Column(_("As of"), "date"),
        Column(_("Accounts")),
        Column(_("Driver")),
        Column(_("Marks"), "change"),
        Column(_("Spend"), "money"),
        Column(_("Customer equity"), "money"),
        Column(_("Gain"), "money"),
        Column(_("at least"), "money"),
        Column(_("at most"), "money"),
        Column(_("Return on the spend"), "percent"),
        Column(_("Weights")),
        Column(_("Author")),
    ]
    listed = [
        [
            Cell(one.study.name, one.address),
            one.study.as_of,
            one.scope,
            one.driver,
            one.question["marks"],
            one.result["spend"],
            one.result["before"],
            one.result["gain"],
            one.result["low"],
            one.result["high"],
            one.result["roi"],
            _("estimated") if one.estimated else _("judged"),
            str(one.study.author),
        ]
        for one in rows
    ]
    return Table("studies", _("Studies compared"), columns, listed)
