"""Writes over several rows or models: atomic, keyword-only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from crm.models import Account, Contact, Position, Role, Territory, User
from crm.profile.groups import guard_parent, lock_parents


class OutdatedError(Exception):
    """Somebody else changed the row after it was read; `current` is how it stands now."""

    def __init__(self, current: Account) -> None:
        super().__init__("changed meanwhile")
        self.current = current


class RefusedError(Exception):
    """The write would break a rule; the text is for the person who asked."""


@transaction.atomic
def create_account(*, account: Account, creator: User) -> Account:
    """Save a new account. Without a number it gets one; a rep's belongs to the rep."""
    if account.owner_id is None and creator.role == Role.REP:
        account.owner = creator
    numbered = bool(account.number)
    if not numbered:
        account.number = f"new-{uuid.uuid4().hex[:30]}"
    account.save()
    if not numbered:
        account.number = f"M{account.pk:06}"
        account.save()
    return account


@transaction.atomic
def update_account(*, account_id: int, revision: int, values: Mapping[str, Any]) -> Account:
    """Write `values` over the revision that was read, or raise OutdatedError and write nothing.

    CircularParentError where the parent among them belongs to the account.
    """
    if values.get("parent") is not None:
        lock_parents()
    current = Account.objects.select_for_update().get(pk=account_id)
    if current.revision != revision:
        raise OutdatedError(current)
    guard_parent(account=current, parent=values.get("parent"))
    for name, value in values.items():
        setattr(current, name, value)
    current.revision = revision + 1
    current.save()
    return current


@transaction.atomic
def save_position(*, contact: Contact, position: Position) -> Position:
    """A person and what the person is at one account. One account has one first person to call."""
    contact.save()
    position.contact = contact
    position.save()
    if position.is_primary:
        others = Position.objects.filter(account=position.account_id, is_primary=True).exclude(pk=position.pk)
        others.update(is_primary=False)
    return position


@transaction.atomic
def deactivate_user(*, user: User) -> None:
    """Refuse to lock everybody out."""
    _guard_last_administrator(user, stays=False)
    user.is_active = False
    user.save(update_fields=["is_active"])


@transaction.atomic
def save_user(*, user: User, territories: Iterable[Territory]) -> User:
    if user.pk:
        _guard_last_administrator(user, stays=user.is_active and user.role == Role.ADMINISTRATOR)
    else:
        user.set_unusable_password()
    user.save()
    user.territories.set(territories)
    return user


def _guard_last_administrator(user: User, *, stays: bool) -> None:
    """Somebody must always be able to administer. The rows are locked so that two cannot leave at once."""
    administrators = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    left = set(administrators.values_list("pk", flat=True))
    if not stays and left == {user.pk}:
        raise RefusedError


@transaction.atomic
def move_territory(*, territory_id: int, parent_id: int | None) -> Territory:
    """Hang a territory, with all below it, under another parent (or at the top). One UPDATE rewrites the paths."""
    # Moves are rare: one at a time, so that two of them cannot make a circle together.
    territories = {territory.pk: territory for territory in Territory.objects.select_for_update()}
    territory = territories[territory_id]
    parent = territories[parent_id] if parent_id else None
    if parent and parent.path.startswith(territory.path):
        raise RefusedError
    path = f"{parent.path if parent else ''}{territory.pk}."
    Territory.objects.filter(pk=territory.pk).update(parent=parent)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_territory SET path = %s || substr(path, %s) WHERE starts_with(path, %s)",
            [path, len(territory.path) + 1, territory.path],
        )
    territory.parent = parent
    territory.path = path
    return territory


@transaction.atomic
def delete_territory(*, territory: Territory) -> None:
    """Only an empty one: no territories below, no accounts, no people."""
    if territory.children.exists() or territory.accounts.exists() or territory.people.exists():
        raise RefusedError
    territory.delete()
