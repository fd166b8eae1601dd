"""What is learned about the people who decide: atomic, keyword-only."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import (
    BuyingProcess,
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
    the first note is replaced, so that a repeated synchronisation doubles nothing.
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
