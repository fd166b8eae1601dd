"""The preview of a draft: who would move, over the whole population, as the page that a manager waits for."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.urls import reverse

from crm.models import User
from segmentation.modelling.drafts import open_draft, save_draft
from segmentation.models import ScoringModel
from tests.bench.clock import seconds
from tests.bench.pages import fetch, server, session_cookie

ROUNDS = 5


def measure(user: User) -> dict[str, Any]:
    draft = open_draft(model=ScoringModel.objects.get(is_default=True), user=user)
    definition = draft.definition
    weights = [indicator["weight"] for indicator in definition["indicators"]]
    # The weights change places: nearly every score moves.
    for indicator, weight in zip(definition["indicators"], weights[1:] + weights[:1], strict=True):
        indicator["weight"] = weight
    save_draft(draft_id=draft.pk, revision=draft.revision, definition=definition, scope={}, user=user)
    path = reverse("segmentation:draft-preview", args=[draft.pk])
    headers = {"Cookie": session_cookie(user)}
    with server() as (port, _process):
        fetch(port, path, headers)
        return {"seconds": median(seconds(lambda: fetch(port, path, headers)) for _round in range(ROUNDS))}
