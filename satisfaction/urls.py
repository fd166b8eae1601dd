from django.urls import path

from satisfaction.views import dashboard

app_name = "satisfaction"
urlpatterns = [
    path("satisfaction/", dashboard.dashboard, name="dashboard"),
    path("satisfaction/<slug:table>.<slug:kind>", dashboard.dashboard_export, name="dashboard-export"),
]
