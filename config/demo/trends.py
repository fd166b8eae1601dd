"""What is known of the customers' business: observations with figures, demand and competitors, people's details."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import ExtractYear

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice, texts
from config.demo.visits import COMPETITORS
from crm.models import (
    AccountAddress,
    AccountPhone,
    CategorySpend,
    Competitor,
    CompetitorShare,
    Observation,
    ObservationFigure,
    PersonalDetails,
    Position,
    TradeDay,
    User,
)

KINDS = ("products", "market", "credit", "competition", "strategy")
MEASURES = {
    "zh": (("营业收入", "百万元"), ("产能利用率", "%"), ("资产负债率", "%")),
    "en": (("Revenue", "million"), ("Capacity used", "%"), ("Debt ratio", "%")),
}
# Who may see people's personal details.
HOLDERS = ("wang.wei", "anna.keller", "lin.xiaoming", "admin")


def make_trends(plans: list[Plan], positions: dict[int, list[Position]], as_of: dt.date) -> int:
    """Call it when the trade is rolled up: shares of wallet follow from the sales. Returns the observations made."""
    rivals = _rivals()
    fallback = User.objects.filter(role="manager").order_by("pk").first()
    observations: list[Observation] = []
    figures: list[ObservationFigure] = []
    for plan in plans:
        dice = plan.dice("trends")
        user = plan.account.owner or fallback
        if user is None or not dice.chance(0.35 if plan.kind in (Kind.SILENT, Kind.ONE_OFF) else 0.75):
            continue
        for observation, numbers in _observed(dice, plan, as_of, user):
            observations.append(observation)
            figures += [
                ObservationFigure(observation=observation, measure=measure, unit=unit, value=value)
                for (measure, unit), value in numbers
            ]
    Observation.objects.bulk_create(observations)
    ObservationFigure.objects.bulk_create(figures)
    _make_wallets(plans, rivals, as_of)
    _make_places(plans)
    _make_details(plans, positions, as_of)
    User.objects.filter(username__in=HOLDERS).update(sees_personal_details=True)
    return len(observations)


def _rivals() -> list[Competitor]:
    """The competitors that the visits speak of; some may be there already."""
    return [
        Competitor.objects.get_or_create(name=name, defaults={"english_name": english})[0]
        for name, english in zip(COMPETITORS["zh"], COMPETITORS["en"], strict=True)
    ]


def _observed(
    dice: Dice, plan: Plan, as_of: dt.date, user: User
) -> list[tuple[Observation, list[tuple[tuple[str, str], Decimal]]]]:
    language = "zh" if plan.language == "zh" else "en"
    phrases = texts("trends")[language]

    def observe(kind: str, day: dt.date, title: str, detail: str) -> Observation:
        return Observation(
            account=plan.account,
            kind=kind,
            observed_on=day,
            title=title,
            detail=detail,
            source=dice.pick(phrases["sources"]),
            user=user,
        )

    found: list[Any] = []
    # Reports of three years: their figures make lines.
    revenue = float(plan.account.annual_revenue or plan.yearly * 40) / 1e6
    growth = {Kind.GROWING: 1.16, Kind.NEW: 1.12, Kind.DECLINING: 0.88, Kind.LOST: 0.86}.get(plan.kind, 1.02)
    use, debt = dice.real(55, 92), dice.real(30, 65)
    for back in range(dice.whole(1, 4)):
        day = as_of - dt.timedelta(days=60 + back * 365 + dice.whole(0, 50))
        title, detail = phrases["finance"][0]
        values = (
            revenue / growth**back * dice.real(0.97, 1.03),
            min(max(use - back * (growth - 1) * 60 + dice.bell(0, 3), 35), 99),
            debt + dice.bell(0, 2),
        )
        named = zip(MEASURES[language], values, strict=True)
        numbers = [(measure, Decimal(f"{value:.1f}")) for measure, value in named]
        found.append((observe("finance", day, title, detail), numbers))
    for _n in range(dice.whole(1, 5)):
        kind = dice.pick(KINDS)
        title, detail = dice.pick(phrases[kind])
        words = {
            "percent": dice.whole(3, 30),
            "count": dice.whole(5, 60),
            "month": dice.whole(1, 12),
            "competitor": dice.pick(COMPETITORS[language]),
        }
        day = as_of - dt.timedelta(days=dice.whole(3, 800))
        found.append((observe(kind, day, title.format(**words), detail.format(**words)), []))
    return found


def _make_wallets(plans: list[Plan], rivals: list[Competitor], as_of: dt.date) -> None:
    """Demand and shares of the last two full years, from what we sold in them."""
    years = (as_of.year - 2, as_of.year - 1)
    rows = (
        TradeDay.objects.annotate(year=ExtractYear("traded_on"))
        .filter(year__in=years)
        .values("account", "year")
        .annotate(sales=Sum("net_sales"))
        .order_by()
    )
    sales = {(row["account"], row["year"]): float(row["sales"]) for row in rows}
    spends, shares = [], []
    for plan in plans:
        dice = plan.dice("wallet")
        if not dice.chance(0.55):
            continue
        own = dice.real(0.15, 0.75)
        others = dice.shuffled(rivals)[: dice.whole(1, 3)]
        for year in years:
            sold = sales.get((plan.account.pk, year), 0.0)
            if sold <= 0:
                continue
            own = min(max(own + dice.bell(0, 0.05), 0.1), 0.95)
            # Now and then an estimate that cannot be right: the page says so.
            slip = 0.8 if dice.chance(0.05) else 1.0
            dated = {
                "account": plan.account,
                "year": year,
                "estimated_on": dt.date(year + 1, 1, dice.whole(8, 28)),
            }
            spends.append(CategorySpend(amount=Decimal(round(sold / own * slip, -3)), **dated))
            rest = (1 - own) * dice.real(0.6, 0.98)
            for place, rival in enumerate(others):
                part = rest * (0.62 if place < len(others) - 1 else 1.0)
                rest -= part
                shares.append(CompetitorShare(competitor=rival, share=Decimal(f"{part * 100:.1f}"), **dated))
    CategorySpend.objects.bulk_create(spends)
    CompetitorShare.objects.bulk_create(shares)


def _make_places(plans: list[Plan]) -> None:
    addresses, phones = [], []
    for plan in plans:
        dice, account = plan.dice("places"), plan.account
        if plan.china and dice.chance(0.25):
            road = dice.pick(texts("places")["china"]["roads"])
            addresses.append(
                AccountAddress(
                    account=account,
                    kind="site",
                    address=f"{road}{dice.whole(1, 900)}号二厂区",
                    city=account.city,
                    region=account.region,
                    country=account.country,
                )
            )
        if dice.chance(0.3):
            label = ("门卫", "二厂总机") if plan.china else ("Gate", "Second plant")
            phones.append(
                AccountPhone(account=account, label=dice.pick(label), number=account.phone[:-1] + "0")
            )
    AccountAddress.objects.bulk_create(addresses)
    AccountPhone.objects.bulk_create(phones)


def _make_details(plans: list[Plan], positions: dict[int, list[Position]], as_of: dt.date) -> None:
    """Of a few people only, and only with consent."""
    rows = []
    for plan in plans:
        dice = plan.dice("details")
        language = "zh" if plan.language == "zh" else "en"
        phrases = texts("trends")["person"][language]
        for position in positions.get(plan.account.pk, []):
            if position.left_on or not dice.chance(0.2):
                continue
            # Some have their birthday soon, so that the day's page has one.
            ahead = dice.whole(0, 13) if dice.chance(0.15) else dice.whole(0, 364)
            born = as_of + dt.timedelta(days=ahead)
            year = as_of.year - dice.whole(28, 60)
            rows.append(
                PersonalDetails(
                    contact=position.contact,
                    birth_date=dt.date(year, born.month, min(born.day, 28)),
                    consent=dice.pick(texts("trends")[language]["consents"]),
                    consented_on=as_of - dt.timedelta(days=dice.whole(30, 900)),
                    **{name: dice.pick(phrases[name]) if dice.chance(0.5) else "" for name in phrases},
                )
            )
    PersonalDetails.objects.bulk_create(rows)
