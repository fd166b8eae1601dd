"""Basic data, personal details, business trends."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import trends

urlpatterns: list[URLPattern] = [
    path("accounts/<int:pk>/trends/", trends.trends, name="account-trends"),
    path("accounts/<int:pk>/trends/new/", trends.create, name="observation-create"),
    path("observations/<int:pk>/edit/", trends.edit, name="observation-edit"),
    path("observations/<int:pk>/delete/", trends.delete, name="observation-delete"),
    path("accounts/<int:pk>/wallet/", trends.wallet, name="wallet-edit"),
]
