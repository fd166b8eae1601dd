"""The site map."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from config import api
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include(api)),
    path("back-office/", admin.site.urls),
    path("jsi18n/", JavaScriptCatalog.as_view(packages=["crm"]), name="javascript-catalog"),
    path("", include("segmentation.urls")),
    path("", include("lifecycle.urls")),
    path("", include("satisfaction.urls")),
    path("", include("crm.urls")),
]

handler404 = "crm.views.errors.not_found"
handler500 = "crm.views.errors.server_error"
