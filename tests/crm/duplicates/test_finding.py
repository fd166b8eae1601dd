"""Which accounts are proposed as one, and why: names in any legal form, pinyin, phone, registration number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.duplicates.names import core_words, phone_keys, registration_key
from crm.duplicates.scans import request_scan, run_scan
from crm.models import Account, AccountPhone, DistinctAccounts, DuplicatePair, DuplicateScan
from crm.scoring.likeness import likeness
from tests.factories import make_account
from tests.fixtures import World

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


def scan() -> dict[tuple[str, str], dict[str, Any]]:
    """The pairs found, by the numbers of their accounts."""
    assert run_scan(request_scan(user=None, now=NOW).pk, now=NOW)
    return {
        (pair.first.number, pair.second.number): pair.reasons
        for pair in DuplicatePair.objects.select_related("first", "second")
    }


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("宁波东方轴承股份有限公司", "宁波东方轴承"),
        ("東方軸承（集團）有限公司", "东方轴承"),
        ("SKF GmbH & Co. KG", "skf"),
        ("Orient Bearing Co., Ltd.", "orient bearing"),
        ("Meccanica Rossi S.p.A.", "meccanica rossi"),
        ("The Timken Company", "timken"),
        ("中国石化宁波分公司", "中国石化宁波分公司"),
        ("Group", "group"),
    ],
)
def test_the_legal_form_is_taken_away(name: str, core: str) -> None:
    assert core_words(name) == core


def test_phones_and_numbers_are_compared_as_they_are_dialled() -> None:
    assert phone_keys("+86 574 8765-4321 ext. 12") == phone_keys("0574-87654321")
    assert phone_keys("021 555 / 13800001111") == ["800001111"]
    assert registration_key(" 9133-02 1A ") == "913302" + "1a"
    assert registration_key("n/a") == ""


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"name": "宁波东方轴承有限公司"}, {"name": "宁波東方軸承股份有限公司"}, "same_name"),
        ({"name": "宁波东方轴承有限公司"}, {"name": "宁波东芳轴承有限公司"}, "same_sound"),
        ({"name": "Orient Bearing Co., Ltd."}, {"name": "甲公司", "former_name": "Orient Bearing"}, "same_name"),
        ({"name": "Hangzhou Precision Bearings"}, {"name": "Hangzhou Precison Bearing Ltd"}, "similarity"),
        ({"name": "东方轴承", "short_name": ""}, {"name": "宁波东方轴承厂", "short_name": "东方轴承"}, "same_name"),
        ({"name": "A", "phone": "0574-87654321"}, {"name": "B", "phone": "+86 574 87654321"}, "same_phone"),
        (
            {"name": "A", "registration_number": "91330200-X1"},
            {"name": "B", "registration_number": "91330200x1"},
            "same_registration",
        ),
    ],
)  # fmt: skip
def test_a_pair_is_found_for_its_reason(
    db: None, first: dict[str, str], second: dict[str, str], reason: str
) -> None:
    make_account(number="1", **first)
    make_account(number="2", **second)
    make_account(number="3", name="Something else entirely")
    assert reason in scan()[("1", "2")]


def test_further_phones_count_too(db: None) -> None:
    make_account(number="1", name="A", phone="0574-87654321")
    AccountPhone.objects.create(
        account=make_account(number="2", name="B"), label="Gate", number="057487654321"
    )
    assert scan() == {("1", "2"): {"same_phone": True}}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Two registration numbers are two companies, however alike their names are.
        (
            {"name": "宁波东方轴承有限公司", "registration_number": "91330200A"},
            {"name": "宁波东芳轴承有限公司", "registration_number": "91330200B"},
        ),
        ({"name": "宁波东方轴承有限公司"}, {"name": "宁波华兴水泵有限公司"}),
        ({"name": "有限公司"}, {"name": "股份有限公司"}),
        ({"name": "A", "phone": "12345"}, {"name": "B", "phone": "12345"}),
    ],
)
def test_what_is_not_alike_enough_is_not_proposed(
    db: None, first: dict[str, str], second: dict[str, str]
) -> None:
    make_account(number="1", **first)
    make_account(number="2", **second)
    assert scan() == {}


def test_a_phone_that_everybody_has_says_nothing(db: None) -> None:
    for number in range(40):
        make_account(
            number=f"N{number}", name=f"{chr(65 + number % 26)}{number * 7919}", phone="0574-87654321"
        )
    assert not any("same_phone" in reasons for reasons in scan().values())


def test_told_apart_is_told_for_good_even_after_one_of_them_was_merged(world: World) -> None:
    first, second, third = (make_account(number=n, name="宁波东方轴承有限公司") for n in "123")
    DistinctAccounts.objects.create(first=first, second=second, user=world.manager)
    assert set(scan()) == {("1", "3"), ("2", "3")}

    Account.objects.filter(pk=second.pk).update(merged_into=third)

    assert scan() == {}, "1 is not 2, and 2 is 3"


def test_a_scan_runs_once_and_replaces_what_the_last_one_found(world: World) -> None:
    twin = make_account(number="1", name="宁波水泵厂有限公司")
    make_account(number="2", name="宁波水泵厂")
    waiting = request_scan(user=world.manager, now=NOW)
    assert request_scan(user=world.analyst, now=NOW) == waiting
    assert run_scan(waiting.pk, now=NOW)
    assert not run_scan(waiting.pk, now=NOW), "done already"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.progress, waiting.pairs) == ("done", 100, 1)

    Account.objects.filter(pk=twin.pk).update(name="Gone")
    assert scan() == {}

    stuck = request_scan(user=None, now=NOW)
    DuplicateScan.objects.filter(pk=stuck.pk).update(state="running", created_at=NOW - dt.timedelta(hours=3))
    assert request_scan(user=None, now=NOW) != stuck, "its worker is long gone"


def test_evidence_adds_up_and_contradiction_scales_it_down() -> None:
    name, phone, both, other = likeness(
        [1.0, float("nan"), 1.0, 1.0],
        [True, False, True, True],
        [False] * 4,
        [False, True, True, False],
        [False] * 4,
        [False, False, False, True],
        [False] * 4,
    )
    assert (name, phone) == (pytest.approx(0.8), pytest.approx(0.65))
    assert both == pytest.approx(1 - 0.2 * 0.35)
    assert other == pytest.approx(0.8 * 0.4)
