"""Finding an account or a person: either script, pinyin, initials, slips of the finger, numbers, phones."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Account, Contact
from crm.scoring.resemblance import edits_allowed, part_distances
from crm.search import fold, searchable, sort_name_of
from tests.factories import make_account, make_contact
from tests.fixtures import World

DECOYS = [
    ("D1", "上海宝恒机械有限公司", ""),
    ("D2", "江苏华东纺织机械厂", "East China Textile"),
    ("D3", "Northern Steel AB", ""),
    ("D4", "广东东风汽车零部件", "Dongfeng Parts"),
    ("D5", "Occidental Gears", ""),
]


@pytest.fixture
def firms(db: None) -> None:
    make_account(
        number="A-1001", name="东方轴承有限公司", english_name="Orient Bearing Co.", phone="+86 510 8888 1234"
    )
    make_account(number="A-1002", name="Northwind Traders", phone="(206) 555-9857")
    make_account(number="A-1003", name="重庆长安减速机", short_name="长安减速")
    for number, name, english in DECOYS:
        make_account(number=number, name=name, english_name=english)


def first(text: str) -> str | None:
    found = Account.objects.matching(text).first()
    return found.number if found else None


@pytest.mark.parametrize(
    "text",
    [
        "东方轴承", "方轴", "東方軸承", "东放轴承", "东方轴城", "东万轴承",
        "dongfang", "dong fang", "DongFang Zhoucheng", "dfzc", "dongfnag", "dnogfang", "dongfagn", "dongfangzhouceng",
        "orient", "Orient Bearing", "orient baering", "orietn", "bearing orient",
        "oreint", "beraing", "A-1001", "a-1001", "1001", "88881234", "8888 1234", "+86 510 8888 1234", "0510-88881234",
    ],
)  # fmt: skip
def test_the_bearing_maker_is_found_first(firms: None, text: str) -> None:
    assert first(text) == "A-1001"


@pytest.mark.parametrize(
    "text", ["nortwind", "northwnd", "nrothwind", "northwind traiders", "206 555 9857", "north"]
)
def test_a_foreign_name_is_found_first(firms: None, text: str) -> None:
    found = list(Account.objects.matching(text).values_list("number", flat=True))
    assert "A-1002" in found[:2]
    assert found[0] == "A-1002" or text == "north"


@pytest.mark.parametrize("text", ["chongqing", "cqca", "长安", "changan", "重"])
def test_characters_with_two_readings_are_read_as_in_the_word(firms: None, text: str) -> None:
    assert first(text) == "A-1003"


@pytest.mark.parametrize(
    "text", ["zzzqqq", "xy", "东西南北中", "%%%", "___", "\\", "'; --", "\0", "99999999", "a" * 5000]
)
def test_what_resembles_nothing_finds_nothing_and_breaks_nothing(firms: None, text: str) -> None:
    assert first(text) is None or not fold(text)


def test_without_text_everything_is_listed(firms: None) -> None:
    assert Account.objects.matching("  ").count() == 8


def test_an_exact_find_is_not_diluted_by_lookalikes(firms: None) -> None:
    assert [account.number for account in Account.objects.matching("dongfeng")] == ["D4"]


def test_search_stays_within_what_the_reader_may_see(world: World) -> None:
    assert not Account.objects.visible_to(world.stranger).matching("dongfang").exists()
    assert Account.objects.visible_to(world.rep).matching("dongfnag").get() == world.account


def test_people_are_found_by_pinyin_and_phone(world: World) -> None:
    contact = make_contact(world.account, "李建国")
    contact.mobile = "138 1234 5678"
    contact.save()
    for text in ("lijianguo", "ljg", "李建", "13812345678", "lijaingo"):
        assert Contact.objects.visible_to(world.rep).matching(text).get() == contact, text
    assert not Contact.objects.visible_to(world.stranger).matching("lijianguo").exists()


def test_both_kinds_of_attempt_can_use_the_trigram_index(firms: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for text in ("东", "东方", "dongfang", "do"):
        assert "account_search_trigram" in Account.objects.matching(text).explain(), text


def test_names_sort_by_pinyin() -> None:
    assert sort_name_of("东方轴承") == "dong fang zhou cheng"
    assert sort_name_of("Northwind Traders") == "northwind traders"


def test_the_line_searched_holds_every_form() -> None:
    line = searchable(["SKF(中国)有限公司"], ["+86 21 5555 6666"])
    for part in (
        " skf(中国)有限公司 ",
        "skfzhongguoyouxiangongsi",
        "skfzgyxgs",
        " 中 国 有 ",
        "862155556666",
    ):
        assert part in line


def test_distance_to_a_part() -> None:
    assert part_distances("dongfnag", ["xx dongfangzhoucheng", "dongfnag", "", "zzz"]).tolist() == [
        1,
        0,
        8,
        8,
    ]


@given(st.text("abcd", min_size=1, max_size=8), st.text("abcd", max_size=12), st.text("abcd", max_size=12))
def test_a_part_costs_nothing_and_no_distance_exceeds_the_word(word: str, left: str, right: str) -> None:
    inside, other = part_distances(word, [left + word + right, left])
    assert inside == 0
    assert 0 <= other <= len(word)


@given(
    st.text(
        "abcdefgh",
        min_size=4,
        max_size=10,
    ),
    st.data(),
)
def test_one_slip_costs_one(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    dropped = word[:place] + word[place + 1 :]
    assert part_distances(swapped, [word])[0] <= 1
    assert part_distances(word, [dropped])[0] <= 1
    assert edits_allowed(len(word)) >= 1
