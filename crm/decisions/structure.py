"""The organisation of an account: units as a tree, people in them, who reports to whom. No circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Account, Contact, OrganisationUnit, Position
from crm.operations import RefusedError, save_position


def closes_circle(parents: Mapping[int, int | None], child: int, parent: int | None) -> bool:
    """Whether `child` below `parent` would make somebody stand above itself. `parents`: as it is now."""
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == child:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


@transaction.atomic
def save_unit(*, unit: OrganisationUnit) -> OrganisationUnit:
    """Add, rename or move a unit. One change of a tree at a time: two moves could close a circle together."""
    units = {row.pk: row for row in _locked(unit.account_id)}
    parent = unit.parent_id
    if parent is not None and parent not in units:
        raise RefusedError(_("The unit above belongs to another account."))
    if unit.pk and closes_circle({pk: row.parent_id for pk, row in units.items()}, unit.pk, parent):
        raise RefusedError(
            _("“%(parent)s” is “%(unit)s” itself or part of it, so it cannot stand above it.")
            % {"parent": units[parent] if parent else "", "unit": units[unit.pk]}
        )
    unit.save()
    return unit


@transaction.atomic
def delete_unit(*, unit: OrganisationUnit) -> None:
    """What is below it, units and people, moves up to where the unit hung."""
    found = {row.pk: row for row in _locked(unit.account_id)}.get(unit.pk)
    if found is None:
        return
    OrganisationUnit.objects.filter(parent=found).update(parent=found.parent_id)
    Position.objects.filter(unit=found).update(unit=found.parent_id)
    found.delete()


def _locked(account: int) -> Sequence[OrganisationUnit]:
    # The account's row as well: a unit that is being added is not there to be locked.
    Account.objects.select_for_update().filter(pk=account).first()
    return list(OrganisationUnit.objects.filter(account=account))


@transaction.atomic
def save_person(*, contact: Contact, position: Position) -> Position:
    """A person's place at an account: nobody reports to somebody who reports to them."""
    Account.objects.select_for_update().filter(pk=position.account_id).first()
    if not position.pk and contact.pk and contact.positions.filter(account=position.account_id).exists():
        raise RefusedError(_("%(person)s is on record at this account already.") % {"person": contact})
    boss = position.reports_to_id
    if boss is not None:
        rows = Position.objects.filter(account=position.account_id).values_list("pk", "reports_to")
        above = dict(rows)
        if boss not in above:
            raise RefusedError(_("The person reported to works for another account."))
        if position.pk and closes_circle(above, position.pk, boss):
            raise RefusedError(
                _("%(boss)s reports to %(person)s already, directly or through others.")
                % {"boss": position.reports_to.contact if position.reports_to else "", "person": contact}
            )
    return save_position(contact=contact, position=position)


@dataclass(frozen=True)
class Branch:
    """A unit with its people and what is below it."""

    unit: OrganisationUnit | None  # None: people who are in no unit
    depth: int
    people: list[tuple[Position, int]] = field(
        default_factory=list
    )  # and how deep each reports within the unit


def organisation_of(units: Sequence[OrganisationUnit], positions: Sequence[Position]) -> list[Branch]:
    """The tree as it is read: a unit, its people, then the units below it; people without a unit at the end."""
    by_unit: dict[int | None, list[Position]] = {}
    for position in positions:
        by_unit.setdefault(position.unit_id, []).append(position)
    branches = [
        Branch(unit, depth, list(_reporting(by_unit.get(unit.pk, []))))
        for unit, depth in units_in_order(units)
    ]
    loose = by_unit.get(None, [])
    if loose:
        branches.append(Branch(None, 0, list(_reporting(loose))))
    return branches


def units_in_order(units: Sequence[OrganisationUnit]) -> Iterator[tuple[OrganisationUnit, int]]:
    """Depth first; each with its depth. What hangs in a circle (no page can make one) is not reached."""
    below: dict[int | None, list[OrganisationUnit]] = {}
    for unit in sorted(units, key=lambda unit: (unit.order, unit.name, unit.pk)):
        below.setdefault(unit.parent_id, []).append(unit)
    waiting = [(unit, 0) for unit in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        yield unit, depth
        waiting += [(child, depth + 1) for child in reversed(below.get(unit.pk, []))]


def _reporting(positions: Sequence[Position]) -> Iterator[tuple[Position, int]]:
    """Heads first, below each who reports to them inside the same unit."""
    here = {position.pk for position in positions}
    below: dict[int | None, list[Position]] = {}
    for position in sorted(positions, key=lambda p: (p.level or 9, -(p.influence or 0), p.pk)):
        boss = position.reports_to_id if position.reports_to_id in here else None
        below.setdefault(boss, []).append(position)
    waiting = [(position, 0) for position in reversed(below.get(None, []))]
    while waiting:
        position, depth = waiting.pop()
        yield position, depth
        waiting += [(report, depth + 1) for report in reversed(below.get(position.pk, []))]
