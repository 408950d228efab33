"""A password by mail: asked for at the sign-in page, or as the first one of a user who was invited."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system, passwords
from pentahelix.models import Attempt, AuditEntry, LinkRequest, SignIn, Submission, Token, User
from pentahelix.services import tokens
from pentahelix.vocabulary import ActorKind, MailKind, OutboxState, TokenPurpose
from tests import factories as make
from tests.cast import PASSWORD
from tests.clients import words
from tests.conftest import new_client
from tests.outbox import plain, posted
from tests.sign_in import sign_in_by_form

NEW = "gerobak tarum nasi seribu"
SAME_FOR_ALL = "Bila alamat ini terdaftar, tautan akan tiba dalam beberapa menit."


@pytest.fixture
def link(session, cast):
    """The address of a link by which Lilis chooses a new password."""
    ends = system.now() + timedelta(minutes=60)
    raw = tokens.make(TokenPurpose.PASSWORD, user_id=cast.lilis.id, expires_at=ends)
    return f"/password/new/{raw}"


def choose(client, address, password=NEW, again=None):
    return client.fill(address, new_password=password, again_password=again or password)


# ---------------------------------------------------------------------------- asking


def test_from_forgetting_to_coming_in_again(client, cast, session, tick):
    assert "Lupa kata sandi?" in words(client.get("/sign-in"))
    answer = client.fill("/password/forgot", email=cast.lilis.email)
    assert (answer.status_code, answer.location) == (303, "/password/asked")
    assert SAME_FOR_ALL in words(client.get(answer.location))
    assert posted(session) == []
    tick()
    [mail] = posted(session, MailKind.PASSWORD)
    address = re.search(r"http://localhost(/password/new/\S+)", plain(mail))[1]
    answer = choose(client, address)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in")
    assert "Kata sandi tersimpan." in words(page)
    assert f'value="{cast.lilis.email}"' in page.text
    assert f'value="{cast.lilis.email}"' not in client.get("/sign-in").text
    assert sign_in_by_form(client, cast.lilis, PASSWORD).status_code == 422
    assert sign_in_by_form(client, cast.lilis, NEW).status_code == 303


@pytest.mark.parametrize("email", ["pic+smk@example.org", "o'neil@example.org", "a" * 64 + "@example.org"])
def test_c34_a_link_to_an_odd_address_opens(client, cast, session, tick, email):
    cast.lilis.email = email
    client.fill("/password/forgot", email=email.upper())
    tick()
    [mail] = posted(session, MailKind.PASSWORD)
    assert mail.recipient == email
    assert (
        choose(client, re.search(r"http://localhost(/password/new/\S+)", plain(mail))[1]).status_code == 303
    )
    assert sign_in_by_form(client, cast.lilis, NEW).location == "/"


def _told(answer):
    """What distinguishes one answer from another, values that are random aside."""
    text = re.sub(r'value="[^"]*"', "", answer.text.replace(answer.headers["X-Request-ID"], ""))
    headers = [
        (name, value if name != "Set-Cookie" else re.sub(r"=[^;]*", "=", value, count=1))
        for name, value in answer.headers
        if name not in ("X-Request-ID", "Date")
    ]
    return answer.status_code, text, sorted(headers)


@pytest.mark.both_engines
@pytest.mark.parametrize("door", ["/password/forgot", "/portal/sign-in"])
def test_whether_an_address_is_known_shows_in_nothing(app, cast, session, statements, door):
    contact = make.contact(cast.kemasindo, email="dewi@kemasindo.example")
    cast.ujang.deactivated_at = system.now()
    make.user(email="tanpa@dinas.example", password_hash=None)
    seen = []
    # A new connection asks the database some things of its own.
    new_client(app).fill(door, email="lebih.dahulu@dinas.example")
    for email in (
        cast.lilis.email, contact.email, cast.ujang.email, "tanpa@dinas.example", "siapa@dinas.example"
    ):  # fmt: skip
        client = new_client(app)
        shown = client.get(door)
        with statements() as ran:
            answer = client.send(shown, {"email": email})
        after = client.get(answer.location)
        text = after.text.replace(email, "").replace(after.headers["X-Request-ID"], "")
        # PostgreSQL is told how large the number of a lock is.
        asked = [statement.replace("BIGINT", "INTEGER") for statement in ran]
        seen.append((_told(answer), asked, re.sub(r'value="[^"]*"', "", text)))
    for other in seen[1:]:
        assert other == seen[0]
    assert session.scalar(select(func.count(LinkRequest.id))) == 6


def test_who_asks_too_often_waits_known_or_not(app, cast, session):
    for email in (cast.lilis.email, "siapa@dinas.example"):
        client = new_client(app)
        for _number in range(5):
            assert client.fill("/password/forgot", email=email).status_code == 303
        answer = client.fill("/password/forgot", email=email)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert "Terlalu banyak percobaan." in words(answer)
        assert f'value="{email}"' in answer.text
    assert session.scalar(select(func.count(LinkRequest.id))) == 10


def test_the_form_sent_twice_asks_once(client, cast, session):
    shown = client.get("/password/forgot")
    first, second = (client.send(shown, {"email": cast.lilis.email}) for _number in range(2))
    assert first.location == second.location
    assert session.scalar(select(func.count(LinkRequest.id))) == 1


def test_what_is_no_address_is_said_at_its_field(client, session):
    answer = client.fill("/password/forgot", email="lilis")
    assert answer.status_code == 422
    assert session.scalar(select(func.count(LinkRequest.id))) == 0


# ---------------------------------------------------------------------------- choosing


def test_looking_at_the_link_changes_nothing(client, link, session):
    for method in ("HEAD", "GET", "GET", "OPTIONS"):
        assert client.open(link, method=method).status_code == 200
    assert client.get(link).headers["Cache-Control"] == "no-store"
    assert session.execute(select(Token.used_at, Token.revoked_at)).all() == [(None, None)]
    assert choose(client, link).status_code == 303


def test_a_weak_or_a_mistyped_password_is_refused_and_the_link_still_holds(client, link):
    answer = choose(client, link, "lilisnurhayati")
    assert answer.status_code == 422
    assert "mudah ditebak" in words(answer)
    assert "lilisnurhayati" not in answer.text
    assert "terlalu pendek" in words(choose(client, link, "pendek"))
    assert "Tidak sama" in words(choose(client, link, NEW, "gerobak tarum nasi seribo"))
    assert choose(client, link).status_code == 303


def test_a_link_is_used_once_and_says_so_afterwards(client, link, session):
    assert choose(client, link).status_code == 303
    again = client.get(link)
    assert again.status_code == 410
    assert "Tautan ini tidak berlaku lagi" in words(again)
    assert "/password/forgot" in again.text
    assert again.headers["Cache-Control"] == "no-store"
    kept = session.scalar(select(User.password_hash).where(User.email == "lilis@smkn1kalanganyar.example"))
    sent = client.press(link, new_password="kursi bambu hujan pagi", again_password="kursi bambu hujan pagi")
    assert sent.status_code == 410
    assert passwords.verify(NEW, kept)


def test_a_link_ends_after_an_hour(client, link, clock):
    shown = client.get(link)
    clock.set("2026-11-24T08:00+07:00")
    assert client.get(link).status_code == 410
    fields = {"new_password": NEW, "again_password": NEW}
    assert client.send(shown, fields).status_code == 410


def test_a_wrong_link_and_one_of_a_closed_account_look_like_no_page(client, link, cast, session):
    raw = tokens.make(TokenPurpose.PASSWORD, user_id=cast.ujang.id)
    cast.ujang.deactivated_at = system.now()
    of_another_purpose = tokens.make(TokenPurpose.INVITATION, object_id=1)
    answers = [
        client.get(f"/password/new/{token}")
        for token in (raw, of_another_purpose, link.rpartition("/")[2][:-1] + "-", uuid4().hex)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({words(answer).replace(answer.headers["X-Request-ID"], "") for answer in answers}) == 1


def test_a_chosen_password_signs_everybody_out_and_ends_the_waiting(client, link, cast, session, browser_of):
    hers = browser_of(cast.lilis)
    for _number in range(6):
        client.fill("/sign-in", email=cast.lilis.email, password="salah-sekali-lagi")
    assert sign_in_by_form(client, cast.lilis, PASSWORD).status_code == 429
    choose(client, link)
    assert session.scalar(select(func.count(Attempt.id))) == 0
    assert session.scalar(select(func.count(SignIn.id)).where(SignIn.revoked_at.is_(None))) == 0
    assert hers.get("/profile").status_code == 303
    assert sign_in_by_form(client, cast.lilis, NEW).status_code == 303


def test_the_trail_tells_that_it_was_by_a_link(client, link, session):
    choose(client, link)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.noun, entry.actor_kind) == ("user", ActorKind.LINK)
    assert NEW not in str(entry.digests)


def test_whoever_must_change_a_password_may_do_so_by_a_link(browser_of, link, cast):
    cast.lilis.password_is_initial = True
    hers = browser_of(cast.lilis)
    assert hers.get("/today").location == "/profile/password"
    assert choose(hers, link).status_code == 303
    assert sign_in_by_form(hers, cast.lilis, NEW).status_code == 303
    assert hers.get("/today").status_code == 200


def test_the_page_speaks_the_language_of_the_account_until_the_browser_chooses(client, link, cast):
    cast.lilis.language = "en"
    assert '<html lang="en"' in client.get(link).text
    client.press("/language", language="id", next=link)
    assert '<html lang="id"' in client.get(link).text


# ---------------------------------------------------------------------------- the invitation of a user


@pytest.fixture
def admin(browser_of, cast):
    return browser_of(cast.rudi)


def invited(admin, **fields):
    given = {"name": "Yuyun Maryuningsih, S.Pd.", "role": "coordinator", "email": "yuyun@smkn1wrg.example"}
    return admin.fill("/admin/users/new", given | fields)


def made(session):
    return session.scalars(select(User).order_by(User.id.desc())).first()


def test_a_new_user_is_invited_by_mail_and_chooses_the_first_password(admin, client, session):
    answer = invited(admin)
    user = made(session)
    assert (answer.status_code, user.password_hash) == (303, None)
    [mail] = posted(session, MailKind.ACCOUNT)
    shown = admin.get(answer.location)
    assert "undangannya segera dikirim" in words(shown)
    assert "Kirim undangan lagi" in words(shown)
    assert 'id="password"' not in shown.text
    address = re.search(r"http://localhost(/password/new/\S+)", plain(mail))[1]
    assert "Pilih kata sandi Anda" in words(client.get(address))
    assert choose(client, address).status_code == 303
    assert sign_in_by_form(client, user, NEW).status_code == 303
    assert client.get("/profile").status_code == 200
    assert "Kirim undangan lagi" not in words(admin.get(answer.location))


def test_an_invitation_sent_again_takes_the_place_of_the_first(admin, session):
    answer = invited(admin)
    user = made(session)
    again = admin.fill(answer.location, form="/invite")
    assert (again.status_code, again.location) == (303, f"/admin/users/{user.id}")
    assert f"Undangan segera dikirim ke {user.email}." in words(admin.get(again.location))
    mails = posted(session, MailKind.ACCOUNT)
    assert [mail.state for mail in mails] == [OutboxState.OBSOLETE, OutboxState.QUEUED]


def test_nobody_is_invited_without_an_address(admin, session):
    assert invited(admin, email="").status_code == 303
    assert posted(session) == []
    assert "Undang lewat surel" not in words(admin.get(f"/admin/users/{made(session).id}"))


def test_whoever_chose_a_password_is_not_invited(admin, cast, session):
    assert "Undang lewat surel" not in words(admin.get(f"/admin/users/{cast.lilis.id}"))
    assert admin.press(f"/admin/users/{cast.lilis.id}/invite").status_code == 409
    assert posted(session) == []


def test_a_password_may_still_be_handed_over(admin, session, client):
    answer = invited(admin, password_way="generated")
    shown = admin.get(answer.location)
    password = shown.text.split('id="password" value="')[1].split('"')[0]
    assert posted(session) == []
    assert sign_in_by_form(client, made(session), password).status_code == 303
    assert "Undang lewat surel" in words(admin.get(answer.location))


def test_the_token_is_kept_nowhere(client, session, link):
    """Not with the forms that were sent either: neither its own nor that of the language."""
    shown = client.get(link)
    assert client.send(shown, {}, form="/language").location == link
    assert choose(client, link).status_code == 303
    kept = session.execute(select(Submission.route, Submission.result)).all()
    assert kept == [("/password/new/<token>", "/sign-in")]
