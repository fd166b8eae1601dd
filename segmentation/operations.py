"""Writes over several models of grading: the model that grades, and its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.models import User
from segmentation.graders import SCOPES
from segmentation.indicators.catalogue import is_known
from segmentation.models import ScoringModel, ScoringModelVersion
from segmentation.scoring.grading import DEFAULT_MODEL, GradingModel
from segmentation.scoring.problems import InvalidModel, Problem


@transaction.atomic
def ensure_default_model() -> ScoringModelVersion:
    """The newest published version of the default model; the model of the specification where there is none yet."""
    version = published_version()
    if version is not None:
        return version
    model, _ = ScoringModel.objects.get_or_create(
        is_default=True, defaults={"name": "Customer value", "name_zh": "客户价值"}
    )
    return publish_version(
        model=model, definition=DEFAULT_MODEL, reason=gettext_noop("The model Mainstay comes with")
    )


def published_version() -> ScoringModelVersion | None:
    """What the next run grades by."""
    versions = ScoringModelVersion.objects.filter(model__is_default=True, published_at__isnull=False)
    return versions.select_related("model").order_by("-number").first()


@transaction.atomic
def publish_version(
    *,
    model: ScoringModel,
    definition: GradingModel | Mapping[str, Any],
    reason: str,
    user: User | None = None,
    scope: Mapping[str, Any] | None = None,
    copied_from: ScoringModelVersion | None = None,
) -> ScoringModelVersion:
    """Make `definition` the model's next version, for runs that start from now on. InvalidModel names what is wrong."""
    grading = definition if isinstance(definition, GradingModel) else GradingModel.from_dict(definition)
    if problems := problems_of(grading, scope or {}):
        raise InvalidModel(problems)
    # Two people who publish at once get two numbers.
    ScoringModel.objects.select_for_update().get(pk=model.pk)
    last = model.versions.aggregate(last=Max("number"))["last"] or 0
    return ScoringModelVersion.objects.create(
        model=model,
        number=last + 1,
        definition=grading.to_dict(),
        scope=dict(scope or {}),
        reason=reason,
        published_by=user,
        published_at=timezone.now(),
        copied_from=copied_from,
    )


def problems_of(model: GradingModel, scope: Mapping[str, Any]) -> list[Problem]:
    """Everything that keeps a model from being published: its own defects, and what it names that does not exist."""
    unknown = [Problem("indicator_unknown", code) for code in model.codes if not is_known(code)]
    strange = [Problem("scope_unknown", params={"name": name}) for name in scope if name not in SCOPES]
    return [*model.problems(), *unknown, *strange]
