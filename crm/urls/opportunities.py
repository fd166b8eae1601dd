"""The pipeline."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import opportunities, opportunities_board, opportunities_stages

urlpatterns: list[URLPattern] = [
    path("pipeline/", opportunities_board.board, name="opportunity-board"),
    path("pipeline/list/", opportunities_board.opportunity_list, name="opportunity-list"),
    path("pipeline/export/", opportunities_board.export, name="opportunity-export"),
    path("pipeline/forecast/", opportunities_board.forecast, name="pipeline-forecast"),
    path(
        "pipeline/forecast/<slug:table>.<slug:kind>",
        opportunities_board.forecast_export,
        name="pipeline-forecast-export",
    ),
    path("pipeline/analysis/", opportunities_board.analysis, name="pipeline-analysis"),
    path(
        "pipeline/analysis/<slug:table>.<slug:kind>",
        opportunities_board.analysis_export,
        name="pipeline-analysis-export",
    ),
    path("pipeline/stages/", opportunities_stages.stage_list, name="pipeline-stages"),
    path("pipeline/stages/usual/", opportunities_stages.stage_usual, name="pipeline-stage-usual"),
    path("pipeline/stages/new/", opportunities_stages.stage_edit, name="pipeline-stage-create"),
    path("pipeline/stages/<int:pk>/", opportunities_stages.stage_edit, name="pipeline-stage-edit"),
    path("pipeline/stages/<int:pk>/shift/", opportunities_stages.stage_shift, name="pipeline-stage-shift"),
    path("pipeline/stages/<int:pk>/delete/", opportunities_stages.stage_delete, name="pipeline-stage-delete"),
    path("opportunities/new/", opportunities.create, name="opportunity-create"),
    path("opportunities/<int:pk>/", opportunities.detail, name="opportunity-detail"),
    path("opportunities/<int:pk>/edit/", opportunities.edit, name="opportunity-edit"),
    path("opportunities/<int:pk>/move/", opportunities_board.move, name="opportunity-move"),
    path(
        "opportunities/<int:pk>/criteria/<int:criterion>/", opportunities.tick, name="opportunity-criterion"
    ),
    path("opportunities/<int:pk>/close/<slug:state>/", opportunities.close, name="opportunity-close"),
    path("opportunities/<int:pk>/reopen/", opportunities.reopen, name="opportunity-reopen"),
    path("accounts/<int:pk>/opportunities/", opportunities.of_one_account, name="account-opportunities"),
]
