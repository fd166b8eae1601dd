"""Names of companies and where they are, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypinyin import lazy_pinyin

from config.demo.dice import Dice, texts


@dataclass(frozen=True)
class Company:
    name: str
    english_name: str
    industry: str
    country: str  # key of a country abroad, "cn" at home
    territory: str
    place: tuple[Any, ...]  # a row of `cities`, or (Chinese city, city)
    group: str = ""  # name of the parent group
    heads_group: bool = False

    @property
    def china(self) -> bool:
        return self.country == "cn"

    @property
    def distributes(self) -> bool:
        return self.industry == "distributor"


def both(chinese: str, english: str) -> str:
    """Fields that exist once and must be read by everybody."""
    return f"{chinese} {english}"


def romanised(brand: str) -> str:
    return "".join(lazy_pinyin(brand)).capitalize()


def groups_at_home() -> Iterator[Company]:
    cities = {city[0]: city for city in texts("places")["china"]["cities"]}
    for brand, english, seat, members in texts("people")["groups"]:
        group = f"{brand}集团股份有限公司"
        seat_row = cities[seat]
        main_industry = members[0].split(":")[0]
        yield Company(
            group, f"{english} Group Corporation", main_industry, "cn", seat_row[4], seat_row, group, True
        )
        seen: dict[str, int] = {}
        for member in members:
            industry, city = member.split(":")
            row = cities[city]
            endings = texts("industries")[industry]["names"]
            zh, en = endings[seen.get(industry, 0) % len(endings)]
            seen[industry] = seen.get(industry, 0) + 1
            name, full = f"{brand}（{city}）{zh}", f"{english} ({row[1]}) {en}"
            yield Company(name, full, industry, "cn", row[4], row, group)


def companies_at_home(count: int) -> Iterator[Company]:
    """Any number; the brands go round, the names never repeat."""
    dice = Dice("companies")
    cities = texts("places")["china"]["cities"]
    industries = texts("industries")
    brands = dice.shuffled(texts("people")["brands"].split())
    taken: set[str] = set()
    made = 0
    while made < count:
        brand = brands[made % len(brands)]
        city = dice.weighted(cities, [c[8] for c in cities])
        industry = dice.weighted(list(industries), [i["weight"] for i in industries.values()])
        zh, en = dice.pick(industries[industry]["names"])
        where_zh, where_en = (city[2], city[3]) if dice.chance(0.25) else (city[0], city[1])
        name = f"{where_zh}{brand}{zh}"
        if name in taken:
            continue
        taken.add(name)
        made += 1
        yield Company(name, f"{where_en} {romanised(brand)} {en}", industry, "cn", city[4], city)


def companies_abroad(count: int) -> Iterator[Company]:
    """As many as are listed; spread over all countries where fewer are wanted."""
    listed = texts("overseas")["accounts"]
    countries = texts("places")["countries"]
    rows = (
        listed
        if count >= len(listed)
        else sorted(Dice("abroad").shuffled(listed)[:count], key=lambda row: str(row[0]))
    )
    for country, city_zh, city, name, name_zh, industry in rows:
        yield Company(name_zh, name, industry, country, countries[country][2], (city_zh, city))


def companies(count: int) -> list[Company]:
    abroad = list(companies_abroad(min(round(count * 0.27), len(texts("overseas")["accounts"]))))
    grouped = list(groups_at_home()) if count >= 100 else []
    return [*grouped, *companies_at_home(count - len(abroad) - len(grouped)), *abroad]
