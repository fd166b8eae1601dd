"""How likely two accounts are one company, from what they have in common. Our own scale, not a probability.

Each thing in common is evidence of its own strength; pieces of evidence add up like independent chances:
1 - product of (1 - strength). What speaks against it (two different registration numbers) scales the sum down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import FloatArray, floats


@dataclass(frozen=True, slots=True)
class LikenessParameters:
    same_registration: float = 0.95
    same_name: float = 0.80  # equal without legal form, brackets and blanks
    same_sound: float = 0.70  # equal pinyin, other characters
    same_phone: float = 0.65
    similar_name: tuple[float, float] = (0.42, 0.72)  # at the least and at full trigram similarity
    least_similarity: float = 0.60
    other_registration: float = 0.40  # factor: both have one and they differ
    other_city: float = 0.80  # factor: both have one and they differ
    shown_from: float = 0.50


DEFAULT_LIKENESS = LikenessParameters()


def likeness(
    similarity: ArrayLike,
    same_name: ArrayLike,
    same_sound: ArrayLike,
    same_phone: ArrayLike,
    same_registration: ArrayLike,
    other_registration: ArrayLike,
    other_city: ArrayLike,
    parameters: LikenessParameters = DEFAULT_LIKENESS,
) -> FloatArray:
    """Scores from 0 to 1, shape (pairs,). ``similarity``: trigram similarity of the names, 0 to 1 (NaN: none).

    The others are booleans. Of the three ways in which names agree only the strongest counts.
    """
    alike = np.nan_to_num(floats(similarity))
    size = len(alike)
    least = parameters.least_similarity
    low, high = parameters.similar_name
    by_letters = np.where(alike >= least, low + (high - low) * (alike - least) / (1 - least), 0.0)
    name = np.maximum.reduce(
        [
            by_letters,
            _booleans(same_name, size) * parameters.same_name,
            _booleans(same_sound, size) * parameters.same_sound,
        ]
    )
    phone = _booleans(same_phone, size) * parameters.same_phone
    registration = _booleans(same_registration, size) * parameters.same_registration
    score = 1.0 - (1.0 - name) * (1.0 - phone) * (1.0 - registration)
    score = score * np.where(_booleans(other_registration, size), parameters.other_registration, 1.0)
    scaled: FloatArray = score * np.where(_booleans(other_city, size), parameters.other_city, 1.0)
    return scaled


def _booleans(values: ArrayLike, size: int) -> NDArray[np.bool_]:
    return np.broadcast_to(np.asarray(values, dtype=bool), (size,))
