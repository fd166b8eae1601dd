"""The trade history of an account."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
