"""Back-tests, and the review of what people set against the models."""

from django.urls import path

from segmentation.views import backtests, overrides

urlpatterns = [
    path("models/<int:pk>/back-test/", backtests.back_test, name="back-test"),
    path("models/<int:pk>/back-test/state/", backtests.back_test_state, name="back-test-state"),
    path(
        "models/<int:pk>/back-test/<slug:table>.<slug:kind>",
        backtests.back_test_export,
        name="back-test-export",
    ),
    path("overrides/", overrides.override_list, name="overrides"),
    path("accounts/<int:pk>/grade/proposals/<int:proposal>/", overrides.grade_decide, name="grade-decide"),
]
