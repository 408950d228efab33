"""A mail as bytes: its headers, its parts, its words."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix.mail.compose import LINE, Attachment, CalendarPart, Composed, compose
from pentahelix.mail.masking import masked
from pentahelix.mail.recipients import Recipient
from pentahelix.vocabulary import Language, MailKind
from tests import factories as make
from tests.cast import Cast
from tests.letters import Story
from tests.outbox import plain, posted, settle

TO = Recipient("hendrik@mitra.example", "Hendrik Gunawan, S.E.")
ENTRY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nSUMMARY:Kemasan – 日本\r\nEND:VCALENDAR\r\n"
STOP = "http://localhost/unsubscribe/" + "a" * 43


def _compose(cast: Cast, to: Recipient = TO, *, title: str = "Rapat koordinasi", **parts: Any) -> Composed:
    about = {
        "meeting": make.meeting(cast.lebak, title=title),
        "cluster": cast.lebak,
        "zone": cast.lebak.timezone,
        "by": cast.lilis,
    }
    return compose(MailKind.MINUTES, to, about, **parts)


def _opened(mail: Composed) -> EmailMessage:
    return message_from_bytes(mail.content, EmailMessage, policy=policy.default)


def _html(mail: Composed) -> str:
    part: Any = _opened(mail).get_body(("html",))
    return str(part.get_content())


def test_headers_say_who_writes_and_that_no_robot_shall_answer(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(
        app,
        monkeypatch,
        mail_from="Pentahelix Banten <surel@dinas.example>",
        mail_reply_to="sekretariat@dinas.example",
    )
    mail = _opened(_compose(cast, thread="ab12"))
    assert dict(mail.items()) == {
        "From": "Pentahelix Banten <surel@dinas.example>",
        "To": '"Hendrik Gunawan, S.E." <hendrik@mitra.example>',
        "Subject": "Notula: Rapat koordinasi, Selasa, 24 November 2026",
        "Date": "Tue, 24 Nov 2026 00:00:00 +0000",
        "Message-ID": mail["Message-ID"],
        "Reply-To": "sekretariat@dinas.example",
        "References": "<thread.ab12@dinas.example>",
        "In-Reply-To": "<thread.ab12@dinas.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "List-Id": "Pentahelix <pentahelix.dinas.example>",
        "Content-Language": "id",
        "MIME-Version": "1.0",
        "Content-Type": mail["Content-Type"],
    }
    assert re.fullmatch(r"<[0-9a-f]{32}@dinas\.example>", mail["Message-ID"])


def test_what_can_be_stopped_says_how_in_headers_and_words(session: Session, cast: Cast) -> None:
    mail = _opened(_compose(cast, unsubscribe=STOP))
    assert mail["List-Unsubscribe"].strip() == f"<{STOP}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part: Any = mail.get_body((kind,))
        assert STOP in part.get_content()


def test_what_cannot_be_stopped_does_not_say_so(session: Session, cast: Cast) -> None:
    mail = _opened(_compose(cast))
    assert "List-Unsubscribe" not in mail
    assert "erhenti menerima" not in mail.as_string()


@pytest.mark.parametrize(
    "title", ["Rapat\r\nBcc: semua@mitra.example", "Rapat\nBcc: semua@mitra.example\n\nTubuh lain"]
)
def test_no_header_comes_out_of_what_somebody_typed(session: Session, cast: Cast, title: str) -> None:
    mail = _opened(_compose(cast, title=title))
    assert "Bcc" not in mail
    assert mail["Subject"].startswith("Notula: Rapat Bcc: semua@mitra.example")


@pytest.mark.parametrize(
    "title",
    [
        "=?utf-8?q?Rapat=0D=0ABcc=3A_semua=40mitra.example?=",
        "Rapat =?utf-8?b?UmFwYXQNCkJjYzogc2VtdWFAbWl0cmEuZXhhbXBsZQ==?= besok",
        "Rapat =?utf-8?q?=00?= " + "=?iso-8859-1?q?=85?=" * 40,
    ],
)
def test_what_looks_encoded_in_a_subject_was_typed_so(session: Session, cast: Cast, title: str) -> None:
    sent = _compose(cast, title=title)
    mail = _opened(sent)
    assert "Bcc" not in mail
    assert mail["Subject"].startswith(f"Notula: {title}")
    copy: Any = message_from_bytes(masked(sent.content), policy=policy.default)
    assert copy["Subject"] == mail["Subject"]
    assert copy.keys() == mail.keys()


def test_what_looks_encoded_in_an_address_is_the_address(session: Session, cast: Cast) -> None:
    address = "=?utf-8?q?a=0D=0ABcc=3Ab?=@mitra.example"
    sent = _compose(cast, Recipient(address, "A"), thread="ab12")
    head = sent.content.partition(b"\r\n\r\n")[0].decode()
    assert f"\r\nTo: A <{address}>\r\n" in head
    assert "\r\nBcc" not in head
    assert masked(sent.content).startswith(head.encode())


LONG = "Prof. Dr. Ir. H. Ma'mun Nu'man, " + "S.Pd., M.M., " * 12 + "IPU"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Sumiyati", "Sumiyati"),
        ("Drs. Ahmad Fauzan, M.Pd.", '"Drs. Ahmad Fauzan, M.Pd."'),
        ('Budi "Kemas" \\ (TU), Co.', r'"Budi \"Kemas\" \\ (TU), Co."'),
        ("Rina, wakil@mitra.example <ketua@mitra.example>;", None),
        ("Prof. Dr. H. Ma'mun Nu'man Sastrawinata Kusumah, S.Pd., M.M., IPU", None),
        ("Ana Diặ", "=?utf-8?"),
        ("Prof. Ñandú 日本, S.T.; " * 8 + "IPU", "=?utf-8?"),
        (LONG, "=?utf-8?"),
        ("=?utf-8?q?Budi=0D=0ABcc=3A_semua=40mitra.example?=", "=?utf-8?"),
        ("Budi\x07, S.E.\x7f", "=?utf-8?"),
    ],
)
def test_c02_a_mail_names_whom_it_is_to_and_goes_to_them_alone(
    session: Session, cast: Cast, name: str, shown: str | None
) -> None:
    sent = _compose(cast, Recipient(TO.email, name))
    head = sent.content.partition(b"\r\n\r\n")[0]
    (line,) = re.findall(r"(?m)^To: (.*(?:\r\n .*)*)\r$", head.decode("ascii"))
    assert line.startswith(shown or f'"{name}"')
    assert max(map(len, f"To: {line}".split("\r\n"))) <= 78
    assert ("\r\n" in line) is (len(line.replace("\r\n", "")) > LINE)
    # One address to the library's newer reader, and to the older one, which knows that the blank between two
    # encoded words is none.
    assert [to.addr_spec for to in _addresses(sent)] == [TO.email]
    ((encoded, address),) = getaddresses([line.replace("\r\n", "")])
    assert (str(make_header(decode_header(encoded))), address) == (name, TO.email)
    assert masked(sent.content).startswith(head)


def test_c02_what_is_no_letter_of_a_name_makes_no_header_and_no_further_address(
    session: Session, cast: Cast
) -> None:
    name = "Budi\r\nBcc: semua@mitra.example\n\n\u2028S.E.,\t\x85ketua@mitra.example"
    sent = _compose(cast, Recipient(TO.email, name))
    assert "Bcc" not in _opened(sent)
    (to,) = _addresses(sent)
    assert to.display_name == "Budi Bcc: semua@mitra.example S.E., ketua@mitra.example"
    assert to.addr_spec == TO.email


def test_whoever_shares_an_address_is_not_named_before_it(session: Session, cast: Cast) -> None:
    assert f"\r\nTo: {TO.email}\r\n".encode() in _compose(cast, Recipient(TO.email, "")).content


def _addresses(mail: Composed) -> Any:
    return _opened(mail)["To"].addresses


def test_addresses_that_programs_read_are_neither_folded_nor_encoded(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = "pentahelix.dinas-pendidikan-dan-kebudayaan.bantenprov.example"
    settle(app, monkeypatch, mail_from=f"Pentahelix <pentahelix@{domain}>")
    stop, thread = f"https://{domain}/unsubscribe/{'a' * 43}", "ab12" * 8
    head = _compose(cast, unsubscribe=stop, thread=thread).content.partition(b"\r\n\r\n")[0].decode()
    lines = head.split("\r\n")
    assert f"List-Unsubscribe: <{stop}>" in lines
    assert f"References: <thread.{thread}@{domain}>" in lines
    assert f"In-Reply-To: <thread.{thread}@{domain}>" in lines
    assert f"List-Id: Pentahelix <pentahelix.{domain}>" in lines


def test_an_address_with_a_line_in_it_makes_no_mail(session: Session, cast: Cast) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        _compose(cast, Recipient("a@mitra.example\r\nBcc: b@mitra.example", "A"))


def test_the_calendar_entry_is_there_twice_byte_for_byte_with_its_method(
    session: Session, cast: Cast
) -> None:
    paper = Attachment("notula.pdf", b"%PDF-1.7\n\x00\xff", "application/pdf")
    mail = _opened(_compose(cast, calendar=CalendarPart(ENTRY, "REQUEST"), attachments=[paper]))
    parts: list[Any] = list(mail.walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
        "application/pdf",
    ]
    entry, file, pdf = parts[4:]
    assert dict(entry["Content-Type"].params) == {
        "charset": "utf-8",
        "method": "REQUEST",
        "component": "VEVENT",
    }
    assert entry.get_payload(decode=True) == file.get_payload(decode=True) == ENTRY.encode()
    assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")
    assert pdf.get_payload(decode=True) == paper.content


def test_every_line_ends_and_fits_as_the_protocol_wants(session: Session, cast: Cast) -> None:
    content = _compose(cast, title="Ñandú 日本 " * 60, calendar=CalendarPart(ENTRY, "REQUEST")).content
    assert content.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", content) is None
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("language", Language)
def test_a_mail_is_in_the_language_of_its_reader_and_says_so(
    session: Session, cast: Cast, language: Language
) -> None:
    mail = _compose(cast, Recipient("h@mitra.example", "Hendrik", language=language))
    assert f'<html lang="{language}">' in _html(mail)
    assert _opened(mail)["Content-Language"] == language


def test_the_foot_names_the_office_as_the_province_calls_it(session: Session, cast: Cast) -> None:
    assert "Bidang SMK, Dinas Pendidikan dan Kebudayaan Provinsi Banten" in _html(_compose(cast))
    make.setting("name", "Bidang SMK & SLB")
    mail = _compose(cast)
    assert "Bidang SMK &amp; SLB" in _html(mail)
    plain: Any = _opened(mail).get_body(("plain",))
    assert "Bidang SMK & SLB" in plain.get_content()


def test_what_somebody_typed_is_text_in_every_place(session: Session, cast: Cast) -> None:
    cast.lebak.name = "<b>Klaster</b>"
    html = _html(_compose(cast, title="<script>alert(1)</script>"))
    assert "<script" not in html
    assert "<b>Klaster" not in html
    assert "<title>Notula: &lt;script&gt;" in html


def test_a_mail_loads_nothing_from_anywhere(session: Session, cast: Cast) -> None:
    assert re.findall(r"<(?:img|link|script|iframe)\b|url\(|@import", _html(_compose(cast))) == []


def test_c68_no_id_in_a_mail_can_be_worked_out_from_what_others_know(session: Session, cast: Cast) -> None:
    story = Story(cast)
    story.change_place()
    mails = posted(session)
    assert len(mails) == 2
    known = [story.hendrik.email or "", "hendrik", "81200000147"]
    ids = [re.fullmatch(r"<([0-9a-f]{32})@.*>", mail.message_id) for mail in mails]
    tokens = [set(re.findall(r"/u/([\w-]{43})", plain(mail))) for mail in mails]
    found = [match[1] for match in ids if match] + [story.guidance.uid.hex]
    assert len(found) == 3
    assert all(len(each) == 1 for each in tokens)
    assert tokens[0].isdisjoint(tokens[1])
    for word in (*found, *tokens[0], *tokens[1]):
        assert not any(each in word for each in known)
    # Random ids share no beginning, as those that count or hash the same thing would.
    assert len({word[:8] for word in found}) == len(found)
