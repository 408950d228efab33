"""The pages of what was mailed: what stands there, what never does, and sending again."""

import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from pentahelix.models import Contact, Invitation, OutboxMessage
from pentahelix.services import tokens
from pentahelix.vocabulary import MailFault, MailKind, OutboxState, TokenPurpose
from tests import factories as make
from tests.clients import words

RESEND = "/outbox/{}/resend"


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def his(cast, browser_of):
    return browser_of(cast.rudi)


@pytest.fixture
def hendrik(cast, session):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.email = "hendrik@mitra.example"
    session.flush()
    return contact


def letter(link: str, subject: str = "Undangan") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["To"] = "hendrik@mitra.example"
    message.set_content(f"Buka {link} untuk menjawab.")
    message.add_alternative(
        f'<html><head></head><body><a href="{link}">Jawab</a></body></html>', subtype="html"
    )
    return message.as_bytes()


def invited(cast, **values):
    """A mail to Hendrik with a personal link of his; and that link."""
    invitation: Invitation = make.invitation(make.guidance(cast.lebak, topic="Desain kemasan"), cast.hendrik)
    link = "http://localhost/u/" + tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)
    given = {
        "cluster_id": cast.lebak.id,
        "recipient_contact_id": cast.hendrik.contact_id,
        "object_noun": "invitation",
        "object_id": invitation.id,
        "content": letter(link),
    }
    return make.mail(**given | values), link


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_outbox_says_what_will_stand_there(hers):
    assert "Belum ada surel keluar" in words(hers.get("/outbox"))


def test_what_did_not_arrive_stands_above_and_is_counted(cast, hers, his):
    for state in (OutboxState.PARKED, OutboxState.REFUSED, OutboxState.SENT):
        make.mail(subject=f"Surel {state.value}", state=state, cluster_id=cast.lebak.id)
    for browser in (hers, his):
        page = words(browser.get("/outbox"))
        assert "2 surel tertahan atau ditolak." in page
        assert page.index("Perlu perhatian") < page.index("Surel parked") < page.index("Surel lain")
    assert "Surel sent" not in words(hers.get("/outbox?state=parked"))
    assert "Tidak ada surel yang cocok" in words(hers.get("/outbox?kind=minutes"))


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "before=9999-12-31T23:59:59%2B00:00~99999999999999999999",
        "before=0001-01-01T00:00:00%2B14:00~1",
        "before=2026-11-24T07:00:00%2B07:00~-1",
    ],
)
def test_c71_a_broken_search_or_place_is_none(cast, hers, query):
    make.mail(subject="Surel", cluster_id=cast.lebak.id)
    assert hers.get(f"/outbox?{query}").status_code == 200


def test_a_foreign_mail_and_a_missing_one_answer_the_same(cast, hers, browser_of):
    foreign = make.mail(cluster_id=cast.pandeglang.id, state=OutboxState.PARKED, subject="Rahasia kota")
    assert "Rahasia kota" not in words(hers.get("/outbox"))
    for number in (foreign.id, 999_999):
        for address in ("/outbox/{}", "/outbox/{}/html"):
            assert hers.get(address.format(number)).status_code == 404
        assert hers.press(RESEND.format(number)).status_code == 404
    assert browser_of(cast.aminah).get("/outbox").status_code == 404


def test_c53_a_server_that_turns_us_away_is_told_and_its_words_to_the_admin(cast, hers, his):
    make.mail(
        cluster_id=cast.lebak.id, state=OutboxState.QUEUED, attempt=1, fault=MailFault.SERVER_REFUSES,
        error="550 5.7.1 blocked by RBL",
    )  # fmt: skip
    assert "Server surel menolak kiriman" in words(hers.get("/outbox"))
    assert "blocked by RBL" not in words(hers.get("/outbox"))
    page = words(his.get("/outbox"))
    assert "Bukan alamatnya yang salah" in page
    assert "550 5.7.1 blocked by RBL" in page
    assert "Server surel menolak kiriman" in words(his.get("/waiting"))


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


def test_c50_the_subject_is_shown_unfolded(cast, hers, his):
    topic = ("Desain kemasan keripik pisang " * 10).strip()
    mail, _link = invited(cast, subject=topic, content=letter("http://localhost/", topic))
    assert b"\r\n " in mail.content.split(b"\r\n\r\n")[0]
    for address in ("/outbox", f"/outbox/{mail.id}"):
        assert topic in words(hers.get(address))


def test_its_page_tells_what_became_of_it(cast, hers, hendrik):
    mail, _link = invited(
        cast, state=OutboxState.QUEUED, attempt=2, fault=MailFault.NOT_NOW, error="451 try again later"
    )
    page = words(hers.get(f"/outbox/{mail.id}"))
    for said in ("Hendrik Sasmita", "Desain kemasan", "2 kali", "451 try again later", "Dicoba lagi"):
        assert said in page
    assert "Kirim ulang" not in page


def test_c68_no_page_shows_a_personal_link(cast, hers, his, hendrik):
    mail, link = invited(cast, state=OutboxState.PARKED)
    token = link.rpartition("/")[2]
    for browser in (hers, his):
        for address in ("/outbox", f"/outbox/{mail.id}", f"/outbox/{mail.id}/html", "/waiting"):
            answer = browser.get(address)
            assert answer.status_code == 200
            assert token not in answer.text
    assert "[tautan pribadi]" in hers.get(f"/outbox/{mail.id}").text


def test_of_a_mail_that_lets_somebody_in_nothing_is_shown(cast, his):
    mail = make.mail(
        kind=MailKind.PASSWORD, is_secret=True, recipient_user_id=cast.lilis.id, state=OutboxState.PARKED,
        subject="Kode Anda 123456", content=letter("http://localhost/password/new/abc"),
    )  # fmt: skip
    for address in ("/outbox", f"/outbox/{mail.id}", "/waiting"):
        page = his.get(address)
        assert "123456" not in page.text
        assert "Kata sandi baru" in words(page)
    assert "untuk masuk" in words(his.get(f"/outbox/{mail.id}"))
    assert his.get(f"/outbox/{mail.id}/html").status_code == 404


def test_what_is_gone_is_said_to_be_gone(cast, hers):
    mail, _link = invited(cast, content=None, state=OutboxState.SENT)
    assert "sudah dihapus" in words(hers.get(f"/outbox/{mail.id}"))


def test_its_html_can_do_nothing_in_its_frame(cast, hers):
    mail, _link = invited(cast)
    answer = hers.get(f"/outbox/{mail.id}/html")
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'"
    )
    assert '<head><base target="_top">' in answer.text
    assert f'<iframe class="mail-frame" src="/outbox/{mail.id}/html"' in hers.get(f"/outbox/{mail.id}").text


# ── sending again ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_parked_mail_is_sent_again_as_it_was(cast, session, hers, hendrik):
    mail, _link = invited(cast, state=OutboxState.PARKED, attempt=5, fault=MailFault.GAVE_UP)
    number, content, message_id = mail.id, mail.content, mail.message_id
    answer = hers.press(RESEND.format(number))
    assert (answer.status_code, answer.location) == (303, f"/outbox/{number}")
    assert "segera dikirim" in words(hers.get(answer.location))
    session.expire_all()
    again = session.get_one(OutboxMessage, number)
    assert (again.state, again.content, again.message_id) == (OutboxState.QUEUED, content, message_id)


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.QUEUED, OutboxState.OBSOLETE])
def test_what_is_on_its_way_or_done_is_not_sent_again(cast, hers, hendrik, state):
    assert hers.press(RESEND.format(invited(cast, state=state)[0].id)).status_code == 409


def test_c52_a_refused_address_is_to_be_corrected_first(cast, hers, hendrik, session):
    mail, _link = invited(
        cast, state=OutboxState.REFUSED, fault=MailFault.ADDRESS, error="550 5.1.1 user unknown"
    )
    page = hers.get(f"/outbox/{mail.id}")
    assert "Perbaiki alamat Hendrik Sasmita" in words(page)
    assert f'href="/contacts/{hendrik.id}"' in page.text
    hendrik.email = "hendrik.sasmita@mitra.example"
    session.commit()
    page = hers.get(f"/outbox/{mail.id}")
    assert "Alamat orang ini sudah diganti menjadi hendrik.sasmita@mitra.example." in words(page)
    assert not re.search(r'action="[^"]*/resend"', page.text)
    assert hers.press(RESEND.format(mail.id)).status_code == 409


def test_c55_whose_address_was_refused_is_marked_wherever_they_are_listed(cast, hers, hendrik):
    contact, partner = f"/contacts/{hendrik.id}", f"/partners/{cast.kemasindo.id}"
    for address in (contact, partner):
        assert "Surel tidak sampai" not in words(hers.get(address))
    invited(cast, state=OutboxState.REFUSED)
    for address in (contact, partner):
        page = hers.get(address)
        assert "Surel tidak sampai" in words(page)
        assert f"/contacts/{hendrik.id}/edit" in page.text
    assert "24 Nov." in words(hers.get(contact))
