"""Surveys: what was expected, what was perceived, how much it matters."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Contact
from crm.models.activities import AccountRecordQuerySet
from crm.models.naming import in_readers_language


class Survey(models.Model):
    """A questionnaire on one answer scale."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_zh = models.CharField(_("Chinese title"), max_length=200, blank=True)
    scale_low = models.SmallIntegerField(_("lowest answer"), default=1)
    scale_high = models.SmallIntegerField(_("highest answer"), default=10)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.CheckConstraint(condition=Q(scale_high__gt=F("scale_low")), name="survey_scale_has_width")
        ]

    def __str__(self) -> str:
        return in_readers_language(self.title, chinese=self.title_zh)


class SurveyMeasure(models.TextChoices):
    """What an item asks about. Only `attribute` items enter C = b/a; the others feed the loyalty measures."""

    ATTRIBUTE = "attribute", _("Attribute: expected and perceived")
    RECOMMEND = "recommend", _("Would recommend us (0 to 10)")
    COMPETITORS = "competitors", _("Attitude to competitors (1 to 5, 5 is not interested)")
    PRICE = "price", _("Price tolerance (1 to 5)")


class SurveyItem(models.Model):
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="items")
    code = models.SlugField(_("code"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    measure = models.CharField(
        _("measure"), max_length=16, choices=SurveyMeasure, default=SurveyMeasure.ATTRIBUTE
    )
    text = models.CharField(_("question"), max_length=255)
    text_zh = models.CharField(_("Chinese question"), max_length=255, blank=True)
    # Used where a respondent does not state an importance.
    importance = models.FloatField(_("importance"), default=1.0)

    class Meta:
        verbose_name = _("survey item")
        verbose_name_plural = _("survey items")
        constraints = [models.UniqueConstraint(fields=["survey", "code"], name="survey_item_once")]

    def __str__(self) -> str:
        return in_readers_language(self.text, chinese=self.text_zh)


class SurveyResponse(models.Model):
    """One person's filled-in questionnaire."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answered_on = models.DateField(_("answered on"))
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        indexes = [models.Index(fields=["account", "-answered_on"], name="survey_response_account_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.answered_on}"


class SurveyAnswer(models.Model):
    response = models.ForeignKey(SurveyResponse, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(SurveyItem, on_delete=models.PROTECT, related_name="answers")
    expected = models.FloatField(_("expected"), null=True, blank=True)
    perceived = models.FloatField(_("perceived"), null=True, blank=True)
    importance = models.FloatField(_("importance"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        constraints = [
            models.UniqueConstraint(fields=["response", "item"], name="survey_answer_once"),
            models.CheckConstraint(
                condition=(Q(expected__isnull=True) | Q(expected__gte=0))
                & (Q(perceived__isnull=True) | Q(perceived__gte=0))
                & (Q(importance__isnull=True) | Q(importance__gte=0)),
                name="survey_answer_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}/{self.item_id}"
