"""Visits, with and without network; the installable app."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import offline, visits, webapp

urlpatterns: list[URLPattern] = [
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/export/", visits.export, name="visit-export"),
    path("visits/new/", visits.create, name="visit-create"),
    path("visits/distance/", visits.distance, name="visit-distance"),
    path("visits/<int:pk>/edit/", visits.edit, name="visit-edit"),
    path("visits/handed/<int:pk>/", offline.handed_over, name="visit-handed"),
    path("visits/sync/", offline.sync, name="offline-sync"),
    path("visits/sync/photo/", offline.photo, name="offline-photo"),
    path("visits/sync/handover/", offline.handover, name="offline-handover"),
    path("offline/session/", offline.session, name="offline-session"),
    path("offline/bundle/", offline.bundle, name="offline-bundle"),
    path("offline/", webapp.page, name="offline"),
    path("offline/<slug:language>/", webapp.page, name="offline-page"),
    path("manifest/<slug:language>.webmanifest", webapp.manifest, name="manifest"),
    path("service-worker.js", webapp.service_worker, name="service-worker"),
]
