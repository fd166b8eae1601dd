"""Territories, and the people of Mainstay Bearings who look after them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from config.demo.dice import texts
from crm.models import Role, Territory, User


@dataclass(frozen=True)
class Person:
    username: str
    first_name: str
    last_name: str
    role: Role
    language: str
    territories: tuple[str, ...]
    # Shown in demo-logins.txt; the others are colleagues whom an administrator can give a password.
    shown: bool = False


PEOPLE = (
    Person("wang.wei", "伟", "王", Role.REP, "zh-hans", ("zhejiang",), shown=True),
    Person("li.na", "娜", "李", Role.REP, "zh-hans", ("jiangsu",)),
    Person("zhang.qiang", "强", "张", Role.REP, "zh-hans", ("shandong",)),
    Person("liu.yang", "洋", "刘", Role.REP, "zh-hans", ("north",)),
    Person("chen.jing", "静", "陈", Role.REP, "zh-hans", ("northeast",)),
    Person("zhao.lei", "磊", "赵", Role.REP, "zh-hans", ("south",)),
    Person("sun.li", "丽", "孙", Role.REP, "zh-hans", ("central",)),
    Person("zhou.tao", "涛", "周", Role.REP, "zh-hans", ("west",)),
    Person("anna.keller", "Anna", "Keller", Role.REP, "en", ("europe",), shown=True),
    Person("kenji.sato", "Kenji", "Sato", Role.REP, "en", ("japan-korea",)),
    Person("priya.nair", "Priya", "Nair", Role.REP, "en", ("south-asia",)),
    Person("carlos.mendes", "Carlos", "Mendes", Role.REP, "en", ("americas",)),
    Person("lin.xiaoming", "晓明", "林", Role.MANAGER, "zh-hans", ("china",), shown=True),
    Person("helen.grant", "Helen", "Grant", Role.MANAGER, "en", ("overseas",)),
    Person("gao.jianguo", "建国", "高", Role.MANAGER, "zh-hans", ("china", "overseas")),
    Person("mei.tan", "Mei", "Tan", Role.ANALYST, "en", (), shown=True),
    Person("admin", "Robert", "Fischer", Role.ADMINISTRATOR, "en", (), shown=True),
)


def pass_phrase() -> str:
    """Easy to read out and to type: 38 bits, ample behind the log-in throttle."""
    words = texts("people")["pass_words"].split()
    return "-".join(secrets.choice(words) for _ in range(4)) + f"-{secrets.randbelow(900) + 100}"


def make_territories() -> dict[str, Territory]:
    made: dict[str, Territory] = {}
    for entry in texts("places")["territory"]:
        made[entry["key"]] = Territory.objects.create(
            name=entry["name"], name_zh=entry["name_zh"], parent=made.get(entry.get("parent", ""))
        )
    return made


def make_people(territories: dict[str, Territory]) -> tuple[dict[str, User], dict[str, str]]:
    """The users by name, and the pass-phrases of those whose log-ins are shown."""
    phrases = {person.username: pass_phrase() for person in PEOPLE if person.shown}
    users = User.objects.bulk_create(
        User(
            username=person.username,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.username}@mainstay.example",
            role=person.role,
            language=person.language,
            is_staff=person.role == Role.ADMINISTRATOR,
            is_superuser=person.role == Role.ADMINISTRATOR,
            # None: a password that nobody can log in with until it is set.
            password=make_password(phrases.get(person.username)),
        )
        for person in PEOPLE
    )
    by_name = {user.username: user for user in users}
    for person in PEOPLE:
        by_name[person.username].territories.set(territories[key] for key in person.territories)
    return by_name, phrases


def reps_by_territory(users: dict[str, User], territories: dict[str, Territory]) -> dict[str, User]:
    """Who looks after a territory: the rep of it or of the nearest one above."""
    reps = {key: users[p.username] for p in PEOPLE if p.role == Role.REP for key in p.territories}
    parents = {entry["key"]: entry.get("parent", "") for entry in texts("places")["territory"]}
    found: dict[str, User] = {}
    for key in territories:
        above = key
        while above and above not in reps:
            above = parents[above]
        if above:
            found[key] = reps[above]
    return found
