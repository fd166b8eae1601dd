"""The organisation and the decision map of an account."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
