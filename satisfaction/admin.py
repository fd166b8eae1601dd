from django.contrib import admin

from satisfaction.models import Survey, SurveyAnswer, SurveyItem, SurveyResponse


class SurveyItemInline(admin.TabularInline):  # type: ignore[type-arg]
    model = SurveyItem
    extra = 1


class SurveyAnswerInline(admin.TabularInline):  # type: ignore[type-arg]
    model = SurveyAnswer
    extra = 1


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["code", "title", "scale_low", "scale_high"]
    inlines = [SurveyItemInline]


@admin.register(SurveyResponse)
class SurveyResponseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Answers on paper or by phone are entered here."""

    list_display = ["account", "survey", "contact", "answered_on"]
    list_select_related = ["account", "survey", "contact"]
    raw_id_fields = ["account", "contact"]
    inlines = [SurveyAnswerInline]
