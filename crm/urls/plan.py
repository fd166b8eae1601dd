"""My day, the calendar, one's own settings."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import calendar, day, feeds, settings

urlpatterns: list[URLPattern] = [
    path("day/route/", day.route, name="day-route"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feed/<str:token>.ics", feeds.feed, name="calendar-feed"),
    path("planned-visits/new/", day.plan_create, name="plan-create"),
    path("planned-visits/<int:pk>/edit/", day.plan_edit, name="plan-edit"),
    path("planned-visits/<int:pk>/accept/", day.plan_accept, name="plan-accept"),
    path("planned-visits/<int:pk>/cancel/", day.plan_cancel, name="plan-cancel"),
    path("next-steps/<int:pk>/", day.next_step, name="next-step"),
    path("settings/", settings.settings, name="settings"),
    path("settings/calendar-link/", settings.feed_create, name="calendar-link-create"),
    path("settings/calendar-link/revoke/", settings.feed_revoke, name="calendar-link-revoke"),
    path("daily-mail/off/<str:token>/", settings.digest_off, name="digest-off"),
]
