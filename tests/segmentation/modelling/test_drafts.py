"""Drafts: kept right or wrong, published whole or not at all, never over somebody else's work."""

from __future__ import annotations

from typing import Any

import pytest

from crm.models import Run
from segmentation.modelling.drafts import (
    OutdatedDraft,
    discard_draft,
    draft_problems,
    newest_version,
    open_draft,
    publish_draft,
    rebase_draft,
    retire,
    roll_back,
    save_draft,
)
from segmentation.models import ScoringModel, ScoringModelDraft, ScoringModelVersion
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import DEFAULT_MODEL
from segmentation.scoring.problems import InvalidModel
from tests.fixtures import World
from tests.segmentation.worlds import two_dates


@pytest.fixture
def model(db: None) -> ScoringModel:
    return ensure_default_model().model


def changed(**weights: float) -> dict[str, Any]:
    definition = DEFAULT_MODEL.to_dict()
    for indicator in definition["indicators"]:
        indicator["weight"] = weights.get(indicator["code"], indicator["weight"])
    return definition


SOUND = changed(gross_profit=0.4, net_sales=0.1)
LOPSIDED = changed(gross_profit=0.9)


def test_a_new_model_begins_as_a_copy_of_the_default_one(world: World) -> None:
    default = ensure_default_model()
    model = ScoringModel.objects.create(name="Export")
    draft = open_draft(model=model, user=world.manager)
    assert draft.definition == default.definition
    assert draft.base is None
    assert draft_problems(draft) == []


def test_a_draft_begins_as_a_copy_and_there_is_one_a_model(model: ScoringModel, world: World) -> None:
    draft = open_draft(model=model, user=world.manager)
    assert draft.definition == newest_version(model).definition  # type: ignore[union-attr]
    assert open_draft(model=model, user=world.analyst) == draft


def test_what_is_wrong_is_kept_and_named_but_never_published(model: ScoringModel, world: World) -> None:
    draft = open_draft(model=model, user=world.manager)
    draft = save_draft(draft_id=draft.pk, revision=0, definition=LOPSIDED, scope={}, user=world.manager)
    assert [problem.code for problem in draft_problems(draft)] == ["weights_sum"]
    with pytest.raises(InvalidModel):
        publish_draft(draft_id=draft.pk, revision=1, reason="More profit", user=world.manager)
    assert ScoringModelVersion.objects.count() == 1
    assert ScoringModelDraft.objects.get().definition == LOPSIDED


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ({}, "model_unreadable"),
        ({"indicators": [], "thresholds": [["A", None]]}, "no_indicators"),
        ({**SOUND, "indicators": [{**SOUND["indicators"][0], "code": "shoe_size"}]}, "indicator_unknown"),
        ({**SOUND, "thresholds": [["A", 40], ["B", 60], ["C", None]]}, "cuts_unordered"),
    ],
)
def test_every_kind_of_nonsense_has_a_name(
    model: ScoringModel, world: World, definition: dict[str, Any], code: str
) -> None:
    draft = open_draft(model=model, user=world.manager)
    draft = save_draft(draft_id=draft.pk, revision=0, definition=definition, scope={}, user=world.manager)
    assert code in {problem.code for problem in draft_problems(draft)}
    with pytest.raises(InvalidModel):
        publish_draft(draft_id=draft.pk, revision=1, reason="x", user=world.manager)


def test_publishing_asks_for_a_reason_and_makes_an_immutable_version(
    model: ScoringModel, world: World
) -> None:
    draft = open_draft(model=model, user=world.manager)
    save_draft(draft_id=draft.pk, revision=0, definition=SOUND, scope={}, user=world.manager)
    with pytest.raises(InvalidModel) as refused:
        publish_draft(draft_id=draft.pk, revision=1, reason="  ", user=world.manager)
    assert [problem.code for problem in refused.value.problems] == ["reason_missing"]
    version, run = publish_draft(draft_id=draft.pk, revision=1, reason="Profit counts", user=world.manager)
    assert (version.number, version.reason, version.published_by) == (2, "Profit counts", world.manager)
    assert run is None
    assert not ScoringModelDraft.objects.exists()


def test_publishing_asks_for_a_run_where_figures_are_shown(world: World) -> None:
    two_dates(world)
    model = ScoringModel.objects.get()
    draft = open_draft(model=model, user=world.manager)
    save_draft(draft_id=draft.pk, revision=0, definition=SOUND, scope={}, user=world.manager)
    before = Run.objects.count()
    _version, run = publish_draft(draft_id=draft.pk, revision=1, reason="Profit", user=world.manager)
    assert run is not None
    assert Run.objects.count() == before + 1


def test_two_editors_do_not_overwrite_each_other(model: ScoringModel, world: World) -> None:
    draft = open_draft(model=model, user=world.manager)
    save_draft(draft_id=draft.pk, revision=0, definition=SOUND, scope={}, user=world.manager)
    with pytest.raises(OutdatedDraft) as stopped:
        save_draft(draft_id=draft.pk, revision=0, definition=LOPSIDED, scope={}, user=world.analyst)
    assert stopped.value.draft is not None
    assert stopped.value.draft.definition == SOUND
    with pytest.raises(OutdatedDraft):
        discard_draft(draft_id=draft.pk, revision=0)
    discard_draft(draft_id=draft.pk, revision=1)
    with pytest.raises(OutdatedDraft) as gone:
        publish_draft(draft_id=draft.pk, revision=1, reason="x", user=world.manager)
    assert gone.value.draft is None


def test_whoever_publishes_second_sees_the_first_ones_version_before(
    model: ScoringModel, world: World
) -> None:
    draft = open_draft(model=model, user=world.manager)
    save_draft(draft_id=draft.pk, revision=0, definition=SOUND, scope={}, user=world.manager)
    publish_version(model=model, definition=DEFAULT_MODEL, reason="meanwhile", user=world.analyst)
    with pytest.raises(OutdatedDraft):
        publish_draft(draft_id=draft.pk, revision=1, reason="mine", user=world.manager)
    assert newest_version(model).reason == "meanwhile"  # type: ignore[union-attr]
    rebase_draft(draft_id=draft.pk, revision=1)
    version, _run = publish_draft(draft_id=draft.pk, revision=2, reason="mine", user=world.manager)
    assert version.number == 3


def test_a_roll_back_is_a_publication(model: ScoringModel, world: World) -> None:
    first = newest_version(model)
    assert first is not None
    publish_version(model=model, definition=SOUND, reason="try", user=world.manager)
    again, _run = roll_back(version=first, reason="It foresaw better", user=world.manager)
    assert (again.number, again.definition, again.copied_from) == (3, first.definition, first)
    assert newest_version(model) == again


def test_the_default_model_cannot_be_retired(model: ScoringModel) -> None:
    from django.utils import timezone

    with pytest.raises(InvalidModel):
        retire(model=model, now=timezone.now())
    other = ScoringModel.objects.create(name="South")
    retire(model=other, now=timezone.now())
    other.refresh_from_db()
    assert other.retired_at is not None
