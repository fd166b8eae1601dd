"""What one note yields: probabilities, score, confidence, outcome, and each sentence's own score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm.scoring.arrays import FloatArray
from satisfaction.models.sentiment import SentimentOutcome
from satisfaction.sentiment.encoders import Encoder, EncoderUnavailable
from satisfaction.sentiment.heads import Head
from satisfaction.sentiment.text import clean, is_readable, sentence_weights, sentences, simplified

# Below this the strongest class is no better than a guess.
LEAST_CONFIDENCE = 0.50
_OUTCOMES = (SentimentOutcome.NEGATIVE, SentimentOutcome.NEUTRAL, SentimentOutcome.POSITIVE)


@dataclass(frozen=True)
class SentenceReading:
    text: str
    score: float
    weight: float


@dataclass(frozen=True)
class Reading:
    """Probabilities are None where there was nothing to read."""

    outcome: SentimentOutcome
    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None
    score: float | None = None
    confidence: float | None = None
    sentences: tuple[SentenceReading, ...] = ()


@dataclass(frozen=True)
class Vectors:
    """A note's sentences with their vectors and weights."""

    sentences: list[str]
    vectors: FloatArray
    weights: FloatArray


NOTHING = Reading(SentimentOutcome.UNKNOWN)


def encode_notes(encoder: Encoder, notes: Sequence[str]) -> list[Vectors | None]:
    """None for a note that holds nothing to read. Each sentence passes the encoder once, however often it stands."""
    cut = [sentences(text) if is_readable(text := clean(note)) else [] for note in notes]
    read = [[simplified(sentence) for sentence in found] for found in cut]
    distinct = list(dict.fromkeys(sentence for found in read for sentence in found))
    vectors = encoder.encode(distinct) if distinct else np.empty((0, encoder.dimension))
    place = {sentence: row for row, sentence in enumerate(distinct)}
    return [
        Vectors(found, vectors[[place[s] for s in simple]], np.array(sentence_weights(len(found))))
        if found
        else None
        for found, simple in zip(cut, read, strict=True)
    ]


def judge(head: Head, note: Vectors | None) -> Reading:
    """The reading of an encoded note."""
    if note is None:
        return NOTHING
    negative, neutral, positive = (float(p) for p in head.of_text(note.vectors, note.weights))
    each = head.probabilities(note.vectors)
    best = int(np.argmax((negative, neutral, positive)))
    confidence = max(negative, neutral, positive)
    return Reading(
        outcome=_OUTCOMES[best] if confidence >= LEAST_CONFIDENCE else SentimentOutcome.UNKNOWN,
        negative=negative,
        neutral=neutral,
        positive=positive,
        score=positive - negative,
        confidence=confidence,
        sentences=tuple(
            SentenceReading(text, float(p[2] - p[0]), float(weight))
            for text, p, weight in zip(note.sentences, each, note.weights, strict=True)
        ),
    )


def read_notes(head: Head, encoder: Encoder, notes: Sequence[str]) -> list[Reading]:
    """EncoderUnavailable where the vectors would not be those that the head was made for."""
    if (encoder.name, encoder.version) != (head.encoder, head.encoder_version):
        raise EncoderUnavailable(
            f"{head.version} needs {head.encoder} {head.encoder_version}, not {encoder.name} {encoder.version}"
        )
    return [judge(head, note) for note in encode_notes(encoder, notes)]
