"""The account's own fields in a merge: which differ, which value is proposed, what is written and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from crm.models import Account

KEPT, MERGED = "kept", "merged"
# Fields that mean something only together: chosen as one, under the first one's name.
TOGETHER = {"latitude": ("latitude", "longitude")}
_NOT_CHOSEN = {"number", "merged_into", "import_batch", "search_text", "sort_name", "revision"}
# What the account is called and who looks after it is not settled by who typed last.
_KEPT_FIRST = {"owner", "territory", "kind", "name", "parent"}


# So many more fields make an account clearly fuller.
_CLEARLY = 3


@dataclass(frozen=True)
class Difference:
    """One choice of the merge page."""

    name: str
    kept: Any
    merged: Any
    proposed: str


def choosable() -> list[str]:
    """The fields a person chooses between, in the order of the model."""
    grouped = {name for names in TOGETHER.values() for name in names[1:]}
    return [
        field.name
        for field in Account._meta.concrete_fields
        if not field.primary_key
        and field.name not in _NOT_CHOSEN | grouped
        and not getattr(field, "auto_now", False)
        and not getattr(field, "auto_now_add", False)
    ]


def place_of(name: str) -> int:
    """Where a field stands in the model."""
    return [field.name for field in Account._meta.concrete_fields].index(name)


def differences(kept: Account, merged: Account) -> list[Difference]:
    """Fields with two different values, or with one that only one side knows; these come from the side that knows.

    Where both know something else, the account that is clearly fuller is proposed, else the one changed last.
    """
    fuller = _known(merged) - _known(kept)
    newer = merged.updated_at > kept.updated_at
    better = MERGED if fuller >= _CLEARLY or (newer and fuller > -_CLEARLY) else KEPT
    found = []
    for name in choosable():
        mine, theirs = _value(kept, name), _value(merged, name)
        if mine == theirs or (_blank(mine) and _blank(theirs)):
            continue
        # The account itself is no parent of its own.
        if name == "parent" and theirs == kept.pk:
            continue
        if _blank(mine) or _blank(theirs):
            proposed = MERGED if _blank(mine) else KEPT
        else:
            proposed = KEPT if name in _KEPT_FIRST else better
        found.append(Difference(name, mine, theirs, proposed))
    return found


def _value(account: Account, name: str) -> Any:
    if name in TOGETHER:
        values = tuple(getattr(account, part) for part in TOGETHER[name])
        return None if any(value is None for value in values) else values
    return getattr(account, _field(name).attname)


def _known(account: Account) -> int:
    return sum(not _blank(_value(account, name)) for name in choosable())


def _blank(value: Any) -> bool:
    return value in (None, "", {})


def _field(name: str) -> models.Field[Any, Any]:
    return Account._meta.get_field(name)  # type: ignore[return-value]


def write(kept: Account, merged: Account, chosen: Mapping[str, str]) -> dict[str, list[Any]]:
    """Set the chosen fields of `kept` (not saved); returns {"name": [before, after]} of those that changed."""
    changes: dict[str, list[Any]] = {}
    for difference in differences(kept, merged):
        side = chosen.get(difference.name, difference.proposed)
        for name in TOGETHER.get(difference.name, (difference.name,)):
            field = _field(name)
            before = encode(field, kept)
            value = getattr(merged if side == MERGED else kept, field.attname)
            if isinstance(field, models.JSONField):
                # Further fields are put together: what only one side has is kept in any case.
                value = {**_other(kept, merged, side, field), **value}
            setattr(kept, field.attname, value)
            after = encode(field, kept)
            if before != after:
                changes[name] = [before, after]
    return changes


def _other(kept: Account, merged: Account, side: str, field: Any) -> dict[str, Any]:
    return dict(getattr(kept if side == MERGED else merged, field.attname))


def take_back(kept: Account, changes: Mapping[str, list[Any]]) -> list[str]:
    """Set fields back that still hold what the merge wrote (not saved); returns those that somebody changed since."""
    changed_since = []
    for name, (before, after) in changes.items():
        field = _field(name)
        if encode(field, kept) != after:
            changed_since.append(name)
            continue
        setattr(kept, field.attname, decode(field, before))
    return changed_since


def encode(field: models.Field[Any, Any], account: Account) -> Any:
    """A value as JSON keeps it, without losing a digit."""
    value = getattr(account, field.attname)
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.DecimalField):
        # As the column will hold it, so that 5 and 5.00 are the same.
        return f"{field.to_python(value):.{field.decimal_places}f}"
    return str(value) if isinstance(field, models.ForeignKey) else field.value_to_string(account)


def decode(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(value)
    return field.to_python(value)
