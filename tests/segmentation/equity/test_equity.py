"""Customer equity: what it is worth, what one mark more brings, the what-if and its studies, the judgements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from crm.models import Account, ModelParameters, User
from crm.snapshots import shown_run
from lifecycle.models import AccountValue, ValueSnapshot
from segmentation.equity.assumptions import Assumptions
from segmentation.equity.board import EquityBoard
from segmentation.equity.equity_forms import WhatIfForm
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.portfolio import Portfolio, discounted_spend, what_if, worth
from segmentation.equity.ratings import DRIVERS, Rounds, estimate, read_rounds
from segmentation.models import EquityStudy, Segment, SegmentMembership
from segmentation.scoring.equity import Logit, lifetime_value
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.equity.worlds import AS_OF, customer, decide, demand, rate

LogIn = Callable[[User], Client]
ASKED = {"driver": "quality", "marks": "1", "cost": "1000", "years": "1"}


def board(user: User, **data: str) -> EquityBoard:
    form = EquityScopeForm(data, user=user)
    assert form.is_valid(), form.errors
    run = shown_run()
    assert run is not None
    return EquityBoard(form, WhatIfForm(data if "driver" in data else None), run)


@pytest.fixture
def base(world: World) -> dict[str, Account]:
    """Steel is asked and has a known demand of 4000, Paper is neither; the stranger's Glass is out of sight."""
    accounts = {
        "Steel": customer(world.rep, "Steel", 2000, 1200, industry="Steel"),
        "Paper": customer(world.rep, "Paper", 1000, 500, industry="Paper"),
        "Glass": customer(world.stranger, "Glass", 9000, 100, industry="Glass"),
    }
    demand(accounts["Steel"], 2024, 4000, Rival=40)
    day = dt.date(2025, 3, 1)
    rate(accounts["Steel"], day, quality=7.5, price=5, last=True)
    rate(accounts["Steel"], day, "Rival", quality=7.0, price=6, following=True)
    compute(AS_OF)
    return accounts


def test_who_was_asked_is_worth_the_formula_by_its_own_marks(world: World, base: dict[str, Account]) -> None:
    found = board(world.manager)
    assert found.portfolio.account.tolist() == sorted([base["Steel"].pk, base["Paper"].pk])
    logit = found.weights.logit
    marks = np.full((2, 9), 5.0)
    marks[:, 0], marks[:, 1] = [7.5, 7.0], [5, 6]
    place = found.portfolio.account.tolist().index(base["Steel"].pk)
    share = found.portfolio.share[place]
    assert share == pytest.approx(2000 / 4000, rel=0.3)
    purchases = found.portfolio.purchases[place]
    # Eight orders in the two years before.
    assert purchases == pytest.approx(4, abs=0.1)
    demand_a_year = found.portfolio.sales[place] / share
    expected = lifetime_value(
        [share, 1 - share], logit.matrix(marks), purchases, 1, demand_a_year * 0.4 / purchases
    )[0]
    assert found.worth[place] == pytest.approx(expected, rel=1e-9)


def test_who_was_not_asked_gets_the_means(world: World, base: dict[str, Account]) -> None:
    found = board(world.manager)
    place = found.portfolio.account.tolist().index(base["Paper"].pk)
    # The only known share is Steel's, and so is the only comparison: both stand for Paper too.
    assert found.portfolio.share[place] == pytest.approx(found.portfolio.share[1 - place])
    factor = found.portfolio.contribution[place] / found.portfolio.contribution[1 - place]
    assert found.worth[place] == pytest.approx(found.worth[1 - place] * factor)


def portfolio(n: int, rounds: Rounds, asked: bool = False) -> Portfolio:
    return Portfolio(
        account=np.arange(n),
        sales=np.full(n, 1200.0),
        margin=np.full(n, 0.5),
        purchases=np.full(n, 4.0),
        share=np.full(n, 0.6),
        share_known=0,
        rounds=rounds,
        place=np.zeros(n, dtype=np.int64) if asked else np.full(n, -1),
    )


def test_the_worked_example_through_the_portfolio(db: None) -> None:
    """Section 12: switching (.8 .2 / .3 .7), shares .6 and .4, four purchases a year of 500 each: 3 393.91."""
    nobody = read_rounds()
    # A logit has one inertia, the example's matrix two: stay .8 and .7 need an own pull of u, with inertia i:
    # i + u = ln 4 and i - u = ln(7/3).
    inertia, own = (np.log(4) + np.log(7 / 3)) / 2, (np.log(4) - np.log(7 / 3)) / 2
    found = portfolio(250, nobody)
    # demand x margin / f = 500: sales = 500 x 4 x .6 / margin.
    found = Portfolio(**{**vars_of(found), "sales": np.full(250, 500 * 4 * 0.6 / 0.5)})
    logit = Logit(float(inertia), np.array([float(own), *[0.0] * 8]), True, 0)
    raised = worth(found, logit, Assumptions(), {"quality": 1.0})
    assert raised[0] == pytest.approx(3_393.91, abs=0.005)
    assert raised.sum() == pytest.approx(848_477, abs=1.5)


def vars_of(found: Portfolio) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Portfolio.__dataclass_fields__}


def test_raising_a_driver_never_lowers_what_it_weighs_and_stops_at_ten(db: None) -> None:
    found = portfolio(3, read_rounds())
    weights = board_weights()
    gains = [
        what_if(found, weights, Assumptions(), driver="price", marks=marks, cost=10).result.gain
        for marks in (0.0, 1.0, 3.0, 5.0, 9.0)
    ]
    assert gains[0] == 0
    assert gains == sorted(gains)
    # 5 + 5 is the end of the scale.
    assert gains[3] == pytest.approx(gains[4])
    one = what_if(found, weights, Assumptions(), driver="price", marks=1.0, cost=10)
    assert one.low < one.result.gain < one.high


def board_weights() -> Any:
    from segmentation.equity.assumptions import weights_in_use

    return weights_in_use(estimate(read_rounds()), Assumptions())


def test_scale_of_money_and_order_of_accounts_do_not_matter(db: None) -> None:
    found = portfolio(4, read_rounds())
    found = Portfolio(**{**vars_of(found), "purchases": np.array([1.0, 4.0, 12.0, 0.5])})
    weights = board_weights()
    usual = worth(found, weights.logit, Assumptions())
    order = [2, 0, 3, 1]
    turned = Portfolio(
        **{**vars_of(found), "purchases": found.purchases[order], "sales": found.sales[order] * 7}
    )
    np.testing.assert_allclose(worth(turned, weights.logit, Assumptions()), usual[order] * 7)


def test_spend_over_years_is_discounted() -> None:
    assert discounted_spend(300, 3, 0.1) == pytest.approx(100 + 100 / 1.1 + 100 / 1.21)
    assert discounted_spend(300, 1, 0.1) == 300


def test_estimated_weights_bring_their_own_range(world: World, base: dict[str, Account]) -> None:
    decide([base["Steel"]], 150)
    found = board(world.manager, **ASKED)
    assert found.weights.estimated
    outcome = found.outcome
    assert outcome is not None
    assert outcome.low < outcome.result.gain < outcome.high
    rows = {row[0]: row for row in found.effects_table.rows}
    assert rows["Quality"][3] == pytest.approx(outcome.result.gain)
    assert abs(rows["Price"][3]) < abs(rows["Quality"][3])
    # Nobody was asked about ethics: it is worth nothing, and not anything between two absurd ends.
    assert rows["Brand ethics"][3:7] == [0, 0, 0, 0]


def test_groups_and_winners_add_up(world: World, base: dict[str, Account]) -> None:
    found = board(world.manager, **ASKED, by="industry")
    outcome = found.outcome
    assert outcome is not None
    table = found.groups_table
    assert {row[0] for row in table.rows} == {"Steel", "Paper"}
    assert sum(row[4] for row in table.rows) == pytest.approx(table.total[4]) == outcome.result.gain
    winners = found.winners_table().rows
    assert [row[4] for row in winners] == sorted((row[4] for row in winners), reverse=True)
    assert {row[0].value for row in winners} == {"Steel", "Paper"}


def test_total_and_trend_are_sums_of_the_published_values(world: World, base: dict[str, Account]) -> None:
    run = shown_run()
    for table in (AccountValue, ValueSnapshot):
        table.objects.all().delete()
    for name, value in (("Steel", 700.0), ("Paper", 300.0), ("Glass", 5000.0)):
        figures = {"account": base[name], "run": run, "lifetime_value_without_referrals": value}
        AccountValue.objects.create(**figures)
        for month, part in ((4, 0.5), (5, 0.8)):
            day = dt.date(2025, month, 30)
            ValueSnapshot.objects.create(
                month_end=day, **(figures | {"lifetime_value_without_referrals": value * part})
            )
    found = board(world.manager)
    assert found.published == {"value": 1000.0, "customers": 2}
    assert [row[1:3] for row in found.trend_table.rows] == [[500.0, 2], [800.0, 2]]
    assert found.change == pytest.approx(200)
    assert board(world.analyst).published["value"] == 6000


def test_a_study_keeps_its_inputs_is_opened_again_and_deleted_by_its_author(
    world: World, base: dict[str, Account], log_in: LogIn
) -> None:
    manager, analyst = log_in(world.manager), log_in(world.analyst)
    saved = manager.post(
        "/equity/studies/", ASKED | {"name": "Better steel", "industry": "Steel", "result": "9"}
    )
    assert saved.status_code == 302
    study = EquityStudy.objects.get()
    expected = board(world.manager, **ASKED, industry="Steel").outcome
    assert expected is not None
    assert study.inputs["result"]["gain"] == pytest.approx(expected.result.gain)
    assert study.inputs["result"]["customers"] == 1
    assert study.inputs["scope"] == {"industry": "Steel"}
    assert len(study.inputs["weights"]["drivers"]) == len(DRIVERS)
    page = manager.get(
        f"/equity/?{'&'.join(f'{k}={v}' for k, v in ASKED.items())}&industry=Steel&study={study.pk}"
    )
    text = page.content.decode()
    assert "Study “Better steel” of 2025-06-15 said" in text
    # An analyst sees every study and deletes no other's; another manager's totals stay his.
    assert "Better steel" in analyst.get("/equity/").content.decode()
    assert analyst.post(f"/equity/studies/{study.pk}/delete/").status_code == 404
    study.author = world.analyst
    study.save()
    assert "Better steel" not in manager.get("/equity/").content.decode()
    assert analyst.post(f"/equity/studies/{study.pk}/delete/").status_code == 302
    assert not EquityStudy.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"name": " "}, {"marks": "0"}, {"marks": "x"}, {"cost": "-1"}, {"driver": "luck"}, {"years": "9"}],
)
def test_what_is_no_question_is_not_saved(
    world: World, base: dict[str, Account], log_in: LogIn, change: dict[str, str]
) -> None:
    client = log_in(world.manager)
    assert client.post("/equity/studies/", ASKED | {"name": "S"} | change).status_code == 302
    assert not EquityStudy.objects.exists()
    asked = ASKED | change
    asked.pop("name", None)
    assert client.get("/equity/", asked).status_code == 200


def test_a_segment_narrows_the_question(world: World, base: dict[str, Account]) -> None:
    segment = Segment.objects.create(name="Mills")
    SegmentMembership.objects.create(
        segment=segment, account=base["Paper"], valid_from=AS_OF, run=shown_run()
    )
    found = board(world.manager, segment=str(segment.pk))
    assert found.portfolio.account.tolist() == [base["Paper"].pk]


def test_judgements_are_versions_and_nobody_overwrites_a_colleague(
    world: World, base: dict[str, Account], log_in: LogIn
) -> None:
    client = log_in(world.manager)
    body = dict.fromkeys(DRIVERS, "0") | {
        "quality": "3",
        "price": "1",
        "inertia": "2",
        "effect": "0.8",
        "horizon": "2",
        "discount": "8",
        "unknown": "40",
        "reason": "Asked the reps",
        "shown": "0",
    }
    assert client.post("/equity/judgements/", body | dict.fromkeys(DRIVERS, "0")).status_code == 200
    assert client.post("/equity/judgements/", body).status_code == 302
    assert client.post("/equity/judgements/", body).status_code == 409
    assert ModelParameters.objects.filter(model="segmentation.equity").count() == 1
    found = board(world.manager)
    assert found.weights.logit.weights[:3].tolist() == pytest.approx([0.6, 0.2, 0])
    assert (found.assumptions.horizon, found.assumptions.discount_rate) == (2, 0.08)


def test_the_page_and_every_export(world: World, base: dict[str, Account], log_in: LogIn) -> None:
    client = log_in(world.manager)
    query = "&".join(f"{key}={value}" for key, value in ASKED.items())
    page = assert_query_count(client, f"/equity/?{query}", "customer equity").content.decode()
    for slug in ("trend", "effects", "groups", "winners", "studies"):
        assert f"/equity/{slug}.xlsx" in page
        assert client.get(f"/equity/{slug}.xlsx?{query}").status_code == 200
    assert client.get("/equity/nothing.csv").status_code == 404


def test_before_the_first_run_there_is_nothing_to_break(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    assert "No figures yet" in client.get("/equity/").content.decode()
    assert client.get("/equity/trend.csv").status_code == 404
    assert client.post("/equity/studies/", ASKED | {"name": "S"}).status_code == 302
    compute(AS_OF)
    assert "No customer with sales" in client.get("/equity/").content.decode()
