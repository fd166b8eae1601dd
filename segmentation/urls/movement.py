"""Movement between dates, monthly key figures and the print form."""

from django.urls import path

from segmentation.overview import views

urlpatterns = [
    path("movement/", views.movement, name="movement"),
    path("movement/<slug:table>.<slug:kind>", views.movement_export, name="movement-export"),
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/<slug:table>.<slug:kind>", views.kpis_export, name="kpis-export"),
    path("meeting/", views.meeting, name="meeting"),
]
