"""Tasks, notices, comments, attachments, the timeline."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
