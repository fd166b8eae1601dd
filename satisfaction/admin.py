from django.contrib import admin

from satisfaction.models import Survey, SurveyAnswer, SurveyItem, SurveyResponse


class SurveyItemInline(admin.TabularInline):
    model = SurveyItem
    extra = 1


class SurveyAnswerInline(admin.TabularInline):
    model = SurveyAnswer
    extra = 1


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):
    list_display = ["code", "title", "scale_low", "scale_high"]
    inlines = [SurveyItemInline]


@admin.register(SurveyResponse)
class SurveyResponseAdmin(admin.ModelAdmin):
    """Answers on paper or by phone are entered here."""

    list_display = ["account", "survey", "contact", "answered_on"]
    list_select_related = ["account", "survey", "contact"]
    raw_id_fields = ["account", "contact"]
    inlines = [SurveyAnswerInline]
