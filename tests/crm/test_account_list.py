"""The account list: who sees what, filters, order, pages, export, saved views."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client
from openpyxl import load_workbook

from crm.account_list import AccountList
from crm.exports import harmless
from crm.models import Account, SavedView, User
from crm.paging import COUNTED_AT_MOST, CappedPaginator
from tests.factories import make_account, make_territory
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
URL = "/accounts/"


def numbers(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    return [account.number for account in response.context["page"].object_list]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("rep", {"C-REP"}),
        ("colleague", {"C-REP", "C-COL"}),
        ("stranger", {"C-STR"}),
        ("manager", {"C-REP", "C-COL"}),
        ("analyst", {"C-REP", "C-COL", "C-STR"}),
        ("administrator", {"C-REP", "C-COL", "C-STR"}),
    ],
)
def test_each_role_sees_its_accounts_in_list_and_export(
    world: World, log_in: LogIn, who: str, expected: set[str]
) -> None:
    client = log_in(world.users[who])
    assert set(numbers(client)) == expected
    assert {row["Account number"] for row in exported(client)} == expected


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{URL}export/?format=csv&{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_search_finds_by_pinyin_and_misspelling_and_keeps_filters(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    assert numbers(client, "?q=dfzc") == ["C-REP"]
    assert numbers(client, "?q=dongfnag&kind=customer") == ["C-REP"]
    assert numbers(client, "?q=dongfang&kind=prospect") == []


def test_a_territory_includes_everything_below(world: World, log_in: LogIn) -> None:
    town = make_territory("Wuxi", world.east)
    make_account(world.rep, town, number="C-TOWN")
    client = log_in(world.analyst)
    assert set(numbers(client, f"?territory={world.china.pk}")) == {"C-REP", "C-STR", "C-TOWN"}
    assert set(numbers(client, f"?territory={world.east.pk}")) == {"C-REP", "C-TOWN"}
    assert numbers(client, "?territory=none") == ["C-COL"]


@pytest.mark.parametrize(
    "query",
    ["?territory=999999", "?territory=x", "?owner=abc", "?kind=nonsense", "?country=Nowhere", "?owner=²"],
)
def test_an_unknown_value_narrows_to_nothing(world: World, log_in: LogIn, query: str) -> None:
    assert numbers(log_in(world.analyst), query) == []


def test_filters_by_owner_and_words(world: World, log_in: LogIn) -> None:
    Account.objects.filter(number="C-REP").update(country="China", industry="Bearings")
    client = log_in(world.manager)
    assert numbers(client, "?owner=me") == []
    assert numbers(client, f"?owner={world.rep.pk}") == ["C-REP"]
    assert numbers(client, "?country=China&industry=Bearings") == ["C-REP"]
    form = client.get("/accounts/filters/?country=China").content.decode()
    assert '<option value="China" selected>' in form
    assert "Bearings" in form


def test_the_filter_form_offers_only_words_of_visible_accounts(world: World, log_in: LogIn) -> None:
    Account.objects.filter(number="C-STR").update(country="Atlantis")
    assert "Atlantis" not in log_in(world.rep).get("/accounts/filters/").content.decode()
    assert "Atlantis" in log_in(world.stranger).get("/accounts/filters/").content.decode()


def test_order_by_name_reads_a_to_z_in_pinyin_and_turns_round(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    rising = numbers(client)
    assert rising == ["C-COL", "C-REP", "C-STR"]
    assert numbers(client, "?sort=-name") == rising[::-1]
    assert set(numbers(client, "?sort=nonsense")) == set(rising)
    for column in client.get(URL).context["columns"]:
        assert set(numbers(client, f"?sort=-{column.slug}")) == set(rising), column.slug


def test_who_asks_for_columns_gets_those_and_keeps_them(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)

    def shown(query: str = "") -> list[str]:
        return [column.slug for column in client.get(f"{URL}{query}").context["columns"]]

    usual = shown()
    assert "territory" not in usual, "shown on demand"
    assert "owner" in usual
    assert shown("?columns=owner&columns=territory&columns=nonsense") == ["owner", "territory"]
    assert shown("?sort=territory") == [*usual, "territory"], "the list shows what it is sorted by"
    page = client.get(f"{URL}?columns=territory&q=orient").content.decode()
    assert '<input type="hidden" name="columns" value="territory">' in page, "a search keeps them"
    assert "columns=territory&amp;sort=" in page.replace("&amp;q=orient", ""), "so does another order"
    form = client.get(f"{URL}filters/?columns=territory").content.decode()
    assert '<input type="hidden" name="columns" value="territory">' in form
    assert set(exported(client)[0]) > set(exported(client, "columns=territory")[0]), "a file has room for all"


def test_a_search_in_place_gets_only_the_results(world: World, log_in: LogIn) -> None:
    response = log_in(world.rep).get(
        f"{URL}?q=dongfang", headers={"HX-Request": "true", "HX-Target": "results"}
    )
    text = response.content.decode()
    assert "Orient Bearing Co." in text
    assert "<html" not in text
    # The export offered is that of the search just typed.
    assert "/accounts/export/?q=dongfang&amp;format=csv" in text


def test_empty_lists_say_what_to_do_next(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert "No account fits" in client.get(f"{URL}?q=zzzqqq").content.decode()
    Account.objects.all().delete()
    assert "Enter the first one" in client.get(URL).content.decode()


def test_counting_stops_at_a_limit(world: World) -> None:
    class Few(CappedPaginator):
        pass

    paginator = Few(Account.objects.order_by("pk"), 2)
    assert (paginator.count, paginator.num_pages, paginator.is_capped) == (3, 2, False)
    assert COUNTED_AT_MOST >= 1000


def test_a_page_that_does_not_exist_shows_the_nearest(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    for page in ("0", "99", "x", "-1"):
        assert len(numbers(client, f"?page={page}")) == 3


def test_export_defuses_formulas_and_keeps_numbers(world: World, log_in: LogIn) -> None:
    evil = '=HYPERLINK("//evil","x")'
    make_account(world.rep, world.east, number="C-EVIL", name=evil, city="@SUM(A1)", phone="+86 21")
    client = log_in(world.rep)
    row = next(row for row in exported(client) if row["Account number"] == "C-EVIL")
    assert row["Name"] == f"'{evil}"
    assert row["City"] == "'@SUM(A1)"
    response = client.get(f"{URL}export/?format=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cell = next(cell for line in sheet.iter_rows() for cell in line if cell.value == evil)
    assert cell.data_type == "s"


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1"])
def test_every_beginning_of_a_formula_is_defused(value: str) -> None:
    assert harmless(value) == f"'{value}"
    assert harmless(Decimal("-1.5")) == Decimal("-1.5")


def test_an_unknown_export_format_does_not_exist(world: World, log_in: LogIn) -> None:
    assert log_in(world.rep).get(f"{URL}export/?format=exe").status_code == 404


def test_export_headers_are_in_the_readers_language(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    client.cookies["django_language"] = "zh-hans"
    assert "客户编号" in exported(client)[0]


def test_saved_views_are_kept_shared_and_deleted(world: World, log_in: LogIn) -> None:
    rep, stranger = log_in(world.rep), log_in(world.stranger)
    data = {"page": "accounts", "name": "Mine", "query": "owner=me&sort=-name", "shared": "1"}
    assert rep.post("/saved-views/", data)["Location"] == "/accounts/?owner=me&sort=-name"
    rep.post("/saved-views/", data | {"query": "owner=me"})
    view = SavedView.objects.get()
    assert view.query == "owner=me"
    assert "Mine" in stranger.get(URL).content.decode()
    assert stranger.post(f"/saved-views/{view.pk}/delete/").status_code == 404
    assert rep.post(f"/saved-views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_a_saved_view_cannot_smuggle_a_header_or_a_page(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    response = client.post(
        "/saved-views/", {"page": "accounts", "name": "x", "query": "q=a\r\nSet-Cookie: b=1"}
    )
    assert "\n" not in response["Location"]
    assert client.post("/saved-views/", {"page": "other", "name": "x", "query": ""}).status_code == 404


def test_queries_do_not_grow_with_rows(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert_query_count(client, URL, "account list")
    for number in range(12):
        make_account(world.rep, world.west, number=f"C-{number}", parent=world.account)
    assert_query_count(client, URL, "account list")
    assert_query_count(client, f"{URL}?q=dongfnag", "account list, misspelt search")
    assert_query_count(client, f"{URL}export/?format=csv", "account export")


def test_english_readers_get_the_order_of_the_names_they_see(world: World, log_in: LogIn) -> None:
    Account.objects.all().delete()
    for number, name, english in (
        ("1", "安徽", "Zenith"),
        ("2", "重庆", ""),
        ("3", "珠海", "apex"),
        ("4", "Bolt", ""),
    ):
        make_account(world.rep, number=number, name=name, english_name=english)
    client = log_in(world.rep)
    client.cookies["django_language"] = "en"
    assert numbers(client) == ["3", "4", "2", "1"]
    assert numbers(client, "?sort=-name") == ["1", "2", "4", "3"]
    world.rep.language = "zh-hans"
    world.rep.save()
    client.cookies["django_language"] = "zh-hans"
    assert numbers(client) == ["1", "4", "2", "3"]
    assert numbers(client, "?sort=name") == ["1", "4", "2", "3"]


@pytest.mark.parametrize("sort", ["territory", "-territory", "name", "-name", "net_sales", "-owner"])
def test_pages_follow_one_another_in_the_order_of_the_export(world: World, sort: str) -> None:
    """The missing come last, also where they begin in the middle of a page or pages before."""
    for place in range(5):
        make_account(world.rep, world.east if place % 2 else None, number=f"P{place}", name=f"Page {place}")
    listed = AccountList(world.analyst, QueryDict(f"sort={sort}"))
    whole = [account.pk for account in listed.accounts()]
    for size in (1, 3, 4, 50):
        paginator = CappedPaginator(listed.found, size, listed.rows)
        pages = [[account.pk for account in paginator.page(page)] for page in paginator.page_range]
        assert [pk for page in pages for pk in page] == whole, size


def test_cells_are_escaped(world: World, log_in: LogIn) -> None:
    world.east.name, world.rep.last_name = "<b>East</b>", "<i>Wang</i>"
    world.east.save()
    world.rep.save()
    page = log_in(world.rep).get(f"{URL}?columns=territory&columns=owner").content.decode()
    assert "&lt;b&gt;East" in page
    assert "<b>East" not in page
    assert "<i>Wang" not in page
