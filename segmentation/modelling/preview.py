"""Who would move, and why, if a draft were published now: the whole population, by the job's own functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection

from crm.copying import read_columns
from crm.models import Run, User
from crm.models.accounts import Account
from crm.parameters import from_values
from crm.runs import prepared_of
from crm.scoring.arrays import BoolArray, FloatArray, IntArray, known
from crm.scoring.finance import FinanceParameters
from segmentation.evaluation import Evaluation, evaluate, populations, read_population
from segmentation.graders import Grader, current_graders, resolve_scope
from segmentation.indicators import sources
from segmentation.models import AccountGrade, ScoringModelDraft, ScoringModelVersion
from segmentation.scoring.explanation import explain
from segmentation.scoring.grading import UNRATED, GradingModel
from segmentation.scoring.movement import Migration, driver, migration

# The place of a draft among versions: no stored version has this number.
DRAFT = 0

_BEFORE = """
SELECT g.account_id, g.version_id, coalesce(g.grade, -1), g.overridden, g.gross_profit_12m, coalesce(a.owner_id, -1)
FROM segmentation_accountgrade g
JOIN crm_account a ON a.id = g.account_id
WHERE {visible}
ORDER BY g.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "version_id": "int",
    "grade": "int",
    "overridden": "bool",
    "gross_profit": "float",
    "owner_id": "int",
}


@dataclass(frozen=True)
class Mover:
    """One account that would get another grade; `driver` is the indicator that moves its score most that way."""

    account: Account
    before: str | None
    after: str | None
    score_before: float | None
    score_after: float | None
    gross_profit: float | None
    driver: str
    driver_points: float
    overridden: bool


@dataclass(frozen=True)
class Preview:
    """Arrays of shape (n,), by account id ascending: the accounts whose grade the reader may see.

    Grades are positions in `names`, UNRATED is none; `names` are those of the draft, then any others in use.
    """

    model: GradingModel
    names: tuple[str, ...]
    account_id: IntArray
    owner_id: IntArray
    gross_profit: FloatArray
    before: IntArray
    after: IntArray
    overridden: BoolArray
    evaluations: Sequence[Evaluation]

    @cached_property
    def migration(self) -> Migration:
        return migration(self.before, self.after, len(self.names))

    @property
    def changed(self) -> BoolArray:
        different: BoolArray = self.before != self.after
        return different

    def counts(self, grades: IntArray) -> IntArray:
        """Accounts per name, the unrated last."""
        return np.bincount(np.where(grades < 0, len(self.names), grades), minlength=len(self.names) + 1)

    def profits(self, grades: IntArray) -> FloatArray:
        """Gross profit per name, the unrated last; accounts whose profit is not known add nothing."""
        place = np.where(grades < 0, len(self.names), grades)
        money = np.bincount(place, weights=np.nan_to_num(self.gross_profit), minlength=len(self.names) + 1)
        return money.astype(np.float64)

    def per_owner(self) -> dict[int, tuple[IntArray, IntArray]]:
        """Accounts per name before and after, by the sales rep's id (-1: nobody's)."""
        size = len(self.names) + 1
        owners, place = np.unique(self.owner_id, return_inverse=True)
        tables = []
        for grades in (self.before, self.after):
            cell = place * size + np.where(grades < 0, len(self.names), grades)
            tables.append(np.bincount(cell, minlength=len(owners) * size).reshape(len(owners), size))
        return {int(owner): (tables[0][i], tables[1][i]) for i, owner in enumerate(owners)}

    def movers(self, most: int | None = None, *, owner_id: int | None = None) -> list[Mover]:
        """By name, those who earn most first. Three queries, whatever their number."""
        chosen = self.changed if owner_id is None else self.changed & (self.owner_id == owner_id)
        rows = np.flatnonzero(chosen)
        profit = np.where(np.isnan(self.gross_profit[rows]), -np.inf, self.gross_profit[rows])
        rows = rows[np.lexsort((self.account_id[rows], -profit))][:most]
        ids = [int(pk) for pk in self.account_id[rows]]
        accounts = Account.objects.in_bulk(ids)
        grades = AccountGrade.objects.in_bulk(ids)
        versions = ScoringModelVersion.objects.in_bulk({grade.version_id for grade in grades.values()})
        models = {pk: GradingModel.from_dict(version.definition) for pk, version in versions.items()}
        places = self._places(ids)
        return [
            self._mover(int(row), accounts[pk], grades[pk], models[grades[pk].version_id], places.get(pk))
            for row, pk in zip(rows, ids, strict=True)
            if pk in accounts and pk in grades
        ]

    def _places(self, ids: Sequence[int]) -> dict[int, tuple[Evaluation, int]]:
        """Where each account stands among the evaluations."""
        found = {}
        for evaluation in self.evaluations:
            size = len(evaluation.account_id)
            for pk in ids:
                place = int(np.searchsorted(evaluation.account_id, pk))
                if place < size and evaluation.account_id[place] == pk:
                    found[pk] = (evaluation, place)
        return found

    def _mover(
        self,
        row: int,
        account: Account,
        stored: AccountGrade,
        model: GradingModel,
        place: tuple[Evaluation, int] | None,
    ) -> Mover:
        then = explain(model, np.array(stored.raw, float), np.array(stored.points, float), stored.reasons)
        change = {line.code: -line.contribution for line in then.indicators}
        score_after = None
        if place is not None:
            evaluation, i = place
            weighed = evaluation.result.weighed
            score_after = known(weighed.total[i])
            for j, code in enumerate(evaluation.grader.model.codes):
                change[code] = change.get(code, 0.0) + float(weighed.contributions[i, j])
        moved_by = driver(change)
        profit = self.gross_profit[row]
        return Mover(
            account=account,
            before=self.name(int(self.before[row])),
            after=self.name(int(self.after[row])),
            score_before=stored.score,
            score_after=score_after,
            gross_profit=known(profit),
            driver=moved_by,
            driver_points=change[moved_by],
            overridden=bool(self.overridden[row]),
        )

    def name(self, grade: int) -> str | None:
        return self.names[grade] if grade != UNRATED else None


def preview(draft: ScoringModelDraft, user: User, run: Run) -> Preview:
    """The published figures of `run` graded by the draft instead of its model's newest version.

    InvalidModel (from `GradingModel.validate`) where the draft cannot grade. Compared with everybody, as a run would;
    reported are the accounts that `user` may see.
    """
    model = GradingModel.from_dict(draft.definition)
    model.validate()
    graders = _with_draft(draft, model)
    finance = from_values(FinanceParameters, prepared_of_facts(run))
    with connection.cursor() as cursor:
        population = read_population(cursor, graders, sources.published(run.as_of), finance)
        evaluations = list(evaluate(population, populations(population)))
        before = _before(cursor, user)
    versions = ScoringModelVersion.objects.in_bulk([int(pk) for pk in np.unique(before["version_id"])])
    old = {pk: GradingModel.from_dict(version.definition).grades for pk, version in versions.items()}
    listed = [model.grades, *(grader.model.grades for grader in graders), *old.values()]
    names = tuple(dict.fromkeys(name for grades in listed for name in grades))
    return Preview(
        model=model,
        names=names,
        account_id=before["account_id"],
        owner_id=before["owner_id"],
        gross_profit=before["gross_profit"],
        before=_named(before["grade"], before["version_id"], old, names),
        after=_after(before["account_id"], evaluations, names),
        overridden=before["overridden"],
        evaluations=evaluations,
    )


def prepared_of_facts(run: Run) -> Mapping[str, Any]:
    """The finance parameters that the run's facts were made with."""
    base = run.base or run
    return prepared_of(base.steps.get(slug="crm.facts")).parameters


def _with_draft(draft: ScoringModelDraft, model: GradingModel) -> list[Grader]:
    """The graders in use, the draft in its model's place."""
    scope = {} if draft.model.is_default else resolve_scope(draft.scope)
    own = Grader(DRAFT, model, scope)
    graders = current_graders()
    versions = set(draft.model.versions.values_list("pk", flat=True))
    places = [place for place, grader in enumerate(graders) if grader.version_id in versions]
    if places:
        graders[places[0]] = own
        return graders
    # A model that grades nobody yet: by its priority, before the default.
    others = ScoringModelVersion.objects.select_related("model").in_bulk([g.version_id for g in graders])
    later = [
        place
        for place, grader in enumerate(graders)
        if others[grader.version_id].model.is_default
        or others[grader.version_id].model.priority > draft.model.priority
    ]
    graders.insert(later[0] if later else len(graders), own)
    return graders


def _before(cursor: Any, user: User) -> dict[str, np.ndarray[Any, Any]]:
    visible = Account.objects.visible_to(user).values("pk")
    sql, parameters = visible.query.sql_with_params()
    condition = f"g.account_id IN ({sql})"
    return read_columns(cursor, _BEFORE.format(visible=condition), parameters, _COLUMNS)


def _named(
    grades: IntArray, versions: IntArray, names_of: Mapping[int, Sequence[str]], names: Sequence[str]
) -> IntArray:
    """Positions in each version's own list as positions in `names`."""
    named = np.full(len(grades), UNRATED, dtype=np.int64)
    for version, own in names_of.items():
        table = np.array([*(names.index(name) for name in own), UNRATED])
        mine = versions == version
        named[mine] = table[np.clip(grades[mine], -1, len(own) - 1)]
    return named


def _after(account_id: IntArray, evaluations: Sequence[Evaluation], names: Sequence[str]) -> IntArray:
    after = np.full(len(account_id), UNRATED, dtype=np.int64)
    for evaluation in evaluations:
        table = np.array([*(names.index(name) for name in evaluation.grader.model.grades), UNRATED])
        place = np.searchsorted(account_id, evaluation.account_id)
        seen = place < len(account_id)
        seen[seen] = account_id[place[seen]] == evaluation.account_id[seen]
        after[place[seen]] = table[evaluation.shown[seen]]
    return after
