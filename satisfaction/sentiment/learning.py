"""Learning from the reps' ratings: the delivered head as prior, our own customers' words on top.

Tried with 30 ratings and at each doubling. The new head takes over only if it tells the classes apart better, in
cross-validation grouped by account, by more than one standard error; a beaten one is kept with its report.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from crm.models import Visit
from crm.scoring.arrays import FloatArray, IntArray
from satisfaction.models import SentimentHead
from satisfaction.sentiment.heads import CLASSES, LinearHead, delivered, text_features
from satisfaction.sentiment.reading import Vectors, encode_notes
from satisfaction.sentiment.registry import WorkingHead, activate, working_head

logger = logging.getLogger(__name__)

FIRST = 30
# Of older ratings the newest are enough, and encoding them takes minutes.
MOST = 5000
# Of each class; with fewer there is nothing to learn it from, let alone to test it on.
LEAST_OF_A_CLASS = 5
FOLDS = 5
# Drawing fewer than these anew says nothing about an error.
LEAST_ACCOUNTS = 5
STRENGTH = 0.003
# Folds share most of what they learn from, so drawing test accounts anew shows too small an error. The correction of
# Nadeau and Bengio (Machine Learning 52, 2003) for J folds: variance (1/J + test/train) instead of 1/J.
_CORRECTION = (1 + FOLDS / (FOLDS - 1)) ** 0.5
_DRAWS = 1000
_SEED = 20250101
_LOCK = 4_217_034


@dataclass(frozen=True)
class Rated:
    """Notes with a rating: the class it stands for, and the account, one entry a note."""

    notes: list[Vectors]
    label: IntArray
    account: IntArray
    visit: IntArray


@dataclass(frozen=True)
class Trial:
    """What a comparison of two heads on the same ratings found; figures are macro-F1 over three classes."""

    ratings: int
    accounts: int
    compared: int
    current: float
    candidate: float
    error: float

    @property
    def better(self) -> bool:
        return self.accounts >= LEAST_ACCOUNTS and self.candidate - self.current > self.error

    def plain(self) -> dict[str, Any]:
        names = ("ratings", "accounts", "compared")
        figures = {name: round(getattr(self, name), 4) for name in ("current", "candidate", "error")}
        return {**{name: getattr(self, name) for name in names}, **figures, "better": self.better}


def learn(*, now: dt.datetime) -> SentimentHead | None:
    """Try a head of our own if it is time to; returns its row, active or not. Safe to run twice."""
    working = working_head()
    if working is None:
        return None
    base = delivered()[working.head.encoder]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return None
        if _ratings_there() < _next_trial(working) or not _enough(_by_class()):
            return None
        rated = load_rated(working)
        if not _enough([int((rated.label == c).sum()) for c in CLASSES]):
            return None
        return _try(working, base, rated, now)


def _ratings_there() -> int:
    return _rated_visits().count()


def _rated_visits() -> Any:
    return Visit.objects.filter(rating__isnull=False, not_about_us=False).exclude(note="")


def _next_trial(working: WorkingHead) -> int:
    """Twice as many as the last trial had, won or lost."""
    own = SentimentHead.objects.filter(encoder=working.head.encoder).exclude(ratings=0)
    last = own.order_by("-ratings").values_list("ratings", flat=True).first()
    return 2 * last if last else FIRST


def load_rated(working: WorkingHead) -> Rated:
    """The newest ratings whose note holds something to read."""
    newest = _rated_visits().order_by("-happened_at", "-pk").values_list("pk", "account_id", "rating", "note")
    rows = list(newest[:MOST])
    vectors = encode_notes(working.encoder, [note for *_rest, note in rows])
    kept = [(row, found) for row, found in zip(rows, vectors, strict=True) if found is not None]
    return Rated(
        notes=[found for _row, found in kept],
        label=np.sign([row[2] for row, _found in kept]).astype(np.int64),
        account=np.array([row[1] for row, _found in kept], dtype=np.int64),
        visit=np.array([row[0] for row, _found in kept], dtype=np.int64),
    )


def _try(working: WorkingHead, base: LinearHead, rated: Rated, now: dt.datetime) -> SentimentHead:
    # What the head in use has learned from, it knows by heart: it is tested on the rest.
    known = set(working.row.report.get("visits", []))
    fresh = np.array([int(visit) not in known for visit in rated.visit], dtype=np.bool_)
    features = np.array([text_features(base, n.vectors, n.weights) for n in rated.notes])
    guess = cross_validated(features, rated.label, rated.account)
    current = np.array([working.head.of_text(n.vectors, n.weights) for n in rated.notes]).argmax(axis=1)
    trial = compare(
        rated.label[fresh],
        np.array(CLASSES)[current][fresh],
        guess[fresh],
        rated.account[fresh],
        len(rated.label),
    )
    weights, bias = fit_own(features, rated.label)
    version = f"{base.encoder}-{base.encoder_version}/own-{len(rated.label)}-{now:%Y%m%d}"
    row, _created = SentimentHead.objects.get_or_create(
        version=version,
        defaults={
            "encoder": base.encoder,
            # As many as were there, read or not: the next trial is at twice that.
            "ratings": _ratings_there(),
            "weights": {"base": base.version, "weights": _short(weights), "bias": _short(bias[None])[0]},
            "report": {
                "against": working.row.version,
                "trial": trial.plain(),
                "visits": [int(visit) for visit in rated.visit],
            },
        },
    )
    logger.info("Sentiment model %s against %s: %s", version, working.row.version, trial.plain())
    if trial.better:
        activate(head=row, reason="learned", user=None, now=now)
        row.refresh_from_db()
    return row


def fit_own(features: FloatArray, label: IntArray) -> tuple[FloatArray, FloatArray]:
    """Weights (3, features) and bias (3,) of the own head; every class must occur."""
    # Only here: every worker imports this module, and hardly ever fits anything.
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    model.fit(features, label)
    assert tuple(model.classes_) == CLASSES
    return np.asarray(model.coef_, dtype=np.float64), np.asarray(model.intercept_, dtype=np.float64)


def cross_validated(features: FloatArray, label: IntArray, account: IntArray) -> IntArray:
    """Of each note the class guessed by a head that saw no note of its account. 0 where none could be fitted."""
    guess = np.zeros(len(label), dtype=np.int64)
    fold = folds_of(account)
    for k in range(FOLDS):
        held = fold == k
        if not held.any() or len(np.unique(label[~held])) < len(CLASSES):
            continue
        weights, bias = fit_own(features[~held], label[~held])
        guess[held] = np.array(CLASSES)[(features[held] @ weights.T + bias).argmax(axis=1)]
    return guess


def folds_of(account: IntArray) -> IntArray:
    """Accounts dealt to folds, the largest first, each to the fold that has least."""
    accounts, counts = np.unique(account, return_counts=True)
    load = np.zeros(FOLDS, dtype=np.int64)
    fold = np.zeros(len(accounts), dtype=np.int64)
    for i in np.lexsort((accounts, -counts)):
        fold[i] = load.argmin()
        load[fold[i]] += counts[i]
    return fold[np.searchsorted(accounts, account)]


def compare(
    label: IntArray, current: IntArray, candidate: IntArray, account: IntArray, ratings: int
) -> Trial:
    """Macro-F1 of both guesses, and the standard error of their difference: whole accounts drawn anew, corrected."""
    accounts, of = np.unique(account, return_inverse=True)
    if not len(accounts):
        return Trial(ratings, 0, 0, 0.0, 0.0, 0.0)
    tables = np.zeros((2, len(accounts), len(CLASSES), len(CLASSES)))
    for which, guess in enumerate((current, candidate)):
        np.add.at(tables[which], (of, label - CLASSES[0], guess - CLASSES[0]), 1)
    dice = np.random.default_rng(_SEED)
    draws = dice.multinomial(len(accounts), np.full(len(accounts), 1 / len(accounts)), _DRAWS)
    drawn = _macro_f1(np.einsum("da,waij->dwij", draws, tables))
    whole = _macro_f1(tables.sum(axis=1))
    return Trial(
        ratings=ratings,
        accounts=len(accounts),
        compared=len(label),
        current=float(whole[0]),
        candidate=float(whole[1]),
        error=_CORRECTION * float(np.std(drawn[:, 1] - drawn[:, 0])),
    )


def _macro_f1(tables: FloatArray) -> FloatArray:
    """Of tables of counts (true class, guessed class) in the last two axes; a class that never occurs counts 0."""
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    both = tables.sum(axis=-1) + tables.sum(axis=-2)
    return np.asarray((2 * hits / np.maximum(both, 1)).mean(axis=-1), dtype=np.float64)


def _by_class() -> list[int]:
    rated = _rated_visits()
    return [
        rated.filter(**condition).count()
        for condition in ({"rating__lt": 0}, {"rating": 0}, {"rating__gt": 0})
    ]


def _enough(of_each_class: Sequence[int]) -> bool:
    return sum(of_each_class) >= FIRST and min(of_each_class) >= LEAST_OF_A_CLASS


def _short(rows: FloatArray) -> list[list[float]]:
    return [[float(f"{value:.5g}") for value in row] for row in rows]
