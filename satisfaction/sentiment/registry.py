"""Which head is in use: the one activated in the database, as long as its encoder works on this machine."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from crm.models import User
from satisfaction.models import SentimentHead
from satisfaction.sentiment.encoders import Encoder, EncoderUnavailable, load_encoder
from satisfaction.sentiment.heads import Head, HeadBroken, delivered, own_head

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkingHead:
    row: SentimentHead
    head: Head
    encoder: Encoder


class CannotActivate(ValueError):  # noqa: N818
    """This head cannot read here; the text says why."""


def head_of(row: SentimentHead) -> Head:
    """HeadBroken where the program no longer has what the row builds on."""
    if row.weights:
        return own_head(row.version, row.weights)
    found = delivered().get(row.encoder)
    if found is None or found.version != row.version:
        raise HeadBroken(f"{row.version} is not delivered with this program any more")
    return found


@transaction.atomic
def register_delivered() -> None:
    """A row for each head of the program. The first one is activated; a newer edition takes over from its elder."""
    for head in delivered().values():
        row, created = SentimentHead.objects.get_or_create(
            version=head.version, defaults={"encoder": head.encoder}
        )
        if not created:
            continue
        active = SentimentHead.objects.select_for_update().filter(active=True).first()
        if active is None:
            SentimentHead.objects.filter(pk=row.pk).update(active=True)
        elif active.encoder == head.encoder and not active.weights:
            SentimentHead.objects.filter(pk=active.pk).update(active=False)
            SentimentHead.objects.filter(pk=row.pk).update(active=True)


def working_head() -> WorkingHead | None:
    """The active head, or the first delivered one whose encoder works here; None where none does: all is unknown."""
    known = set(SentimentHead.objects.values_list("version", flat=True))
    if not known.issuperset(head.version for head in delivered().values()):
        register_delivered()
    rows = list(SentimentHead.objects.filter(active=True))
    # The delivered ones stand in for it, the default encoder first.
    rows += [SentimentHead.objects.get(version=head.version) for head in delivered().values()]
    for row in rows:
        try:
            head = head_of(row)
            return WorkingHead(row, head, load_encoder(head.encoder, head.encoder_version))
        except (EncoderUnavailable, HeadBroken) as error:
            logger.warning("Sentiment model %s cannot be used: %s", row.version, error)
    return None


@transaction.atomic
def activate(*, head: SentimentHead, reason: str, user: User | None, now: dt.datetime) -> None:
    """Put a head in use, whatever was before; the old one stays and can be put back."""
    rows = {row.pk: row for row in SentimentHead.objects.select_for_update().order_by("pk")}
    chosen = rows[head.pk]
    try:
        head_of(chosen)
    except HeadBroken as error:
        raise CannotActivate(str(error)) from error
    before = next((row for row in rows.values() if row.active), None)
    if before is not None and before.pk != chosen.pk:
        SentimentHead.objects.filter(pk=before.pk).update(active=False)
    entry: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "by": user.username if user else None,
        "instead_of": before.version if before else None,
        "reason": reason,
    }
    chosen.report = {**chosen.report, "activations": [*chosen.report.get("activations", []), entry]}
    chosen.active = True
    chosen.save(update_fields=["active", "report"])
