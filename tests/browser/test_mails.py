"""Every kind of mail as a telephone shows it, in the light and in the dark, and as text alone.

At every change in Indonesian; `make pages` reads English, too.
"""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from pentahelix import clock
from pentahelix.models import OutboxMessage
from pentahelix.vocabulary import Language, MailKind
from tests.browser.conftest import PATIENCE
from tests.browser.server import STORY_CLOCK
from tests.browser.test_pages import AXE
from tests.engines import Engines
from tests.letters import every_letter
from tests.outbox import html, plain
from tests.sizes import LARGE, sized

WIDTH = 360

#: What is demanded of pages as a whole, such as a heading and a main part, no mail has.
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

#: What people of the story typed, which may as well have been words without an end.
TYPED = re.compile(
    "Desain kemasan keripik pisang|CV Kemasindo Lebak|Hendrik Sasmita|ruang TeFa|Ada audit|Ruang dipakai"
    "|Kirim contoh label|Lampirkan surat kuasa|Rapat koordinasi|Kuliner Lebak"
)

#: The innermost parts that end beyond the screen.
WIDE = """width => [...document.querySelectorAll("body :not(:has(:not(br)))")]
    .filter(e => e.getBoundingClientRect().right > width).map(e => e.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module", params=sized([Language.ID], list(Language)))
def mails(request: pytest.FixtureRequest, engines: Engines) -> list[OutboxMessage]:
    """One of each kind."""
    with clock.frozen(STORY_CLOCK):
        return list(every_letter(engines["sqlite"], request.param))


@pytest.fixture(scope="module")
def telephone(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": WIDTH, "height": 640}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.evaluate(AXE_SCRIPT)
        yield page


def test_every_mail_can_be_read_on_a_telephone_in_every_light(
    mails: list[OutboxMessage], telephone: Page
) -> None:
    assert {mail.kind for mail in mails} == set(MailKind)
    wrong = [f"{mail.kind}, {what}" for mail in mails for what in _looks(telephone, html(mail))]
    assert not wrong, "\n".join(wrong)


def _looks(telephone: Page, page: str) -> Iterator[str]:
    """What is wrong with a mail."""
    telephone.emulate_media(color_scheme="light")
    telephone.set_content(page)
    yield from (f"light: {what}" for what in _axe(telephone, RULES))
    telephone.emulate_media(color_scheme="dark")
    yield from (f"dark: {what}" for what in _axe(telephone, RULES if LARGE else ["color-contrast"]))
    for text, typed in (("", page), ("with long words ", TYPED.sub("Pengemasan" * 8, page))):
        telephone.set_content(typed)
        if telephone.evaluate("document.documentElement.scrollWidth") > WIDTH:
            yield f"{text}wider than the screen: {telephone.evaluate(WIDE, WIDTH)}"


def _axe(telephone: Page, rules: object) -> list[str]:
    complaints: list[str] = telephone.evaluate(AXE, {"resultTypes": ["violations"], "runOnly": rules})
    return complaints


def test_where_only_text_is_shown_nothing_is_missing(mails: list[OutboxMessage]) -> None:
    for mail in mails:
        assert max(map(len, (mail.content or b"").split(b"\r\n"))) <= 998, mail.kind
        links = {unescape(address) for address in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', html(mail))}
        assert links <= set(re.findall(r"https?://\S+", plain(mail))), mail.kind
