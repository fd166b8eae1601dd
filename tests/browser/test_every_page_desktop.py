"""Every page on a desk screen, in both languages. A file for each screen, so that two processes share the work."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LOCALES, OpenPage
from tests.browser.every_page import walk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_on_a_desktop(open_page: OpenPage, locale: str) -> None:
    walk(open_page, screen="desktop", locale=locale)
