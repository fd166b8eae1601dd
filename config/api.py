"""The root of the REST API, version 1: each app's routes, and the schema."""

from django.urls import URLPattern, URLResolver, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

import crm.api.routes
import lifecycle.api.routes
import satisfaction.api.routes
import segmentation.api.routes

app_name = "api"

# Addresses work with and without a slash at the end: a POST is never lost to a redirect.
router = SimpleRouter()
router.trailing_slash = "/?"
for module in (crm.api.routes, satisfaction.api.routes, lifecycle.api.routes, segmentation.api.routes):
    for prefix, viewset, name in module.ROUTES:
        router.register(prefix, viewset, basename=name)


class SchemaView(SpectacularAPIView):
    """The contract holds no data: everybody may read it."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes: list[type] = []
    capability = "view_accounts"


urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^schema/?$", SchemaView.as_view(), name="schema"),
    *router.urls,
]
