"""Fields that a company adds to its accounts. Values stand in `Account.custom` under the field's code."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.naming import in_readers_language


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
    # Of a choice, in order: [{"value": "a", "mark": 1, "name": "...", "name_zh": "..."}, ...]. The value is what
    # accounts hold, the mark what models weigh; neither changes once it is in use.
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
        return in_readers_language(self.name, chinese=self.name_zh)

    @property
    def marks(self) -> dict[str, float]:
        """The number that stands for each choice; empty where there are none to choose from."""
        if self.kind != CustomFieldKind.CHOICE:
            return {}
        return {str(choice["value"]): float(choice["mark"]) for choice in self.choices}

    def label_of(self, value: str) -> str:
        """What a choice is called in the reader's language."""
        from django.utils.translation import get_language

        key = "name_zh" if (get_language() or "").startswith("zh") else "name"
        found: dict[str, str] = next((choice for choice in self.choices if str(choice["value"]) == value), {})
        return str(found.get(key) or found.get("name") or value)
