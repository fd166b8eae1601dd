"""What a customer will be worth: purchase forecast and lifetime value, published, staged, frozen."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Run
from crm.models.history import SnapshotFigures, StagedFigures
from crm.models.runs import UNCHECKED


class ValueFigures(models.Model):
    """Forecast over 1, 4 and 12 quarters, and the five values of a year. Null with a reason where not known."""

    # The forecast by the model that won the back-test (its name and table stand with the run).
    alive = models.FloatField(_("probability of being active"), null=True)
    occasions_1q = models.FloatField(_("expected purchases, 1 quarter"), null=True)
    occasions_4q = models.FloatField(_("expected purchases, 4 quarters"), null=True)
    occasions_12q = models.FloatField(_("expected purchases, 12 quarters"), null=True)
    spend = models.FloatField(_("expected value of a purchase"), null=True)
    sales_4q = models.FloatField(_("expected sales, 4 quarters"), null=True)
    sales_4q_low = models.FloatField(null=True)
    sales_4q_high = models.FloatField(null=True)
    sales_12q = models.FloatField(_("expected sales, 12 quarters"), null=True)
    margin = models.FloatField(_("margin rate"), null=True)
    # Discounted margin of 12 quarters, and the 80 % range.
    predicted = models.FloatField(_("predicted lifetime value"), null=True)
    predicted_low = models.FloatField(null=True)
    predicted_high = models.FloatField(null=True)
    forecast_reason = models.SmallIntegerField(default=0)

    # The five values, one year each (models.md section 10).
    purchase_value = models.FloatField(_("purchase value CPV"), null=True)
    referral_value = models.FloatField(_("word-of-mouth value PPV"), null=True)
    information_value = models.FloatField(_("information value CIV"), null=True)
    knowledge_value = models.FloatField(_("knowledge value CKV"), null=True)
    transaction_value = models.FloatField(_("transaction value CTV"), null=True)
    annuity = models.FloatField(_("annuity factor"), null=True)
    # Over the horizon; totals over customers leave the word-of-mouth value out (it is in the referred one's own).
    lifetime_value = models.FloatField(_("lifetime value CLV"), null=True)
    lifetime_value_without_referrals = models.FloatField(null=True)
    # 0 high, 1 medium, 2 low.
    tier = models.SmallIntegerField(_("tier of lifetime value"), null=True)
    reason = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class AccountValue(ValueFigures):
    account = models.OneToOneField(
        Account,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        related_query_name="current_value",
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("lifetime value of an account")
        verbose_name_plural = _("lifetime values of accounts")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.lifetime_value}"


class StagedValue(StagedFigures, ValueFigures):
    class Meta:
        verbose_name = _("staged lifetime value")
        verbose_name_plural = _("staged lifetime values")


class ValueSnapshot(SnapshotFigures, ValueFigures):
    class Meta:
        verbose_name = _("lifetime value at a month's end")
        verbose_name_plural = _("lifetime values at months' ends")


class ValueInput(models.TextChoices):
    """What a person may judge where no record tells it."""

    SPENDING = "spending", _("Spending power a year")
    SHARE = "share", _("Our share of it in %")
    MARGIN = "margin", _("Margin rate in %")
    INFLUENCE = "influence", _("Chance that somebody it talks to buys, in %")
    REACH = "reach", _("Companies it reaches a year")
    REACHED_VALUE = "reached_value", _("Margin of an average purchase of those")
    INFORMATION = "information", _("Information value a year")
    KNOWLEDGE = "knowledge", _("Knowledge value a year")
    TRANSACTION = "transaction", _("Transaction value a year")


class ValueJudgement(models.Model):
    """A person's figure for one input of one account, instead of the computed one; the newest counts."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    part = models.CharField(_("what"), max_length=16, choices=ValueInput)
    # Null takes the judgement back.
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4, null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=255)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("judged value")
        verbose_name_plural = _("judged values")
        indexes = [models.Index(fields=["account", "part", "-id"], name="value_judgement_newest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.part}: {self.value}"
