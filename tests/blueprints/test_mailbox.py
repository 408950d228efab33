"""The mailbox of the demo: open, newest first, whole links, and nowhere but there."""

import re
from datetime import timedelta
from html import unescape

import pytest

from pentahelix import clock as clocks, create_app
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.mail import outbox, recipients
from pentahelix.mail.compose import Attachment
from pentahelix.models import Contact, OutboxMessage, User
from pentahelix.vocabulary import MailKind, OutboxState
from tests import factories as make
from tests.clients import words
from tests.conftest import new_client


@pytest.fixture
def demo(app, cast, session):
    """A visitor of the demonstration, on the database of the test."""
    session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    demo = create_app(Settings.for_tests(env="demo", database_url=url, base_url="http://127.0.0.1:8123"))
    yield new_client(demo)
    with demo.app_context():
        db.engine.dispose()


@pytest.fixture
def minutes(cast, session):
    """A mail that was composed by us, with a paper."""
    meeting = make.meeting(cast.lebak, title="Akses pasar")
    hendrik = session.get_one(Contact, cast.hendrik.contact_id)
    hendrik.email = "hendrik@mitra.example"
    number = outbox.post(
        MailKind.MINUTES,
        recipients.contact(hendrik),
        "minutes:test",
        {"meeting": meeting, "cluster": cast.lebak, "zone": "Asia/Jakarta", "by": cast.lilis},
        attachments=[Attachment("Notula “MoU”.pdf", b"%PDF-1.7", "application/pdf")],
    )
    session.commit()
    return session.get_one(OutboxMessage, number)


def test_a_newcomer_is_told_what_to_do(demo):
    page = demo.get("/mailbox")
    assert page.status_code == 200
    assert "Belum ada surel" in words(page)
    assert "rencanakan bimbingan teknis dan undang narahubung" in words(page)


def test_every_page_leads_there(demo):
    for address in ("/sign-in", "/style", "/mailbox"):
        assert 'href="/mailbox"' in demo.get(address).text


def test_it_shows_the_newest_first_with_whom_each_went_to(demo, cast, session):
    for minutes, values in enumerate(
        (
            {"subject": "To a contact", "recipient_contact_id": cast.hendrik.contact_id},
            {"subject": "To a colleague", "recipient_user_id": cast.lilis.id, "recipient": cast.lilis.email},
            {"subject": "To an address", "recipient": "wakil@mitra.example"},
        )
    ):
        make.mail(made_at=clocks.now() + timedelta(minutes=minutes), state=OutboxState.KEPT, **values)
    session.commit()
    page = words(demo.get("/mailbox"))
    told = ("To an address", "To a colleague", "To a contact")
    assert sorted(told, key=page.index) == list(told)
    assert "Kepada Hendrik Sasmita" in page
    assert f"Kepada {cast.lilis.name}" in page
    hers = words(demo.get(f"/mailbox?to={cast.lilis.email}"))
    assert "To a colleague" in hers
    assert "To a contact" not in hers


def test_older_mails_follow_on_pages(demo, session):
    for number in range(30):
        make.mail(subject=f"Surel {number:02}", made_at=clocks.now() + timedelta(seconds=number))
    session.commit()
    first = demo.get("/mailbox")
    assert "Surel 29" in words(first)
    assert "Surel 04" not in words(first)
    (address,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    older = demo.get(unescape(address))
    assert "Surel 04" in words(older)
    assert "Surel 05" not in words(older)


def test_each_part_of_a_mail_can_be_read(demo, minutes):
    page = f"/mailbox/{minutes.id}"
    assert f'src="{page}/html"' in demo.get(page).text
    assert "Terlampir notula rapat" in words(demo.get(f"{page}?part=text"))
    assert "Message-ID:" in words(demo.get(f"{page}?part=source"))
    assert "Undangan kalender" not in words(demo.get(page))
    assert demo.get(f"{page}/calendar").status_code == 404
    source = demo.get(f"{page}/source")
    assert source.mimetype == "message/rfc822"
    paper = demo.get(f"{page}/attachments/0")
    assert (paper.data, paper.mimetype) == (b"%PDF-1.7", "application/pdf")
    named = paper.headers["Content-Disposition"]
    assert named.endswith("; filename*=UTF-8''Notula%20%E2%80%9CMoU%E2%80%9D.pdf")
    for missing in (f"{page}/attachments/9", "/mailbox/999999", "/mailbox/999999/html"):
        assert demo.get(missing).status_code == 404


def test_links_are_whole_and_open_where_the_demo_is(demo, session):
    content = (
        b"Subject: Undangan\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b'<html><head></head><body><a href="http://127.0.0.1:8000/u/abc">Jawab</a></body></html>\r\n'
    )
    mail = make.mail(content=content, state=OutboxState.KEPT)
    session.commit()
    answer = demo.get(f"/mailbox/{mail.id}/html")
    assert 'href="http://127.0.0.1:8123/u/abc"' in answer.text
    assert '<base target="_top">' in answer.text
    assert "sandbox allow-top-navigation-by-user-activation" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_shows_the_links_that_let_people_in(demo, cast, session):
    mail = make.mail(is_secret=True, kind=MailKind.SIGN_IN, subject="Tautan masuk", state=OutboxState.KEPT)
    session.commit()
    assert "Kami mengundang Ibu" in words(demo.get(f"/mailbox/{mail.id}?part=text"))


def test_who_is_signed_in_reads_the_same(demo, cast, session):
    make.mail(subject="Pandeglang", cluster_id=cast.pandeglang.id, recipient_contact_id=cast.siti.contact_id)
    session.commit()
    demo.get("/sign-in")
    demo.press("/sign-in/demo", user=session.get_one(User, cast.lilis.id).id)
    assert "Kepada Siti Rahmawati" in words(demo.get("/mailbox"))


def test_it_is_nowhere_else(client, app, session, tmp_path):
    session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with_server = create_app(
        Settings.for_tests(env="demo", database_url=url, mail_url="smtp://127.0.0.1:2525")
    )
    production = create_app(
        Settings(
            env="production", secret_key="k" * 40, base_url="https://pentahelix.example",
            database_url=f"sqlite:///{tmp_path}/x.db",
        )
    )  # fmt: skip
    for other in (app, with_server, production):
        assert "mailbox.index" not in other.view_functions
    assert client.get("/mailbox").location == "/sign-in?next=/mailbox"
    assert "/mailbox" not in client.get("/sign-in").text
