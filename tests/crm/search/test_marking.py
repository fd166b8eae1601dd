"""Marking what a query matched in a shown text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.search.marking import marked, matched_spans, snippet
from crm.search.text import fold, pairs, prose


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("东方轴承有限公司", "东方", "<mark>东方</mark>轴承有限公司"),
        ("東方軸承", "东方", "<mark>東方</mark>軸承"),
        ("东方轴承", "fangzhou", "东<mark>方轴</mark>承"),
        ("东方轴承", "dongf", "<mark>东方</mark>轴承"),
        ("东方轴承", "fzc", "东<mark>方轴承</mark>"),
        ("重庆长安", "chongq", "<mark>重庆</mark>长安"),
        ("Orient Bearing", "bear", "Orient <mark>Bear</mark>ing"),
        ("Orient Bearing", "bearing orient", "<mark>Orient</mark> <mark>Bearing</mark>"),
        ("138 1234 5678", "13812345678", "<mark>138 1234 5678</mark>"),
        ("(0510) 8888-1234", "051088881234", "(<mark>0510) 8888-1234</mark>"),
        ("Orient", "zzz", "Orient"),
        ("<b>", "b", "&lt;<mark>b</mark>&gt;"),
        ("", "x", ""),
    ],
)
def test_marks(text: str, query: str, expected: str) -> None:
    assert marked(text, fold(query)) == expected


def test_a_snippet_is_cut_round_the_match() -> None:
    text = "前" * 100 + "异响" + "后" * 200
    found = snippet(text, "异响")
    assert "<mark>异响</mark>" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 200


@given(st.text(max_size=40), st.text(max_size=12))
def test_spans_lie_in_the_text_in_order(text: str, query: str) -> None:
    end = 0
    for start, stop in matched_spans(text, fold(query)):
        assert end <= start < stop <= len(text)
        end = stop
    assert "<script" not in marked(text + "<script>", query)


def test_prose_holds_pairs_of_characters() -> None:
    assert prose("发货单 6205，OK") == " 发货 货单 单 6205，ok "
    assert prose("") == ""
    assert pairs("好") == ["好"]
