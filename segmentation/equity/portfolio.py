"""What today's customers are worth by how they choose between suppliers, and what raising a driver would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crm.copying import read_queryset
from crm.models import AccountFacts
from crm.scoring.arrays import FloatArray, IntArray, divide
from crm.snapshots import among
from segmentation.equity.assumptions import Assumptions, Weights
from segmentation.equity.ratings import BEST, DRIVERS, LOWEST, NEUTRAL, US, Rounds
from segmentation.scoring.equity import Logit, Return, purchases_expected, return_on_spend

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet

YEAR = 365.25
FEWEST_PURCHASES, MOST_PURCHASES = 0.5, 52.0  # a year: oftener changes nothing but the time it takes
LEAST_SHARE = 0.02  # a smaller one makes a guess of the demand out of noise
EIGHTY_PERCENT = 1.2816  # standard errors on either side
JUDGED_RANGE = (0.5, 1.5)  # of a judged weight


@dataclass(frozen=True)
class Portfolio:
    """The n accounts with sales in the last twelve months. `place`: their row in `rounds`, -1 where not asked."""

    account: IntArray
    sales: FloatArray
    margin: FloatArray  # contribution of a unit of sales
    purchases: FloatArray  # a year
    share: FloatArray  # ours of the wallet
    share_known: int
    rounds: Rounds
    place: IntArray

    def __len__(self) -> int:
        return len(self.account)

    @property
    def contribution(self) -> FloatArray:
        """Of one purchase, were it ours: demand x margin / purchases a year, demand = sales / share."""
        found: FloatArray = self.sales / self.share * self.margin / self.purchases
        return found


def read_portfolio(
    accounts: AccountQuerySet,
    as_of: dt.date,
    shares: Mapping[int, float],
    rounds: Rounds,
    assumptions: Assumptions,
) -> Portfolio:
    """One query. `shares`: our known shares of wallet; `rounds`: the newest comparison of each account."""
    facts = among(AccountFacts.objects.filter(net_sales_12m__gt=0), accounts).order_by("account_id")
    names = ("account_id", "net_sales_12m", "gross_profit_12m", "costed_sales_12m", "occasions_24m")
    rows = read_queryset(facts.values_list(*names, "first_traded_on"), _COLUMNS)
    account, sales, profit, costed, occasions = (
        rows[name] for name in ("account", "sales", "profit", "costed", "occasions")
    )
    days = (np.datetime64(as_of, "D") - rows["first"]).astype(np.float64)
    days = np.where(np.isnat(rows["first"]), 0.0, days)
    observed = np.clip(days / YEAR, 0.25, 2.0)
    # A newcomer's first purchase opens the time observed and does not count in it.
    occasions = np.where(days < 2 * YEAR, np.maximum(occasions - 1, 0), occasions)
    overall = float(np.nansum(profit)) / float(costed.sum()) if costed.sum() > 0 else 0.0
    margin = divide(profit, np.where(costed > 0, costed, np.nan))
    known = _looked_up(account, shares)
    told = known > 0
    usual = (
        float(sales[told].sum() / (sales[told] / np.maximum(known[told], LEAST_SHARE)).sum())
        if told.any()
        else assumptions.unknown_share
    )
    asked = _looked_up(account, {pk: place for place, pk in enumerate(rounds.account.tolist())})
    return Portfolio(
        account=account,
        sales=sales,
        margin=np.where(np.isnan(margin), overall, margin),
        purchases=np.clip(occasions / observed, FEWEST_PURCHASES, MOST_PURCHASES),
        share=np.clip(np.where(told, known, usual), LEAST_SHARE, 1.0),
        share_known=int(told.sum()),
        rounds=rounds,
        place=np.where(np.isnan(asked), -1, asked).astype(np.int64),
    )


_COLUMNS = {
    "account": "int",
    "sales": "float",
    "profit": "float",
    "costed": "float",
    "occasions": "float",
    "first": "date",
}


def _looked_up(account: IntArray, values: Mapping[int, float]) -> FloatArray:
    """What is known of few among the accounts (ascending), NaN of the others."""
    found = np.full(len(account), np.nan)
    ids = np.fromiter(values.keys(), np.int64, len(values))
    at = np.searchsorted(account, ids)
    there = at < len(account)
    there[there] = account[at[there]] == ids[there]
    found[at[there]] = np.fromiter(values.values(), np.float64, len(values))[there]
    return found


def worth(
    portfolio: Portfolio, logit: Logit, assumptions: Assumptions, raised: Mapping[str, float] | None = None
) -> FloatArray:
    """(n,) money over the horizon, discounted: the formula of segmentation.scoring.equity.lifetime_value.

    Who was asked is valued by its own marks, the others by the mean marks of those who were. `raised`: marks added to
    ours, driver by driver, never past 10.
    """
    value = np.zeros(len(portfolio))
    given = portfolio.rounds.filled.copy()
    present = portfolio.rounds.present
    usual = np.full((1, 2, len(DRIVERS)), NEUTRAL)
    if len(given):
        others = np.where(present[:, 1:, np.newaxis], given[:, 1:, :], 0.0).sum(axis=1)
        usual[0, US] = given[:, US, :].mean(axis=0)
        usual[0, 1] = (others / present[:, 1:].sum(axis=1, keepdims=True)).mean(axis=0)
    for driver, by in (raised or {}).items():
        column = DRIVERS.index(driver)
        for marks in (given, usual):
            marks[:, US, column] = np.clip(marks[:, US, column] + by, LOWEST, BEST)
    spans = {"discount_rate": assumptions.discount_rate, "horizon": assumptions.horizon}
    asked = portfolio.place >= 0
    if asked.any():
        rows = portfolio.place[asked]
        marks = np.where(present[:, :, np.newaxis], given, 0.0)[rows]
        sums = purchases_expected(logit.matrices(marks, present[rows]), portfolio.purchases[asked], **spans)
        rivals = present[rows].copy()
        rivals[:, US] = False
        chances = rivals * ((1 - portfolio.share[asked]) / rivals.sum(axis=1))[:, np.newaxis]
        chances[:, US] = portfolio.share[asked]
        value[asked] = (chances * sums).sum(axis=1)
    if not asked.all():
        # One matrix for all of them: only how often they buy differs.
        rates, which = np.unique(portfolio.purchases[~asked], return_inverse=True)
        moves = np.broadcast_to(logit.matrix(usual[0]), (len(rates), 2, 2))
        sums = purchases_expected(moves, rates, **spans)[which]
        share = portfolio.share[~asked]
        value[~asked] = share * sums[:, US] + (1 - share) * sums[:, 1]
    return value * portfolio.contribution


@dataclass(frozen=True)
class Outcome:
    """What raising a driver changes: (n,) before and after, and the 80 % range of the gain in total."""

    before: FloatArray
    after: FloatArray
    spend: float  # discounted
    low: float
    high: float

    @property
    def result(self) -> Return:
        return return_on_spend(float(self.before.sum()), float(self.after.sum()), self.spend)

    def roi(self, gain: float) -> float | None:
        return (gain - self.spend) / self.spend if self.spend > 0 else None


def discounted_spend(cost: float, years: int, rate: float) -> float:
    """A cost in equal parts at the start of each of so many years."""
    return sum(cost / years / (1 + rate) ** year for year in range(years))


def what_if(
    portfolio: Portfolio,
    weights: Weights,
    assumptions: Assumptions,
    *,
    driver: str,
    marks: float,
    cost: float = 0.0,
    years: int = 1,
    before: FloatArray | None = None,
) -> Outcome:
    """Raise one driver by so many marks. The range: the driver's weight 1.28 errors lower and higher, or half and one
    and a half of a judged one. `before`: what `worth` gives, where it is known already."""
    if before is None:
        before = worth(portfolio, weights.logit, assumptions)
    after = worth(portfolio, weights.logit, assumptions, {driver: marks})
    ends = []
    for logit in _ends(weights.logit, DRIVERS.index(driver)):
        rise = worth(portfolio, logit, assumptions, {driver: marks}) - worth(portfolio, logit, assumptions)
        ends.append(float(rise.sum()))
    spend = discounted_spend(cost, years, assumptions.discount_rate)
    return Outcome(before, after, spend, min(ends), max(ends))


def _ends(logit: Logit, place: int) -> list[Logit]:
    weight = logit.weights[place]
    if logit.errors is None:
        ends = [weight * factor for factor in JUDGED_RANGE]
    else:
        half = EIGHTY_PERCENT * logit.errors[place + 1]
        ends = [weight - half, weight + half]
    found = []
    for end in ends:
        changed = logit.weights.copy()
        changed[place] = end
        found.append(replace(logit, weights=changed))
    return found
