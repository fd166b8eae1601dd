"""The pages of lifetime value: what they show, what a person may change there, and for whom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import CostToServe, Role, ValueCase
from lifecycle.models import AccountValue, ValueJudgement
from lifecycle.worth.costs import costs_of, costs_of_all
from lifecycle.worth.reading import read_worth
from tests.factories import make_account, make_territory, make_user
from tests.figures import compute
from tests.fixtures import World
from tests.lifecycle.value_world import buys, company
from tests.query_counts import assert_query_count

A = dt.date(2025, 6, 30)


@pytest.fixture
def figures(world: World) -> World:
    buys(world.account, A, 10, 70, 130, 400, value=1000)
    for account in company(60, A):
        account.territory, account.owner = world.account.territory, world.rep
        account.save()
    compute(A)
    return world


def page(client: Client, world: World) -> str:
    response = client.get(reverse("lifecycle:account-value", args=[world.account.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_page_and_job_give_the_same_figures(figures: World) -> None:
    worth, row = read_worth(figures.account), AccountValue.objects.get(account=figures.account)
    assert worth is not None
    assert worth.total == row.lifetime_value
    assert worth.predicted == pytest.approx(row.predicted, rel=1e-9)
    assert [part.value for part in worth.parts] == [
        row.purchase_value,
        row.referral_value,
        row.information_value,
        row.knowledge_value,
        row.transaction_value,
    ]


def test_a_judgement_shows_at_once_with_the_computed_figure_and_can_be_taken_back(
    client: Client, figures: World
) -> None:
    client.force_login(figures.rep)
    address = reverse("lifecycle:value-judge", args=[figures.account.pk, "spending"])
    assert client.get(address).status_code == 200
    assert client.post(address, {"value": "-5", "reason": "x"}).status_code == 422
    assert client.post(address, {"value": "9000", "reason": ""}).status_code == 422
    assert client.post(address, {"value": "9000", "reason": "Their plan for the year"}).status_code == 302
    assert "Their plan for the year" in page(client, figures)
    worth = read_worth(figures.account)
    assert worth is not None
    line = worth.line("spending")
    assert (line.used, line.computed) == (9000, None)
    assert client.post(address, {"withdraw": "1"}).status_code == 302
    assert client.post(address, {"withdraw": "1"}).status_code == 302
    values = ValueJudgement.objects.order_by("pk").values_list("value", flat=True)
    assert list(values) == [Decimal(9000), None]
    worth = read_worth(figures.account)
    assert worth is not None
    assert worth.line("spending").judgement is None


def test_per_cent_are_limited_and_unknown_inputs_are_not_found(client: Client, figures: World) -> None:
    client.force_login(figures.rep)
    share = reverse("lifecycle:value-judge", args=[figures.account.pk, "share"])
    assert client.post(share, {"value": "101", "reason": "x"}).status_code == 422
    assert client.get(reverse("lifecycle:value-judge", args=[figures.account.pk, "shoe"])).status_code == 404


def test_gains_are_recorded_changed_and_deleted(client: Client, figures: World) -> None:
    client.force_login(figures.rep)
    other, hidden = make_account(figures.rep), make_account(territory=make_territory("Elsewhere"))
    address = reverse("lifecycle:value-case-create", args=[figures.account.pk])
    gain = {"kind": "referral", "happened_on": "2025-06-01", "benefit": "500", "share": "100"}
    tomorrow = str(timezone.localdate() + dt.timedelta(days=1))
    for wrong in (
        {"happened_on": tomorrow},
        {"benefit": "-1"},
        {"share": "120"},
        {"referred_number": hidden.number},
        {"referred_number": figures.account.number},
    ):
        assert client.post(address, gain | wrong).status_code == 422, wrong
    assert client.post(address, gain | {"referred_number": other.number}).status_code == 302
    case = ValueCase.objects.get()
    assert (case.referred, case.user) == (other, figures.rep)
    edit = reverse("lifecycle:value-case-edit", args=[case.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, gain | {"kind": "knowledge", "referred_number": other.number}).status_code == 302
    case.refresh_from_db()
    assert (case.kind, case.referred) == ("knowledge", None)
    assert "500" in page(client, figures)
    client.post(reverse("lifecycle:value-case-delete", args=[case.pk]))
    assert not ValueCase.objects.exists()


def test_a_referred_account_is_named_to_those_who_see_it(client: Client, figures: World) -> None:
    hidden = make_account(territory=make_territory("Elsewhere"), name="Secret bearings")
    ValueCase.objects.create(
        account=figures.account, kind="referral", happened_on=A, benefit=5, referred=hidden, user=figures.rep
    )
    client.force_login(figures.rep)
    assert "Secret bearings" not in page(client, figures)
    client.force_login(make_user(Role.ADMINISTRATOR))
    assert "Secret bearings" in page(client, figures)


def test_revenue_less_cost(figures: World) -> None:
    """Own costs in full, the company's by the share of positive gross profit; only of the last 365 days."""
    account, run = figures.account, AccountValue.objects.first().run  # type: ignore[union-attr]
    everybody = costs_of_all(type(account).objects.all(), run)
    gain = float(costs_of(account, run).gain or 0)
    assert gain == 3 * (1000 - 60)
    for kind, amount, owner, day in (
        ("acquisition", 100, account, A),
        ("service", 50, account, A - dt.timedelta(days=364)),
        ("service", 7, account, A - dt.timedelta(days=365)),
        ("visit", 9, account, A + dt.timedelta(days=1)),
        ("retention", 1000, None, A),
    ):
        CostToServe.objects.create(account=owner, kind=kind, amount=amount, spent_on=day)
    found = costs_of(account, run)
    shared = 1000 * gain / float(everybody.gain or 1)
    assert float(found.all_acquisition) == 100
    assert float(found.all_retention) == pytest.approx(50 + shared)
    assert float(found.left or 0) == pytest.approx(gain - 150 - shared)
    # models.md section 11: r .8, i .10 -> 2.667 times the margin.
    assert found.forward(0.8, 0.1) == pytest.approx((gain - 50 - shared) * 2.6667 - 100, rel=1e-4)
    whole = costs_of_all(type(account).objects.all(), run)
    assert whole.per_customer == pytest.approx((float(whole.gain or 0) - 100 - 1050) / whole.customers)


def test_costs_are_recorded_and_deleted(client: Client, figures: World) -> None:
    client.force_login(figures.rep)
    address = reverse("lifecycle:cost-create", args=[figures.account.pk])
    cost = {"kind": "visit", "spent_on": "2025-06-01", "amount": "80"}
    assert client.post(address, cost | {"amount": "-1"}).status_code == 422
    assert client.post(address, cost).status_code == 302
    row = CostToServe.objects.get()
    edit = reverse("lifecycle:cost-edit", args=[row.pk])
    assert client.post(edit, cost | {"amount": "90"}).status_code == 302
    assert CostToServe.objects.get().amount == 90
    client.post(reverse("lifecycle:cost-delete", args=[row.pk]))
    assert not CostToServe.objects.exists()


def test_costs_of_the_whole_company(client: Client, figures: World) -> None:
    client.force_login(figures.manager)
    address = reverse("lifecycle:company-costs")
    cost = {"kind": "retention", "spent_on": "2025-06-01", "amount": "80"}
    assert client.post(address, cost | {"amount": "-1"}).status_code == 422
    assert client.post(address, cost).status_code == 302
    row = CostToServe.objects.get()
    assert row.account is None
    own = CostToServe.objects.create(account=figures.account, kind="visit", spent_on=A, amount=1)
    assert client.post(reverse("lifecycle:company-cost-delete", args=[own.pk])).status_code == 404
    assert client.post(reverse("lifecycle:company-cost-delete", args=[row.pk])).status_code == 302
    assert CostToServe.objects.get() == own


def test_before_the_first_run_and_without_trade(client: Client, world: World) -> None:
    client.force_login(world.manager)
    assert "No values yet" in page(client, world)
    assert "No values yet" in client.get(reverse("lifecycle:lifetime-value")).content.decode()
    compute(A)
    assert "It has never bought" in page(client, world)
    assert client.get(reverse("lifecycle:lifetime-value")).status_code == 200


def test_the_page_of_all_shows_tiers_forecasts_and_exports(client: Client, figures: World) -> None:
    client.force_login(figures.manager)
    text = client.get(reverse("lifecycle:lifetime-value")).content.decode()
    assert "In use:" in text
    assert "MBG/CNBD-k" in text
    for table in ("tiers", "distribution", "forecasts", "parameters", "top-lifetime", "top-predicted"):
        found = client.get(reverse("lifecycle:lifetime-value-export", args=[table, "csv"]))
        assert found.status_code == 200
        assert len(b"".join(found).splitlines()) > 1, table  # type: ignore[arg-type]
    assert client.get(reverse("lifecycle:lifetime-value-export", args=["nosuch", "csv"])).status_code == 404
    nobody = client.get(reverse("lifecycle:lifetime-value"), {"industry": "nosuch"}).content.decode()
    assert "No customers here" in nobody


def test_the_list_shows_and_filters_tiers(client: Client, figures: World) -> None:
    client.force_login(figures.manager)
    high = AccountValue.objects.filter(tier=0).count()
    response = client.get(reverse("crm:account-list"), {"value_tier": "high"})
    assert response.context["page"].paginator.count == high
    assert (
        client.get(reverse("crm:account-list"), {"value_tier": "nosuch"}).context["page"].paginator.count == 0
    )


def test_the_panel(client: Client, figures: World) -> None:
    client.force_login(figures.rep)
    found = client.get(reverse("crm:account-panel", args=[figures.account.pk, "value"])).content.decode()
    assert "All of it" in found


def test_queries_do_not_grow(client: Client, figures: World) -> None:
    client.force_login(figures.manager)
    address = reverse("lifecycle:account-value", args=[figures.account.pk])
    for rows in (1, 20):
        for day in range(rows):
            ValueCase.objects.create(
                account=figures.account, kind="trade", happened_on=A, benefit=day, user=figures.rep
            )
            ValueJudgement.objects.create(
                account=figures.account, part="reach", value=day, reason="x", author=figures.rep
            )
        assert_query_count(client, address, "account value")
    assert_query_count(client, reverse("lifecycle:lifetime-value"), "lifetime value")
