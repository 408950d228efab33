"""B1: no more digests or reminders by one press, also by the mail program itself; and again."""

import re

import pytest
from sqlalchemy import func, select

from pentahelix.models import AuditEntry, Contact, OptOut
from pentahelix.services import opt_outs
from pentahelix.services.opt_outs import Subscription
from pentahelix.vocabulary import ActorKind, Language, MailTopic
from tests.clients import Client, words

pytestmark = pytest.mark.both_engines

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def hendrik(session, cast):
    return session.get_one(Contact, cast.hendrik.contact_id)


@pytest.fixture
def link(session, cast):
    """In Lilis's digest."""
    address = opt_outs.make_link(cast.lilis, MailTopic.DIGEST)
    session.commit()
    return re.sub(r"^https?://[^/]+", "", address)


@pytest.fixture
def reminder_link(session, hendrik):
    """In a reminder to Hendrik, of a partner."""
    address = opt_outs.make_link(hendrik, MailTopic.REMINDERS)
    session.commit()
    return re.sub(r"^https?://[^/]+", "", address)


def stopped(session):
    return session.execute(select(OptOut.user_id, OptOut.contact_id, OptOut.topic)).all()


def test_the_link_shows_what_would_stop_and_stops_nothing(client, link, session):
    page = client.get(link)
    client.head(link)
    assert page.status_code == 200
    assert "Berhenti menerima ringkasan pagi?" in words(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert stopped(session) == []


def test_a_mail_program_stops_it_by_one_post_and_may_do_so_twice(app, link, session, cast):
    program = Client(app, app.response_class, use_cookies=False)
    for _ in range(2):
        answer = program.post(link, data=ONE_CLICK, headers={"Origin": "https://mail.example"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert stopped(session) == [(cast.lilis.id, None, MailTopic.DIGEST)]
    assert session.scalar(select(AuditEntry.actor_kind).where(AuditEntry.noun == "opt_out")) == ActorKind.LINK


def test_whoever_stopped_it_takes_it_up_again_on_the_page(client, link, session):
    page = client.post(link)
    assert "Ringkasan pagi tidak dikirim lagi" in words(page)
    assert "Ringkasan pagi tidak dikirim lagi" in words(client.get(link))
    again = client.post(link, data={"again": "1"})
    assert again.status_code == 200
    assert "Ringkasan pagi akan dikirim lagi" in words(again)
    assert stopped(session) == []


def test_a_partner_stops_reminders_in_their_language(client, reminder_link, session, hendrik):
    hendrik.language = Language.EN
    page = client.post(reminder_link, data=ONE_CLICK)
    assert '<html lang="en"' in page.text
    assert stopped(session) == [(None, hendrik.id, MailTopic.REMINDERS)]


def test_each_link_is_for_one_person_and_one_kind(client, link, session, cast, hendrik):
    client.post(link, data=ONE_CLICK)
    assert not opt_outs.wants(Subscription(MailTopic.DIGEST, user_id=cast.lilis.id))
    assert opt_outs.wants(Subscription(MailTopic.REMINDERS, user_id=cast.lilis.id))
    assert opt_outs.wants(Subscription(MailTopic.DIGEST, user_id=cast.ujang.id))
    assert opt_outs.wants(Subscription(MailTopic.DIGEST, contact_id=hendrik.id))
    assert opt_outs.users_without(MailTopic.DIGEST) == {cast.lilis.id}
    assert opt_outs.users_without(MailTopic.REMINDERS) == frozenset()
    assert opt_outs.wants(Subscription(MailTopic.REMINDERS, contact_id=hendrik.id))


def test_all_who_stopped_a_topic_are_told_at_once(client, link, session, cast, statements):
    client.post(link, data=ONE_CLICK)
    person_id = cast.lilis.id
    with statements() as ran:
        assert opt_outs.users_without(MailTopic.DIGEST) == {person_id}
    assert len(ran) == 1


def test_a_wrong_link_is_like_any_address_that_does_not_exist(client, link, session):
    for path in (f"{link}x", "/unsubscribe/x", f"/unsubscribe/{'x' * 5000}"):
        for answer in (client.get(path), client.post(path, data=ONE_CLICK)):
            assert answer.status_code == 404
    assert session.scalar(select(func.count(OptOut.id))) == 0


def test_a_colleague_stops_the_digest_on_their_profile_and_takes_it_up_again(browser_of, session, cast):
    hers = browser_of(cast.lilis)
    assert hers.fill("/profile", form="/profile/digest").status_code == 303
    assert stopped(session) == [(cast.lilis.id, None, MailTopic.DIGEST)]
    assert "Ringkasan pagi tidak dikirim lagi." in words(hers.get("/profile"))
    assert hers.fill("/profile", form="/profile/digest").status_code == 303
    assert stopped(session) == []
