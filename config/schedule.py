"""What Celery beat starts and when. The only place with clock times, in the company's own time zone."""

from __future__ import annotations

from typing import Any

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {}
