"""Segments over REST: only visible members, now or on a day; strict parameters; the contract holds."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.models import Segment
from segmentation.segments.operations import archive_segment
from tests.api.conftest import api  # noqa: F401  (a fixture)
from tests.api.test_contract import assert_documented, document
from tests.fixtures import World
from tests.segmentation.segments.test_pages import by_rule, traders  # noqa: F401  (a fixture)


def numbers(response: Any) -> list[str]:
    return [row["account_number"] for row in response.json()["results"]]


@pytest.fixture
def buyers(traders: World) -> Segment:  # noqa: F811
    return by_rule("Buyers")


def test_members_are_those_one_may_see(buyers: Segment, traders: World, api: Any) -> None:  # noqa: F811
    path = f"segments/{buyers.pk}/members"
    assert numbers(api(traders.analyst).call("GET", path)) == ["C-REP", "C-STR"]
    assert numbers(api(traders.manager).call("GET", path)) == ["C-REP"]
    assert api(traders.rep).call("GET", path).status_code == 404
    assert numbers(api(traders.analyst).call("GET", f"{path}?on=2025-05-31")) == []
    assert numbers(api(traders.analyst).call("GET", f"{path}?on=2030-01-01")) == ["C-REP", "C-STR"]
    assert api(traders.analyst).call("GET", f"{path}?on=soon").status_code == 400
    assert api(traders.analyst).call("GET", f"{path}?colour=red").status_code == 400


def test_members_come_in_pages(buyers: Segment, traders: World, api: Any) -> None:  # noqa: F811
    client = api(traders.analyst)
    first = client.call("GET", f"segments/{buyers.pk}/members?page_size=1").json()
    second = client.call("GET", f"segments/{buyers.pk}/members?page_size=1&cursor={first['next']}").json()
    assert [row["account_number"] for row in first["results"] + second["results"]] == ["C-REP", "C-STR"]
    assert second["next"] is None


def test_segments_are_listed_with_their_rules(buyers: Segment, traders: World, api: Any) -> None:  # noqa: F811
    client = api(traders.manager)
    other = by_rule("Old", purpose="strategic")
    archive_segment(other, archived=True)
    listed = client.call("GET", "segments").json()["results"]
    assert [(row["name"], row["found_by"]) for row in listed] == [("Buyers", "rule"), ("Old", "rule")]
    assert listed[0]["rule"]["match"] == "all"
    assert [row["name"] for row in client.call("GET", "segments?archived=true").json()["results"]] == ["Old"]
    assert [row["name"] for row in client.call("GET", "segments?archived=false").json()["results"]] == [
        "Buyers"
    ]
    assert len(client.call("GET", "segments?purpose=strategic").json()["results"]) == 1
    assert client.call("GET", "segments?purpose=x").status_code == 400


def test_answers_keep_to_the_contract(buyers: Segment, traders: World, api: Any) -> None:  # noqa: F811
    contract = document()
    for path, template in [
        ("segments", "/api/v1/segments"),
        (f"segments/{buyers.pk}", "/api/v1/segments/{id}"),
        (f"segments/{buyers.pk}/members", "/api/v1/segments/{id}/members"),
    ]:
        response = api(traders.analyst).call("GET", path)
        assert_documented(contract, contract["paths"][template]["get"], response)
