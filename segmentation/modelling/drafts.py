"""The life of a scoring model: a draft is edited, previewed, published as the next version. Versions never change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.models import Run, User
from crm.runs import request_run
from crm.snapshots import shown_run
from segmentation.modelling.typed import unreadable
from segmentation.models import ScoringModel, ScoringModelDraft, ScoringModelVersion
from segmentation.operations import problems_of, publish_version
from segmentation.scoring.grading import DEFAULT_MODEL, GradingModel
from segmentation.scoring.problems import InvalidModel, Problem


class OutdatedDraft(Exception):  # noqa: N818 - a state, not a fault
    """Somebody else saved or published meanwhile; `draft` is how it stands now (None: it is gone)."""

    def __init__(self, draft: ScoringModelDraft | None) -> None:
        super().__init__("changed meanwhile")
        self.draft = draft


def newest_version(model: ScoringModel) -> ScoringModelVersion | None:
    return model.versions.filter(published_at__isnull=False).order_by("-number").first()


@transaction.atomic
def open_draft(*, model: ScoringModel, user: User) -> ScoringModelDraft:
    """The draft of the model; where nobody has begun one, a copy of its newest version, else of the default model's."""
    ScoringModel.objects.select_for_update().get(pk=model.pk)
    draft = ScoringModelDraft.objects.filter(model=model).first()
    if draft is not None:
        return draft
    base = newest_version(model)
    pattern = base or newest_version(ScoringModel.objects.get(is_default=True))
    return ScoringModelDraft.objects.create(
        model=model,
        base=base,
        definition=pattern.definition if pattern else DEFAULT_MODEL.to_dict(),
        scope=base.scope if base else {},
        author=user,
    )


@transaction.atomic
def save_draft(
    *,
    draft_id: int,
    revision: int,
    definition: Mapping[str, Any],
    scope: Mapping[str, Any],
    user: User,
) -> ScoringModelDraft:
    """Keep what was typed, right or wrong: publishing asks for a sound model. OutdatedDraft: nothing is written."""
    draft = _locked(draft_id, revision)
    draft.definition = dict(definition)
    draft.scope = dict(scope)
    draft.author = user
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, draft_id: int, revision: int) -> None:
    _locked(draft_id, revision).delete()


@transaction.atomic
def publish_draft(
    *, draft_id: int, revision: int, reason: str, user: User
) -> tuple[ScoringModelVersion, Run | None]:
    """Make the draft the next version and ask for a run that grades by it (None: nothing was ever published).

    OutdatedDraft where another version came out after the draft was begun: its author should see that first.
    InvalidModel names everything that is wrong. Either way nothing is written.
    """
    draft = _locked(draft_id, revision)
    if problems := draft_problems(draft):
        raise InvalidModel(problems)
    ScoringModel.objects.select_for_update().get(pk=draft.model_id)
    newest = newest_version(draft.model)
    if (newest.pk if newest else None) != draft.base_id:
        raise OutdatedDraft(draft)
    if not reason.strip():
        raise InvalidModel([Problem("reason_missing")])
    version = publish_version(
        model=draft.model, definition=draft.definition, scope=draft.scope, reason=reason, user=user
    )
    draft.delete()
    return version, _grade_anew(user)


@transaction.atomic
def rebase_draft(*, draft_id: int, revision: int) -> ScoringModelDraft:
    """Go on although another version came out: the author has compared the two."""
    draft = _locked(draft_id, revision)
    draft.base = newest_version(draft.model)
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def roll_back(
    *, version: ScoringModelVersion, reason: str, user: User
) -> tuple[ScoringModelVersion, Run | None]:
    """Publish an older version's definition again, as a version of its own."""
    again = publish_version(
        model=version.model,
        definition=version.definition,
        scope=version.scope,
        reason=reason,
        user=user,
        copied_from=version,
    )
    return again, _grade_anew(user)


def draft_problems(draft: ScoringModelDraft) -> list[Problem]:
    """What is in the way of publishing."""
    if found := unreadable(draft.definition):
        return found
    try:
        model = GradingModel.from_dict(draft.definition)
    except InvalidModel as error:
        return list(error.problems)
    return problems_of(model, draft.scope)


def retire(*, model: ScoringModel, now: dt.datetime) -> None:
    """Its accounts are graded by the next model whose scope they are in; the default model always stays."""
    if model.is_default:
        raise InvalidModel([Problem("default_stays")])
    ScoringModel.objects.filter(pk=model.pk).update(retired_at=now)


def _grade_anew(user: User) -> Run | None:
    run = shown_run()
    return request_run(as_of=run.as_of, trigger="button", requested_by=user) if run else None


def _locked(draft_id: int, revision: int) -> ScoringModelDraft:
    draft = ScoringModelDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None or draft.revision != revision:
        raise OutdatedDraft(draft)
    return draft
