"""Segments by rule and by behaviour."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
