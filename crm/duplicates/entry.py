"""While a new account is typed: who may be the same customer, also where the reader may not see it.

Of accounts in sight the page names what is alike. Of others it tells only that there is one, and only where the very
same registration number, phone or name was typed (never for a part of it, so that nobody can feel the way along), and
whom to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crm.access import visible_accounts
from crm.duplicates.names import core_words, key_of, phone_keys, registration_key
from crm.models import Account, Role, User

SHOWN = 5
# Candidates of the search index that are looked at more closely.
_LOOKED_AT = 30


@dataclass
class Similar:
    account: Account
    reasons: list[str]


@dataclass
class Elsewhere:
    """A customer out of the reader's sight: what it has in common with what was typed, and who can help."""

    reason: str
    ask: User | None = None


@dataclass
class Typed:
    name: str = ""
    phone: str = ""
    registration_number: str = ""


@dataclass
class Found:
    similar: list[Similar] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)


def look(user: User, typed: Typed) -> Found:
    """At most a handful of queries, each over an index."""
    found = Found()
    visible: dict[int, Similar] = {}
    for reason, accounts in _candidates(typed).items():
        for account in accounts:
            visible.setdefault(account.pk, Similar(account, [])).reasons.append(reason)
    everybody = Account.objects.filter(merged_into=None)
    in_sight = set(
        visible_accounts(everybody, user).filter(pk__in=list(visible)).values_list("pk", flat=True)
    )
    for pk, entry in visible.items():
        if pk in in_sight:
            found.similar.append(entry)
        elif not any(other.reason == entry.reasons[0] for other in found.elsewhere):
            found.elsewhere.append(Elsewhere(entry.reasons[0], whom_to_ask(entry.account)))
    known = {entry.account.pk for entry in found.similar}
    name = core_words(typed.name)
    if len(name) >= 2 and len(found.similar) < SHOWN:
        alike = Account.objects.visible_to(user).matching(name).select_related("owner")[:SHOWN]
        found.similar += [Similar(account, ["similar_name"]) for account in alike if account.pk not in known]
    found.similar = found.similar[:SHOWN]
    return found


def _candidates(typed: Typed) -> dict[str, list[Account]]:
    """Accounts that have the very same number, phone or name, whoever may see them."""
    accounts = Account.objects.filter(merged_into=None).select_related("owner", "territory")
    found: dict[str, list[Account]] = {}
    if key := registration_key(typed.registration_number):
        # Digits and letters stand run together in the search line as well as they were typed.
        near = accounts.filter(search_text__contains=" ".join(typed.registration_number.lower().split()))
        found["same_registration"] = [
            account for account in near[:_LOOKED_AT] if registration_key(account.registration_number) == key
        ]
    if keys := phone_keys(typed.phone):
        near = accounts.filter(search_text__contains=re.sub(r"\D", "", keys[0])[-8:])
        found["same_phone"] = [
            account for account in near[:_LOOKED_AT] if set(keys) & set(phone_keys(account.phone))
        ]
    if own := key_of(typed.name):
        near = accounts.matching(core_words(typed.name))[:_LOOKED_AT]
        found["same_name"] = [account for account in near if own.core in _cores(account)]
    return found


def _cores(account: Account) -> set[str]:
    keys = map(key_of, (account.name, account.english_name, account.former_name))
    return {key.core for key in keys if key}


def whom_to_ask(account: Account) -> User | None:
    """The manager nearest above the account: of its territory, else of its rep's; None: an administrator knows."""
    territory = account.territory
    paths = [territory.path] if territory else []
    if not paths and account.owner:
        paths = list(account.owner.territories.values_list("path", flat=True))
    ids = [int(part) for path in paths for part in path.split(".") if part]
    managers = User.objects.filter(role=Role.MANAGER, is_active=True, territories__in=ids)
    nearest = {pk: depth for depth, pk in enumerate(ids)}
    ranked = sorted(
        managers.prefetch_related("territories").distinct().order_by("pk"),
        key=lambda user: -max(nearest.get(place.pk, -1) for place in user.territories.all()),
    )
    return ranked[0] if ranked else None
