"""Competition, customer equity and retention."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
