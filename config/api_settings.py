"""Settings of the REST API."""

from typing import Any

from config.env import env_str

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "crm.api.authentication.TokenAuthentication",
        "crm.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "crm.api.permissions.ScopePermission",
        "crm.api.permissions.CapabilityPermission",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["crm.api.throttling.TokenThrottle"],
    # Per token, or per user with a session; a token may have a rate of its own.
    "DEFAULT_THROTTLE_RATES": {"token": env_str("API_RATE", "1200/minute")},
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "crm.api.negotiation.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "crm.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["crm.api.filters.FilterBackend"],
    "EXCEPTION_HANDLER": "crm.api.problems.handle",
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.Schema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Mainstay REST API",
    "DESCRIPTION": "Accounts, trade and what Mainstay computes from them. docs/api.md says how to use it.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AccountKindEnum": "crm.models.AccountKind",
        "VisitKindEnum": "crm.models.VisitKind",
        "ObservationKindEnum": "crm.models.ObservationKind",
        "ComplaintKindEnum": "crm.models.ComplaintKind",
        "ImportKindEnum": "crm.models.ImportKind",
        "ImportStateEnum": "crm.models.ImportState",
        "RunStateEnum": "crm.models.RunState",
        "StepStateEnum": "crm.models.StepState",
    },
    "PREPROCESSING_HOOKS": ["crm.api.schema.without_trailing_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "crm.api.schema.add_problem",
    ],
}
