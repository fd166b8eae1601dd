"""The first look at a dashboard after a run costs what the run left to add up: a worker takes that look beforehand."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from celery import shared_task
from django.conf import settings
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from crm.access import SEES_EVERYTHING
from crm.models import User
from crm.remember import renewing

logger = logging.getLogger(__name__)

# Opened every morning, without a filter.
PAGES = (
    "segmentation:tiers",
    "segmentation:movement",
    "segmentation:kpis",
    "segmentation:value-matrix",
    "segmentation:concentration",
    "segmentation:pyramid",
    "lifecycle:dashboard",
    "lifecycle:lifetime-value",
    "satisfaction:dashboard",
)


@shared_task(name="config.warm.prepare", ignore_result=True)
def prepare(address: str, language: str) -> bool:
    """Work out a dashboard anew, as those see it who see every account. False where nobody does."""
    user = User.objects.filter(is_active=True, role__in=SEES_EVERYTHING).order_by("pk").first()
    if user is None:
        return False
    view, args, kwargs = resolve(urlsplit(address).path)
    request = RequestFactory().get(address)
    request.user = user
    with translation.override(language), renewing():
        view(request, *args, **kwargs)
    return True


@shared_task(name="config.warm.prepare_all", ignore_result=True)
def prepare_all() -> None:
    """Every dashboard in every language; one that fails does not keep the others waiting."""
    for name in PAGES:
        for language, _title in settings.LANGUAGES:
            try:
                prepare(reverse(name), language)
            except Exception:
                logger.exception("%s could not be prepared in %s", name, language)
