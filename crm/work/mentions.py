"""@names in a comment: who is meant, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from crm.access import users_seeing
from crm.models import Account, User
from crm.models.people import UserQuerySet

# What may follow an @ that does not stand in a mail address. A Chinese sentence goes on without a space.
TOKEN = re.compile(r"(?<![\w.+\-@])@([\w.+\-]{1,150})")
MOST_OFFERED = 8


@dataclass(frozen=True)
class Mentions:
    people: list[User]
    # Names that nobody has who sees the account: whether they exist is not told.
    unknown: list[str]


def mentions_in(text: str, account: Account) -> Mentions:
    """Whom the text names. One query, however many names."""
    tokens = list(dict.fromkeys(match.group(1).lower() for match in TOKEN.finditer(text)))
    starts = {start for token in tokens for start in _starts(token)}
    seeing = users_seeing(User.objects.filter(_named(starts)), account) if starts else []
    known = {user.username.lower(): user for user in seeing}
    people: dict[int, User] = {}
    unknown = []
    for token in tokens:
        name = _longest(token, known)
        if name:
            people.setdefault(known[name].pk, known[name])
        else:
            unknown.append(token.rstrip(".-+"))
    return Mentions(list(people.values()), [name for name in unknown if name])


def _named(names: set[str]) -> Q:
    """Log-ins are told apart by their case; who types one need not know."""
    return Q(pk__in=User.objects.annotate(small=Lower("username")).filter(small__in=names).values("pk"))


def _starts(token: str) -> list[str]:
    """Beginnings of the token that could be a whole name: 'wang.wei请看' may mean wang.wei."""
    return [token[:end] for end in range(1, len(token) + 1) if _ends_name(token, end)]


def _ends_name(token: str, end: int) -> bool:
    """A name of Latin letters does not end in the middle of a Latin word."""
    if end == len(token):
        return True
    # What joins parts of a name ('wang.wei') does not end one; what ends a sentence ('@wang.') does.
    following = token[end:].lstrip(".+-")[:1]
    return not (_latin(token[end - 1]) and following and _latin(following))


def _latin(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "_")


def _longest(token: str, known: Iterable[str]) -> str:
    names = set(known)
    return next((start for start in reversed(_starts(token)) if start in names), "")


def shown(text: str, people: Iterable[User]) -> SafeString:
    """The text with the names of whom it mentions; everything else as it was typed, and nothing of it as HTML."""
    by_name = {user.username.lower(): user for user in people}
    parts: list[SafeString] = []
    place = 0
    for match in TOKEN.finditer(text):
        name = _longest(match.group(1).lower(), by_name)
        if not name:
            continue
        parts.append(conditional_escape(text[place : match.start()]))
        user = by_name[name]
        parts.append(format_html('<span class="mention" title="{}">@{}</span>', user.username, user))
        place = match.start() + 1 + len(name)
    parts.append(conditional_escape(text[place:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def offered(text: str, account: Account, user: User) -> UserQuerySet:
    """Colleagues to choose from while a name is typed: by log-in or name, whoever's log-in begins so first."""
    colleagues = users_seeing(User.objects.all(), account).exclude(pk=user.pk)
    if text:
        named = colleagues.annotate(
            whole=Concat("last_name", "first_name"), western=Concat("first_name", Value(" "), "last_name")
        )
        colleagues = named.filter(
            Q(username__icontains=text) | Q(whole__icontains=text) | Q(western__icontains=text)
        )
    return colleagues.order_by("username")[:MOST_OFFERED]
