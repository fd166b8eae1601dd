from django.contrib import admin
from django.http import HttpRequest

from lifecycle.models import StageOverride


@admin.register(StageOverride)
class StageOverrideAdmin(admin.ModelAdmin):
    """To look at: words are given and taken back on the account's page, which brings the figures up to date."""

    list_display = ["account", "value", "author", "valid_from", "valid_to", "reason", "revoked_at"]
    list_select_related = ["account", "author"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
