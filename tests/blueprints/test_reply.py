"""The personal link: what it shows, what it takes, and what it never does."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import (
    Attempt,
    AuditEntry,
    Contact,
    Invitation,
    InvitationAnswer,
    OutboxMessage,
    Submission,
    Token,
)
from pentahelix.services import tokens
from pentahelix.vocabulary import (
    ActorKind,
    Answer,
    GuidanceStatus,
    InvitationRole,
    Language,
    Salutation,
    TokenPurpose,
)
from tests import factories as make
from tests.clients import Client, words
from tests.outbox import REPLY_TO, settle

pytestmark = pytest.mark.both_engines

THURSDAY = "2026-11-26T09:00+07:00"


@pytest.fixture
def hendrik(session, cast):
    return session.get_one(Contact, cast.hendrik.contact_id)


@pytest.fixture
def guidance(cast, clock, hendrik):
    clock.set("2026-11-20T08:00+07:00")
    cast.lilis.phone = "+6281200000147"
    hendrik.salutation, hendrik.email = Salutation.BAPAK, "hendrik@kemasindo.example"
    starts_at = datetime.fromisoformat(THURSDAY)
    return make.guidance(
        cast.lebak,
        topic="Desain kemasan keripik pisang",
        place="SMKN 1 Warunggunung, ruang TeFa",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2, minutes=30),
        organiser_user_id=cast.lilis.id,
    )


@pytest.fixture
def invitation(guidance, cast):
    return make.invitation(guidance, cast.hendrik)


@pytest.fixture
def link(session, invitation, clock):
    """The address in the mail of last Friday; it is Tuesday now."""
    raw = tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)
    session.commit()
    clock.set("2026-11-24T07:00+07:00")
    return f"/u/{raw}"


def answered(session, invitation):
    return session.scalars(select(Invitation).where(Invitation.id == invitation.id)).one()


# ---------------------------------------------------------------------------- what it shows


def test_the_page_says_who_asks_what_when_and_where(client, link):
    page = client.get(link)
    said = words(page)
    assert page.status_code == 200
    assert "Yth. Bapak Hendrik Sasmita, CV Kemasindo Lebak" in said
    assert "Dapatkah Bapak hadir pada bimbingan teknis ini?" in said
    assert "Klaster Teaching Factory Kuliner Lebak" in said
    assert "Kamis, 26 November 2026 09.00–11.30 WIB" in said
    assert "SMKN 1 Warunggunung, ruang TeFa" in said
    assert "Hubungi Lilis Nurhayati Agustin, S.E., 0812-0000-0147" in said
    assert "Jawaban dapat diubah sampai acara dimulai." in said


def test_whoever_works_here_no_more_is_not_to_be_called(app, client, link, cast, monkeypatch):
    settle(app, monkeypatch, mail_reply_to=REPLY_TO)
    cast.lilis.deactivated_at = system.now()
    said = words(client.get(link))
    assert "0812-0000-0147" not in said
    assert f"Tulis kepada {REPLY_TO}" in said


def test_speakers_are_named_although_the_link_sees_its_own_invitation_only(client, link, guidance, session):
    other = make.affiliation(make.partner(name="Politeknik Ciujung"), make.contact(name="Dr. Yusuf Maulana"))
    make.invitation(guidance, other, role=InvitationRole.SPEAKER)
    gone = make.affiliation(make.partner(name="Studio Lama"), make.contact(name="Zulkifli Pergi"))
    make.invitation(guidance, gone, role=InvitationRole.SPEAKER, uninvited_at=system.now())
    guest = make.affiliation(make.partner(name="Kios Lain"), make.contact(name="Wawan Peserta"))
    make.invitation(guidance, guest)
    said = words(client.get(link))
    assert "Narasumber: Dr. Yusuf Maulana, Politeknik Ciujung" in said
    assert "Zulkifli" not in said
    assert "Wawan" not in said


def test_it_speaks_the_language_of_the_person_and_the_other_by_a_link(client, link, hendrik):
    hendrik.language = Language.EN
    page = client.get(link)
    assert '<html lang="en"' in page.text
    switch = re.search(r'class="bar-lang"[^>]* href="([^"]+)"', page.text)[1]
    assert '<html lang="id"' in client.get(switch).text
    assert '<html lang="en"' in client.get(link).text


def test_the_link_of_a_mail_chooses_and_keeps_nothing(client, link, session, invitation):
    for answer in ("attending", "proposed", "represented", "declined"):
        form = client.get(f"{link}?answer={answer}")
        assert re.search(rf'value="{answer}" checked', form.text)
    assert "checked" not in client.get(f"{link}?answer=none").text
    assert "checked" not in client.get(f"{link}?answer=%00").text
    assert answered(session, invitation).answer == Answer.NONE


def test_a_page_takes_at_most_four_statements_and_no_script_of_the_application(client, link, statements):
    client.get(link)
    with statements() as ran:
        page = client.get(link)
    assert len(ran) <= 4, ran
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
    scripts = [address for address in loaded if address.endswith(".js")]
    assert [address.rsplit("/", 1)[1] for address in scripts] == ["viewer-zone.js"]
    assert len(page.get_data()) < 16_000


def test_nobody_keeps_the_page_or_learns_its_address(client, link, cast, guidance):
    page = client.get(link)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Robots-Tag"] == "noindex"
    foreign = re.findall(r'<a[^>]*href="https?://[^>]*>', page.text)
    assert foreign
    assert all("noreferrer" in anchor for anchor in foreign)


def test_a_coordinator_who_is_signed_in_sees_the_same_page(client, browser_of, cast, link):
    hers, theirs = browser_of(cast.lilis).get(link), client.get(link)
    number = re.compile(r"[0-9a-f]{32}")
    assert number.sub("", hers.text) == number.sub("", theirs.text)


def test_c29_the_page_carries_the_instant_for_whoever_is_elsewhere(client, link):
    """C29: 09.00 WIB is what counts; the browser adds its own hour (see the test with Chromium)."""
    page = client.get(link)
    assert 'data-starts="2026-11-26T02:00:00+00:00"' in page.text
    assert 'data-zone="Asia/Jakarta"' in page.text
    assert "09.00–11.30 WIB" in words(page)


def test_the_calendar_file_is_a_publication(client, link):
    file = client.get(f"{link}/calendar.ics")
    assert file.status_code == 200
    assert file.mimetype == "text/calendar"
    assert "METHOD:PUBLISH" in file.text
    assert "attachment" in file.headers["Content-Disposition"]


# ---------------------------------------------------------------------------- answering


def test_c33_two_taps_without_cookies_and_without_javascript(app, link, session, invitation, hendrik):
    """C33: the mail's link, then the button; no login page, no cookie asked for or given."""
    browser = Client(app, app.response_class, use_cookies=False)
    page = browser.get(f"{link}?answer=attending")
    assert 'name="csrf_token"' not in page.text
    assert "Set-Cookie" not in page.headers
    sent = browser.post(f"{link}?answer=attending", data={"answer": "attending"})
    assert (sent.status_code, sent.location) == (303, link)
    assert "Set-Cookie" not in sent.headers
    thanks = browser.get(sent.location)
    assert "Terima kasih, Bapak tercatat akan hadir" in words(thanks)
    assert "Diterima Selasa, 24 November 2026, pukul 07.00 WIB." in words(thanks)
    session.expire_all()
    row = answered(session, invitation)
    assert row.answer == Answer.ATTENDING
    by = session.scalars(
        select(AuditEntry).where(AuditEntry.noun == "invitation", AuditEntry.actor_kind == ActorKind.LINK)
    ).all()
    assert {entry.actor_name for entry in by} == {f"c:{hendrik.id}"}


def test_the_same_answer_twice_is_one_and_the_address_is_kept_nowhere(client, link, session, invitation):
    for _ in range(2):
        assert client.post(link, data={"answer": "attending", "note": "Berdua"}).status_code == 303
    assert session.scalar(select(func.count(InvitationAnswer.id))) == 1
    assert session.scalar(select(func.count(Submission.id))) == 0
    assert "“Berdua”" in words(client.get(link))


def test_whoever_changes_their_mind_finds_what_they_wrote(client, link, session, invitation):
    client.post(link, data={"answer": "attending", "note": "Berdua"})
    thanks = client.get(link)
    change = re.search(r'href="([^"]+change=1)"', thanks.text)[1]
    assert "Berdua" in client.get(change).text
    assert client.post(change, data={"answer": "declined"}).status_code == 303
    assert "tercatat tidak dapat hadir" in words(client.get(link))
    assert [
        row.answer for row in session.scalars(select(InvitationAnswer).order_by(InvitationAnswer.id))
    ] == [
        Answer.ATTENDING,
        Answer.DECLINED,
    ]


def test_a_proposal_is_a_day_an_hour_and_a_reason(client, link, session, invitation):
    proposal = {
        "answer": "proposed",
        "proposed_day": "2026-12-01",
        "proposed_starts": "13.00",
        "note": "Kamis ada audit",
    }
    assert client.post(link, data=proposal).status_code == 303
    said = words(client.get(link))
    assert "usulan waktu Bapak sudah kami terima" in said
    assert "Selasa, 1 Desember 2026, pukul 13.00 WIB" in said
    told = session.scalars(select(OutboxMessage.recipient)).all()
    assert told == ["lilis@smkn1kalanganyar.example"]


def test_somebody_else_may_come(client, link, session, invitation):
    answer = {
        "answer": "represented",
        "delegate_name": "Sari Dewi",
        "delegate_email": "sari@kemasindo.example",
    }
    assert client.post(link, data=answer).status_code == 303
    assert "tercatat diwakili oleh Sari Dewi" in words(client.get(link))
    assert "sari@kemasindo.example" in session.scalars(select(OutboxMessage.recipient)).all()


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({}, {"answer"}),
        ({"answer": "none"}, {"answer"}),
        ({"answer": "perhaps"}, {"answer"}),
        ({"answer": "proposed", "note": "audit"}, {"proposed_day"}),
        ({"answer": "proposed", "proposed_day": "31/02/2027", "note": "audit"}, {"proposed_day"}),
        (
            {"answer": "proposed", "proposed_day": "2026-11-20", "proposed_starts": "13.00", "note": "audit"},
            {"proposed_day"},
        ),
        ({"answer": "represented", "note": "audit"}, {"delegate_name"}),
        (
            {"answer": "represented", "delegate_name": "Sari", "delegate_email": "sari", "note": "audit"},
            {"delegate_email"},
        ),
    ],
)
def test_what_is_refused_comes_back_as_typed(client, link, session, invitation, answer, wrong):
    page = client.post(link, data=answer)
    assert page.status_code == 422
    assert all(f'id="{name}-error"' in page.text for name in wrong)
    if "note" in answer:
        assert f">{answer['note']}</textarea>" in page.text.replace("\r\n", "")
    assert answered(session, invitation).answer == Answer.NONE


def test_all_that_a_proposal_still_needs_is_told_at_once(client, link):
    page = client.post(link, data={"answer": "proposed"})
    for name in ("proposed_day", "proposed_starts", "note"):
        assert f'id="{name}-error"' in page.text, name


def test_what_belongs_to_another_answer_is_not_asked(client, link):
    sent = {"answer": "attending", "proposed_day": "31/02/2027", "delegate_email": "no address"}
    assert client.post(link, data=sent).status_code == 303


# ---------------------------------------------------------------------------- what holds now


def test_c38_an_old_link_shows_what_holds_now(client, link, session, guidance, invitation, clock):
    """C38: after start, end, cancel, un-invite, archive and a newer link: 200, no form, whom to call."""
    tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)
    assert 'name="answer"' in client.get(link).text

    def shown(sentence):
        page = client.get(link)
        assert page.status_code == 200
        assert sentence in words(page)
        assert "<form" not in page.text.replace('<form class="search', "")
        assert "0812-0000-0147" in page.text

    clock.set("2026-11-26T09:00+07:00")
    shown("Kegiatan ini sudah dimulai")
    clock.set("2026-11-26T11:30+07:00")
    shown("Kegiatan ini sudah selesai")
    clock.set("2026-11-25T09:00+07:00")
    invitation.uninvited_at = system.now()
    shown("Undangan Bapak untuk kegiatan ini ditarik kembali")
    assert client.get(f"{link}/calendar.ics").status_code == 404
    invitation.uninvited_at = None
    guidance.archived_at = system.now()
    shown("Kegiatan ini tidak lagi direncanakan")
    guidance.archived_at, guidance.status = None, GuidanceStatus.CANCELLED
    shown("Kegiatan ini dibatalkan")
    shown("Bapak tidak perlu datang.")
    guidance.note = "Ruang dipakai ujian"
    invitation.answer, invitation.answered_at, invitation.delegate_name = (
        Answer.REPRESENTED,
        system.now(),
        "Sari",
    )
    shown("Alasan: Ruang dipakai ujian")
    shown("Mohon sampaikan juga kepada Sari, yang mewakili Bapak.")


def test_c38_a_wrong_token_is_like_any_address_that_does_not_exist(client, link, session, hendrik):
    """C38: one character changed, malformed, endless, revoked: the same neutral page, no hint."""
    changed = link[:-1] + ("A" if link[-1] != "A" else "B")
    revoked = tokens.make(TokenPurpose.INVITATION, object_id=1)
    session.scalars(
        select(Token).where(Token.digest == tokens.digest(revoked))
    ).one().revoked_at = system.now()
    other = tokens.make(TokenPurpose.UNSUBSCRIBE, object_id=0, contact_id=hendrik.id)
    neutral = _bare(client.get(f"{client.application.static_url_path}/nothing.css"))
    assert neutral[0] == 404
    for path in (changed, f"/u/{revoked}", f"/u/{other}", "/u/x", "/u/%00%ff", f"/u/{'x' * 5000}"):
        for answer in (client.get(path), client.get(f"{path}/calendar.ics"), client.post(path)):
            assert _bare(answer) == neutral, path


def _bare(answer):
    text = answer.text.replace(answer.headers["X-Request-ID"], "")
    text = re.sub(r'name="(csrf_token|next)" value="[^"]*"', "", text)
    # The switch of languages stands on pages that were asked for, not on what a POST is answered.
    text = re.sub(r'(?s)<form method="post" action="/language">.*?</form>', "", text)
    return answer.status_code, " ".join(text.split())


def test_c40_an_answer_from_an_old_page_after_the_start_is_not_kept(client, link, session, invitation, clock):
    """C40: a friendly sentence, no answer, no mail, attendance as it was."""
    client.get(link)
    clock.set("2026-11-26T12:00+07:00")
    late = client.post(link, data={"answer": "declined"})
    assert late.status_code == 409
    assert "Jawaban yang baru saja dikirim tidak tersimpan" in words(late)
    assert "Kegiatan ini sudah selesai" in words(late)
    row = answered(session, invitation)
    assert (row.answer, row.attended) == (Answer.NONE, None)
    assert session.scalar(select(func.count(OutboxMessage.id))) == 0


def test_c40_nor_after_it_was_called_off(client, link, session, guidance, invitation):
    guidance.status = GuidanceStatus.CANCELLED
    assert client.post(link, data={"answer": "attending"}).status_code == 409
    assert answered(session, invitation).answer == Answer.NONE


def test_a_link_from_before_a_move_says_so(client, link, guidance, session):
    session.refresh(guidance)
    guidance.starts_at += timedelta(days=5)
    guidance.ends_at += timedelta(days=5)
    session.commit()
    said = words(client.get(link))
    assert "Semula Kamis, 26 November 2026, pukul 09.00 WIB." in said
    assert "Selasa, 1 Desember 2026 09.00–11.30 WIB" in said
    newer = tokens.make(TokenPurpose.INVITATION, object_id=session.scalars(select(Invitation.id)).one())
    assert "Semula" not in words(client.get(f"/u/{newer}"))


# ---------------------------------------------------------------------------- what it refuses


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_post_that_another_site_sent_is_refused(client, link, session, invitation, headers):
    refused = client.post(link, data={"answer": "attending"}, headers=headers)
    assert refused.status_code == 403
    assert "Tidak ada yang berubah." in words(refused)
    assert answered(session, invitation).answer == Answer.NONE


def test_a_post_from_its_own_page_is_taken(client, link):
    for headers in (
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert client.post(link, data={"answer": "attending"}, headers=headers).status_code == 303


def test_head_and_get_change_nothing(client, link, session):
    before = session.scalar(select(func.count(AuditEntry.id)))
    for address in (link, f"{link}?answer=declined", f"{link}/calendar.ics"):
        client.head(address)
        client.get(address)
    assert session.scalar(select(func.count(AuditEntry.id))) == before
    assert session.scalar(select(func.count(Attempt.id))) == 0
    assert session.scalars(select(Token.used_at)).all() == [None]


def test_c8_twenty_posts_in_a_quarter_of_an_hour_then_one_waits(client, link, session, clock):
    for _ in range(20):
        assert client.post(link, data={}).status_code == 422
    clock.set(system.now() + timedelta(minutes=5))
    limited = client.post(link, data={"answer": "attending"})
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) in range(595, 606)
    assert client.get(link).status_code == 200
    clock.set(system.now() + timedelta(minutes=10, seconds=1))
    assert client.post(link, data={"answer": "attending"}).status_code == 303
    digests = set(session.scalars(select(Attempt.subject)))
    assert digests == {tokens.digest(link.removeprefix("/u/"))}


def test_no_log_line_holds_the_token(client, link, capsys):
    client.get(link)
    client.post(link, data={"answer": "attending"})
    assert link.removeprefix("/u/") not in capsys.readouterr().out


def test_the_link_reaches_no_other_invitation(client, link, guidance, cast, session):
    other = make.invitation(guidance, make.affiliation(cast.kemasindo))
    client.post(link, data={"answer": "attending"})
    session.refresh(other)
    assert other.answer == Answer.NONE
    assert db.session.scalar(select(func.count(InvitationAnswer.id))) == 1
