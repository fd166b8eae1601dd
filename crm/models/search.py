"""The words that names and notes are made of, for searches that are misspelt (crm.search.words)."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SearchForm(models.Model):
    """A word under one of its forms: itself, and what is left of it without one of its letters.

    Nothing is unique: a word that two bring at the same moment stands twice, and nobody waits for the other.
    """

    form = models.CharField(max_length=24, db_index=True)
    word = models.CharField(max_length=24)

    class Meta:
        verbose_name = _("form of a search word")
        verbose_name_plural = _("forms of search words")
        indexes = [
            GinIndex(
                fields=["word"],
                name="search_form_trigram",
                opclasses=["gin_trgm_ops"],
                condition=Q(form=F("word")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}: {self.word}"
