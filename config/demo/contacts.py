"""The people at the accounts and their part in the decision."""

from __future__ import annotations

import datetime as dt

from pypinyin import lazy_pinyin

from config.demo.behaviour import Kind, Plan
from config.demo.dice import Dice, texts
from crm.models import Contact, Position
from crm.search import search_text_of_contact


def make_contacts(plans: list[Plan], as_of: dt.date) -> dict[int, list[Position]]:
    """Two to seven people an account; the positions by account, the first person to call first."""
    people: list[Contact] = []
    positions: list[Position] = []
    for plan in plans:
        dice = plan.dice("contacts")
        count = dice.weighted(
            (2, 3, 4, 5, 6, 7), (20, 26, 24, 14, 10, 6) if plan.yearly < 1e6 else (4, 12, 24, 26, 20, 14)
        )
        titles = _titles(dice, plan.language, count)
        for place, (role, title, department) in enumerate(titles):
            contact = _person(dice, plan, len(people))
            people.append(contact)
            positions.append(_position(dice, plan, contact, role, title, department, place, as_of))
    Contact.objects.bulk_create(people)
    Position.objects.bulk_create(positions)
    by_account: dict[int, list[Position]] = {}
    for position in positions:
        by_account.setdefault(position.account_id, []).append(position)
    return by_account


def _titles(dice: Dice, language: str, count: int) -> list[tuple[str, str, str]]:
    """A purchaser first; mostly a decider; nobody's title twice."""
    listed = [tuple(row) for row in texts("people")["titles"][language]]
    buyers = [row for row in listed if row[0] in ("negotiator", "executor")]
    first = dice.pick(buyers)
    rest = [row for row in dice.shuffled(listed) if row != first]
    if dice.chance(0.8):
        rest.sort(key=lambda row: row[0] != "decider")
        rest = rest[:1] + dice.shuffled([row for row in rest[1:] if row[0] != "decider"])
    return [first, *rest][:count]


def _person(dice: Dice, plan: Plan, serial: int) -> Contact:
    name, english = _chinese_name(dice) if plan.china else _name_abroad(dice, plan.country)
    contact = Contact(name=name, english_name=english, source="erp", external_id=f"LX{serial + 1:06}")
    slug = english.lower().replace(" ", ".").replace("'", "").encode("ascii", "ignore").decode()
    contact.email = f"{slug}@{plan.account.website.removeprefix('https://www.')}"
    if plan.china:
        contact.mobile = f"1{dice.pick(('38', '39', '51', '58', '86', '88'))}{dice.whole(10**7, 10**8 - 1)}"
        contact.wechat = f"{slug.replace('.', '')}{dice.whole(10, 99)}" if dice.chance(0.7) else ""
    else:
        contact.phone = f"{plan.account.phone}-{dice.whole(10, 99)}"
    contact.search_text = search_text_of_contact(contact)
    return contact


def _chinese_name(dice: Dice) -> tuple[str, str]:
    names = texts("people")
    surnames = names["surnames"].split()
    # The frequent surnames stand first.
    surname = surnames[min(int(abs(dice.bell(0, 0.38)) * len(surnames)), len(surnames) - 1)]
    given = dice.pick(names["given_names"].split())
    return surname + given, f"{_surname_pinyin(surname)} {''.join(lazy_pinyin(given)).capitalize()}"


def _surname_pinyin(surname: str) -> str:
    return {"曾": "Zeng", "贾": "Jia", "万": "Wan"}.get(surname, lazy_pinyin(surname)[0].capitalize())


def _name_abroad(dice: Dice, country: str) -> tuple[str, str]:
    given, family = (dice.pick(part.split()).replace("_", " ") for part in texts("people")["abroad"][country])
    if country in ("jp", "kr"):
        (given_local, given_latin), (family_local, family_latin) = given.split("|"), family.split("|")
        gap = " " if country == "jp" else ""
        return f"{family_local}{gap}{given_local}", f"{given_latin} {family_latin}"
    if country == "vn":
        return f"{family} {given}", f"{family} {given}"
    return f"{given} {family}", f"{given} {family}"


def _position(
    dice: Dice,
    plan: Plan,
    contact: Contact,
    role: str,
    title: str,
    department: str,
    place: int,
    as_of: dt.date,
) -> Position:
    position = Position(
        contact=contact,
        account=plan.account,
        title=title,
        department=department,
        decision_role=role,
        is_primary=place == 0,
        influence={"decider": 5, "influencer": 3, "negotiator": 4, "executor": 2, "user": 2, "gatekeeper": 1}[
            role
        ],
    )
    if dice.chance(0.3):
        position.influence = max(1, min(5, (position.influence or 3) + dice.pick((-1, 1))))
    # Of prospects and old one-off buyers less is known.
    if dice.chance(0.55 if plan.kind in (Kind.SILENT, Kind.ONE_OFF) else 0.86):
        liking = plan.mood * 0.6 + dice.bell(0.25, 0.8)
        position.stance = 1 if liking > 0.55 else -1 if liking < -0.75 else 0
        position.stance_noted_on = as_of - dt.timedelta(days=dice.whole(3, 420))
    if place > 1 and dice.chance(0.04):
        position.left_on = as_of - dt.timedelta(days=dice.whole(20, 700))
    return position
