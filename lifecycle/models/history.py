"""Which stage and which loyalty level held when, and what a person set against the model."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.history import Interval, Override


class StageInterval(Interval):
    """`value` is a `lifecycle.scoring.stages.Stage`."""

    class Meta(Interval.Meta):
        abstract = False
        verbose_name = _("stage history")
        verbose_name_plural = _("stage history")


class LoyaltyInterval(Interval):
    """`value` is a `lifecycle.scoring.loyalty` level."""

    class Meta(Interval.Meta):
        abstract = False
        verbose_name = _("loyalty history")
        verbose_name_plural = _("loyalty history")


class StageOverride(Override):
    value = models.SmallIntegerField(_("stage"))

    class Meta(Override.Meta):
        abstract = False
        verbose_name = _("stage set by a person")
        verbose_name_plural = _("stages set by a person")
