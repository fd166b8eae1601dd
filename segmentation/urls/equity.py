"""Competition, customer equity and retention."""

from django.urls import path

from segmentation.equity import equity_views, retention_views, views

urlpatterns = [
    path("competition/", views.competition, name="competition"),
    path("competition/<slug:table>.<slug:kind>", views.competition_export, name="competition-export"),
    path("equity/", equity_views.equity, name="equity"),
    path("equity/<slug:table>.<slug:kind>", equity_views.equity_export, name="equity-export"),
    path("equity/judgements/", equity_views.assumptions, name="equity-assumptions"),
    path("equity/studies/", equity_views.study_save, name="equity-study-save"),
    path("equity/studies/<int:pk>/delete/", equity_views.study_delete, name="equity-study-delete"),
    path("retention/", retention_views.retention, name="retention"),
    path("retention/<slug:table>.<slug:kind>", retention_views.retention_export, name="retention-export"),
]
