"""Ratings of suppliers as arrays: by decision, filled where a driver was not asked, and the weights found in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from crm.models import EquityDriver, SupplierRating
from crm.scoring.arrays import BoolArray, FloatArray, IntArray
from crm.snapshots import among
from segmentation.scoring.equity import FEWEST_ROWS, Logit, fit_logit

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet

DRIVERS: tuple[str, ...] = tuple(EquityDriver.values)
LOWEST, NEUTRAL, BEST = 0.0, 5.0, 10.0
US = 0  # the number of ourselves among suppliers, and our place in a round


@dataclass(frozen=True)
class Rounds:
    """What n accounts said on one day each of up to s suppliers, we in the first place; marks NaN where not asked."""

    account: IntArray  # (n,)
    day: IntArray  # (n,) ordinal
    supplier: IntArray  # (n, s) competitor ids, 0: us, -1: nobody
    marks: FloatArray  # (n, s, k)
    last: BoolArray  # (n, s)
    following: BoolArray  # (n, s)

    def __len__(self) -> int:
        return len(self.account)

    @property
    def present(self) -> BoolArray:
        return self.supplier >= 0

    @cached_property
    def filled(self) -> FloatArray:
        """Marks without gaps: a driver not asked of one supplier is the mean of the others that day (so it sets none
        apart), else the mean of all marks for it, else the middle of the scale."""
        marks = np.where(self.present[:, :, np.newaxis], self.marks, np.nan)
        of_day = _mean(marks, 1)[:, np.newaxis, :]
        overall = np.nan_to_num(_mean(_mean(marks, 1), 0), nan=NEUTRAL)
        found: FloatArray = np.where(np.isnan(marks), np.where(np.isnan(of_day), overall, of_day), marks)
        return found

    @property
    def compared(self) -> BoolArray:
        """(n,): we and at least one other were rated."""
        found: BoolArray = self.present[:, US] & (self.present.sum(axis=1) > 1)
        return found

    @property
    def decisions(self) -> BoolArray:
        """(n,): two suppliers or more, and it is said from whom they would buy next."""
        there = self.present.sum(axis=1) > 1
        found: BoolArray = there & (self.following.sum(axis=1) == 1) & (self.last.sum(axis=1) <= 1)
        return found

    def at(self, rows: BoolArray | IntArray) -> Rounds:
        return Rounds(
            self.account[rows],
            self.day[rows],
            self.supplier[rows],
            self.marks[rows],
            self.last[rows],
            self.following[rows],
        )

    def newest(self) -> Rounds:
        """The newest comparison of each account."""
        kept = self.at(self.compared)
        order = np.lexsort((-kept.day, kept.account))
        _accounts, first = np.unique(kept.account[order], return_index=True)
        return kept.at(order[first])


def _mean(values: FloatArray, axis: int) -> FloatArray:
    """Mean of what is known; NaN, quietly, where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def read_rounds(accounts: AccountQuerySet | None = None) -> Rounds:
    """All rounds of these accounts; None: of all, for weights that hold for the whole company. One query."""
    rows = SupplierRating.objects.all() if accounts is None else among(SupplierRating.objects.all(), accounts)
    marks = {f"mark_{name}": Cast(KT(f"ratings__{name}"), FloatField()) for name in DRIVERS}
    listed = list(
        rows.annotate(**marks)
        .order_by("account_id", "rated_on", "competitor_id")
        .values_list("account_id", "rated_on", "competitor_id", "bought_last", "buys_next", *marks)
    )
    account = np.array([row[0] for row in listed], dtype=np.int64)
    day = np.array([row[1].toordinal() for row in listed], dtype=np.int64)
    supplier = np.array([row[2] or US for row in listed], dtype=np.int64)
    said = np.array([row[3:5] for row in listed], dtype=np.bool_).reshape(-1, 2)
    values = np.array([row[5:] for row in listed], dtype=np.float64).reshape(-1, len(DRIVERS))
    return _by_round(account, day, supplier, said, values)


def _by_round(
    account: IntArray, day: IntArray, supplier: IntArray, said: BoolArray, values: FloatArray
) -> Rounds:
    keys, number = np.unique(np.stack([account, day]), axis=1, return_inverse=True)
    number = number.reshape(-1)
    # We stand in the first place, even where we were not rated; the others follow from the second.
    rivals = np.flatnonzero(supplier != US)
    order = rivals[np.argsort(number[rivals], kind="stable")]
    _rounds, first = np.unique(number[order], return_index=True)
    counted = np.diff(np.append(first, len(order)))
    place = np.zeros(len(account), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(first, counted) + 1
    n, width = keys.shape[1], int(place.max(initial=0)) + 1
    at = (number, place)
    who = np.full((n, width), -1, dtype=np.int64)
    who[at] = supplier
    marks = np.full((n, width, len(DRIVERS)), np.nan)
    marks[at] = values
    last, following = np.zeros((n, width), dtype=np.bool_), np.zeros((n, width), dtype=np.bool_)
    last[at], following[at] = said[:, 0], said[:, 1]
    return Rounds(keys[0], keys[1], who, marks, last, following)


@dataclass(frozen=True)
class Estimate:
    """The weights that the ratings tell, or why they do not: `logit` is None below `needed` decisions."""

    logit: Logit | None
    decisions: int
    rounds: int
    needed: int = FEWEST_ROWS
    # (k,) standard deviation of each driver's marks: what a weight moves in practice.
    spread: FloatArray | None = None
    # (k,) marks given, of all suppliers.
    answers: IntArray | None = None


def estimate(rounds: Rounds) -> Estimate:
    """A conditional logit where at least 100 decisions are on record; a driver nobody was asked about weighs 0."""
    use = rounds.at(rounds.decisions)
    answers = (~np.isnan(rounds.marks)).sum(axis=(0, 1))
    known = use.filled[use.present] if len(use) else np.zeros((0, len(DRIVERS)))
    spread = known.std(axis=0) if len(known) else np.zeros(len(DRIVERS))
    if len(use) < FEWEST_ROWS:
        return Estimate(None, len(use), len(rounds), spread=spread, answers=answers)
    chosen = use.following.argmax(axis=1)
    logit = _without_idle(fit_logit(use.filled, use.last, chosen, present=use.present), use)
    return Estimate(logit if logit.converged else None, len(use), len(rounds), spread=spread, answers=answers)


def _without_idle(logit: Logit, rounds: Rounds) -> Logit:
    """A driver that never told suppliers apart weighs nothing, and has no error that would widen a range."""
    marks = np.where(rounds.present[:, :, np.newaxis], rounds.filled, np.nan)
    idle = np.nanmax(marks, axis=1) - np.nanmin(marks, axis=1)
    still = (idle <= 0).all(axis=0)
    assert logit.errors is not None
    errors = logit.errors.copy()
    errors[1:][still] = 0.0
    return replace(logit, weights=np.where(still, 0.0, logit.weights), errors=errors)
