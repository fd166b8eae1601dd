"""Stages of the relationship."""

from django.urls import path

from lifecycle.views import dashboard, overrides

urlpatterns = [
    path("lifecycle/", dashboard.dashboard, name="dashboard"),
    path("lifecycle/<slug:table>.<slug:kind>", dashboard.dashboard_export, name="dashboard-export"),
    path("accounts/<int:pk>/stage/", overrides.stage_override, name="stage-override"),
    path("accounts/<int:pk>/stage/revoke/", overrides.stage_override_revoke, name="stage-override-revoke"),
    path("accounts/<int:pk>/stage/proposals/<int:proposal>/", overrides.stage_decide, name="stage-decide"),
]
