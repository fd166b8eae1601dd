"""What is learned about the people who decide: atomic, keyword-only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import (
    BuyingProcess,
    Influence,
    Participation,
    Position,
    Stance,
    StanceChange,
    StanceSource,
    User,
    Visit,
)
from crm.operations import RefusedError


@transaction.atomic
def record_stance(
    *,
    position: Position,
    stance: int,
    noted_on: dt.date,
    source: str,
    user: User,
    process: BuyingProcess | None = None,
    note: str = "",
    visit: Visit | None = None,
) -> StanceChange:
    """Note how a person stands towards us, in general or in one buying process, and keep the history.

    The newest note (by day, then by order of entry) stands on the position, or on its part in the process; a note
    about an earlier day joins the history only. A visit says one thing about a person: noted again for the same visit,
    the first note is replaced, so that a repeated synchronisation doubles nothing; nor does a second tap.
    """
    if process is not None and process.account_id != position.account_id:
        raise RefusedError(_("The buying process belongs to another account."))
    if visit is not None and visit.account_id != position.account_id:
        raise RefusedError(_("The visit belongs to another account."))
    if stance not in Stance.values or source not in StanceSource.values:
        raise RefusedError(_("Choose a stance and how we know it."))
    # Everything that is noted about one person waits in line here.
    held: Position | Participation = Position.objects.select_for_update().get(pk=position.pk)
    if process is not None:
        held, _made = Participation.objects.get_or_create(process=process, position_id=position.pk)
    history = StanceChange.objects.filter(position_id=position.pk, process=process)
    before = history.order_by("-noted_on", "-pk").first()
    from_history = before is not None and (before.stance, before.noted_on) == (
        held.stance,
        held.stance_noted_on,
    )
    values = {"stance": stance, "noted_on": noted_on, "source": source, "note": note[:255], "user": user}
    if visit is not None:
        change, _made = StanceChange.objects.update_or_create(
            position_id=position.pk, process=process, visit=visit, defaults=values
        )
    elif before is not None and all(getattr(before, name) == value for name, value in values.items()):
        change = before
    else:
        change = StanceChange.objects.create(position_id=position.pk, process=process, **values)
    newest = history.order_by("-noted_on", "-pk").first() or change
    # A stance that came by import has no history, yet a later day than ours still counts.
    imported_later = (
        not from_history and held.stance_noted_on is not None and held.stance_noted_on > newest.noted_on
    )
    if not imported_later:
        held.stance, held.stance_noted_on = newest.stance, newest.noted_on
        held.save(update_fields=["stance", "stance_noted_on"])
    if process is None:
        position.stance, position.stance_noted_on = held.stance, held.stance_noted_on
    return change


@transaction.atomic
def forget_stance(*, position: Position, process: BuyingProcess | None = None) -> None:
    """We no longer know how the person stands; the history stays. In a process: as for the account as a whole."""
    rows: Any = Position.objects.filter(pk=position.pk)
    if process is not None:
        rows = Participation.objects.filter(process=process, position=position)
    rows.update(stance=None, stance_noted_on=None)
    if process is None:
        position.stance = position.stance_noted_on = None


@transaction.atomic
def place_person(*, position: Position, process: BuyingProcess | None, values: Mapping[str, Any]) -> None:
    """Write only what is named in `values`: decision_role, influence, level, faction.

    Role and influence are the process's where one is given (empty: as for the account); level and faction are the
    person's at the account whatever is bought. Two people who change different things overwrite nothing.
    """
    own = {name: value for name, value in values.items() if name in ("level", "faction")}
    weight = {name: value for name, value in values.items() if name in ("decision_role", "influence")}
    faction = own.get("faction")
    if faction is not None and faction.account_id != position.account_id:
        raise RefusedError(_("The faction belongs to another account."))
    if process is None:
        own |= weight
    elif process.account_id != position.account_id:
        raise RefusedError(_("The buying process belongs to another account."))
    elif weight:
        part, _made = Participation.objects.get_or_create(process=process, position=position)
        Participation.objects.filter(pk=part.pk).update(**weight)
    if own:
        Position.objects.filter(pk=position.pk).update(**own)


@transaction.atomic
def draw_arrow(
    *, source: Position, target: Position, strength: int, process: BuyingProcess | None = None
) -> Influence:
    """`source` moves `target`. Drawn again it only changes its strength."""
    if source.pk == target.pk:
        raise RefusedError(_("An arrow joins two different people."))
    accounts = {source.account_id, target.account_id, process.account_id if process else source.account_id}
    if len(accounts) > 1:
        raise RefusedError(_("An arrow joins two people of the same account."))
    if strength not in (1, 2, 3):
        raise RefusedError(_("The strength is 1, 2 or 3."))
    arrow, _made = Influence.objects.update_or_create(
        source=source, target=target, process=process, defaults={"strength": strength}
    )
    return arrow
