"""Fields that a company adds to its accounts. Values stand in `Account.custom` under the field's code."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomFieldKind(models.TextChoices):
    NUMBER = "number", _("Number")
    CHOICE = "choice", _("Choice")
    TEXT = "text", _("Text")
    DATE = "date", _("Date")
    YES_NO = "yes_no", _("Yes or no")


class CustomField(models.Model):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("Chinese name"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=CustomFieldKind)
    # Of a choice: [{"value": "a", "name": "...", "name_zh": "..."}, ...] in order; the value is what accounts hold.
    choices = models.JSONField(_("choices"), default=list, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    # Kept with its values, offered no more.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("further field of accounts")
        verbose_name_plural = _("further fields of accounts")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name
