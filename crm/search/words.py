"""The dictionary behind misspelt searches: every word of every name, once, found by what is left when a letter falls.

Two spellings that differ by one slip (a letter more, less, changed, or two swapped) share a form from which at most one
letter was taken: "dongfnag" and "dongfang" share "dongfag". So the forms of a typed word are looked up as they are, in
an index, and no row of any other table is touched before the right spelling is known.

Chinese names give pairs of syllables ("dongfang", "fangzhou"): few enough (some ten thousands for any number of
names), long enough to mean something. Words are only ever added: one that no row has any more finds no row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connections
from django.db.models import F

from crm.models.search import SearchForm
from crm.scoring.resemblance import edits_allowed, part_distances
from crm.search.text import HAN_RUN, fold, syllables

LATIN_WORD = re.compile(r"[^\W\d_㐀-鿿]{4,}")
SHORTEST, LONGEST = 4, 24
# Parts of what was typed: a pair of syllables has at most twelve letters.
LONGEST_PART = 13
CORRECTIONS = 6
# Letters that a slip costs when spellings are compared, and how much less than the best a spelling may explain.
MENDED = 1.0
FAR = 2.0
# Where no single slip explains the word: spellings that share this much of their trigrams are tried.
SIMILAR = 0.3
PIECE = 5000


def words_of(texts: Iterable[str]) -> set[str]:
    """The dictionary's words in names or notes: Latin words, and the pairs of syllables of Chinese ones."""
    found: set[str] = set()
    for text in texts:
        folded = fold(text)
        found.update(word for word in LATIN_WORD.findall(folded) if len(word) <= LONGEST)
        for run in HAN_RUN.findall(folded):
            found.update(_pairs_of_syllables(run))
    return found


def latin_words_of(text: str) -> set[str]:
    """Of longer texts only these: pairs of syllables over a whole note would be any two."""
    return {word for word in LATIN_WORD.findall(fold(text)) if len(word) <= LONGEST}


def _pairs_of_syllables(run: str) -> Iterator[str]:
    spoken = [syllable for syllable in syllables(run) if syllable.isalpha()]
    for first, second in itertools.pairwise(spoken):
        if len(first) + len(second) >= SHORTEST:
            yield first + second


def forms(word: str) -> set[str]:
    """The word and what is left of it when one letter falls."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def remember_words(words: Iterable[str], using: str = "default") -> None:
    """Add what is new. No unique constraint: two who bring the same word at once must not wait for each other."""
    fresh = sorted(set(words))
    with connections[using].cursor() as cursor:
        for start in range(0, len(fresh), PIECE):
            cursor.execute(
                "SELECT w FROM unnest(%s::varchar[]) AS w WHERE NOT EXISTS "
                "(SELECT FROM crm_searchform s WHERE s.form = w AND s.word = w)",
                [fresh[start : start + PIECE]],
            )
            new = [row[0] for row in cursor.fetchall()]
            rows = (SearchForm(form=form, word=word) for word in new for form in sorted(forms(word)))
            SearchForm.objects.using(using).bulk_create(rows, batch_size=PIECE)


def corrections(typed: str) -> list[str]:
    """Words of the dictionary that `typed`, or a part of it, may have been meant for: the likeliest first.

    `typed` is one folded word of letters. Empty where nothing resembles it.
    """
    if len(typed) < SHORTEST:
        return []
    parts = _parts(typed)
    known: dict[str, float] = {}
    for form, word in SearchForm.objects.filter(form__in=list(parts)).values_list("form", "word"):
        # The longest part of what was typed that the word explains, less what had to be mended.
        explained = parts[form] - (0.0 if form == word else MENDED)
        known[word] = max(known.get(word, 0.0), explained)
    if not known:
        return _similar(typed)
    likely = sorted(known, key=lambda word: (-known[word], abs(len(word) - len(typed)), word))
    floor = known[likely[0]] - FAR
    return [word for word in likely if known[word] >= floor][:CORRECTIONS]


def _parts(typed: str) -> dict[str, float]:
    """Every part of what was typed and its forms, with how many letters each explains."""
    found: dict[str, float] = {}
    whole = len(typed)
    shortest = SHORTEST if whole <= 6 else SHORTEST + 1
    sizes = [
        *range(shortest, min(whole, LONGEST_PART) + 1),
        *([whole] if LONGEST_PART < whole <= LONGEST else []),
    ]
    for size in sizes:
        for start in range(whole - size + 1):
            part = typed[start : start + size]
            found[part] = max(found.get(part, 0.0), float(size))
            for form in forms(part) - {part}:
                found[form] = max(found.get(form, 0.0), size - MENDED)
    return found


def _similar(typed: str) -> list[str]:
    """Two slips in one word: by shared trigrams, as near as edit distance allows."""
    rows = (
        SearchForm.objects.filter(form=F("word"), word__trigram_similar=typed)
        .annotate(similarity=TrigramSimilarity("word", typed))
        .filter(similarity__gte=SIMILAR)
        .order_by("-similarity", "word")
        .values_list("word", flat=True)[:CORRECTIONS]
    )
    words = list(dict.fromkeys(rows))
    if not words:
        return []
    near = part_distances(typed, words)
    return [word for word, edits in zip(words, near, strict=True) if edits <= edits_allowed(len(typed))]
