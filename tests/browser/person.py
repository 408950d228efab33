"""Whoever holds the phone: what their thumb does is counted."""

from playwright.sync_api import Locator, Page

from tests.cast import PASSWORD


def come_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """From the page of signing in, on which they are."""
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk", exact=True).click()


class Person:
    """Counts taps and page loads of one page.

    A tap is each click, each option chosen in a native control and each focus that the page did not set
    itself; typing is free. A load is each new document, however many redirects led to it.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.loads = 0
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def start_counting(self) -> None:
        self.taps = self.loads = 0

    def open(self, address: str) -> None:
        self.page.goto(address)

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()

    def choose(self, target: Locator, label: str) -> None:
        """An option of a native control."""
        self.taps += 1
        target.select_option(label=label)

    def write(self, target: Locator, text: str) -> None:
        """Type where the focus is; where it is elsewhere, that costs a tap."""
        if not target.evaluate("field => field === document.activeElement"):
            self.tap(target)
        target.press_sequentially(text)
