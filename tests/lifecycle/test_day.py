"""Customers at risk in my day."""

from __future__ import annotations

import datetime as dt

from lifecycle.day import AtRiskSource
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World

AS_OF = dt.date(2025, 3, 1)


def test_own_late_buyers_with_what_they_earn(world: World) -> None:
    for owner, name in ((world.rep, "Late Mills"), (world.colleague, "Other Mills")):
        account = make_account(owner, world.east, name=name)
        for month in range(1, 13):
            make_trade_line(account, dt.date(2024, month, 1), net_amount=1000, cost=400)
    compute(AS_OF)
    items = AtRiskSource().items(user=world.rep, today=AS_OF)
    assert [item.account.name for item in items] == ["Late Mills"]
    assert "times its usual interval without an order" in items[0].title
    assert "gross profit, 12 months" in items[0].detail
    assert items[0].tone == "bad"


def test_nobody_before_the_first_run(world: World) -> None:
    assert AtRiskSource().items(user=world.rep, today=AS_OF) == []
