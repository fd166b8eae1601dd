"""The accounts of the demo company and the plan by which each will behave."""

from __future__ import annotations

import datetime as dt
import math

from config.demo.behaviour import MOOD, SPAN, Kind, Plan, deal_kinds, plan_life
from config.demo.dice import Dice, texts
from config.demo.names import Company, both, companies
from crm.models import Account, AccountIdentifier, AccountKind, AccountSupply, Territory, User
from crm.search import search_text_of, sort_name_of

PROSPECTS = 0.08
INDIRECT = 0.06
TERMS = (30, 30, 45, 60, 60, 90, 90, 120)
LARGEST = 24_000_000.0  # sales a year in CNY: nobody is half the business
# What a customer of this industry buys, against the average.
APPETITE = {
    "wind": 2.6,
    "steel": 1.8,
    "distributor": 1.6,
    "mining": 1.3,
    "rail": 1.4,
    "textile": 0.7,
    "agri": 0.9,
}


def make_plans(
    *,
    count: int,
    as_of: dt.date,
    territories: dict[str, Territory],
    reps: dict[str, User],
) -> list[Plan]:
    """Accounts saved, in the order of their numbers; parents before their subsidiaries."""
    dice = Dice("plans")
    found = companies(count)
    ordinary = [c for c in found if not c.heads_group]
    silent = round(count * PROSPECTS) + round(count * INDIRECT)
    quiet = {
        c.name for c in dice.shuffled([c for c in ordinary if not c.distributes and not c.group])[:silent]
    }
    prospects = set(dice.shuffled(sorted(quiet))[: round(count * PROSPECTS)])
    trading = [c for c in ordinary if c.name not in quiet]
    kinds = dict(zip((c.name for c in trading), deal_kinds(dice, len(trading)), strict=True))
    order = dice.shuffled(trading)
    ranks = {c.name: (place + 0.5) / len(order) for place, c in enumerate(order)}

    plans: list[Plan] = []
    parents: dict[str, Account] = {}
    for index, company in enumerate(found):
        kind = kinds.get(company.name, Kind.SILENT)
        plan = _plan(company, index, kind, ranks.get(company.name, 0.3), as_of)
        account = plan.account
        account.kind = _account_kind(company, prospects)
        account.territory = territories[company.territory]
        lonely = company.name in prospects and Dice("owner", index).chance(0.15)
        account.owner = None if lonely else reps[company.territory]
        if company.heads_group:
            account.save()
            parents[company.name] = account
        account.parent = None if company.heads_group else parents.get(company.group)
        account.search_text, account.sort_name = search_text_of(account), sort_name_of(account.name)
        plans.append(plan)
    Account.objects.bulk_create(plan.account for plan in plans if plan.account.pk is None)
    AccountIdentifier.objects.bulk_create(
        AccountIdentifier(account=plan.account, source="erp", external_id=f"KH{100_000 + index}")
        for index, plan in enumerate(plans)
    )
    _supply(plans, as_of)
    return plans


def _account_kind(company: Company, prospects: set[str]) -> AccountKind:
    if company.distributes:
        return AccountKind.DISTRIBUTOR
    return AccountKind.PROSPECT if company.name in prospects else AccountKind.CUSTOMER


def _plan(company: Company, index: int, kind: Kind, rank: float, as_of: dt.date) -> Plan:
    dice = Dice("plan", index)
    countries = texts("places")["countries"]
    life = plan_life(dice, kind, rank)
    life["yearly"] = min(life["yearly"] * APPETITE.get(company.industry, 1.0), LARGEST)
    country = countries.get(company.country)
    term = dice.pick(TERMS) if company.china else dice.pick((0, 30, 30, 60, 60, 90))
    bad_payer = dice.chance(0.12)
    plan = Plan(
        account=Account(),
        china=company.china,
        country=company.country,
        language="zh" if country is None else country[4],
        industry=company.industry,
        territory=company.territory,
        kind=kind,
        mood=MOOD[kind] + dice.bell(0, 0.5),
        yearly=life["yearly"],
        orders=life["orders"],
        lines=life["lines"],
        regularity=life["regularity"],
        discount=life["discount"],
        term=term,
        delay=dice.real(35, 80) if bad_payer else dice.real(-4, 14),
        starts=int(life["starts"]),
        ends=int(life["ends"]),
        holding=company.heads_group,
        key=f"{index:05}",
    )
    _profile(plan, company, dice, index, as_of)
    return plan


def _profile(plan: Plan, company: Company, dice: Dice, index: int, as_of: dt.date) -> None:
    account = plan.account
    industry = texts("industries")[company.industry]
    account.number = f"C{10_001 + index}"
    account.name, account.english_name = company.name, company.english_name
    account.industry = both(industry["zh"], industry["en"])
    account.industry_code, account.isic_code = industry["gbt"], industry["isic"]
    _address(plan, company, dice)
    account.email = f"info@c{10_001 + index}.example"
    account.website = f"https://www.c{10_001 + index}.example"
    # Large buyers are mostly large companies, and leaders of their industry.
    size = math.log10(plan.yearly / 260_000 + 1) * 2.1 + dice.bell(0, 0.7)
    if not dice.chance(0.08):
        account.industry_position = int(min(max(round(1.6 + size), 1), 5))
    account.employees = round(60 * math.exp(size * 1.05)) + dice.whole(0, 40)
    if not dice.chance(0.12):
        account.annual_revenue = round(account.employees * dice.real(0.5, 1.4)) * 1_000_000
    account.payment_days = plan.term
    first = min(plan.starts, SPAN + 200) if plan.kind != Kind.SILENT else dice.whole(20, 500)
    met = first + dice.whole(20, 260) + (dice.whole(0, 3500) if plan.starts > SPAN else 0)
    account.first_contact_on = as_of - dt.timedelta(days=met)
    if plan.kind in (Kind.STEADY, Kind.GROWING) and dice.chance(0.3):
        account.contract_from = dt.date(as_of.year, 1, 1)
        account.contract_to = dt.date(as_of.year, 12, 31)
    if plan.kind != Kind.SILENT and dice.chance(0.75):
        account.viable_alternatives = dice.weighted((0, 1, 2, 3, 4, 6), (6, 16, 28, 25, 17, 8))
        account.sole_source = account.viable_alternatives == 0
        account.switching_cost = dice.weighted((1, 2, 3, 4, 5), (14, 28, 32, 18, 8))
    if plan.china and dice.chance(0.07):
        account.former_name = account.name.replace("有限公司", "厂").replace("股份", "")


def _address(plan: Plan, company: Company, dice: Dice) -> None:
    account = plan.account
    if company.china:
        zh, en, province, province_en, _, latitude, longitude, code, _ = company.place
        account.country, account.region = both("中国", "China"), both(province, province_en)
        account.city = both(zh, en)
        account.currency = "CNY"
        account.short_name = company.name.split("有限")[0].split("股份")[0][:8]
        account.address = f"{zh}市{dice.pick(texts('places')['china']['roads'])}{dice.whole(1, 2000)}号"
        account.phone = f"{code}-{dice.whole(2000, 8999)}{dice.whole(1000, 9999)}"
        account.registration_number = f"91{dice.whole(110_000, 659_999)}{dice.whole(10**9, 10**10 - 1)}"
        spread = 0.12
    else:
        country = texts("places")["countries"][company.country]
        zh, en = company.place
        account.country, account.city = both(country[0], country[1]), both(zh, en)
        account.currency, latitude, longitude = country[3], country[5], country[6]
        account.phone = f"{country[7]} {dice.whole(20, 99)} {dice.whole(100, 999)} {dice.whole(1000, 9999)}"
        spread = 0.9
    account.latitude = round(latitude + dice.real(-spread, spread), 6)
    account.longitude = round(longitude + dice.real(-spread, spread), 6)


def _supply(plans: list[Plan], as_of: dt.date) -> None:
    """Indirect customers buy through a distributor of their territory; so do a few that also buy directly."""
    dice = Dice("supply")
    rows = []
    for plan in plans:
        indirect = plan.kind == Kind.SILENT and plan.account.kind == AccountKind.CUSTOMER and not plan.holding
        if plan.account.kind == AccountKind.DISTRIBUTOR or not (indirect or dice.chance(0.06)):
            continue
        near = [
            other
            for other in plans
            if other.account.kind == AccountKind.DISTRIBUTOR and other.territory == plan.territory
        ] or [other for other in plans if other.account.kind == AccountKind.DISTRIBUTOR]
        for other in dice.shuffled(near)[: 2 if dice.chance(0.2) else 1]:
            since = as_of - dt.timedelta(days=dice.whole(100, 1500))
            rows.append(AccountSupply(supplier=other.account, customer=plan.account, since=since))
    AccountSupply.objects.bulk_create(rows)
