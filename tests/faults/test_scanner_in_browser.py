"""T9, in Chromium: a scanner that runs scripts and follows every link of a mail changes nothing.

The web server runs in this process, by the clock of the test, so that two minutes pass for both sides.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.vocabulary import Answer, MailKind
from tests.browser.conftest import PHONE, watched
from tests.browser.person import come_in
from tests.browser.server import CHROMIUM
from tests.engines import SqliteDatabase, folder_in_memory
from tests.faults.test_scanner import (
    ASKING,
    DOORS,
    HENDRIK,
    PASSWORD,
    database_hash,
    links_of,
    sent,
)
from tests.letters import ACTS, Story
from tests.network import free_port
from tests.sizes import sized

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

KINDS = sized([MailKind.INVITATION, MailKind.ACCOUNT], list(ACTS))


@pytest.fixture(scope="module")
def served() -> Iterator[SqliteDatabase]:
    """A database whose application answers on loopback."""
    folder, port = folder_in_memory("pentahelix-scanned-"), free_port()
    database = SqliteDatabase(folder, base_url=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, database.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield database
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()
    shutil.rmtree(folder)


@pytest.fixture
def app(served: SqliteDatabase) -> Flask:
    served.reset()
    return served.app


@pytest.mark.parametrize("kind", KINDS)
def test_t9_a_scanner_that_runs_scripts_changes_nothing_and_the_person_can_still_answer(
    kind, app, session, cast, clock, browser: Browser, figure: Callable[[str], None]
) -> None:
    story, address = Story(cast), app.extensions["settings"].base_url
    with watched(browser, base_url=address, viewport=PHONE) as phone:
        page = phone.new_page()
        mail = sent(kind, story, lambda: _ask(page))
        email, links = mail.recipient, sorted(links_of(mail.content or b"", address))
        before = database_hash()
        with watched(browser, base_url=address, viewport=PHONE) as scanner:
            scanning = scanner.new_page()
            scanning.clock.install()
            opened = _open_all(scanning, address, links)
            scanning.clock.fast_forward("02:00")
            clock.set(system.now() + timedelta(minutes=2))
            opened += _open_all(scanning, address, links)
        assert database_hash() == before
        personal = [link for link in links if link.startswith("/u/")]
        assert bool(personal) == (kind in ASKING)
        if personal:
            _answer(page, personal[0])
            db.session.rollback()
            db.session.refresh(story.invitation)
            assert story.invitation.answer == Answer.ATTENDING
        for link in links:
            if link.startswith(DOORS):
                _come_in(page, kind, link, email)
    figure(f"T9 in Chromium, {kind}: {opened} openings, 0 answers lost, 0 rows changed, 0 tokens used")


def _open_all(page: Page, address: str, links: list[str]) -> int:
    """HEAD and GET to all at once, then each as a person sees it, and what it leads to; how many pages."""
    page.goto("/healthz")
    asked = "links => Promise.all(links.flatMap(l => ['HEAD', 'GET'].map(method => fetch(l, {method}))))"
    page.evaluate(f"async links => {{ await ({asked})(links) }}", links)
    found: set[str] = set()
    for link in links:
        found |= _open(page, address, link)
    for link in sorted(found - set(links)):
        _open(page, address, link)
    return len(found | set(links))


def _open(page: Page, address: str, link: str) -> set[str]:
    """Whatever is a page is shown, and its scripts run; to where its links lead."""
    answer = page.request.get(link)
    assert answer.status < 400 or answer.status == 409, f"{link}: {answer.status}"
    if not answer.headers["content-type"].startswith("text/html"):
        return set()
    page.goto(link, wait_until="networkidle")
    anchors: list[str] = page.locator("a[href]").evaluate_all("all => all.map(a => a.href.split('#')[0])")
    return {each.removeprefix(address) for each in anchors if each.startswith(f"{address}/")}


def _answer(page: Page, link: str) -> None:
    page.goto(f"{link.split('?')[0]}?answer=attending")
    page.get_by_role("button", name="Kirim jawaban").click()
    page.get_by_role("heading", name="tercatat akan hadir").wait_for()


def _ask(page: Page) -> None:
    page.goto("/portal/sign-in")
    page.get_by_label("Surel").fill(HENDRIK)
    page.get_by_role("button", name="Kirim tautan masuk").click()
    page.get_by_role("heading", name="Periksa surel Anda").wait_for()


def _come_in(page: Page, kind: MailKind, link: str, email: str) -> None:
    page.goto(link)
    if kind == MailKind.SIGN_IN:
        page.get_by_role("button", name="Masuk", exact=True).click()
        page.get_by_role("heading", name="Jadwal").wait_for()
    else:
        page.get_by_label("Kata sandi baru", exact=True).fill(PASSWORD)
        page.get_by_label("Kata sandi baru sekali lagi").fill(PASSWORD)
        page.get_by_role("button", name="Simpan kata sandi").click()
        come_in(page, email, PASSWORD)
        page.wait_for_url("**/today")
