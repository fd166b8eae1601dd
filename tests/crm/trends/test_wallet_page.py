"""A year's demand and who supplies it: entered as a whole, competitors made in place, doubles asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.test import Client

from crm.models import CategorySpend, Competitor, CompetitorShare, ProductFamily, User
from crm.trends.competitors import KnownCompetitors
from crm.trends.wallet import fingerprint, wallets_of
from tests.factories import make_product, make_trade_line
from tests.fixtures import World

LogIn = Callable[[User], Client]


def body(client: Client, url: str, *rivals: tuple[str, str], **fields: str) -> dict[str, str]:
    form = client.get(url).context["form"]
    data = {"rivals-TOTAL_FORMS": str(len(rivals)), "rivals-INITIAL_FORMS": "0"}
    for place, (name, share) in enumerate(rivals):
        data |= {f"rivals-{place}-name": name, f"rivals-{place}-share": share}
    return data | {"estimated_on": "2025-02-01", "shown": form.initial["shown"], **fields}


def test_demand_and_shares_of_a_year_are_entered_and_replaced_as_a_whole(world: World, log_in: LogIn) -> None:
    client, account = log_in(world.rep), world.account
    family = ProductFamily.objects.create(name="Ball bearings")
    product = make_product(family=family)
    make_trade_line(account, dt.date(2024, 1, 1), 200, product=product)
    make_trade_line(account, dt.date(2024, 12, 31), 100)
    make_trade_line(account, dt.date(2024, 5, 5), 999, cancelled=True)
    make_trade_line(account, dt.date(2023, 12, 31), 999)
    url = f"{account.get_absolute_url()}wallet/?year=2024"
    data = body(
        client, url, ("北辰精轴", "30"), ("Kessel Bearings", "12.5"), amount="1000", source="Buyer", meant=""
    )
    assert client.post(url, data).status_code == 302
    narrow = f"{url}&family={family.pk}"
    assert client.post(narrow, body(client, narrow, amount="400")).status_code == 302
    whole, part = wallets_of(account)
    assert (whole.year, whole.family, whole.ours, whole.own) == (2024, None, 300, 0.3)
    assert [(str(rival), share) for rival, share in whole.rivals] == [
        ("北辰精轴", 0.3),
        ("Kessel Bearings", 0.125),
    ]
    assert whole.unknown is not None
    assert round(whole.unknown, 6) == 0.275
    assert (part.family, part.ours, part.own) == (family, 200, 0.5)
    # Again, with one competitor less: the year is what the form says.
    assert client.post(url, body(client, url, ("kessel bearings", "20"), amount="1000")).status_code == 302
    assert list(CompetitorShare.objects.filter(family=None).values_list("competitor__name", "share")) == [
        ("Kessel Bearings", Decimal("20.00"))
    ]
    assert Competitor.objects.count() == 2
    # Emptied: the year is gone, the other family's stays.
    assert client.post(url, body(client, url)).status_code == 302
    assert [wallet.family for wallet in wallets_of(account)] == [family]


def test_a_second_editor_overwrites_nothing(world: World, log_in: LogIn) -> None:
    url = f"{world.account.get_absolute_url()}wallet/?year=2024"
    rep, manager = log_in(world.rep), log_in(world.manager)
    mine, theirs = body(rep, url, amount="100"), body(manager, url, amount="200")
    assert manager.post(url, theirs).status_code == 302
    response = rep.post(url, mine)
    assert response.status_code == 409
    assert CategorySpend.objects.get().amount == 200


def test_a_near_double_is_proposed_before_a_new_competitor_is_made(world: World, log_in: LogIn) -> None:
    known = Competitor.objects.create(name="北辰精轴", english_name="Beichen Bearing")
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}wallet/?year=2024"
    data = body(client, url, ("北晨精轴", "30"), amount="1000")
    page = client.post(url, data)
    assert page.status_code == 200
    assert "Who is meant?" in page.content.decode()
    assert not CompetitorShare.objects.exists()
    assert client.post(url, data | {"rivals-0-meant": str(known.pk)}).status_code == 302
    assert CompetitorShare.objects.get().competitor == known
    data = body(client, url, ("Beichen Bearings Ltd", "10"), amount="1000") | {"rivals-0-meant": "new"}
    assert client.post(url, data).status_code == 302
    assert set(Competitor.objects.values_list("name", flat=True)) == {"北辰精轴", "Beichen Bearings Ltd"}


def test_resembling_names() -> None:
    known = KnownCompetitors(
        (Competitor(name="Nordlager"), Competitor(name="江海轴承", english_name="Jianghai"))
    )
    assert [c.name for c in known.like("Nordlagr")] == ["Nordlager"]
    assert [c.name for c in known.like("Nordlager GmbH")] == ["Nordlager"]
    assert [c.name for c in known.like("江海軸承集团")] == ["江海轴承"]
    assert known.like("Kessel") == []
    assert known.called("NORDLAGER") is known.competitors[0]
    assert known.called("江海軸承") is known.competitors[1]


def test_rows_that_say_half_and_doubles_are_refused(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}wallet/?year=2024"
    page = client.post(url, body(client, url, ("A1 Corp", ""), ("", "5"), ("Kessel", "120"), amount="-1"))
    assert [set(row.errors) for row in page.context["rivals"]] == [{"share"}, {"name"}, {"share"}]
    assert set(page.context["form"].errors) == {"amount"}
    page = client.post(url, body(client, url, ("Zeta", "5"), ("Zeta", "6"), amount="1"))
    assert page.context["rivals"].non_form_errors()
    assert not Competitor.objects.exists()


def test_more_than_the_whole_is_said_and_a_missing_demand_is_a_dash(world: World, log_in: LogIn) -> None:
    client, account = log_in(world.rep), world.account
    make_trade_line(account, dt.date(2023, 5, 5), 60)
    make_trade_line(account, dt.date(2022, 5, 5), 150)
    for year, amount, share in ((2023, "100", "70"), (2022, "100", "1"), (2021, "", "40")):
        url = f"{account.get_absolute_url()}wallet/?year={year}"
        assert client.post(url, body(client, url, ("Kessel", share), amount=amount)).status_code == 302
    response = client.get(f"{account.get_absolute_url()}trends/")
    over, stale = response.context["warnings"]
    assert "2023" in over
    assert "130%" in over
    assert "2022" in stale
    assert "150%" in stale
    row = response.context["wallet"].rows[2]
    assert row[1] == "–"
    assert row[3] == "–"
    assert wallets_of(account)[2].reason


def test_the_fingerprint_tells_every_change(world: World) -> None:
    seen = {fingerprint(world.account, 2024, None)}
    dated = {"account": world.account, "year": 2024, "estimated_on": dt.date(2025, 1, 1)}
    spend = CategorySpend.objects.create(amount=5, **dated)
    seen.add(fingerprint(world.account, 2024, None))
    CategorySpend.objects.filter(pk=spend.pk).update(source="x")
    seen.add(fingerprint(world.account, 2024, None))
    CompetitorShare.objects.create(competitor=Competitor.objects.create(name="K"), share=5, **dated)
    seen.add(fingerprint(world.account, 2024, None))
    assert len(seen) == 4
