"""Which models and segments use a further field of accounts."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from crm.custom_fields.operations import FieldUser
from segmentation.indicators.fields import CUSTOM
from segmentation.models import ScoringModelDraft, ScoringModelVersion, Segment

_NAMED = re.compile(rf'"{CUSTOM}([^"\\]+)"')


def fields_in(definition: Any) -> set[str]:
    """The codes of the further fields that a model's definition or a segment's rule names."""
    return set(_NAMED.findall(json.dumps(definition)))


class ModelsAndSegments(FieldUser):
    """The newest version of every model in use, drafts, and segments by rule. Older versions can still be read."""

    def uses(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        newest = (
            ScoringModelVersion.objects.filter(published_at__isnull=False, model__retired_at__isnull=True)
            .select_related("model")
            .order_by("model_id", "-number")
            .distinct("model_id")
        )
        for version in newest:
            for code in fields_in(version.definition):
                found[code].append(_("the scoring model “%(model)s”") % {"model": version})
        for draft in ScoringModelDraft.objects.select_related("model"):
            for code in fields_in(draft.definition):
                found[code].append(_("the draft of “%(model)s”") % {"model": draft.model})
        for segment in Segment.objects.exclude(rule={}).order_by("pk"):
            for code in fields_in(segment.rule):
                found[code].append(_("the segment “%(segment)s”") % {"segment": segment})
        return dict(found)
