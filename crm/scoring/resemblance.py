"""How far a typed word is from the nearest part of a text, in edits: one letter more, less, changed, or two swapped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def part_distances(word: str, texts: Sequence[str]) -> NDArray[np.int32]:
    """Least number of edits that turns `word` into some part of each text; shape (len(texts),).

    Sellers' variant of the edit distance (a match may begin and end anywhere) with swapped neighbours counted as one
    edit (optimal string alignment). All texts at once; time grows with len(word) x longest text x number of texts.
    """
    if not texts or not word:
        return np.zeros(len(texts), dtype=np.int32)
    letters = _letters(texts)
    width = letters.shape[1]
    places = np.arange(width + 1, dtype=np.int32)
    before_last = np.zeros((len(texts), width + 1), dtype=np.int32)
    last = np.zeros((len(texts), width + 1), dtype=np.int32)
    for row, letter in enumerate(map(ord, word)):
        here = np.empty_like(last)
        here[:, 0] = row + 1
        here[:, 1:] = np.minimum(last[:, 1:] + 1, last[:, :-1] + (letters != letter))
        if row:
            previous = ord(word[row - 1])
            swapped = (letters[:, :-1] == letter) & (letters[:, 1:] == previous)
            here[:, 2:] = np.where(swapped, np.minimum(here[:, 2:], before_last[:, :-2] + 1), here[:, 2:])
        # A skipped letter of the text costs one: the least of here[k] + (j - k) over k <= j, in one sweep.
        here = np.minimum.accumulate(here - places, axis=1) + places
        before_last, last = last, here
    nearest: NDArray[np.int32] = last.min(axis=1)
    return nearest


def edits_allowed(length: int) -> int:
    """How many edits still look like a slip of the finger in a word of this length."""
    return 0 if length < 4 else 1 if length < 6 else 2 if length < 12 else 3


def _letters(texts: Sequence[str]) -> NDArray[np.int32]:
    """Code points, one text a row, filled up with 0 (which equals no letter)."""
    width = max(map(len, texts))
    filled = "".join(text.ljust(width, "\0") for text in texts)
    return np.frombuffer(filled.encode("utf-32-le"), dtype="<i4").reshape(len(texts), width)
