"""Writing observations with their figures."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.forms import BaseInlineFormSet

from crm.models import Observation


class ObservationChangedError(Exception):
    """Somebody else saved the observation after it was shown."""


@transaction.atomic
def save_observation(
    *, observation: Observation, figures: BaseInlineFormSet[Any, Any, Any], shown: str
) -> Observation:
    """An observation and its figures together. `shown`: its `updated_at` when the form was drawn, "" for a new one."""
    if observation.pk:
        current = Observation.objects.select_for_update().get(pk=observation.pk)
        if current.updated_at.isoformat() != shown:
            raise ObservationChangedError
    observation.save()
    figures.instance = observation
    figures.save()
    return observation
