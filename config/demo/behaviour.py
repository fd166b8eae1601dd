"""How a customer of the demo company trades. Each kind is there to make one of the models speak."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from config.demo.dice import Dice
from config.demo.season import Days, Factors
from crm.models import Account

YEARS = 5
SPAN = round(365.25 * YEARS)  # days of trade


class Kind(StrEnum):
    STEADY = "steady"
    GROWING = "growing"
    DECLINING = "declining"
    LOST = "lost"
    NEW = "new"
    ERRATIC = "erratic"
    SEASONAL = "seasonal"  # once a year, before the season
    PROJECT = "project"  # bursts, then silence
    ONE_OFF = "one-off"
    HUNGRY = "hungry"  # buys only at a discount that costs us money
    SILENT = "silent"  # never traded: prospects, and indirect customers


# Kinds of those who trade, in per cent.
SHARES = {
    Kind.STEADY: 33,
    Kind.GROWING: 17,
    Kind.DECLINING: 8,
    Kind.LOST: 9,
    Kind.NEW: 8,
    Kind.ERRATIC: 8,
    Kind.SEASONAL: 4,
    Kind.PROJECT: 4,
    Kind.ONE_OFF: 4,
    Kind.HUNGRY: 5,
}
# How content they are, in standard deviations; surveys, ratings and complaints follow it.
MOOD = {
    Kind.STEADY: 0.4,
    Kind.GROWING: 1.0,
    Kind.DECLINING: -1.2,
    Kind.LOST: -1.7,
    Kind.NEW: 0.5,
    Kind.ERRATIC: -0.2,
    Kind.SEASONAL: 0.3,
    Kind.PROJECT: 0.2,
    Kind.ONE_OFF: -0.3,
    Kind.HUNGRY: 0.0,
    Kind.SILENT: 0.0,
}


@dataclass
class Plan:
    """An account with everything the generator knows and the CRM must find out."""

    account: Account
    china: bool
    country: str
    language: str
    industry: str
    territory: str
    kind: Kind
    mood: float
    yearly: float  # sales a year in CNY at the middle of its life
    orders: float  # a year
    lines: float  # an order
    regularity: float  # shape of the gamma intervals: 1 is pure chance
    discount: float  # off the list price, today
    term: int  # agreed days until paid
    delay: float  # days by which it pays late
    starts: int  # days before as_of
    ends: int
    holding: bool  # head of a group: its subsidiaries trade
    key: str  # names its streams of chance

    def dice(self, purpose: str) -> Dice:
        return Dice(purpose, self.key)

    def mood_at(self, days_ago: float) -> float:
        """Those who leave were content once."""
        years = days_ago / 365.25
        if self.kind in (Kind.DECLINING, Kind.LOST):
            return self.mood + min(max(years - self.ends / 365.25, 0.0) * 0.9, 1.8)
        return self.mood - (0.3 * years if self.kind == Kind.GROWING else 0.0)

    def trend(self, days_ago: Days) -> Factors:
        """Its demand at a time, 1 being ordinary."""
        years = days_ago / 365.25
        if self.kind == Kind.GROWING:
            return np.asarray(1.9 * 0.74**years)
        if self.kind == Kind.NEW:
            return np.asarray(1.3 * 0.5**years)
        if self.kind in (Kind.DECLINING, Kind.LOST):
            left = years - self.ends / 365.25
            return np.asarray(np.clip(0.22 + left * 0.5, 0.22, 1.15))
        return np.asarray(1.04 * 0.98**years)


def plan_life(dice: Dice, kind: Kind, rank: float) -> dict[str, float]:
    """Size and rhythm. `rank` in (0, 1): the place in the industry's heavy tail, 1 the largest."""
    yearly = min(260_000 * (1 - rank) ** (-1 / 1.12), 26_000_000.0)
    relative = yearly / 260_000
    orders = float(np.clip(11.5 * relative**0.4 * np.exp(dice.bell(0, 0.25)), 4, 95))
    lines = 2.3 + 0.9 * float(np.log2(relative + 1))
    discount = 0.08 + 0.035 * float(np.log2(relative + 1)) * dice.real(0.7, 1.15)
    starts, ends, regularity = dice.whole(1250, SPAN + 1300), 0, dice.real(2.5, 7)
    if kind == Kind.NEW:
        starts = dice.whole(25, 330)
    elif kind == Kind.LOST:
        ends = dice.whole(260, 900)
    elif kind == Kind.DECLINING:
        orders *= 1.2
    elif kind == Kind.ERRATIC:
        regularity, orders = 0.8, orders * 0.6
    elif kind in (Kind.SEASONAL, Kind.PROJECT, Kind.ONE_OFF):
        starts = min(starts, SPAN)
        orders = {Kind.SEASONAL: 1.0, Kind.PROJECT: 5.0, Kind.ONE_OFF: 1.0}[kind]
    elif kind == Kind.HUNGRY:
        discount = dice.real(0.43, 0.52)
    return {
        "yearly": yearly,
        "orders": orders,
        "lines": lines,
        "regularity": regularity,
        "discount": min(discount, 0.5),
        "starts": starts,
        "ends": ends,
    }


def deal_kinds(dice: Dice, count: int) -> list[Kind]:
    """The kinds in their shares, shuffled: every demo has some of each."""
    deck = [kind for kind, share in SHARES.items() for _ in range(max(1, round(count * share / 100)))]
    deck += [Kind.STEADY] * max(0, count - len(deck))
    return dice.shuffled(deck[:count] if len(deck) > count else deck)
