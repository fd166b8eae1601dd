"""The words that names and notes are made of, for searches that are misspelt (crm.search.words)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    # Not unique: a word that two bring at the same moment stands twice, and nobody waits for the other.
    word = models.CharField(max_length=24, db_index=True)
    # The word, and the word without each of its letters.
    forms = ArrayField(models.CharField(max_length=24))

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")
        indexes = [
            GinIndex(fields=["forms"], name="search_word_forms"),
            GinIndex(fields=["word"], name="search_word_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.word
