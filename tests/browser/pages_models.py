"""Scoring models: list, model, comparison, editor with every kind of standard, preview, pairs."""

from __future__ import annotations

from crm.models import Account, User
from segmentation.modelling.drafts import open_draft, rebase_draft, save_draft
from segmentation.models import ScoringModel
from segmentation.operations import publish_version
from segmentation.scoring.grading import DEFAULT_MODEL


def paths(user: User, account: Account) -> dict[str, str]:
    model = ScoringModel.objects.get(is_default=True)
    definition = DEFAULT_MODEL.to_dict()
    definition["indicators"][0] |= {
        "window": 730,
        "standard": {"kind": "linear", "direction": "+", "lo": 0, "hi": 200_000},
    }
    publish_version(model=model, definition=DEFAULT_MODEL, reason="Again")
    draft = open_draft(model=model, user=user)
    # The company's manager has begun it: the version just published came out after it.
    draft = rebase_draft(draft_id=draft.pk, revision=draft.revision)
    save_draft(draft_id=draft.pk, revision=draft.revision, definition=definition, scope={}, user=user)
    other = ScoringModel.objects.create(name="Export business", name_zh="出口业务", priority=1)
    return {
        "models": "/models/",
        "model": f"/models/{model.pk}/",
        "model versions": f"/models/{model.pk}/compare/",
        "model draft": f"/models/drafts/{draft.pk}/",
        "model pairs": f"/models/drafts/{draft.pk}/pairs/",
        "model preview": f"/models/drafts/{draft.pk}/preview/",
        "model new draft": f"/models/drafts/{open_draft(model=other, user=user).pk}/",
    }
