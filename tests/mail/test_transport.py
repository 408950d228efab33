"""To the mail server: how it is reached, one connection for many mails, addresses and lines as they were."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix.config import NotReady, Settings
from pentahelix.mail import transport
from pentahelix.vocabulary import OutboxState
from tests.faults.odd_server import DOT, Odd, OddServer
from tests.mail.posting import deliver, found, people, post
from tests.post_office import PostOffice

pytestmark = pytest.mark.both_engines


# ---------------------------------------------------------------------------- where it is


@pytest.mark.parametrize(
    ("url", "server", "port", "tls"),
    [
        ("smtp://surat.example", "surat.example", 587, False),
        ("smtps://surat.example", "surat.example", 465, True),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, False),
    ],
)
def test_the_address_of_the_mail_server_is_read(
    app: Flask, url: str, server: str, port: int, tls: bool
) -> None:
    read = transport.configuration(Settings.for_tests(mail_url=url))
    assert (read["MAIL_SERVER"], read["MAIL_PORT"], read["MAIL_USE_SSL"]) == (server, port, tls)


def test_a_password_may_have_any_character(app: Flask) -> None:
    read = transport.configuration(
        Settings.for_tests(mail_url="smtp://dinas%40banten:p%3A%2F%40@surat.example")
    )
    assert (read["MAIL_USERNAME"], read["MAIL_PASSWORD"]) == ("dinas@banten", "p:/@")


def test_another_kind_of_address_is_refused(app: Flask) -> None:
    with pytest.raises(NotReady, match="PHX_MAIL_URL"):
        transport.configuration(Settings.for_tests(mail_url="http://surat.example"))


def test_a_password_is_never_sent_in_clear(app: Flask, session: Session) -> None:
    post(session, people(1))
    said = []

    def hear(line: str) -> str:
        said.append(line)
        return "235 Welcome"

    with OddServer.open({"AUTH": hear}) as server:
        assert deliver(app, server.url.replace("smtp://", "smtp://dinas:rahasia@")) == 1
    assert (said, server.mails) == ([], [])
    (mail,) = found(session).values()
    assert mail.state == OutboxState.QUEUED
    assert "STARTTLS" in (mail.error or "")


# ---------------------------------------------------------------------------- on one connection


def test_one_connection_serves_a_round(app: Flask, session: Session) -> None:
    post(session, people(5))
    with OddServer.open() as server:
        deliver(app, server.url)
    assert (len(server.mails), server.connections) == (5, 1)


@pytest.mark.parametrize("end", ["421 4.7.0 Enough on this connection", Odd.RESET])
def test_a_server_that_takes_few_mails_on_a_connection_gets_the_others_on_new_ones(
    app: Flask, session: Session, end: str | Odd
) -> None:
    heard: list[str] = []

    def every_third(said: str) -> str | Odd:
        heard.append(said)
        return end if len(heard) % 3 == 0 else "250 Fine"

    post(session, people(6))
    with OddServer.open({"MAIL": every_third}) as server:
        assert deliver(app, server.url) == 6
    assert [recipient for recipient, _ in server.mails] == people(6)
    assert {mail.attempt for mail in found(session).values()} == {1}
    assert server.connections == 3


def test_after_a_refused_mail_the_next_one_begins_anew_on_the_same_connection(
    app: Flask, session: Session
) -> None:
    begun: list[str] = []

    def begin(said: str) -> str:
        begun.append(said)
        return "250 Fine" if len(begun) == 1 else "503 One at a time"

    def end(_said: str) -> str:
        begun.clear()
        return "250 Fine"

    def name(said: str) -> str:
        return "550 5.1.1 No such user" if people(1)[0] in said else "250 Fine"

    post(session, people(3))
    with OddServer.open({"MAIL": begin, "RCPT": name, "RSET": end, DOT: end}) as server:
        assert deliver(app, server.url) == 3
    mails = found(session)
    assert [mails[each].state.value for each in people(3)] == ["refused", "sent", "sent"]
    assert server.connections == 1


# ---------------------------------------------------------------------------- what it is handed


def test_c34_the_envelope_has_the_address_exactly_as_it_was_typed(app: Flask, session: Session) -> None:
    addresses = [
        "pic+smk@example.org",
        "O'Neil@example.org",
        "TU.Sekolah@Example.ORG",
        f"{'a' * 64}@example.org",
    ]
    post(session, addresses)
    with OddServer.open() as server:
        deliver(app, server.url)
    assert [recipient for recipient, _ in server.mails] == addresses


def test_a_domain_in_other_letters_goes_out_by_its_ascii_name(app: Flask, session: Session) -> None:
    post(session, ["Tata.Usaha@bücher.example"])
    with OddServer.open() as server:
        deliver(app, server.url)
    assert [recipient for recipient, _ in server.mails] == ["Tata.Usaha@xn--bcher-kva.example"]


def test_lines_that_begin_with_a_dot_arrive_whole(app: Flask, session: Session) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..\r\n.titik\r\n" + b"x" * 900 + b"\r\nakhir"
    post(session, people(1), content=content)
    with PostOffice.open() as office:
        deliver(app, office.url)
    assert office.mails[0].content.rstrip(b"\r\n") == content
