"""Cutting a note into what the encoder reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satisfaction.sentiment.text import (
    MOST_CHARACTERS,
    MOST_SENTENCES,
    clean,
    digest,
    is_readable,
    sentence_weights,
    sentences,
    simplified,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一句。两句！三句？四句；五句", ["一句。", "两句！", "三句？", "四句；", "五句"]),
        ("First one. Second! Third", ["First one.", "Second!", "Third"]),
        ("bore 3.5 mm, see www.a.com for it. Next", ["bore 3.5 mm, see www.a.com for it.", "Next"]),
        ("他说：“很好。”然后走了", ["他说：“很好。”", "然后走了"]),
        ("line one\nline two\n\nline three", ["line one", "line two", "line three"]),
        ("再说吧……下周", ["再说吧……", "下周"]),
        ("good!!! bad...", ["good!!!", "bad..."]),
        ("。。。!!! 😀", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(clean(text)) == expected


def test_only_the_last_ones_and_not_without_end() -> None:
    many = "".join(f"第{n}句话。" for n in range(40))
    assert sentences(many) == [f"第{n}句话。" for n in range(24, 40)]
    assert len(sentences(many)) == MOST_SENTENCES
    assert [len(s) for s in sentences("长" * 10_000)] == [MOST_CHARACTERS]


def test_entities_blanks_and_scripts() -> None:
    assert clean(" a &amp;&nbsp; b\r\n c\0 ") == "a & b\nc"
    assert simplified("拜訪臨時被取消，對方態度冷淡") == "拜访临时被取消，对方态度冷淡"


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("", False),
        ("ok", False),
        ("12345 %", False),
        ("😀😀😀😀", False),
        ("很满意", True),
        ("bad", True),
        ("ПРИВЕТ", False),
    ],
)
def test_readable(text: str, readable: bool) -> None:
    assert is_readable(clean(text)) is readable


def test_weights_fade_backwards_and_add_up_to_one() -> None:
    weights = sentence_weights(3)
    assert sum(weights) == pytest.approx(1)
    assert weights[1] == pytest.approx(0.8 * weights[2])
    assert weights[0] == pytest.approx(0.64 * weights[2])
    assert sentence_weights(0) == []


@given(st.text(max_size=500))
def test_any_text_is_cut_without_failing(text: str) -> None:
    found = sentences(clean(text))
    assert len(found) <= MOST_SENTENCES
    assert all(0 < len(sentence) <= MOST_CHARACTERS for sentence in found)


def test_an_edited_text_has_another_digest() -> None:
    assert digest("好") != digest("好。")
    assert digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
