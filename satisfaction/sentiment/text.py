"""A note made ready for the encoder: unescaped, cut into sentences, in simplified characters."""

from __future__ import annotations

import hashlib
import html
import re
from functools import cache
from typing import Any

# What was measured: more sentences and longer ones say no more about the mood, and cost time.
MOST_SENTENCES = 16
MOST_CHARACTERS = 300
# Each sentence counts this much of the one after it: a note ends on its main point.
FADING = 0.8
# Fewer letters are no statement: "ok", "..", an emoji.
FEWEST_LETTERS = 3

_BLANKS = re.compile(r"[^\S\n]+")
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ㐀-鿿豈-﫿\U00020000-\U000323af]")
# A full stop ends a sentence only before a blank: 3.5 mm and www.example.com stay whole.
_END = re.compile(r"[。！？!?；;…\n]+|\.+(?=\s|$)")
# What closes belongs to the sentence before it.
_CLOSING = re.compile(r"^[\s\"'”’」』）)\]】》]+")


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def clean(text: str) -> str:
    """HTML entities resolved, blanks collapsed, in the script it was written in."""
    plain = html.unescape(text).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.strip() for line in _BLANKS.sub(" ", plain).split("\n")).strip()


def simplified(text: str) -> str:
    """Traditional characters turned into the simplified ones that the encoders know best."""
    return str(_simplifier().convert(text))


def is_readable(text: str) -> bool:
    """Whether there is anything to read: at least three Chinese or Latin letters."""
    return len(_LETTERS.findall(text[:100_000])) >= FEWEST_LETTERS


def sentences(text: str) -> list[str]:
    """The last sentences of a cleaned text, in its order; each with its own end mark."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        found.append(text[start : end.end()])
        start = end.end()
    found.append(text[start:])
    joined: list[str] = []
    for piece in found:
        closing = _CLOSING.match(piece)
        if closing and joined:
            joined[-1] += closing.group().strip()
            piece = piece[closing.end() :]
        piece = piece.strip()
        if _LETTERS.search(piece):
            joined.append(piece[:MOST_CHARACTERS])
    return joined[-MOST_SENTENCES:]


def sentence_weights(count: int) -> list[float]:
    """Adding up to 1, the last sentence the heaviest."""
    weights: list[float] = [FADING**k for k in range(count)][::-1]
    total = sum(weights)
    return [weight / total for weight in weights]


def digest(text: str) -> str:
    """Of the text as it stands: an edited note has another one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
