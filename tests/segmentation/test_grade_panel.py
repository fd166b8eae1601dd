"""The grade on the account page, recomputed with other arithmetic than the product's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Account, User
from crm.overrides import revoke_override, set_override
from segmentation.explanations import explain
from segmentation.models import AccountGrade, GradeOverride
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.segmentation.worlds import AS_OF, CUSTOMERS, MONTH_END, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]
WEIGHTS = {
    "gross_profit": 0.30,
    "net_sales": 0.20,
    "marketing_cost_ratio": 0.10,
    "industry_position": 0.10,
    "cooperation_years": 0.10,
    "satisfaction": 0.20,
}


def percentile(value: float, everybody: list[float]) -> float:
    less = len([other for other in everybody if other < value])
    equal = len([other for other in everybody if other == value])
    return 100 * (less + equal / 2) / len(everybody)


def points_by_hand(name: str) -> dict[str, float | None]:
    """From the table of customers alone; Delta's first line (2024-02-01) lies before the window, Epsilon's in it."""
    rows = {row[0]: row for row in CUSTOMERS}
    in_window = {n: r[4] > AS_OF - dt.timedelta(days=365) for n, r in rows.items()}
    sales = {n: r[1] + (10 if in_window[n] else 0) for n, r in rows.items()}
    # Epsilon: one of two lines has a cost, less than 80 %.
    profit = {n: r[1] - r[2] for n, r in rows.items() if r[2] is not None}
    cost_ratio = {n: r[3] / sales[n] for n, r in rows.items()}
    _, _, _, _, first, position, perceived = rows[name]
    years = (AS_OF - first).days / 365.25
    bands = [points for limit, points in ((1, 20), (3, 40), (5, 60), (10, 80)) if years < limit]
    return {
        "gross_profit": percentile(profit[name], list(profit.values())) if name in profit else None,
        "net_sales": percentile(sales[name], list(sales.values())),
        "marketing_cost_ratio": 100 - percentile(cost_ratio[name], list(cost_ratio.values())),
        "industry_position": None if position is None else position * 20,
        "cooperation_years": bands[0] if bands else 100,
        "satisfaction": None if perceived is None else (perceived - 1) / 9 * 100,
    }


def shown_lines(page: str) -> dict[str, list[str]]:
    """Per indicator: the text of its cells."""
    found = {}
    for code, row in re.findall(r'<tr data-indicator="(\w+)">(.*?)</tr>', page, re.S):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        found[code] = [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
    return found


@pytest.mark.parametrize("name", ["Alpha", "Gamma", "Epsilon"])
def test_the_page_shows_what_a_calculator_gives(world: World, log_in: LogIn, name: str) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    page = log_in(world.rep).get(f"/accounts/{accounts[name].pk}/").content.decode()
    lines, points = shown_lines(page), points_by_hand(name)
    known = sum(WEIGHTS[code] for code, value in points.items() if value is not None)
    total = 0.0
    for code, weight in WEIGHTS.items():
        _name, raw, standard, shown_points, nominal, effective, contribution = lines[code]
        assert nominal == f"{weight:.0%}"
        if (value := points[code]) is None:
            assert (raw if code != "gross_profit" else "–", shown_points) == ("–", "–")
            assert standard.startswith("missing:")
            assert (effective, contribution) == ("0.0%", "0.00")
            continue
        assert shown_points == f"{value:.1f}"
        assert effective == f"{weight / known * 100:.1f}%"
        assert contribution == f"{weight / known * value:.2f}"
        total += weight / known * value
    assert re.search(r"data-total>([\d.]+)<", page)[1] == f"{total:.2f}"  # type: ignore[index]
    grade = next(letter for letter, cut in (("A", 80), ("B", 60), ("C", 40), ("D", -1)) if total >= cut)
    if known < 0.5:
        grade = "–"
    assert re.search(r'<span class="grade grade-xl[^"]*">([^<]+)</span>', page)[1] == grade  # type: ignore[index]


def test_money_leads_to_the_lines_of_its_window(world: World, log_in: LogIn) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    client = log_in(world.rep)
    page = client.get(f"/accounts/{accounts['Alpha'].pk}/").content.decode()
    address = f"/accounts/{accounts['Alpha'].pk}/trade/?from=2024-06-16&amp;to=2025-06-15"
    assert page.count(f'href="{address}"') == 3
    lines = client.get(unescape(address)).content.decode()
    assert "900" in lines
    assert "2013-03-01" not in lines


def test_the_gap_and_the_cheapest_way(world: World) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    explained = explain(accounts["Beta"])
    assert explained is not None
    total = explained.explanation.total
    assert total is not None
    above = {"D": 40, "C": 60, "B": 80}[explained.grade or ""]
    assert explained.gap == pytest.approx(above - total)
    for way in explained.ways:
        line = next(line for line in explained.explanation.indicators if line.code == way.code)
        # Raising this indicator's points by what is said lifts the total to the limit, no more and no less.
        assert total + way.points_needed * line.effective_weight == pytest.approx(above)


def test_an_old_month_end_is_explained_as_it_was(world: World) -> None:
    accounts = two_dates(world)
    now, then = explain(accounts["Gamma"]), explain(accounts["Gamma"], month_end=MONTH_END)
    assert now is not None
    assert then is not None
    assert [line.raw for line in then.explanation.indicators][:2] == [50, 500]
    assert [line.raw for line in now.explanation.indicators][:2] == [4050, 5500]
    assert explain(accounts["Gamma"], month_end=dt.date(2020, 1, 31)) is None


def test_without_trade_the_panel_says_what_is_needed(world: World, log_in: LogIn) -> None:
    client, address = log_in(world.rep), f"/accounts/{world.account.pk}/"
    assert "No grade yet" in client.get(address).content.decode()
    assert "No stage yet" in client.get(f"{address}panels/stage/").content.decode()


def test_unrated_says_why(world: World, log_in: LogIn) -> None:
    account = make_account(world.rep)
    make_trade_line(account, AS_OF, net_amount=-5, cost=None)
    make_trade_line(account, AS_OF - dt.timedelta(days=9), net_amount=5, cost=None)
    compute(AS_OF)
    assert AccountGrade.objects.get(account=account).grade is None
    assert (
        "Unrated: too few indicators are known"
        in log_in(world.rep).get(f"/accounts/{account.pk}/").content.decode()
    )


def grade_by_hand(client: Client, account: Account, **changes: str) -> int:
    data = {"grade": "3", "reason": "Insolvent", "valid_to": f"{dt.date.today() + dt.timedelta(days=30)}"}  # noqa: DTZ011
    return client.post(f"/accounts/{account.pk}/grade/", data | changes).status_code


def test_a_manager_sets_a_grade_and_takes_it_back(world: World, log_in: LogIn) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    alpha, manager = accounts["Alpha"], log_in(world.manager)
    computed = AccountGrade.objects.get(account=alpha).computed_grade
    assert grade_by_hand(manager, alpha) == 302
    waiting = manager.get(f"/accounts/{alpha.pk}/").content.decode()
    assert "Set by hand to D" in waiting
    assert "the figures follow with the next run" in waiting
    compute(AS_OF)
    row = AccountGrade.objects.get(account=alpha)
    assert (row.grade, row.computed_grade, row.overridden) == (3, computed, True)
    page = manager.get(f"/accounts/{alpha.pk}/").content.decode()
    assert "Set by hand to D; the model says" in page
    assert "Insolvent" in page
    assert manager.post(f"/accounts/{alpha.pk}/grade/revoke/").status_code == 302
    compute(AS_OF)
    assert AccountGrade.objects.get(account=alpha).grade == computed


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ""},
        {"grade": "9"},
        {"valid_to": "2020-01-01"},
        {"valid_to": "2199-01-01"},
        {"valid_to": "soon"},
    ],
)
def test_a_word_without_reason_grade_or_end_is_refused(
    world: World, log_in: LogIn, changes: dict[str, str]
) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    assert grade_by_hand(log_in(world.manager), accounts["Alpha"], **changes) == 200
    assert not AccountGrade.objects.filter(overridden=True).exists()


def test_what_a_rep_sets_does_not_count_and_strangers_set_nothing(world: World, log_in: LogIn) -> None:
    accounts = make_customers(world.rep, make_survey())
    compute(AS_OF)
    assert grade_by_hand(log_in(world.rep), accounts["Alpha"]) == 302
    compute(AS_OF)
    assert not AccountGrade.objects.filter(overridden=True).exists()
    assert grade_by_hand(log_in(world.manager), world.strangers_account) == 404


def test_a_second_word_replaces_the_first(world: World) -> None:
    account = world.account
    for grade in (0, 2):
        set_override(
            GradeOverride,
            now=timezone.now(),
            account=account,
            value=grade,
            reason="r",
            author=world.manager,
            today=AS_OF,
            valid_to=AS_OF + dt.timedelta(days=9),
        )
    assert revoke_override(GradeOverride, account=account, author=world.manager, now=timezone.now()) == 1


@pytest.mark.parametrize("part", ["grade-history", "stage-history"])
def test_the_history_follows_when_the_reader_comes_to_it(world: World, log_in: LogIn, part: str) -> None:
    client, account = log_in(world.rep), two_dates(world)["Gamma"]
    address = f"/accounts/{account.pk}/panels/"
    assert f'hx-get="{address}{part}/"' in client.get(f"{address}{part.split('-')[0]}/").content.decode()
    assert "data-chart" in client.get(f"{address}{part}/").content.decode()
