"""Names in two languages: which of them a reader sees."""

from django.utils.translation import get_language


def reads_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def in_readers_language(text: str, *, chinese: str = "", english: str = "") -> str:
    """The name of the reader's language where there is one, else `text`."""
    return (chinese if reads_chinese() else english) or text
