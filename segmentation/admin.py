from django.contrib import admin
from django.http import HttpRequest

from segmentation.models import GradeOverride, ScoringModel, ScoringModelVersion


@admin.register(ScoringModel)
class ScoringModelAdmin(admin.ModelAdmin):
    list_display = ["name", "name_zh", "is_default"]


@admin.register(ScoringModelVersion)
class ScoringModelVersionAdmin(admin.ModelAdmin):
    """To look at: a version is made by publishing and never changes."""

    list_display = ["model", "number", "reason", "published_by", "published_at"]
    list_select_related = ["model", "published_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(GradeOverride)
class GradeOverrideAdmin(ScoringModelVersionAdmin):
    """To look at: words are given and taken back on the account's page, which brings the figures up to date."""

    list_display = ["account", "value", "author", "valid_from", "valid_to", "reason", "revoked_at"]
    list_select_related = ["account", "author"]
