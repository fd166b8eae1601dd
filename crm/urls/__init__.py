"""The pages of crm, by part."""

from crm.urls import (
    base,
    custom_fields,
    decisions,
    duplicates,
    opportunities,
    plan,
    profile,
    suppliers,
    trade,
    visits_offline,
    work,
)

app_name = "crm"
urlpatterns = [
    *base.urlpatterns,
    *decisions.urlpatterns,
    *profile.urlpatterns,
    *duplicates.urlpatterns,
    *trade.urlpatterns,
    *visits_offline.urlpatterns,
    *plan.urlpatterns,
    *work.urlpatterns,
    *opportunities.urlpatterns,
    *suppliers.urlpatterns,
    *custom_fields.urlpatterns,
]
