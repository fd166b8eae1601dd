"""The number, the identifiers and the addresses of a merged account lead to the account that is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from crm.duplicates.merging import merge_accounts, undo_merge
from crm.imports.mapping import Mapping
from crm.imports.undo import undo_batch
from crm.models import Account, AccountIdentifier, AccountMerge, TradeDay, TradeLine, User
from tests.api.conftest import ApiClient
from tests.api.conftest import api as api_of
from tests.crm.imports.support import HEADER, causes, counts, lines, run
from tests.factories import make_account, make_trade_line
from tests.fixtures import World

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)
ACCOUNTS = {"kind": "accounts", "columns": {"external_id": "id", "number": "number", "name": "name"}}
Bring = Callable[..., Any]
api = api_of


@pytest.fixture
def kept(world: World) -> Account:
    return make_account(world.rep, world.east, number="K", name="甲轴承")


@pytest.fixture
def merged(world: World) -> Account:
    account = make_account(world.rep, world.east, number="M", name="甲轴承厂")
    AccountIdentifier.objects.create(account=account, source="erp", external_id="E-M")
    return account


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    def bring(text: str, mapping: Mapping | None = None) -> Any:
        path = tmp_path / "file.csv"
        path.write_text(text, "utf-8")
        return run(path, mapping or lines())

    return bring


def merge(merged: Account, kept: Account, world: World) -> AccountMerge:
    return merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW)


def test_lines_that_name_the_old_number_id_or_name_are_booked_on_the_kept_account(
    kept: Account, merged: Account, world: World, bring: Bring
) -> None:
    merge(merged, kept, world)
    rows = [
        "1,M,2025-05-01,,1,10",
        "2,E-M,2025-05-02,,1,10",
        "3,甲轴承厂,2025-05-03,,1,10",
        "4,K,2025-05-04,,1,10",
    ]

    batch = bring("\n".join([HEADER, *rows]) + "\n")

    assert (causes(batch), counts(batch)) == ([], (4, 0, 0, 0))
    assert set(TradeLine.objects.values_list("account", flat=True)) == {kept.pk}
    assert set(TradeDay.objects.values_list("account_id", flat=True)) == {kept.pk}


def test_taking_back_an_import_from_before_the_merge_hangs_nothing_on_the_merged_account(
    kept: Account, merged: Account, world: World, bring: Bring
) -> None:
    bring(f"{HEADER}\n1,M,2025-05-01,,1,10\n")
    second = bring(f"{HEADER}\n1,M,2025-04-01,,1,20\n")
    merge(merged, kept, world)

    undo_batch(second)

    line = TradeLine.objects.get()
    assert (line.account, line.traded_on) == (kept, dt.date(2025, 5, 1))
    day = TradeDay.objects.get()
    assert (day.account_id, day.traded_on, day.net_sales) == (kept.pk, dt.date(2025, 5, 1), 10)
    merged.refresh_from_db()
    assert merged.merged_into == kept


def test_a_file_of_accounts_that_still_has_both_changes_the_kept_one_by_its_own_row(
    kept: Account, merged: Account, world: World, bring: Bring
) -> None:
    merge(merged, kept, world)
    mapping = Mapping.from_json(ACCOUNTS)

    batch = bring("id,number,name\nE-M,M,Old twin\nE-K,K,New name\n", mapping)

    kept.refresh_from_db()
    assert (causes(batch), counts(batch)) == ([], (0, 1, 1, 0))
    assert (kept.name, kept.number) == ("New name", "K")
    assert Account.objects.filter(merged_into=None, name="Old twin").count() == 0


def test_a_file_of_accounts_that_has_only_the_old_one_changes_the_kept_one_under_its_own_number(
    kept: Account, merged: Account, world: World, bring: Bring
) -> None:
    merge(merged, kept, world)

    batch = bring("id,number,name\nE-OTHER,M,What the ERP says\n", Mapping.from_json(ACCOUNTS))

    kept.refresh_from_db()
    assert counts(batch) == (0, 1, 0, 0)
    assert (kept.name, kept.number) == ("What the ERP says", "K")
    assert AccountIdentifier.objects.get(external_id="E-OTHER").account == kept


def test_the_api_finds_the_kept_account_by_every_old_name(
    kept: Account, merged: Account, world: World, api: Callable[[User], ApiClient]
) -> None:
    merge(merged, kept, world)
    client = api(world.rep)

    for query in ("number=M", "number=K", "external_id=E-M&source=erp"):
        found = client.call("GET", f"accounts?{query}").json()["results"]
        assert [account["id"] for account in found] == [kept.pk], query
    answer = client.call("GET", f"accounts/{merged.pk}?fields=id")
    assert answer.status_code == 301
    assert answer["Location"].endswith(f"/accounts/{kept.pk}?fields=id")
    visit = {"account_id": merged.pk, "happened_at": "2025-06-04T10:00:00+08:00", "kind": "call"}
    assert client.call("POST", "visits", visit).json()["account_id"] == kept.pk
    assert client.call("GET", "accounts/999999").status_code == 404


def test_the_old_page_leads_to_the_new_one_until_the_merge_is_undone(
    kept: Account, merged: Account, world: World, log_in: Callable[[User], Client]
) -> None:
    done = merge(merged, kept, world)
    client = log_in(world.rep)

    for address in (f"/accounts/{merged.pk}/", f"/accounts/{merged.pk}/trade/?month=2025-05"):
        answer = client.get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (301, "no-store")
        assert answer["Location"] == address.replace(str(merged.pk), str(kept.pk), 1)
    assert log_in(world.stranger).get(f"/accounts/{merged.pk}/").status_code == 404
    assert Client().get(f"/accounts/{merged.pk}/").status_code == 302, "log in first"
    assert client.post(f"/accounts/{merged.pk}/edit/").status_code == 404

    undo_merge(merge_id=done.pk, user=world.manager, now=NOW)
    assert client.get(f"/accounts/{merged.pk}/").status_code == 200


def test_trade_of_both_numbers_in_one_file_after_an_undo_goes_to_its_own(
    kept: Account, merged: Account, world: World, bring: Bring
) -> None:
    make_trade_line(merged, dt.date(2025, 1, 1))
    done = merge(merged, kept, world)
    undo_merge(merge_id=done.pk, user=world.manager, now=NOW)

    bring(f"{HEADER}\n1,M,2025-05-01,,1,10\n2,E-M,2025-05-01,,1,10\n3,K,2025-05-01,,1,10\n")

    assert TradeLine.objects.filter(account=merged).count() == 3
