"""Movement between dates, monthly key figures and the print form."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
