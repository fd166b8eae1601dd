"""What this app adds to the API's root."""

from typing import Any

from lifecycle.api.stages import StageViewSet
from lifecycle.api.values import ValueViewSet

ROUTES: list[tuple[str, Any, str]] = [("stages", StageViewSet, "stage"), ("values", ValueViewSet, "value")]
