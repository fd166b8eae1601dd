"""Back-tests, and the review of what people set against the models."""

from django.urls import path

from segmentation.views import backtests

urlpatterns = [
    path("models/<int:pk>/back-test/", backtests.back_test, name="back-test"),
    path("models/<int:pk>/back-test/state/", backtests.back_test_state, name="back-test-state"),
    path(
        "models/<int:pk>/back-test/<slug:table>.<slug:kind>",
        backtests.back_test_export,
        name="back-test-export",
    ),
]
