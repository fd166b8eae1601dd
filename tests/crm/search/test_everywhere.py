"""Search from everywhere: what is found for whom, and what is never found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from crm.models import Account, Contact, User, Visit
from crm.search import everywhere as module
from crm.search.everywhere import everywhere
from crm.search.refill import refill
from tests.crm.opportunities.support import make_opportunity
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World

LogIn = Callable[[User], Client]
DECOYS = (
    "上海宝恒机械有限公司",
    "江苏华东纺织机械厂",
    "广东东风汽车零部件",
    "Northern Steel AB",
    "Occidental Gears",
)


def moment(day: int) -> dt.datetime:
    return dt.datetime(2026, 5, day, 9, tzinfo=dt.UTC)


@pytest.fixture
def base(world: World) -> World:
    """The rep's 东方轴承有限公司 (Orient Bearing Co.) with a person, a visit and an opportunity; others around it."""
    world.account.phone = "0510-8888 1234"
    world.account.save()
    for name in DECOYS:
        make_account(world.rep, world.east, name=name)
    person = make_contact(world.account, "李建国", title="采购经理")
    person.mobile = "138 1234 5678"
    person.save()
    make_visit(
        world.account,
        world.rep,
        moment(3),
        note="上月发货的 6205-2RS 出现異響，客戶要求現場檢查",
        next_step="Send the quotation",
    )
    make_opportunity(world.account, world.rep, name="主轴轴承年度合同")
    return world


@pytest.mark.parametrize(
    ("text", "guessed"),
    [
        ("东方轴承", False), ("東方軸承", False), ("东放轴承", False), ("dongfang", False), ("dfzc", False),
        ("do", False),
        ("dongfnag", True), ("dong fnag", True), ("东万轴承", True), ("orietn", True), ("oreint baering", True),
        ("88881234", False), ("0510 8888 1234", False), ("+86 510 88881234", False), ("8888", False),
    ],
)  # fmt: skip
def test_the_account_comes_first(base: World, text: str, guessed: bool) -> None:
    for user in (base.rep, base.manager, base.analyst):
        found = everywhere(user, text, 5)
        assert found.accounts[0] == base.account, (text, user)
        assert found.guessed == guessed, (text, user)


@pytest.mark.parametrize(
    "text", ["李建国", "lijianguo", "ljg", "lijaingo", "13812345678", "138-1234-5678", "1234 5678"]
)
def test_the_person_is_found_with_the_place_of_work(base: World, text: str) -> None:
    found = everywhere(base.rep, text, 5)
    assert [str(person) for person in found.contacts] == ["李建国"]
    positions = found.contacts[0].known_positions  # type: ignore[attr-defined]
    assert [position.account for position in positions] == [base.account]


@pytest.mark.parametrize("text", ["异响", "異響", "6205-2rs", "现场检查", "quotation", "发货", "响"])
def test_visits_are_found_by_their_words(base: World, text: str) -> None:
    for user in (base.rep, base.manager, base.analyst):
        assert [visit.account for visit in everywhere(user, text, 5).visits] == [base.account], user


def test_words_that_only_stand_side_by_side_somewhere_else_are_not_found(base: World) -> None:
    assert not everywhere(base.rep, "货发", 5).visits
    assert not everywhere(base.rep, "响客查", 5).visits


@pytest.mark.parametrize("text", ["主轴", "zhuzhou", "zzzc", "zhuzuo"])
def test_opportunities_are_found_by_name(base: World, text: str) -> None:
    assert [row.name for row in everywhere(base.rep, text, 5).opportunities] == ["主轴轴承年度合同"]


def test_an_account_brings_its_latest_visits(base: World) -> None:
    for day in range(4, 9):
        make_visit(base.account, base.rep, moment(day), note="x")
    found = everywhere(base.rep, "dfzc", 5)
    assert [visit.happened_at.day for visit in found.visits] == [8, 7, 6]


@pytest.mark.parametrize(
    "text", ["dongfang", "dongfnag", "东万轴承", "李建国", "lijaingo", "异响", "主轴", "13812345678", "8888"]
)
def test_a_stranger_finds_nothing(base: World, text: str) -> None:
    assert everywhere(base.stranger, text, 5).is_empty


@pytest.mark.parametrize("few", [0, 2000])
def test_both_ways_to_ask_find_the_same(base: World, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """From the reader's accounts, or from the index with the reader's sight as a filter."""
    monkeypatch.setattr(module, "FEW_ACCOUNTS", few)
    for text in ("dfzc", "dongfnag", "lijianguo", "异响", "主轴"):
        found = everywhere(base.rep, text, 5)
        kinds = [rows for rows in (found.accounts, found.contacts, found.visits, found.opportunities) if rows]
        assert kinds, text
        assert everywhere(base.stranger, text, 5).is_empty, text


def test_rare_visits_are_found_behind_many_newer_ones(base: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEWEST", 2)
    for day in range(4, 9):
        make_visit(base.account, base.rep, moment(day), note="报价")
    for user in (base.rep, base.analyst):
        assert [visit.happened_at.day for visit in everywhere(user, "异响", 5).visits] == [3]
        assert [visit.happened_at.day for visit in everywhere(user, "报价", 4).visits] == [8, 7, 6, 5]


def test_merged_accounts_and_their_records_are_out_of_sight(base: World) -> None:
    Account.objects.filter(pk=base.account.pk).update(merged_into=base.colleagues_account)
    for text in ("东方轴承", "李建国", "异响", "主轴"):
        assert everywhere(base.analyst, text, 5).is_empty, text


def test_personal_details_are_never_searched(base: World) -> None:
    person = Contact.objects.get(name="李建国")
    Contact.objects.filter(pk=person.pk).update(note="糖尿病")
    assert everywhere(base.analyst, "糖尿病", 5).is_empty
    assert "糖尿病" not in Contact.objects.get(pk=person.pk).search_text


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\0", "%%", "_", "\\", "'; DROP TABLE crm_account; --", "a" * 4000, "😀", "(((", "龘靐"],
)
def test_what_means_nothing_finds_nothing_and_breaks_nothing(base: World, log_in: LogIn, text: str) -> None:
    assert everywhere(base.analyst, text, 5).is_empty
    assert log_in(base.rep).get("/search/", {"q": text}).status_code == 200


def test_whole_words_come_before_beginnings_and_parts(world: World) -> None:
    names = ["Westsany Cranes", "Sanyuan Foods", "Sany", "Sany Heavy Industry"]
    for name in names:
        make_account(world.rep, name=name)
    found = [account.name for account in everywhere(world.rep, "sany", 5).accounts]
    assert found == ["Sany", "Sany Heavy Industry", "Sanyuan Foods", "Westsany Cranes"]


def test_what_sql_wrote_is_found_after_a_refill(base: World) -> None:
    Visit.objects.update(search_text="")
    Account.objects.filter(pk=base.account.pk).update(name="长安减速机", search_text="x", english_name="")
    assert everywhere(base.rep, "异响", 5).is_empty
    with connection.cursor() as cursor:
        assert refill(cursor) == 2
        assert refill(cursor) == 0
    assert everywhere(base.rep, "异响", 5).visits
    assert everywhere(base.rep, "changan", 5).accounts == [base.account]
    assert everywhere(base.rep, "chnagan", 5).accounts == [base.account]


def test_the_dialog_marks_what_matched_and_leads_to_all_results(base: World, log_in: LogIn) -> None:
    client = log_in(base.rep)
    client.cookies["django_language"] = "zh-hans"
    headers = {"HX-Target": "quick-search-results"}
    body = client.get("/search/", {"q": "df"}, headers=headers).content.decode()
    assert "<mark>东方</mark>轴承有限公司" in body
    assert 'href="/search/?q=df"' in body
    assert "<html" not in body
    body = client.get("/search/", {"q": "異響"}, headers=headers).content.decode()
    assert "<mark>異響</mark>" in body
    body = client.get("/search/", {"q": "13812345678"}, headers=headers).content.decode()
    assert "<mark>138 1234 5678</mark>" in body
    assert 'href="tel:138 1234 5678"' in body


def test_html_in_names_stays_text(world: World, log_in: LogIn) -> None:
    make_account(world.rep, name="<b>Bold</b> Pumps")
    body = log_in(world.rep).get("/search/", {"q": "bold"}).content.decode()
    assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; Pumps" in body
    assert "<b>Bold" not in body
