"""Five years of trade lines. One customer at a time, all of its lines at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from config.demo import season
from config.demo.behaviour import SPAN, Kind, Plan
from config.demo.catalogue import EXPORT_PREMIUM, RATES, Catalogue, cost_index, list_price_index
from config.demo.dice import Dice, texts
from config.demo.season import Days, Factors

LINE = np.dtype(
    [
        ("plan", np.int32), ("order", np.int64), ("product", np.int32), ("day", np.int64), ("quantity", np.float64),
        ("unit_price", np.float64), ("list_price", np.float64), ("discount", np.float64), ("net", np.float64),
        ("cost", np.float64), ("marketing", np.float64), ("paid_after", np.int32), ("rate", np.float64),
        ("cancelled", np.bool_), ("credit", np.bool_),
    ]
)  # fmt: skip
Lines = NDArray[np.void]
Rates = Callable[[str, Days], Factors]


def trade_of(plan: Plan, place: int, catalogue: Catalogue, rates: Rates, as_of: dt.date) -> Lines:
    """The lines of one customer, credit notes among them; NaN marks what the ERP did not say."""
    today = season.number(as_of)
    days = order_days(plan, today)
    if not len(days):
        return np.zeros(0, dtype=LINE)
    rng = plan.dice("lines").rng
    per_order = 1 + rng.poisson(max(plan.lines - 1, 0), len(days))
    lines = np.zeros(int(per_order.sum()), dtype=LINE)
    lines["plan"] = place
    lines["order"] = np.repeat(np.arange(len(days)), per_order)
    lines["day"] = np.repeat(days, per_order)
    ago = (today - lines["day"]).astype(np.int64)

    share = plan.yearly / (plan.orders * plan.lines)
    basket, weights = basket_of(plan, catalogue, share)
    lines["product"] = rng.choice(basket, len(lines), p=weights)
    wish = share * plan.trend(ago) ** 0.6 * season.demand(lines["day"], china=plan.china)
    wish = wish * rng.lognormal(-0.1, 0.45, len(lines))

    currency = plan.account.currency
    rate = rates(currency, lines["day"])
    budget = RATES[currency][0] if currency in RATES else 1.0
    premium = EXPORT_PREMIUM if currency in RATES else 1.0
    listed = catalogue.prices[lines["product"]] * list_price_index(lines["day"], as_of) * premium / budget
    digits = 0 if currency == "JPY" else 2
    lines["list_price"] = np.maximum(np.round(listed, digits), 1 if digits == 0 else 0.01)
    # The discount crept up over the years, most of all for those who always ask for more.
    creep = 0.012 if plan.kind == Kind.HUNGRY else 0.008
    discount = np.clip(plan.discount - creep * ago / 365.25 + rng.normal(0, 0.012, len(lines)), 0, 0.6)
    lines["unit_price"] = np.maximum(np.round(lines["list_price"] * (1 - discount), digits), 10.0**-digits)
    lines["quantity"] = handy(wish / rate / lines["unit_price"])
    gross = lines["quantity"] * lines["unit_price"]
    promoted = rng.random(len(lines)) < 0.07
    lines["discount"] = np.where(promoted, np.round(gross * rng.uniform(0.02, 0.05, len(lines)), digits), 0)
    lines["net"] = np.round(gross - lines["discount"], 2)
    unit_cost = catalogue.costs[lines["product"]] * cost_index(lines["day"], as_of) / rate
    lines["cost"] = np.round(lines["quantity"] * unit_cost * rng.normal(1, 0.025, len(lines)), 4)
    lines["rate"] = rate
    # Bonuses and shared fairs: distributors always, others now and then.
    bonus = (
        rng.uniform(0.008, 0.02, len(lines))
        if plan.industry == "distributor"
        else np.full(len(lines), np.nan)
    )
    lines["marketing"] = np.round(lines["net"] * bonus, 4)
    delay = np.round(rng.normal(plan.delay, 9, len(days))).astype(np.int32)
    lines["paid_after"] = np.repeat(np.maximum(plan.term + delay, -10), per_order)
    blemish(plan, lines, rng)
    return np.concatenate([lines, credit_notes(plan, lines, today, rng)])


def order_days(plan: Plan, today: int) -> Days:
    """Workdays on which the customer orders, rising."""
    dice = plan.dice("days")
    rng = dice.rng
    first, last = today - min(plan.starts, SPAN - 1), today - plan.ends
    if plan.kind == Kind.SILENT:
        return np.zeros(0, dtype=np.int64)
    if plan.kind == Kind.ONE_OFF:
        return season.to_workday(np.array([first + dice.whole(0, max(last - first - 30, 0))]))
    if plan.kind == Kind.SEASONAL:
        years = range(season.date(first).year, season.date(last).year + 1)
        month = dice.pick((3, 3, 4, 9))
        wanted = np.array([season.number(dt.date(y, month, dice.whole(4, 24))) for y in years])
        return season.to_workday(wanted[(wanted >= first) & (wanted <= last)])
    if plan.kind == Kind.PROJECT:
        starts = first + np.cumsum(rng.integers(200, 480, 9))
        wanted = np.concatenate([s + rng.integers(0, 55, rng.integers(3, 8)) for s in starts])
        return np.unique(season.to_workday(wanted[(wanted >= first) & (wanted <= last)]))
    # More often than wanted, then thinned by the season and the customer's own trend.
    pace = 365.25 / plan.orders / 2.2
    count = int((last - first) / pace * 1.5) + 12
    wanted = first + np.cumsum(rng.gamma(plan.regularity, pace / plan.regularity, count)).astype(np.int64)
    wanted = wanted[wanted <= last]
    keep = plan.trend(today - wanted) ** 0.4 * season.demand(wanted, china=plan.china) / 2.2
    if plan.china:
        keep = np.where(season.in_festival(wanted), 0.0, keep)
    # Every second or third one, evenly: thinning at random would make everybody irregular.
    phase = np.cumsum(np.clip(keep, 0, 1))
    kept = wanted[np.diff(np.floor(phase), prepend=0) >= 1]
    if not len(kept):
        kept = np.array([first])
    return np.unique(season.to_workday(kept))


def basket_of(plan: Plan, catalogue: Catalogue, share: float) -> tuple[list[int], Factors]:
    """What the customer buys: a few favourites and a tail, nothing dearer than its orders can carry."""
    dice: Dice = plan.dice("basket")
    families = texts("industries")[plan.industry]["families"]
    wanted = [(place, weight) for key, weight in families.items() for place in catalogue.of_family(key)]
    fits = [(p, w) for p, w in wanted if catalogue.prices[p] < share * 0.8]
    if not fits:
        fits = sorted(wanted, key=lambda row: catalogue.prices[row[0]])[:3]
    size = min(len(fits), dice.whole(5, 9) + round(plan.lines * 2.5))
    chosen: list[int] = []
    weights: list[float] = []
    for rank, (product, weight) in enumerate(dice.shuffled(fits)[:size]):
        chosen.append(product)
        weights.append(weight / (rank + 1) ** 0.7)
    total = np.asarray(weights)
    return chosen, total / total.sum()


def handy(quantities: Factors) -> Factors:
    """Quantities as people order them: single pieces, then fives, tens, hundreds."""
    step = np.select([quantities < 10, quantities < 60, quantities < 1000], [1, 5, 10], 100)
    return np.maximum(np.round(quantities / step) * step, 1)


def blemish(plan: Plan, lines: Lines, rng: np.random.Generator) -> None:
    """What real ledgers have: lines without a cost or a list price, cancelled orders."""
    uncosted = 0.4 if plan.dice("uncosted").chance(0.012) else 0.012
    lines["cost"][rng.random(len(lines)) < uncosted] = np.nan
    lines["list_price"][rng.random(len(lines)) < 0.01] = np.nan
    orders = np.unique(lines["order"])
    lines["cancelled"] = np.isin(lines["order"], orders[rng.random(len(orders)) < 0.008])


def credit_notes(plan: Plan, lines: Lines, today: int, rng: np.random.Generator) -> Lines:
    """Some goods come back: a negative line on a later day, at the price they were sold for."""
    odds = 0.008 + 0.012 * max(-plan.mood, 0)
    back = lines[(rng.random(len(lines)) < odds) & ~lines["cancelled"]].copy()
    back["day"] = season.to_workday(back["day"] + rng.integers(8, 45, len(back)))
    share = np.where(rng.random(len(back)) < 0.4, 1.0, rng.uniform(0.1, 0.7, len(back)))
    pieces = np.maximum(np.round(back["quantity"] * share), 1)
    part = pieces / back["quantity"]
    for field in ("net", "cost", "discount", "marketing"):
        back[field] = np.round(-back[field] * part, 4 if field in ("cost", "marketing") else 2)
    back["quantity"] = -pieces
    back["net"] = np.round(back["quantity"] * back["unit_price"] - back["discount"], 2)
    back["credit"] = True
    back["order"] += 1_000_000
    return back[back["day"] <= today]
