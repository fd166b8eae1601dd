"""The browser tests' own tools: they see a page as a user does, and notice what goes wrong on it."""

from django.contrib.auth import get_user_model

from tests.browser.conftest import SCREENS, OpenPage
from tests.fixtures import World


def test_the_log_in_page_fits_every_screen_and_speaks_the_readers_language(
    open_page: OpenPage, anywhere: dict[str, str]
) -> None:
    page = open_page("/", **anywhere)
    assert page.locator("input[type=password]").is_visible()
    language = page.evaluate("document.documentElement.lang")
    assert language.lower().startswith("zh" if anywhere["locale"] == "zh-CN" else "en")
    assert (
        page.evaluate("document.documentElement.scrollWidth")
        <= SCREENS[anywhere["screen"]]["viewport"]["width"]
    )


def test_a_user_can_be_logged_in_without_the_form(open_page: OpenPage, world: World) -> None:
    page = open_page("/", user=world.rep)
    assert page.locator("input[type=password]").count() == 0
    assert get_user_model().objects.filter(pk=world.rep.pk).exists(), (
        "the server and the test share one database"
    )


def test_an_inline_script_is_blocked_and_noticed(open_page: OpenPage) -> None:
    page = open_page("/")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<button onclick=\"window.broken = 1\">x</button>')"
    )
    page.locator("button[onclick]").click()
    assert page.evaluate("window.broken") is None
    errors = page.context.errors  # type: ignore[attr-defined]
    assert any("Content Security Policy" in error for error in errors)
    errors.clear()
