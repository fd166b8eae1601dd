"""Segments by rule and by behaviour."""

from django.urls import URLPattern, path

from segmentation.segments import search_views, views

urlpatterns: list[URLPattern] = [
    path("segments/", views.segments, name="segments"),
    path("segments/new/", views.segment_create, name="segment-create"),
    path("segments/rule/", views.segment_rule, name="segment-rule"),
    path("segments/count/", views.segment_count, name="segment-count"),
    path("segments/searches/", search_views.search_start, name="segment-search-start"),
    path("segments/searches/<int:pk>/", search_views.search_detail, name="segment-search"),
    path("segments/searches/<int:pk>/adopt/", search_views.search_adopt, name="segment-search-adopt"),
    path("segments/<slug:table>.<slug:kind>", views.segments_export, name="segments-export"),
    path("segments/<int:pk>/", views.segment_detail, name="segment-detail"),
    path("segments/<int:pk>/edit/", views.segment_edit, name="segment-edit"),
    path("segments/<int:pk>/archive/", views.segment_archive, name="segment-archive"),
    path("segments/<int:pk>/<slug:table>.<slug:kind>", views.segment_export, name="segment-export"),
]
