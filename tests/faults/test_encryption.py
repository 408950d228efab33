"""With the mail server in secret, and only with the right one."""

import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session as Conversation
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix.vocabulary import MailFault, OutboxState
from tests.faults.odd_server import Act, Odd, OddServer
from tests.mail.posting import deliver, found, people, post
from tests.network import free_port

pytestmark = pytest.mark.skipif(which("openssl") is None, reason="no openssl that would make a certificate")

PATIENT: dict[str, Any] = {"mail_connect_seconds": 5, "mail_command_seconds": 5}


class Secret:
    """A server that speaks TLS, and to nobody who is not dinas."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def auth(
        self, _server: SMTP, _session: Conversation, _envelope: Envelope, _how: str, said: object
    ) -> AuthResult:
        given = (getattr(said, "login", b""), getattr(said, "password", b""))
        return AuthResult(success=given == (b"dinas", b"rahasia:1"), handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Conversation, envelope: Envelope) -> str:  # noqa: N802
        self.taken += envelope.rcpt_tos
        return "250 Taken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of localhost and 127.0.0.1, with its key in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", key, "-out", file, "-days", "2",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + key.read_text())
    return file


@contextmanager
def _server(certificate: Path, *, scheme: str) -> Iterator[tuple[Secret, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secret, port = Secret(), free_port()
    whole: dict[str, Any] = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    controller = Controller(
        secret,
        hostname="127.0.0.1",
        port=port,
        authenticator=secret.auth,
        auth_required=scheme == "smtp",
        auth_require_tls=scheme == "smtp",
        **whole,
    )
    controller.start()
    try:
        yield secret, f"{scheme}://dinas:rahasia%3A1@127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_and_mails_go_to_a_server_with_the_right_certificate(
    app: Flask, session: Session, certificate: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post(session, people(3))
    with _server(certificate, scheme=scheme) as (server, url):
        assert deliver(app, url, **PATIENT) == 3
    assert server.taken == people(3)
    assert {mail.state for mail in found(session).values()} == {OutboxState.SENT}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_neither(
    app: Flask, session: Session, certificate: Path, scheme: str
) -> None:
    post(session, people(1))
    with _server(certificate, scheme=scheme) as (server, url):
        assert deliver(app, url, **PATIENT) == 1
    assert server.taken == []
    (mail,) = found(session).values()
    assert (mail.state, mail.fault) == (OutboxState.QUEUED, MailFault.NOT_NOW)
    assert "CERTIFICATE_VERIFY_FAILED" in (mail.error or "")


def test_a_wrong_password_is_our_fault_and_nobodys_address(
    app: Flask, session: Session, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post(session, people(1))
    with _server(certificate, scheme="smtp") as (_, url):
        assert deliver(app, url.replace("rahasia", "lain"), **PATIENT) == 1
    (mail,) = found(session).values()
    assert (mail.state, mail.fault) == (OutboxState.QUEUED, MailFault.SERVER_REFUSES), mail.error
    assert "535" in (mail.error or "")
    assert "lain" not in (mail.error or "")


def test_a_server_that_cannot_encrypt_after_all_gets_nothing(app: Flask, session: Session) -> None:
    post(session, people(1))
    with OddServer.open() as server:
        assert deliver(app, server.url.replace("smtp:", "smtps:")) == 1
    assert server.mails == []
    assert [(mail.state, mail.fault) for mail in found(session).values()] == [
        (OutboxState.QUEUED, MailFault.NOT_NOW)
    ]


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (Odd.RESET, MailFault.NOT_NOW),
        ("454 TLS not available", MailFault.NOT_NOW),
        ("554 5.7.1 Not with you", MailFault.SERVER_REFUSES),
        # … and then goes on in clear
        ("220 Go on", MailFault.NOT_NOW),
    ],
)
def test_t3_a_server_that_offers_to_encrypt_and_fails_gets_nothing(
    app: Flask, session: Session, figure: Callable[[str], None], act: Act, fault: MailFault
) -> None:
    post(session, people(20))
    with OddServer.open({"EHLO": "250-odd.example\r\n250 STARTTLS", "STAR": act}) as server:
        assert deliver(app, server.url, **PATIENT) == 1
    assert server.mails == []
    states = Counter((mail.state, mail.fault) for mail in found(session).values())
    assert states == {(OutboxState.QUEUED, fault): 1, (OutboxState.QUEUED, None): 19}
    figure(f"T3, {fault}: 20 mails, 0 lost, 0 doubled, 1 tried, broken TLS ({act})")
