"""Search from everywhere: a base of invented names in both scripts, and how long each kind of query takes."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import Any

from django.db import connection

from crm.models import Account, Role, Territory, User
from crm.search import (
    prose,
    remember_words,
    search_text_of,
    search_text_of_contact,
    searchable,
    sort_name_of,
    words_of,
)
from tests.bench.names import BRANDS, CITIES, FAMILY, GIVEN, GOODS, STEMS, TRADES

ROUNDS = 15
CONTACTS_AN_ACCOUNT, VISITS_AN_ACCOUNT = 3, 5
NOTES = (
    "客户要求下周提供{code}的报价，交期不超过三十天，付款方式为月结六十天。",
    "讨论了{code}的试样结果，技术部认可寿命试验数据，采购仍在比较价格。",
    "去年发货的{code}有两套出现异响，现场拆检后判断为安装问题，已协助更换。",
    "年度框架合同谈判，对方希望降价百分之五，我们提出按量返利。",
    "新产线预计明年投产，需要{code}约三百套，竞争对手已经送样。",
    "Asked for a quotation of {code}, delivery within six weeks.",
    "Endurance test of {code} passed; purchasing still compares prices.",
)


def _numbers(count: int) -> random.Random:
    return random.Random(count)


def accounts_of(ids: list[int], dice: random.Random) -> Iterator[Account]:
    for pk in ids:
        account = Account(pk=pk, number=f"B{pk:08}")
        if dice.random() < 0.15:
            stem = dice.choice(STEMS) + dice.choice(("", "", " & Sons", " North", " United"))
            account.name = f"{stem} {dice.choice(GOODS)} {pk % 977}"
        else:
            brand = "".join(dice.sample(BRANDS, dice.choice((2, 2, 3))))
            account.city = dice.choice(CITIES)
            account.name = f"{account.city}{brand}{dice.choice(TRADES)}有限公司"
        account.phone = f"0{dice.randint(10, 999)}-{dice.randint(10_000_000, 89_999_999)}"
        yield account


def _copy(table: str, columns: str, rows: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        buffer = io.StringIO()
        for row in rows:
            buffer.write(row)
            if buffer.tell() > 16_000_000:
                buffer.seek(0)
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", buffer)
                buffer = io.StringIO()
        buffer.seek(0)
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", buffer)


def build() -> dict[str, Any]:
    """Names for the accounts that are there, people, visits. The lines are made by the product's own functions."""
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    dice = _numbers(len(ids))
    territory = Territory.objects.create(name="North")
    rep = User.objects.create_user("bench-rep", role=Role.REP)
    manager = User.objects.create_user("bench-manager", role=Role.MANAGER)
    manager.territories.add(territory)
    words: set[str] = set()
    sample: list[Account] = []

    def named() -> Iterator[str]:
        for account in accounts_of(ids, dice):
            words.update(words_of([account.name]))
            if len(sample) < 200 or dice.random() < 0.0001:
                sample.append(account)
            fields = [str(account.pk), account.name, account.city, account.phone, search_text_of(account)]
            yield "\t".join([*fields, sort_name_of(account.name)]) + "\n"

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE named (id bigint, name text, city text, phone text, line text, sort_name text)"
        )
        _copy("named", "id, name, city, phone, line, sort_name", named())
        # The rep has one in two hundred, the manager's territory three in ten.
        cursor.execute(
            "UPDATE crm_account a SET name = n.name, city = n.city, phone = n.phone, search_text = n.line, "
            "sort_name = n.sort_name, owner_id = CASE WHEN a.id %% 200 = 7 THEN %s ELSE a.owner_id END, "
            "territory_id = CASE WHEN a.id %% 10 < 3 THEN %s ELSE a.territory_id END "
            "FROM named n WHERE n.id = a.id",
            [rep.pk, territory.pk],
        )
        cursor.execute("DROP TABLE named")
    people(ids, dice, words)
    visits(ids, dice, rep)
    remember_words(words)
    with connection.cursor() as cursor:
        for table in ("account", "contact", "position", "visit", "searchform"):
            cursor.execute(f"VACUUM ANALYZE crm_{table}")
    return {"rep": rep, "manager": manager, "sample": sample}


def people(ids: list[int], dice: random.Random, words: set[str]) -> None:
    from crm.models import Contact

    count = len(ids) * CONTACTS_AN_ACCOUNT

    def rows() -> Iterator[str]:
        for pk in range(1, count + 1):
            name = dice.choice(FAMILY) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))
            words.update(words_of([name]))
            person = Contact(
                name=name, mobile=f"1{dice.randint(30, 99)}{dice.randint(10_000_000, 99_999_999)}"
            )
            fields = [
                str(pk),
                name,
                "",
                "",
                "",
                person.mobile,
                "",
                "",
                "",
                "",
                search_text_of_contact(person),
            ]
            yield "\t".join([*fields, "now", "now"]) + "\n"

    columns = "id, name, english_name, email, phone, mobile, wechat, note, source, external_id, search_text"
    _copy("crm_contact", f"{columns}, created_at, updated_at", rows())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_position (contact_id, account_id, title, department, decision_role, is_primary) "
            "SELECT row_number() OVER (), a.id, '', '', '', n = 1 FROM crm_account a, generate_series(1, %s) AS n",
            [CONTACTS_AN_ACCOUNT],
        )


def visits(ids: list[int], dice: random.Random, user: User) -> None:
    codes = [
        f"{dice.choice(('62', '63', '72', 'NU2', '222'))}{n:02}-{dice.choice(('2RS', 'ZZ', 'C3'))}"
        for n in range(60)
    ]
    notes = [note.format(code=code) for note in NOTES for code in codes]
    lines = [prose(note) for note in notes]

    def rows() -> Iterator[str]:
        for account in ids:
            for _number in range(VISITS_AN_ACCOUNT):
                place = dice.randrange(len(notes))
                when = f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02} 09:00+08"
                key = f"{dice.getrandbits(128):032x}"
                yield (
                    f"{account}\t{user.pk}\tvisit\t{when}\t\t{notes[place]}\t\t\t\tf\t{lines[place]}\t{key}\tnow\tnow\n"
                )

    columns = "account_id, user_id, kind, happened_at, purpose, note, outcome, next_step, competitor_news, not_about_us"
    _copy("crm_visit", f"{columns}, search_text, client_key, created_at, updated_at", rows())


def queries(sample: list[Account]) -> dict[str, str]:
    """A query of each kind, about companies that are there."""
    chinese = next(account for account in sample if account.city)
    latin = next(account for account in sample if not account.city and " " in account.name)
    brand = chinese.name[len(chinese.city) :].removesuffix("有限公司")
    spoken = searchable([brand], []).split()
    stem, goods = latin.name.split()[0], next(word for word in latin.name.split() if word in GOODS)
    return {
        "whole name": chinese.name,
        "first characters": brand[:2],
        "one character": brand[0],
        "two letters": spoken[1][:2],
        "pinyin": spoken[1],
        "initials": spoken[2],
        "traditional": "東方軸承",
        "phone fragment": chinese.phone[-6:],
        "phone with blanks": f"{chinese.phone[:4]} {chinese.phone[5:9]} {chinese.phone[9:]}",
        "frequent word": "bearings",
        "company word": "有限公司",
        "two words": f"{stem} {goods}".lower(),
        "misspelt word": f"{goods[:2]}{goods[3]}{goods[2]}{goods[4:]}".lower(),
        "misspelt words": f"{stem[:-2]}{stem[-1]} {goods[:-1]}".lower(),
        "misspelt pinyin": f"{spoken[1][:3]}{spoken[1][4]}{spoken[1][3]}{spoken[1][5:]}",
        "other character, same sound": "东放轴承",
        "wrong character": f"{brand[0]}嗯{brand[2:]}",
        "person": "lijianguo",
        "words of a visit": "异响",
        "frequent words of a visit": "报价",
        "nonsense": "qqzzxxvv",
        "nonsense in characters": "龘靐齉爩",
    }
