"""Where the profit of a customer comes from and what changed it, and the rhythm of its orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, divide, floats


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From the value at list price down to the contribution, money. NaN from ``cost`` on where the cost is not known.

    list_value - discount = net_sales; - cost = gross_profit; - marketing_cost - financing_cost = contribution.
    """

    list_value: float
    discount: float
    net_sales: float
    cost: float
    gross_profit: float
    marketing_cost: float
    financing_cost: float
    contribution: float

    @property
    def margin(self) -> float:
        """Gross profit over net sales; NaN without sales."""
        return float(divide(self.gross_profit, self.net_sales)) if self.net_sales > 0 else float("nan")


def waterfall(
    net_sales: float, discount: float, gross_profit: float, marketing_cost: float, financing_cost: float
) -> Waterfall:
    """Steps from sums of one period, money; ``gross_profit`` NaN where too few lines have a cost."""
    return Waterfall(
        list_value=net_sales + discount,
        discount=discount,
        net_sales=net_sales,
        cost=net_sales - gross_profit,
        gross_profit=gross_profit,
        marketing_cost=marketing_cost,
        financing_cost=financing_cost,
        contribution=gross_profit - marketing_cost - financing_cost,
    )


@dataclass(frozen=True, slots=True)
class ProfitBridge:
    """Why gross profit changed, money; the parts add up to ``after - before``.

    volume: more or less of the old assortment at its old average margin per unit; mix: shifted towards products that
    earn more or less; price, cost: per unit, at the new quantities; new, lost: products bought in one period only;
    other: products with more returns than sales in a period, which have no price of their own.
    """

    before: float
    after: float
    volume: float
    mix: float
    price: float
    cost: float
    new: float
    lost: float
    other: float

    @property
    def parts(self) -> tuple[float, ...]:
        return self.volume, self.mix, self.price, self.cost, self.new, self.lost, self.other


def profit_bridge(
    quantity_before: ArrayLike,
    sales_before: ArrayLike,
    profit_before: ArrayLike,
    quantity_after: ArrayLike,
    sales_after: ArrayLike,
    profit_after: ArrayLike,
) -> ProfitBridge:
    """Split the change of gross profit between two periods by product; arrays (k,), sums of lines with a known cost.

    0 where a product was not bought in a period.
    """
    q0, s0, g0 = (floats(values) for values in (quantity_before, sales_before, profit_before))
    q1, s1, g1 = (floats(values, len(q0)) for values in (quantity_after, sales_after, profit_after))
    idle0, idle1 = (q0 == 0) & (s0 == 0) & (g0 == 0), (q1 == 0) & (s1 == 0) & (g1 == 0)
    fresh, gone = idle0 & ~idle1, idle1 & ~idle0
    both = (q0 > 0) & (q1 > 0)
    rest = ~both & ~fresh & ~gone
    a0, a1 = q0[both], q1[both]
    price0, price1 = s0[both] / a0, s1[both] / a1
    unit0, unit1 = g0[both] / a0, g1[both] / a1
    grown = a1 - a0
    average = g0[both].sum() / a0.sum() if both.any() else 0.0
    volume = float(grown.sum() * average)
    price = float((a1 * (price1 - price0)).sum())
    # Unit cost is price less unit margin.
    cost = -float((a1 * ((price1 - unit1) - (price0 - unit0))).sum())
    return ProfitBridge(
        before=float(g0.sum()),
        after=float(g1.sum()),
        volume=volume,
        mix=float((grown * unit0).sum()) - volume,
        price=price,
        cost=cost,
        new=float(g1[fresh].sum()),
        lost=-float(g0[gone].sum()),
        other=float((g1[rest] - g0[rest]).sum()),
    )


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Days between purchase occasions. gaps (n - 1,); median, mean and spread (standard deviation) in days, NaN with
    fewer than two occasions; next_day: last + median; since: days since the last; pressure: since / median.
    """

    gaps: FloatArray
    median: float
    mean: float
    spread: float
    last_day: float
    next_day: float
    since: float
    pressure: float

    @property
    def is_late(self) -> bool:
        """Later than the customer usually is: beyond one and a half of the median gap."""
        return bool(self.pressure > 1.5)


def rhythm(days: ArrayLike, as_of: float) -> Rhythm:
    """Rhythm of purchase occasions, days as numbers since any epoch, in any order; later than ``as_of`` is left out."""
    when = np.unique(floats(days))
    when = when[when <= as_of]
    gaps = np.diff(when)
    nothing = float("nan")
    median = float(np.median(gaps)) if len(gaps) else nothing
    last = float(when[-1]) if len(when) else nothing
    since = as_of - last
    return Rhythm(
        gaps=gaps,
        median=median,
        mean=float(gaps.mean()) if len(gaps) else nothing,
        spread=float(gaps.std(ddof=1)) if len(gaps) > 1 else nothing,
        last_day=last,
        next_day=last + median,
        since=since,
        pressure=float(divide(since, median)),
    )
