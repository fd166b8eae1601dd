"""What this app adds to the API's root."""

from typing import Any

from satisfaction.api.satisfaction import SatisfactionViewSet

ROUTES: list[tuple[str, Any, str]] = [("satisfaction", SatisfactionViewSet, "satisfaction")]
