"""Which model grades which account: one for everybody, or several for business lines and regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.models import Territory
from segmentation.models import ScoringModelVersion
from segmentation.scoring.model import GradingModel

# What a scope may name, and the account's column that it is compared with.
SCOPES = {"territories": "a.territory_id", "industries": "a.industry", "kinds": "a.kind"}


@dataclass(frozen=True)
class Grader:
    """A version of a model with the accounts it is for; an empty scope is everybody."""

    version_id: int
    model: GradingModel
    # As `resolve_scope` gives it: every territory by its number, subordinate ones included.
    scope: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        scope = {name: list(values) for name, values in self.scope.items()}
        return {"version_id": self.version_id, "definition": self.model.to_dict(), "scope": scope}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Grader:
        return cls(int(data["version_id"]), GradingModel.from_dict(data["definition"]), data["scope"])


def resolve_scope(scope: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What is compared: a territory means everything below it too. KeyError for an unknown name."""
    resolved: dict[str, list[Any]] = {}
    for name, values in scope.items():
        if name not in SCOPES:
            raise KeyError(name)
        if not values:
            continue
        if name == "territories":
            paths = list(Territory.objects.filter(pk__in=values).values_list("path", flat=True))
            # A territory that is gone matches nobody; without this the scope would be everybody.
            resolved[name] = sorted(Territory.objects.within(paths).values_list("pk", flat=True)) or [0]
        else:
            resolved[name] = sorted(values)
    return resolved


def current_graders() -> list[Grader]:
    """The newest published version of every model in use, in the order in which they are asked; the default last."""
    newest = (
        ScoringModelVersion.objects.filter(published_at__isnull=False, model__retired_at__isnull=True)
        .select_related("model")
        .order_by("model_id", "-number")
        .distinct("model_id")
    )
    versions = sorted(
        newest, key=lambda version: (version.model.is_default, version.model.priority, version.model_id)
    )
    return [
        Grader(
            version.pk,
            GradingModel.from_dict(version.definition),
            {} if version.model.is_default else resolve_scope(version.scope),
        )
        for version in versions
    ]


def place_sql(graders: Sequence[Grader]) -> tuple[str, dict[str, Any]]:
    """SQL for the position of an account's grader (accounts as `a`), -1 where none is for it; and its parameters."""
    cases, parameters = [], {}
    otherwise = -1
    for place, grader in enumerate(graders):
        conditions = []
        for name, values in grader.scope.items():
            key = f"scope_{place}_{name}"
            conditions.append(f"{SCOPES[name]} = ANY(%({key})s)")
            parameters[key] = list(values)
        if not conditions:
            otherwise = place
            break
        cases.append(f"WHEN {' AND '.join(conditions)} THEN {place}")
    return (f"CASE {' '.join(cases)} ELSE {otherwise} END" if cases else str(otherwise)), parameters
