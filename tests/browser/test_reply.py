"""The personal link in a real browser: two taps, another zone, and a scanner that runs scripts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from pentahelix.models import Invitation
from pentahelix.services import reminder_rules, tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Answer, TokenPurpose
from tests import factories as make
from tests.browser.conftest import PHONE, watched
from tests.browser.person import Person
from tests.browser.server import Server


@pytest.fixture
def link(session, cast) -> str:
    """To a session on Thursday, 09.00–11.30 WIB; the scheduler meanwhile has nothing left to begin."""
    session.commit()
    write()
    reminder_rules.begin()
    starts_at = datetime.fromisoformat("2026-11-26T09:00+07:00")
    guidance = make.guidance(
        cast.lebak, topic="Desain kemasan", place="Aula", starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2, minutes=30), organiser_user_id=cast.lilis.id,
    )  # fmt: skip
    invitation = make.invitation(guidance, cast.hendrik)
    raw = tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)
    session.commit()
    return f"/u/{raw}"


@pytest.fixture
def answer(session) -> Callable[[], Answer]:
    def now() -> Answer:
        session.rollback()
        session.expire_all()
        given: Answer = session.scalars(select(Invitation.answer)).one()
        return given

    return now


def test_two_taps_from_the_mail_to_the_thanks(person: Person, link, answer):
    # The first is the link in the mail.
    person.open(f"{link}?answer=attending")
    person.start_counting()
    person.tap(person.page.get_by_role("button", name="Kirim jawaban"))
    person.page.get_by_role("heading", name="tercatat akan hadir").wait_for()
    assert person.taps + 1 == 2
    assert answer() == Answer.ATTENDING
    assert person.page.context.cookies() == []


def test_c29_a_viewer_in_wit_sees_their_own_hour_in_brackets(browser: Browser, server: Server, app, link):
    with watched_in("Asia/Jayapura", browser, server) as elsewhere:
        page = elsewhere.new_page()
        page.goto(link)
        assert page.get_by_text("09.00–11.30 WIB (11.00–13.30 WIT)").is_visible()
        page.goto(f"{link}?lang=en")
        assert page.get_by_text("09:00–11:30 WIB (11:00–13:30 WIT)").is_visible()
    with watched_in("Asia/Jakarta", browser, server) as at_home:
        page = at_home.new_page()
        page.goto(link)
        assert page.get_by_text("09.00–11.30 WIB", exact=True).is_visible()


def watched_in(zone: str, browser: Browser, server: Server) -> Any:
    return watched(browser, timezone=zone, base_url=server.address, viewport=PHONE)
