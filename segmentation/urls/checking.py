"""Back-tests, further fields of accounts and the approval of overrides."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
