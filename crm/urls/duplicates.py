"""Duplicates, merging, undo."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import duplicates

urlpatterns: list[URLPattern] = [
    path("duplicates/", duplicates.duplicate_list, name="duplicate-list"),
    path("duplicates/search/", duplicates.scan_start, name="duplicate-scan"),
    path("duplicates/search/state/", duplicates.scan_state, name="duplicate-scan-state"),
    path("duplicates/not-the-same/", duplicates.distinct, name="duplicate-distinct"),
    path("duplicates/pick/", duplicates.pick, name="duplicate-pick"),
    path("accounts/<int:pk>/merge/", duplicates.merge, name="account-merge"),
    path("merges/", duplicates.merge_list, name="merge-list"),
    path("merges/<int:pk>/", duplicates.merge_detail, name="merge-detail"),
    path("merges/<int:pk>/undo/", duplicates.merge_undo, name="merge-undo"),
]
