"""Repeatable chance, and the texts it draws from."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
SEED = "mainstay-bearings-1"


class Dice:
    """A stream of chance named by its key: what one stream draws never moves the others."""

    def __init__(self, *key: object) -> None:
        name = "|".join([SEED, *map(str, key)])
        self.rng = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.rng.integers(len(choices)))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        shares = np.cumsum(np.asarray(weights, dtype=np.float64))
        return choices[int(np.searchsorted(shares, self.rng.random() * shares[-1], side="right"))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def whole(self, low: int, high: int) -> int:
        """Both ends included."""
        return int(self.rng.integers(low, high + 1))

    def real(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def bell(self, mean: float, deviation: float) -> float:
        return float(self.rng.normal(mean, deviation))

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        return [choices[i] for i in self.rng.permutation(len(choices))]


@cache
def texts(name: str) -> dict[str, Any]:
    """The file data/NAME.toml."""
    path = Path(__file__).parent / "data" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
