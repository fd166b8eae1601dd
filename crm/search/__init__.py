"""Search in either script: 东方轴承 is found by "dongfang", "dfzc", "東方軸承", 东放轴承 or "dongfnag"."""

from crm.search.matching import matching_accounts, matching_contacts, name_order
from crm.search.text import (
    HAN,
    fold,
    names_of,
    pinyin_forms,
    pinyin_of,
    prose,
    prose_of,
    search_text_of,
    search_text_of_contact,
    search_text_of_opportunity,
    search_text_of_visit,
    searchable,
    sort_name_of,
)
from crm.search.words import latin_words_of, remember_words, words_of

__all__ = [
    "HAN",
    "fold",
    "latin_words_of",
    "matching_accounts",
    "matching_contacts",
    "name_order",
    "names_of",
    "pinyin_forms",
    "pinyin_of",
    "prose",
    "prose_of",
    "remember_words",
    "search_text_of",
    "search_text_of_contact",
    "search_text_of_opportunity",
    "search_text_of_visit",
    "searchable",
    "sort_name_of",
    "words_of",
]
