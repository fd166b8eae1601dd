"""Two managers who press Publish in the same moment, for real: two connections, one draft."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from crm.models import User
from segmentation.modelling.drafts import OutdatedDraft, open_draft, publish_draft
from segmentation.models import ScoringModelDraft, ScoringModelVersion
from segmentation.operations import ensure_default_model


@pytest.mark.django_db(transaction=True)
def test_one_version_comes_out_and_the_other_is_told() -> None:
    managers = [User.objects.create_user(f"manager{place}", role="manager") for place in range(2)]
    model = ensure_default_model().model
    draft = open_draft(model=model, user=managers[0])
    ready, found = threading.Barrier(2), []

    def press(user: User) -> None:
        try:
            ready.wait(timeout=20)
            version, _run = publish_draft(draft_id=draft.pk, revision=0, reason="Mine", user=user)
            found.append(version)
        except OutdatedDraft as told:
            found.append(told)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(user,)) for user in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    kinds: list[type[Any]] = sorted((type(one) for one in found), key=str)
    assert len(kinds) == 2
    assert set(kinds) == {OutdatedDraft, ScoringModelVersion}
    assert list(model.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert not ScoringModelDraft.objects.exists()
