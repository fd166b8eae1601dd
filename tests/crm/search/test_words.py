"""The dictionary of misspelt searches: one slip is always explained, and nobody waits for another's new word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models import SearchForm
from crm.search.words import corrections, forms, latin_words_of, remember_words, words_of
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World

WORDS = ("dongfang", "fangzhou", "zhoucheng", "ningbo", "bearing", "hydraulics", "northwind", "quotation")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def test_names_give_words_and_pairs_of_syllables() -> None:
    assert words_of(["东方轴承"]) == {"dongfang", "fangzhou", "zhoucheng"}
    assert words_of(["Orient Bearing Co. 6205-2RS"]) == {"orient", "bearing"}
    assert words_of(["SKF重庆", "", "一"]) == {"chongqing"}
    assert latin_words_of("客户要求 Quotation of 6205-2RS") == {"quotation"}
    assert words_of(["x" * 500]) == set()


def test_a_word_is_remembered_once(db: None) -> None:
    remember_words(["dongfang", "dongfang"])
    remember_words(["dongfang", "ningbo"])
    kept = SearchForm.objects.filter(word="ningbo").values_list("form", flat=True)
    assert sorted(kept) == sorted(forms("ningbo"))
    assert set(SearchForm.objects.values_list("word", flat=True)) == {"dongfang", "ningbo"}


def test_everybody_who_writes_a_name_brings_its_words(world: World) -> None:
    import datetime as dt

    make_account(world.rep, name="Lindqvist Tooling")
    make_contact(world.account, "欧阳娜")
    make_visit(
        world.account, world.rep, dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC), note="asked for a Retrofit"
    )
    known = set(SearchForm.objects.values_list("word", flat=True))
    assert {"lindqvist", "tooling", "ouyang", "yangna", "retrofit"} <= known


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dongfnag", "dongfang"), ("dnogfang", "dongfang"), ("dongfan", "dongfang"), ("doongfang", "dongfang"),
        ("dongfangzhouceng", "dongfang"), ("nignbo", "ningbo"), ("beraing", "bearing"), ("baering", "bearing"),
        ("hidraulics", "hydraulics"), ("hydralics", "hydraulics"), ("nortwind", "northwind"), ("quotaton", "quotation"),
        ("kwotation", "quotation"),
    ],
)  # fmt: skip
def test_slips_of_the_finger(db: None, typed: str, meant: str) -> None:
    remember_words(WORDS)
    assert meant in corrections(typed)


def test_what_resembles_nothing_has_no_correction(db: None) -> None:
    remember_words(WORDS)
    for typed in ("zzzzqqqq", "xyz", "", "a" * 80):
        assert corrections(typed) == []


@given(st.text(LETTERS, min_size=5, max_size=12), st.data())
def test_one_slip_leaves_a_form_in_common(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
    )
    for typed in slips:
        assert forms(typed) & forms(word), (word, typed)
