"""A real server and a real scheduler, on a loopback port and a database file of their own, and a phone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import loader
from pentahelix.extensions import db
from pentahelix.models import User
from pentahelix.scope import ALL, set_scope
from pentahelix.unit_of_work import write
from tests.browser.person import Person
from tests.browser.server import CHROMIUM, STORY_CLOCK, Server
from tests.post_office import PostOffice
from tests.sign_in import cookie_of

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}

# Milliseconds that a page may take to become what is expected, on a machine with much else to do.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server.running() as server:
        yield server


@pytest.fixture
def app(server: Server) -> Flask:
    """The server's database, empty again; factories and cast fill it as everywhere."""
    server.database.restore_in_place()
    return server.database.app


@pytest.fixture
def phone(browser: Browser, server: Server, app: Flask) -> Iterator[BrowserContext]:
    """A phone at the size of the story; a page that breaks the policy or throws fails the test."""
    with watched(browser, base_url=server.address, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        yield context


@pytest.fixture
def desktop(browser: Browser, server: Server, app: Flask) -> Iterator[BrowserContext]:
    with watched(browser, base_url=server.address, viewport=DESKTOP) as context:
        yield context


@contextmanager
def watched(browser: Browser, *, timezone: str = "Asia/Jakarta", **options: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="id-ID", timezone_id=timezone, **options)
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()


@pytest.fixture
def person(page: Page) -> Person:
    """Whoever holds the phone; counts taps and page loads."""
    return Person(page)


@pytest.fixture
def signed_in(server: Server, app: Flask, session: Session) -> Callable[[BrowserContext, User], None]:
    """`signed_in(phone, cast.lilis)`: it holds her session, as after the sign-in page."""

    def give(context: BrowserContext, user: User) -> None:
        # Written from its first statement on: the scheduler may have written since the test last read.
        session.commit()
        write()
        name, value = cookie_of(app, user)
        context.add_cookies([{"name": name, "value": value, "url": server.address}])

    return give


# ---------------------------------------------------------------------------- stories on the demo's data


@pytest.fixture(scope="module")
def post_office() -> Iterator[PostOffice]:
    with PostOffice.open() as office:
        yield office


@pytest.fixture
def demo(app: Flask, session: Session) -> Session:
    """The demo's clusters, as of the morning of the stories."""
    session.rollback()
    with clock.frozen(STORY_CLOCK):
        loader.load(clock.today())
    set_scope(db.session(), ALL)
    return db.session()


@pytest.fixture
def somebody(demo: Session) -> Callable[[str], User]:
    """`somebody("kabid@dinas.example")`: who has that address."""
    return lambda email: demo.scalars(select(User).where(User.email == email)).one()


@pytest.fixture
def lilis(somebody: Callable[[str], User]) -> User:
    return somebody("lilis@smkn1kalanganyar.example")


@pytest.fixture
def mitra(browser: Browser, server: Server, app: Flask) -> Iterator[BrowserContext]:
    """A partner's phone: no cookie, no account, nothing but the mail."""
    with watched(browser, base_url=server.address, viewport=PHONE, has_touch=True, is_mobile=True) as phone:
        yield phone
