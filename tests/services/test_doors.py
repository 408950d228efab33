"""Doors that open by mail: asked for by anybody, opened for those whom we know, each once."""

import re
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from pentahelix import clock as system, passwords
from pentahelix.models import Contact, LinkRequest, Token
from pentahelix.refusals import WrongState
from pentahelix.services import doors, portal, sign_ins, tokens, users
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import Basis, MailKind, OutboxState, TokenPurpose
from tests import factories as make
from tests.outbox import html, plain, posted

pytestmark = pytest.mark.both_engines

HENDRIK = "hendrik@kemasindo.example"


def asks(session, email, purpose=TokenPurpose.PASSWORD, **more):
    doors.ask(purpose, email, **more)
    session.commit()


def link_of(mail, door):
    return re.search(rf"http://localhost/{door}/(\S+)", plain(mail))[1]


def code_of(mail):
    return re.search(r"^    (\S+)$", plain(mail), re.MULTILINE)[1]


# ---------------------------------------------------------------------------- a new password


def test_who_is_known_gets_one_secret_mail_with_a_link_for_an_hour(session, cast, tick):
    asks(session, cast.lilis.email.upper())
    tick()
    tick()
    [mail] = posted(session)
    assert (mail.kind, mail.recipient, mail.recipient_user_id, mail.is_secret) == (
        MailKind.PASSWORD,
        cast.lilis.email,
        cast.lilis.id,
        True,
    )
    token = tokens.find(TokenPurpose.PASSWORD, link_of(mail, "password/new"))
    assert token.user_id == cast.lilis.id
    assert token.expires_at == mail.valid_until == system.now() + timedelta(minutes=60)
    assert link_of(mail, "password/new") in html(mail)


def test_who_is_not_known_or_not_active_or_was_never_to_sign_in_gets_nothing(session, cast, tick):
    cast.ujang.deactivated_at = system.now()
    make.user(email="tanpa@dinas.example", password_hash=None)
    for email in ("siapa@dinas.example", cast.ujang.email, "tanpa@dinas.example"):
        asks(session, email)
    tick()
    assert posted(session) == []
    assert session.scalars(select(LinkRequest.handled_at)).all() == [system.now()] * 3


def test_a_later_link_takes_the_place_of_an_earlier_one(session, cast, tick):
    asks(session, cast.lilis.email)
    tick()
    asks(session, cast.lilis.email)
    tick()
    first, second = posted(session)
    assert tokens.find(TokenPurpose.PASSWORD, link_of(first, "password/new")) is None
    assert tokens.find(TokenPurpose.PASSWORD, link_of(second, "password/new")) is not None
    assert (first.state, second.state) == (OutboxState.OBSOLETE, OutboxState.QUEUED)


def test_a_request_from_before_a_long_pause_of_the_scheduler_is_no_longer_answered(
    session, cast, tick, clock
):
    asks(session, cast.lilis.email)
    clock.set("2026-11-24T08:01+07:00")
    tick()
    assert posted(session) == []
    assert session.scalars(select(LinkRequest.handled_at)).one() is not None


def test_one_request_that_fails_leaves_the_others_alone(session, cast, tick, monkeypatch):
    asks(session, cast.ujang.email)
    asks(session, cast.lilis.email)
    real, ujang_id = doors.recipients.user, cast.ujang.id
    monkeypatch.setattr(doors.recipients, "user", lambda user: 1 / 0 if user.id == ujang_id else real(user))
    tick()
    assert [mail.recipient for mail in posted(session)] == [cast.lilis.email]
    monkeypatch.setattr(doors.recipients, "user", real)
    tick()
    assert [mail.recipient for mail in posted(session)] == [cast.lilis.email, cast.ujang.email]


def test_two_schedulers_answer_a_request_once(app, session, cast):
    for _number in range(4):
        asks(session, cast.lilis.email)
    session.commit()
    at_once = Barrier(2)

    def look():
        with app.app_context():
            at_once.wait()
            doors.answer_requests()

    _both(look)
    assert len(posted(session)) == 4


def test_a_password_is_chosen_once_though_two_press_at_the_same_time(app, session, cast, tick):
    asks(session, cast.lilis.email)
    tick()
    [mail] = posted(session)
    raw = link_of(mail, "password/new")
    session.commit()
    at_once, done = Barrier(2), []

    def press():
        with app.app_context():
            at_once.wait()
            with unit_of_work("command:test"):
                token = tokens.find(TokenPurpose.PASSWORD, raw)
                done.append(doors.choose_password(token, passwords.digest("gerobak tarum nasi seribu")))

    _both(press)
    assert sorted(done) == [False, True]


def test_choosing_a_password_ends_every_session_and_every_other_link(session, cast, tick):
    key = sign_ins.begin(cast.lilis, "test")
    cast.lilis.password_is_initial = True
    asks(session, cast.lilis.email)
    tick()
    token = tokens.find(TokenPurpose.PASSWORD, link_of(posted(session)[0], "password/new"))
    other = tokens.make(TokenPurpose.PASSWORD, user_id=cast.lilis.id)
    assert doors.choose_password(token, passwords.digest("gerobak tarum nasi seribu"))
    session.expire_all()
    assert sign_ins.principal_of(key) is None
    assert tokens.find(TokenPurpose.PASSWORD, other) is None
    assert not cast.lilis.password_is_initial
    assert not doors.choose_password(token, "another")


# ---------------------------------------------------------------------------- an invitation to an account


@pytest.fixture
def yuyun(session, cast):
    return make.user(
        cast.lebak, name="Yuyun Maryuningsih, S.Pd.", email="yuyun@smkn1wrg.example", password_hash=None
    )


def test_an_invited_user_gets_a_link_for_a_week_and_may_ask_for_another(session, yuyun, tick):
    doors.invite(yuyun)
    [mail] = posted(session)
    assert (mail.kind, mail.is_secret) == (MailKind.ACCOUNT, True)
    token = tokens.find(TokenPurpose.PASSWORD, link_of(mail, "password/new"))
    assert token.expires_at == mail.valid_until == system.now() + timedelta(days=7)
    doors.invite(yuyun)
    assert [mail.state for mail in posted(session)] == [OutboxState.OBSOLETE, OutboxState.QUEUED]
    asks(session, yuyun.email)
    tick()
    assert [mail.kind for mail in posted(session)] == [MailKind.ACCOUNT, MailKind.ACCOUNT, MailKind.PASSWORD]


def test_no_password_is_chosen_for_a_closed_account_or_one_without_an_address(session, cast):
    for user in (make.user(deactivated_at=system.now()), make.user(email=None, password_hash=None)):
        token = tokens.find(TokenPurpose.PASSWORD, tokens.make(TokenPurpose.PASSWORD, user_id=user.id))
        assert doors.user_of(token) is None
        assert not doors.choose_password(token, "hash")


def test_who_was_not_invited_gets_nothing_though_others_were(session, yuyun, tick):
    doors.invite(yuyun)
    asks(session, make.user(email="tanpa@dinas.example", password_hash=None).email)
    tick()
    assert [mail.recipient for mail in posted(session)] == [yuyun.email]


def test_nobody_is_invited_who_has_a_password_or_no_address(session, cast):
    for user in (cast.lilis, make.user(email=None, password_hash=None)):
        with pytest.raises(WrongState):
            doors.invite(user)
    cast.lilis.password_is_initial = True
    doors.invite(cast.lilis)
    assert len(posted(session)) == 1


# ---------------------------------------------------------------------------- the portal


@pytest.fixture
def hendrik(session, cast):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.email = "Hendrik@Kemasindo.example"
    session.commit()
    return contact


def test_a_contact_gets_a_link_and_a_code_for_ten_minutes(session, hendrik, tick):
    browser = tokens.digest("browser")
    asks(session, HENDRIK, TokenPurpose.SIGN_IN, browser_digest=browser)
    tick()
    [mail] = posted(session)
    assert (mail.kind, mail.recipient, mail.recipient_contact_id, mail.is_secret) == (
        MailKind.SIGN_IN,
        "Hendrik@Kemasindo.example",
        hendrik.id,
        True,
    )
    token = tokens.find(TokenPurpose.SIGN_IN, link_of(mail, "portal/enter"))
    assert (token.browser_digest, token.object_id) == (browser, session.scalar(select(LinkRequest.id)))
    assert token.expires_at == system.now() + timedelta(minutes=10)
    assert code_of(mail) in html(mail)
    # The subject is kept when the mail itself is gone.
    assert code_of(mail) not in mail.subject
    typed = code_of(mail).upper().replace("-", " ")
    assert portal.by_code(browser, typed).id == token.id
    assert portal.by_code(tokens.digest("another browser"), typed) is None
    assert portal.by_code(browser, "abcd-2345") is None


def test_a_code_is_over_after_ten_minutes_and_once_it_was_used(session, hendrik, tick, clock):
    browser = tokens.digest("browser")
    for _number in range(2):
        asks(session, HENDRIK, TokenPurpose.SIGN_IN, browser_digest=browser)
    tick()
    first, second = posted(session)
    assert tokens.use(portal.by_code(browser, code_of(first)))
    session.expire_all()
    assert portal.by_code(browser, code_of(first)) is None
    assert portal.by_code(browser, code_of(second)) is not None
    clock.set("2026-11-24T07:10+07:00")
    assert portal.by_code(browser, code_of(second)) is None


def test_a_link_that_was_revoked_after_it_was_found_is_of_no_use(session, cast):
    raw = tokens.make(TokenPurpose.PASSWORD, user_id=cast.lilis.id)
    token = tokens.find(TokenPurpose.PASSWORD, raw)
    tokens.revoke(TokenPurpose.PASSWORD, user_id=cast.lilis.id)
    assert not tokens.use(token)


def test_by_a_link_that_was_not_used_nobody_comes_in(session, hendrik, tick):
    asks(session, HENDRIK, TokenPurpose.SIGN_IN, browser_digest=tokens.digest("browser"))
    tick()
    token = tokens.find(TokenPurpose.SIGN_IN, link_of(posted(session)[0], "portal/enter"))
    assert portal.begin(token, hendrik.id, "test") is None


def _archived(contact):
    contact.archived_at = system.now()


def _withdrawn(contact):
    contact.basis = Basis.WITHDRAWN


def _restricted(contact):
    contact.restricted_at = system.now()


def _erased(contact):
    contact.erased_at = system.now()


@pytest.mark.parametrize("shut", [_archived, _withdrawn, _restricted, _erased])
def test_who_may_not_be_mailed_does_not_come_in_nor_stay(session, hendrik, tick, shut):
    key = sign_ins.begin_contact(hendrik.id, "test")
    assert sign_ins.principal_of(key).id == f"c:{hendrik.id}"
    shut(hendrik)
    asks(session, HENDRIK, TokenPurpose.SIGN_IN)
    tick()
    assert posted(session) == []
    assert sign_ins.principal_of(key) is None


def test_a_shared_address_gets_one_mail_that_names_nobody(session, cast, hendrik, tick):
    other = make.contact(cast.kemasindo, name="Dewi Anggraeni", email=HENDRIK)
    asks(session, HENDRIK, TokenPurpose.SIGN_IN)
    tick()
    [mail] = posted(session)
    assert mail.recipient_contact_id is None
    assert "Hendrik" not in plain(mail).split("Kemasindo")[0]
    people = portal.people_of(session.scalars(select(Token)).one())
    assert [(one.id, one.organisations) for one in people] == [
        (other.id, (cast.kemasindo.name,)),
        (hendrik.id, (cast.kemasindo.name,)),
    ]


def test_a_session_in_the_portal_lasts_twelve_hours(session, hendrik, clock, statements):
    key = sign_ins.begin_contact(hendrik.id, "test")
    clock.set("2026-11-24T18:59+07:00")
    with statements() as ran:
        person = sign_ins.principal_of(key)
    assert (person.contact_id, person.role, person.user_id, person.name) == (
        hendrik.id,
        None,
        None,
        hendrik.name,
    )
    assert len(ran) == 1
    clock.set("2026-11-24T19:00+07:00")
    assert sign_ins.principal_of(key) is None


def test_a_link_begins_one_session_though_two_press_at_the_same_time(app, session, hendrik, tick):
    asks(session, HENDRIK, TokenPurpose.SIGN_IN, browser_digest=tokens.digest("browser"))
    tick()
    raw = link_of(posted(session)[0], "portal/enter")
    session.commit()
    at_once, keys = Barrier(2), []

    def press():
        with app.app_context():
            at_once.wait()
            with unit_of_work("command:test"):
                token = tokens.find(TokenPurpose.SIGN_IN, raw)
                keys.append(tokens.use(token) and portal.begin(token, hendrik.id, "test"))

    _both(press)
    assert sorted(bool(key) for key in keys) == [False, True]


# ---------------------------------------------------------------------------- what the account's changes do


@contextmanager
def _holding(user):
    raw = tokens.make(TokenPurpose.PASSWORD, user_id=user.id)
    yield
    assert tokens.find(TokenPurpose.PASSWORD, raw) is None


def test_a_link_ends_with_the_address_the_account_and_another_password(session, cast):
    wish = users.UserWish(name="Lilis", role=cast.lilis.role, email="lain@smkn1kalanganyar.example")
    with _holding(cast.lilis):
        users.edit(cast.lilis, wish, cast.lilis.version)
    with _holding(cast.lilis):
        users.set_password(cast.lilis, "hash")
    with _holding(cast.lilis):
        users.deactivate(cast.lilis)


def _both(work):
    threads = [Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
