"""Further fields in the account list: columns, filters, order, views and files; nothing where nobody asks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from crm.account_list import AccountList
from crm.models import Account, CustomField, SavedView
from crm.paging import CappedPaginator
from tests.factories import make_account
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[..., Client]
URL = "/accounts/"
KLASS = [
    {"value": "a", "mark": 3.0, "name": "Key", "name_zh": "关键"},
    {"value": "b", "mark": 1.0, "name": "Usual", "name_zh": "一般"},
    {"value": "c", "mark": 0.0, "name": "<i>Rare</i>", "name_zh": ""},
]
HELD: dict[str, dict[str, Any]] = {
    "F1": {
        "lines": 2,
        "class": "a",
        "since": "2024-02-29",
        "audited": True,
        "note": "Prefers <b>rail</b> 50%",
    },
    "F2": {"lines": 12.5, "class": "b", "since": "2020-01-31", "audited": False, "note": "x" * 90},
    "F3": {"lines": -4, "class": "c", "note": "By road"},
    # What another system left there before the fields were made.
    "F4": {"lines": "many", "since": 20240101, "class": ""},
    "F5": {},
}


@pytest.fixture
def fields(world: World) -> dict[str, CustomField]:
    for number, custom in HELD.items():
        make_account(world.rep, world.east, number=number, custom=custom)
    made = [
        {"code": "lines", "name": "Production lines", "name_zh": "产线数", "kind": "number", "unit": "条"},
        {"code": "class", "name": "Class", "name_zh": "类别", "kind": "choice", "choices": KLASS},
        {"code": "since", "name": "Since", "name_zh": "始于", "kind": "date"},
        {"code": "audited", "name": "Audited", "name_zh": "已审计", "kind": "yes_no"},
        {"code": "note", "name": "Delivery note", "name_zh": "送货说明", "kind": "text"},
    ]
    return {
        values["code"]: CustomField.objects.create(order=order, **values) for order, values in enumerate(made)
    }


def numbers(client: Client, query: str) -> list[str]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, query
    found = [account.number for account in response.context["page"].object_list]
    return [number for number in found if number.startswith("F")]


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{URL}export/?format=csv&{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("custom_lines.from=2", {"F1", "F2"}),
        ("custom_lines.to=2", {"F1", "F3"}),
        ("custom_lines.from=-4&custom_lines.to=2.0", {"F1", "F3"}),
        ("custom_lines.from=3&custom_lines.to=2", set()),
        ("custom_lines.from=&custom_lines.to=", set(HELD)),
        ("custom_lines.from=many", set()),
        ("custom_lines.from=nan", set()),
        ("custom_lines.from=1e9999", set()),
        ("custom_class=a", {"F1"}),
        ("custom_class=a&custom_class=b", {"F1", "F2"}),
        ("custom_class=a,b", {"F1", "F2"}),
        ("custom_class=.empty", {"F4", "F5"}),
        ("custom_class=c&custom_class=.empty", {"F3", "F4", "F5"}),
        ("custom_class=z", set()),
        ("custom_class=%00", set()),
        ("custom_since.from=2020-02-01", {"F1"}),
        ("custom_since.from=2020-01-31&custom_since.to=2024-02-28", {"F2"}),
        ("custom_since.to=2023-02-30", set()),
        ("custom_audited=true", {"F1"}),
        ("custom_audited=false", {"F2"}),
        ("custom_audited=.empty", {"F3", "F4", "F5"}),
        ("custom_audited=maybe", set()),
        ("custom_note=RAIL", {"F1"}),
        ("custom_note=0%25", {"F1"}),
        ("custom_note=r_", set()),
        ("custom_note=%00rail", {"F1"}),
        ("custom_lines.from=0&custom_class=b&kind=customer", {"F2"}),
    ],
)
def test_filters(
    world: World, log_in: LogIn, fields: dict[str, CustomField], query: str, expected: set[str]
) -> None:
    client = log_in(world.rep)
    assert set(numbers(client, query)) == expected
    assert {row["Account number"] for row in exported(client, query)} & set(HELD) == expected


def test_the_form_of_filters_offers_what_suits_each_kind(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    client = log_in(world.rep)
    page = client.get(f"{URL}filters/?custom_class=a&custom_class=b&custom_lines.from=2.5").content.decode()
    assert 'type="number" name="custom_lines.from"' in page
    assert 'value="2.5" step="any"' in page
    assert '<input class="form-check-input" type="checkbox" name="custom_class" value="b" checked>' in page
    assert "Key, Usual</summary>" in page
    assert 'type="date" name="custom_since.to"' in page
    assert 'type="text" name="custom_note"' in page
    assert '<option value="true">Yes</option>' in page
    assert "&lt;i&gt;Rare" in page
    assert "<i>Rare" not in page


def test_filters_in_force_are_named_and_taken_away_one_by_one(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    client = log_in(world.rep)
    query = "custom_class=a&custom_class=b&custom_lines.from=2&custom_since.from=2020-01-31"
    active = client.get(f"{URL}?{query}").context["active_filters"]
    assert [(str(entry.title), entry.label) for entry in active] == [
        ("Production lines (条), at least", "2"),
        ("Class", "Key, Usual"),
        ("Since, from", "2020-01-31"),
    ]
    assert active[1].query == "custom_lines.from=2&custom_since.from=2020-01-31"
    # A search keeps them.
    page = client.get(f"{URL}?{query}").content.decode()
    assert '<input type="hidden" name="custom_class" value="a,b">' in page
    assert '<input type="hidden" name="custom_lines.from" value="2">' in page
    client.cookies["django_language"] = "zh-hans"
    active = client.get(f"{URL}?{query}").context["active_filters"]
    assert [entry.label for entry in active][:2] == ["2", "关键、一般"]
    assert active[0].title == "产线数 (条)不低于"


def test_columns_are_offered_when_asked_for_and_show_what_is_known(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    client = log_in(world.rep)
    offered = client.get(f"{URL}columns/?columns=custom_class&columns=owner").content.decode()
    assert 'value="custom_class" checked' in offered
    assert 'value="custom_lines">' in offered
    assert 'value="owner"' not in offered, "those stand in the list already"
    plain = client.get(URL).content.decode()
    assert "custom_" not in plain
    chosen = "&".join(f"columns=custom_{code}" for code in fields)
    response = client.get(f"{URL}?{chosen}")
    assert [column.slug for column in response.context["columns"]] == [f"custom_{code}" for code in fields]
    page = response.content.decode()
    for text in (
        "Production lines (条)",
        ">12.50<",
        ">-4<",
        ">Key<",
        ">2024-02-29<",
        ">Yes<",
        ">No<",
        ">many<",
    ):
        assert text in page, text
    assert "&lt;b&gt;rail&lt;/b&gt; 50%" in page
    assert f"{'x' * 59}…</span>" in page
    assert "<b>rail" not in page
    assert "<i>Rare" not in page
    # The choice of columns has them without being opened.
    assert 'value="custom_note" checked' in page


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("custom_lines", ["F3", "F1", "F2", "F4", "F5"]),
        ("-custom_lines", ["F2", "F1", "F3", "F4", "F5"]),
        ("-custom_since", ["F1", "F2", "F3", "F4", "F5"]),
        ("custom_since", ["F2", "F1", "F3", "F4", "F5"]),
        ("custom_note", ["F1", "F2", "F3", "F4", "F5"]),  # texts have no order: by name
    ],
)
def test_order(
    world: World, log_in: LogIn, fields: dict[str, CustomField], sort: str, expected: list[str]
) -> None:
    for number in HELD:
        Account.objects.filter(number=number).update(name=number, english_name="", sort_name=number.lower())
    client = log_in(world.rep)
    response = client.get(f"{URL}?sort={sort}&custom_note=")
    assert numbers(client, f"sort={sort}") == expected
    slug = sort.removeprefix("-")
    assert slug in [column.slug for column in response.context["columns"]], "shown by what it is sorted by"
    listed = AccountList(world.rep, QueryDict(f"sort={sort}"))
    whole = [account.pk for account in listed.accounts()]
    for size in (1, 3):
        paginator = CappedPaginator(listed.found, size, listed.rows)
        pages = [[account.pk for account in paginator.page(page)] for page in paginator.page_range]
        assert [pk for page in pages for pk in page] == whole


def test_files_carry_them(world: World, log_in: LogIn, fields: dict[str, CustomField]) -> None:
    client = log_in(world.rep)
    rows = {
        row["Account number"]: row for row in exported(client, "columns=custom_lines&columns=custom_class")
    }
    assert list(rows["F1"])[8:] == ["Production lines (条)", "Class"]
    assert [(rows[n]["Production lines (条)"], rows[n]["Class"]) for n in HELD] == [
        ("2", "Key"), ("12.5", "Usual"), ("-4", "<i>Rare</i>"), ("many", ""), ("", ""),
    ]  # fmt: skip
    # Without a choice of columns a file has room for all.
    whole = {row["Account number"]: row for row in exported(client)}["F1"]
    assert (whole["Since"], whole["Audited"]) == ("2024-02-29", "Yes")
    assert whole["Delivery note"] == "Prefers <b>rail</b> 50%"
    response = client.get(f"{URL}export/?format=xlsx&columns=custom_lines&columns=custom_since")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    sheet = load_workbook(io.BytesIO(content)).active
    cells = {line[0].value: [cell.value for cell in line[8:]] for line in sheet.iter_rows()}
    assert cells["F2"][0] == 12.5
    assert cells["F1"][1].year == 2024


def test_saved_views_keep_columns_and_filters(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    client = log_in(world.rep)
    query = "columns=custom_lines&custom_class=a&custom_class=b&custom_lines.from=5&sort=-custom_lines"
    client.post("/saved-views/", {"page": "accounts", "name": "Key firms", "query": query})
    assert SavedView.objects.get().query == query
    assert numbers(client, SavedView.objects.get().query) == ["F2"]


def test_an_archived_field_disappears_and_a_view_that_asks_for_it_says_so(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    CustomField.objects.filter(code="lines").update(archived_at=timezone.now())
    client = log_in(world.rep)
    for page in ("columns/", "filters/"):
        assert "custom_lines" not in client.get(f"{URL}{page}").content.decode()
    assert "Production lines (条)" not in exported(client)[0]
    response = client.get(f"{URL}?columns=custom_lines&columns=owner&sort=custom_lines")
    assert [column.slug for column in response.context["columns"]] == ["owner"]
    assert len(response.context["page"].object_list) > 4
    response = client.get(f"{URL}?custom_lines.from=2")
    assert "this field is no longer in use" in response.content.decode()
    assert not response.context["page"].object_list, "nobody rather than everybody"


def test_rows_of_others_stay_out_of_sight(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    assert numbers(log_in(world.stranger), "custom_lines.from=-100") == []


def test_queries_do_not_grow_with_fields_or_rows(
    world: World, log_in: LogIn, fields: dict[str, CustomField]
) -> None:
    client = log_in(world.rep)
    # As in tests/crm/test_account_list.py: whoever asks for no further field pays nothing for them.
    assert_query_count(client, URL, "account list")
    query = "&".join(f"columns=custom_{code}" for code in fields)
    query += "&custom_lines.from=-100&custom_class=a&custom_class=b&custom_class=c&sort=-custom_lines"
    assert_query_count(client, f"{URL}?{query}", "account list, further fields")
    for number in range(12):
        make_account(world.rep, world.west, number=f"G-{number}", custom={"lines": number, "class": "a"})
    for number in range(4):
        CustomField.objects.create(code=f"more{number}", name=f"More {number}", kind="number", order=9)
    assert_query_count(client, f"{URL}?{query}&columns=custom_more1", "account list, further fields")
    assert_query_count(client, f"{URL}columns/", "account columns")
    assert_query_count(client, f"{URL}export/?format=csv", "account export")
