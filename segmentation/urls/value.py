"""Value matrix, 80/20, pyramid, relationship levels and key accounts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
