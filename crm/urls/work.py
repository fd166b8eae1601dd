"""Tasks, notices, comments, attachments, the timeline."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import attachments

urlpatterns: list[URLPattern] = [
    path("attachments/", attachments.upload, name="attachment-upload"),
    path("attachments/<int:pk>/", attachments.show, name="attachment"),
    path("attachments/<int:pk>/thumbnail/", attachments.thumbnail, name="attachment-thumbnail"),
    path("attachments/<int:pk>/delete/", attachments.delete, name="attachment-delete"),
    path("accounts/<int:pk>/files/", attachments.account_files, name="account-files"),
]
