"""What this app adds to the API's root."""

from typing import Any

from crm.api.accounts import AccountViewSet
from crm.api.activities import ComplaintViewSet, VisitViewSet
from crm.api.contacts import ContactViewSet
from crm.api.imports import ImportViewSet
from crm.api.observations import ObservationViewSet
from crm.api.opportunities import OpportunityViewSet
from crm.api.products import ProductViewSet
from crm.api.runs import RunViewSet
from crm.api.trade_lines import TradeLineViewSet

# (prefix, viewset, name of its URLs)
ROUTES: list[tuple[str, Any, str]] = [
    ("accounts", AccountViewSet, "account"),
    ("contacts", ContactViewSet, "contact"),
    ("products", ProductViewSet, "product"),
    ("trade-lines", TradeLineViewSet, "trade-line"),
    ("visits", VisitViewSet, "visit"),
    ("complaints", ComplaintViewSet, "complaint"),
    ("observations", ObservationViewSet, "observation"),
    ("opportunities", OpportunityViewSet, "opportunity"),
    ("imports", ImportViewSet, "import"),
    ("runs", RunViewSet, "run"),
]
