from django.urls import path

from satisfaction.views import dashboard, sentiment

app_name = "satisfaction"
urlpatterns = [
    path("satisfaction/", dashboard.dashboard, name="dashboard"),
    path("satisfaction/<slug:table>.<slug:kind>", dashboard.dashboard_export, name="dashboard-export"),
    path("sentiment/", sentiment.board, name="sentiment"),
    path("sentiment/<slug:table>.<slug:kind>", sentiment.board_export, name="sentiment-export"),
    path("sentiment/models/", sentiment.models, name="sentiment-models"),
    path("sentiment/models/<int:pk>/activate/", sentiment.activate_model, name="sentiment-activate"),
    path("accounts/<int:pk>/sentiment/", sentiment.account, name="account-sentiment"),
    path("visits/<int:pk>/sentiment/", sentiment.visit, name="visit-sentiment"),
]
