from django.urls import path

from segmentation.views import history, overrides, tiers

app_name = "segmentation"
urlpatterns = [
    path("tiers/", tiers.tiers, name="tiers"),
    path("tiers/<slug:table>.<slug:kind>", tiers.tiers_export, name="tiers-export"),
    path("accounts/<int:pk>/history/", history.account_history, name="account-history"),
    path("accounts/<int:pk>/grade/", overrides.grade_override, name="grade-override"),
    path("accounts/<int:pk>/grade/revoke/", overrides.grade_override_revoke, name="grade-override-revoke"),
]
