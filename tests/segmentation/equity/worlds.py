"""Accounts with suppliers whose figures a test can work out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from crm.models import Account, CategorySpend, Competitor, CompetitorShare, SupplierRating, User
from tests.factories import make_account, make_trade_line

AS_OF = dt.date(2025, 6, 15)


def demand(account: Account, year: int, amount: int, **shares: float) -> None:
    """`shares`: per cent of the demand, by the competitor's name."""
    dated: dict[str, Any] = {"account": account, "year": year, "estimated_on": dt.date(year, 12, 1)}
    CategorySpend.objects.create(amount=amount, **dated)
    for name, share in shares.items():
        rival, _new = Competitor.objects.get_or_create(name=name)
        CompetitorShare.objects.create(competitor=rival, share=share, **dated)


def rate(
    account: Account,
    day: dt.date,
    name: str = "",
    last: bool = False,
    following: bool = False,
    **marks: float,
) -> None:
    rival = Competitor.objects.get_or_create(name=name)[0] if name else None
    SupplierRating.objects.create(
        account=account,
        competitor=rival,
        rated_on=day,
        ratings=marks,
        bought_last=last,
        buys_next=following,
    )


def customer(owner: User, name: str, sales: int, cost: int | None, orders: int = 4, **fields: Any) -> Account:
    """Buys `orders` times a year for two years, ending before AS_OF; `sales` and `cost` a year."""
    account = make_account(owner, name=name, **fields)
    for number in range(orders * 2):
        day = AS_OF - dt.timedelta(days=5 + round(number * 365 / orders))
        make_trade_line(account, day, sales / orders, None if cost is None else cost / orders)
    return account


def decide(accounts: list[Account], rounds: int, seed: int = 11) -> None:
    """Decisions by people who weigh quality by .6 and stay by 1: enough of them for an estimate."""
    dice = np.random.default_rng(seed)
    for number in range(rounds):
        account = accounts[number % len(accounts)]
        day = dt.date(2023, 1, 1) + dt.timedelta(days=number // len(accounts))
        quality = dice.integers(2, 10, 2).astype(float)
        last = int(dice.integers(0, 2))
        utility = 0.6 * quality + 1.0 * (np.arange(2) == last) + dice.gumbel(size=2)
        chosen = int(utility.argmax())
        for place, name in enumerate(("", "Rival")):
            rate(
                account,
                day,
                name,
                last=place == last,
                following=place == chosen,
                quality=quality[place],
                price=float(dice.integers(3, 9)),
            )
