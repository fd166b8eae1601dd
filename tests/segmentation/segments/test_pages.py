"""The pages of segments: editor with its live count, list, one segment, searches for groups, what the account shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Account, CustomField, User
from segmentation.models import Clustering, Segment, SegmentMembership
from segmentation.segments.operations import run_clustering, save_segment
from segmentation.segments.rules import node_of
from tests.factories import make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.segmentation.segments.test_memberships import base  # noqa: F401  (a fixture)

LogIn = Callable[[User], Client]
MAY, JUNE = dt.date(2025, 5, 31), dt.date(2025, 6, 30)
SALES = {
    "node": ["r", "r-0"],
    "r.match": "all",
    "r-0.field": "net_sales",
    "r-0.was": "net_sales",
    "r-0.op": "ge",
    "r-0.window": "365",
    "r-0.value": "100",
}


@pytest.fixture
def traders(world: World) -> World:
    """East buys 300 and West 500; the colleague's account has no trade."""
    make_trade_line(world.account, dt.date(2025, 5, 10), net_amount=300, cost=200)
    make_trade_line(world.strangers_account, dt.date(2025, 6, 10), net_amount=500, cost=200)
    compute(MAY)
    compute(JUNE)
    return world


def by_rule(name: str = "Buyers", least: float = 100, **fields: Any) -> Segment:
    rule = node_of({"match": "all", "rules": [{"field": "net_sales", "op": "ge", "values": [least]}]})
    return save_segment(Segment(name=name, **fields), rule=rule, user=None)


def counted(client: Client, **fields: Any) -> str:
    response = client.post(reverse("segmentation:segment-count"), {**SALES, **fields})
    assert response.status_code == 200
    return response.content.decode()


def test_the_count_follows_what_is_typed(traders: World, log_in: LogIn) -> None:
    client = log_in(traders.analyst)
    text = counted(client)
    assert 'data-count="2"' in text
    assert "Stranger Gears" in text
    assert 'data-count="1"' in counted(client, **{"r-0.value": "４００"})
    assert 'data-count="0"' in counted(client, **{"r-0.value": "1,000"})
    assert "A number is missing" in counted(client, **{"r-0.value": ""})
    assert "“ten” is not a number" in counted(client, **{"r-0.value": "ten"})
    assert "There is no field shoe" in counted(client, **{"r-0.field": "shoe"})
    # Another field was chosen: the old limit is not its own.
    assert "A number is missing" in counted(client, **{"r-0.field": "gross_profit"})


def test_the_count_is_of_what_one_may_see(traders: World, log_in: LogIn) -> None:
    text = counted(log_in(traders.manager))
    assert 'data-count="1"' in text
    assert "Stranger Gears" not in text


def test_the_count_costs_the_same_whatever_is_asked(
    traders: World, log_in: LogIn, django_assert_max_num_queries: Any
) -> None:
    client = log_in(traders.analyst)
    many = {
        "node": ["r", *(f"r-{i}" for i in range(20))],
        "r.match": "any",
        **{
            f"r-{i}.{name}": SALES[f"r-0.{name}"]
            for i in range(20)
            for name in ("field", "was", "op", "value")
        },
        **{f"r-{i}.window": str(30 + i) for i in range(20)},
    }
    with django_assert_max_num_queries(14):
        assert "data-count=" in client.post(reverse("segmentation:segment-count"), many).content.decode()


def test_buttons_change_the_tree(traders: World, log_in: LogIn) -> None:
    client = log_in(traders.manager)

    def after(action: str, **fields: Any) -> str:
        response = client.post(reverse("segmentation:segment-rule"), {**SALES, **fields, "action": action})
        assert response["HX-Trigger-After-Swap"] == "rule-changed"
        return response.content.decode()

    assert 'value="r-1"' in after("condition:r")
    nested = after("group:r")
    assert 'name="r-1.match"' in nested
    assert 'name="r-1-0.field"' in nested
    assert 'name="r-0.field"' not in after("remove:r-0")
    assert 'name="r-0.field"' in after("remove:r-99")
    assert 'name="r-0.field"' in after("explode:../..")
    chosen = after("", **{"r-0.field": "stage"})
    assert 'type="checkbox" name="r-0.value"' in chosen


def test_a_segment_is_written_changed_and_archived(traders: World, log_in: LogIn) -> None:
    client = log_in(traders.analyst)
    words = {"name": "Buyers", "name_zh": "采购客户", "purpose": "strategic", "note": "", "action": "save"}
    response = client.post(reverse("segmentation:segment-create"), {**SALES, **words})
    segment = Segment.objects.get()
    assert response["Location"] == reverse("segmentation:segment-detail", args=[segment.pk])
    assert segment.author == traders.analyst
    assert SegmentMembership.objects.filter(segment=segment, valid_to=None).count() == 2
    page = client.get(response["Location"]).content.decode()
    assert "Net sales (1 year) at least 100" in page
    edit = reverse("segmentation:segment-edit", args=[segment.pk])
    assert 'value="100"' in client.get(edit).content.decode()
    words["seen"] = segment.updated_at.isoformat()
    refused = client.post(edit, {**SALES, **words, "r-0.value": ""})
    assert refused.status_code == 200
    assert "A number is missing" in refused.content.decode()
    segment.refresh_from_db()
    assert segment.rule["rules"][0]["values"] == [100]
    late = client.post(edit, {**SALES, **words, "seen": "2020-01-01T00:00:00+00:00"})
    assert "Somebody changed this segment meanwhile" in late.content.decode()
    client.post(edit, {**SALES, **words, "r-0.value": "400"})
    assert SegmentMembership.objects.filter(segment=segment, valid_to=None).count() == 1
    client.post(reverse("segmentation:segment-archive", args=[segment.pk]))
    assert not SegmentMembership.objects.filter(segment=segment, valid_to=None).exists()
    assert "Archived segments" in client.get(reverse("segmentation:segments")).content.decode()


def test_lists_keep_purposes_apart_and_count_what_one_sees(traders: World, log_in: LogIn) -> None:
    by_rule("Pillars", purpose="strategic")
    by_rule("Autumn mailing", purpose="marketing")
    address = reverse("segmentation:segments")
    strategic = log_in(traders.analyst).get(address).content.decode()
    assert "Pillars" in strategic
    assert "Autumn mailing" not in strategic
    assert "Autumn mailing" in log_in(traders.analyst).get(f"{address}?purpose=marketing").content.decode()
    export = reverse("segmentation:segments-export", args=["segments", "csv"])
    everything = b"".join(log_in(traders.analyst).get(export).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    own = b"".join(log_in(traders.manager).get(export).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert everything.splitlines()[1].split(",")[:4] == ["Pillars", "rule", "2", ""]
    assert own.splitlines()[1].split(",")[:4] == ["Pillars", "rule", "1", ""]


def test_who_joined_and_left_since_any_date(traders: World, log_in: LogIn) -> None:
    segment = by_rule("Recent", least=1)
    rule = {"match": "all", "rules": [{"field": "net_sales", "op": "ge", "values": [1], "window": 30}]}
    save_segment(segment, rule=node_of(rule), user=None)
    compute(MAY)
    compute(JUNE)
    client = log_in(traders.analyst)
    address = reverse("segmentation:segment-detail", args=[segment.pk])
    board = client.get(address, {"since_day": "2025-05-31"}).context["board"]
    assert [str(row[0].value) for row in board.joined.rows] == ["Stranger Gears"]
    assert [str(row[0].value) for row in board.left.rows] == ["Orient Bearing Co."]
    assert [row[1:] for row in board.sizes_table.rows] == [[1], [1]]
    client.get(reverse("segmentation:segment-export", args=[segment.pk, "left", "xlsx"]))
    unknown = client.get(reverse("segmentation:segment-export", args=[segment.pk, "nothing", "csv"]))
    assert unknown.status_code == 404


def test_the_page_of_a_segment_costs_the_same_with_more_members(traders: World, log_in: LogIn) -> None:
    client = log_in(traders.analyst)
    spent = []
    for least in (400, 100):
        segment = by_rule(f"From {least}", least)
        address = reverse("segmentation:segment-detail", args=[segment.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_a_rule_whose_field_is_gone_says_so(traders: World, log_in: LogIn) -> None:
    field = CustomField.objects.create(code="lines", name="Lines", kind="number")
    rule = {"match": "all", "rules": [{"field": "custom:lines", "op": "ge", "values": [1]}]}
    segment = save_segment(Segment(name="Lines"), rule=node_of(rule), user=None)
    field.delete()
    client = log_in(traders.manager)
    page = client.get(reverse("segmentation:segment-detail", args=[segment.pk])).content.decode()
    assert "The further field lines was removed" in page
    edit = client.get(reverse("segmentation:segment-edit", args=[segment.pk])).content.decode()
    assert "The further field lines was removed" in edit


def test_account_list_and_account_page_know_segments(traders: World, log_in: LogIn) -> None:
    segment = by_rule("Buyers")
    client = log_in(traders.rep)
    listed = client.get(reverse("crm:account-list"), {"segment": segment.pk}).content.decode()
    assert "Orient Bearing" in listed
    assert "Colleague Pumps" not in listed
    for strange in ("0", "x", "9" * 30):
        assert client.get(reverse("crm:account-list"), {"segment": strange}).status_code == 200
    page = client.get(reverse("crm:account-detail", args=[traders.account.pk])).content.decode()
    assert f"?segment={segment.pk}" in page


def test_groups_are_searched_with_a_reason_and_used(base: None, world: World, log_in: LogIn) -> None:  # noqa: F811
    compute(JUNE)
    client = log_in(world.manager)
    start = reverse("segmentation:segment-search-start")
    client.post(start, {"reason": "", "purpose": "marketing"})
    assert not Clustering.objects.exists()
    response = client.post(start, {"reason": "Yearly look", "purpose": "marketing"})
    clustering = Clustering.objects.get()
    page = reverse("segmentation:segment-search", args=[clustering.pk])
    assert response["Location"] == page
    assert 'hx-trigger="every 2s"' in client.get(page).content.decode()
    assert client.get(page, headers={"HX-Request": "true"}).status_code == 200
    run_clustering(clustering.pk)
    assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    shown = client.get(page).content.decode()
    assert "Mean silhouette" in shown
    assert "Yearly look" in shown
    adopt = reverse("segmentation:segment-search-adopt", args=[clustering.pk])
    client.post(adopt, {"name-0": "Pillars", "name_zh-0": "支柱客户"})
    assert Segment.objects.filter(name="Pillars", clustering=clustering, purpose="marketing").exists()
    assert client.post(adopt).status_code == 302
    clustering.refresh_from_db()
    assert Segment.objects.count() == len(clustering.model["sizes"])
    pillars = Segment.objects.get(name="Pillars")
    detail = client.get(reverse("segmentation:segment-detail", args=[pillars.pk])).content.decode()
    assert "Members (median)" in detail
    assert client.get(reverse("segmentation:segment-edit", args=[pillars.pk])).status_code == 200
    assert "Pillars" in client.get(f"{reverse('segmentation:segments')}?purpose=marketing").content.decode()
    assert Account.objects.filter(pk__in=SegmentMembership.objects.values("account")).count() == 48


def test_before_the_first_run_everything_answers(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    segment = by_rule()
    assert "No figures yet" in client.get(reverse("segmentation:segments")).content.decode()
    assert client.get(reverse("segmentation:segment-detail", args=[segment.pk])).status_code == 200
    assert "once a run is published" in counted(client)
    assert client.get(reverse("segmentation:segments-export", args=["segments", "csv"])).status_code == 404
    refused = client.post(
        reverse("segmentation:segment-search-start"), {"reason": "x", "purpose": "marketing"}
    )
    assert refused.status_code == 302
    assert not Clustering.objects.exists()
