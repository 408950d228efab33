"""The portal of a partner contact: coming in by mail, one's own sessions, answering."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from werkzeug.routing import AnyConverter, IntegerConverter

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import (
    AgreementParty,
    AgreementStep,
    Attempt,
    AuditEntry,
    Contact,
    GuidanceSession,
    Invitation,
    InvitationAnswer,
    LinkRequest,
    SignIn,
    Submission,
    Token,
)
from pentahelix.permissions import PERMISSIONS
from pentahelix.services import sign_ins
from pentahelix.vocabulary import (
    ActorKind,
    AgreementStatus,
    Answer,
    ContributionForm,
    ContributionStage,
    GuidanceStatus,
    MailKind,
    ObligationStatus,
    PartySide,
    Salutation,
)
from tests import factories as make
from tests.clients import forms_of, words
from tests.conftest import new_client
from tests.outbox import plain, posted

HENDRIK = "hendrik@kemasindo.example"


@pytest.fixture
def hendrik(session, cast):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.email, contact.salutation = HENDRIK, Salutation.BAPAK
    session.commit()
    return contact


@pytest.fixture
def invited(session, cast, hendrik):
    """Hendrik is invited for the day after tomorrow."""
    return make.invitation(make.guidance(cast.lebak, topic="Desain kemasan"), cast.hendrik)


@pytest.fixture
def his(hendrik, browser_of):
    return browser_of(hendrik)


def ask(client, tick, session, email=HENDRIK, door="/portal/sign-in"):
    """What the mail brings after somebody asked in `client`: the address of the link, and the code."""
    answer = client.fill(door, email=email)
    assert (answer.status_code, answer.location) == (303, "/portal/code")
    tick()
    letter = plain(posted(session, MailKind.SIGN_IN)[-1])
    link = re.search(r"http://localhost(/portal/enter/\S+)", letter)[1]
    return link, re.search(r"^    (\S+)$", letter, re.MULTILINE)[1]


def state(session):
    session.rollback()
    return (
        session.execute(select(Token.id, Token.used_at, Token.revoked_at, Token.contact_id)).all(),
        session.scalar(select(func.count(SignIn.id))),
        session.scalar(select(func.count(Submission.id))),
        session.execute(select(LinkRequest.id, LinkRequest.handled_at)).all(),
    )


# ---------------------------------------------------------------------------- coming in


def test_from_an_address_to_the_portal_by_the_link(client, hendrik, invited, session, tick):
    assert "Mitra? Masuk lewat surel" in words(client.get("/sign-in"))
    link, _code = ask(client, tick, session)
    assert "Bila alamat ini terdaftar" in words(client.get("/portal/code"))
    page = client.get(link)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    answer = client.fill(link, form=link)
    assert (answer.status_code, answer.location) == (303, "/portal")
    assert "Desain kemasan" in words(client.get("/portal"))
    assert client.get("/").location == "/portal"
    assert session.execute(select(SignIn.principal, SignIn.contact_id, SignIn.ends_at)).all() == [
        (f"c:{hendrik.id}", hendrik.id, system.now() + timedelta(hours=12))
    ]


@pytest.mark.parametrize("email", ["pic+smk@example.org", "O'Neil@example.org", "a" * 64 + "@Example.ORG"])
def test_c34_whoever_has_an_odd_address_comes_in_by_it(client, hendrik, session, tick, email):
    hendrik.email = email
    link, _code = ask(client, tick, session, email=email)
    assert [mail.recipient for mail in posted(session)] == [email]
    assert client.fill(link, form=link).location == "/portal"


def test_what_scanners_open_changes_nothing(client, hendrik, session, tick):
    link, _code = ask(client, tick, session)
    before = state(session)
    for browser in (client, new_client(client.application)):
        for path in (link, "/portal/code", "/portal/choose", "/portal/sign-in"):
            for method in ("HEAD", "GET", "GET", "OPTIONS"):
                assert browser.open(path, method=method).status_code in (200, 303)
    assert state(session) == before
    assert client.fill(link, form=link).status_code == 303


def test_in_another_browser_the_link_shows_where_to_type_the_code(client, hendrik, session, tick):
    link, code = ask(client, tick, session)
    other = new_client(client.application)
    page = other.get(link)
    assert page.status_code == 200
    assert "Ketik kode dari surel itu di peramban tempat Anda meminta tautan" in words(page)
    assert code not in page.text
    assert other.press(link).status_code == 409
    assert session.scalar(select(func.count(SignIn.id))) == 0
    assert client.fill("/portal/code", code="abcd-2345").status_code == 422
    assert client.fill("/portal/code", code=f" {code.upper()} ").location == "/portal"
    assert client.get("/portal").status_code == 200


def test_the_code_of_another_browser_opens_nothing(client, hendrik, session, tick):
    _link, code = ask(client, tick, session)
    other = new_client(client.application)
    ask(other, tick, session)
    assert other.fill("/portal/code", code=code).status_code == 422
    assert new_client(client.application).get("/portal/code").location == "/portal/sign-in"


def test_codes_are_tried_twenty_times_and_no_more(client, hendrik, session, tick):
    _link, code = ask(client, tick, session)
    for _number in range(20):
        assert client.fill("/portal/code", code="abcd-2345").status_code == 422
    answer = client.fill("/portal/code", code=code)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_link_is_used_once_and_says_so_afterwards(client, hendrik, session, tick):
    link, _code = ask(client, tick, session)
    shown = client.get(link)
    assert client.send(shown, form=link).status_code == 303
    client.press("/sign-out")
    page = client.get(link)
    assert page.status_code == 410
    assert "Minta tautan baru" in words(page)
    assert client.send(shown, form=link).status_code == 410
    assert session.scalar(select(func.count(SignIn.id))) == 1


@pytest.mark.parametrize("late", ["2026-11-24T07:10+07:00", "2026-11-25T07:00+07:00"])
def test_a_link_and_its_code_end_after_ten_minutes(client, hendrik, session, tick, clock, late):
    link, code = ask(client, tick, session)
    shown, waiting = client.get(link), client.get("/portal/code")
    clock.set(late)
    assert client.get(link).status_code == 410
    assert client.send(shown, form=link).status_code == 410
    assert client.send(waiting, {"code": code}).status_code == 422


def test_a_wrong_link_looks_like_no_page(client, hendrik, session, tick):
    link, _code = ask(client, tick, session)
    assert client.get(link[:-1] + "-").status_code == 404
    assert client.get(link.replace("/portal/enter", "/password/new")).status_code == 404


def test_several_people_of_one_address_say_who_they_are(client, hendrik, cast, session, tick):
    dewi = make.contact(cast.kemasindo, name="Dewi Anggraeni", email=HENDRIK)
    link, _code = ask(client, tick, session)
    answer = client.fill(link, form=link)
    assert answer.location == "/portal/choose"
    page = client.get("/portal/choose")
    assert "Dewi Anggraeni CV Kemasindo Lebak" in words(page)
    chosen = [form.fields["contact_id"] for form in forms_of(page) if "contact_id" in form.names]
    assert chosen == [[str(dewi.id)], [str(hendrik.id)]]
    assert client.press("/portal/choose", contact_id=cast.siti.contact_id).status_code == 404
    assert client.press("/portal/choose", contact_id="x").status_code == 404
    assert session.scalar(select(func.count(SignIn.id))) == 0
    assert client.press("/portal/choose", contact_id=dewi.id).location == "/portal"
    assert "Dewi Anggraeni" in words(client.get("/portal/profile"))
    client.press("/sign-out")
    assert client.press("/portal/choose", contact_id=hendrik.id).location == "/portal/sign-in"


def test_choosing_takes_no_longer_than_ten_minutes(client, hendrik, cast, session, tick, clock):
    make.contact(cast.kemasindo, email=HENDRIK)
    link, _code = ask(client, tick, session)
    client.fill(link, form=link)
    clock.set("2026-11-24T07:10+07:00")
    assert client.press("/portal/choose", contact_id=hendrik.id).location == "/portal/sign-in"
    assert session.scalar(select(func.count(SignIn.id))) == 0


def test_who_was_put_away_between_mail_and_press_does_not_come_in(client, hendrik, session, tick):
    link, _code = ask(client, tick, session)
    hendrik.archived_at = system.now()
    assert client.fill(link, form=link).status_code == 410
    assert session.scalar(select(func.count(SignIn.id))) == 0


def test_the_page_that_was_wanted_is_opened_after_coming_in(client, invited, hendrik, session, tick):
    wanted = f"/portal/invitations/{invited.id}"
    sent = client.get(wanted)
    assert sent.location == f"/portal/sign-in?next={wanted}"
    link, _code = ask(client, tick, session, door=sent.location)
    assert client.fill(link, form=link).location == wanted


def test_a_page_whose_address_is_too_long_to_remember_keeps_nobody_out(client, hendrik, session, tick):
    link, _code = ask(client, tick, session, door="/portal/sign-in?next=/portal%3F" + "x" * 5000)
    assert len(client.get_cookie("phx").value) < 4000
    assert client.fill(link, form=link).location == "/portal"


def test_who_is_signed_in_is_sent_on(his, browser_of, cast):
    staff = browser_of(cast.lilis)
    for path in ("/portal/sign-in", "/portal/code", "/portal/choose"):
        assert his.get(path).location == "/"
        assert staff.get(path).location == "/"


def test_an_answer_sent_when_the_session_is_over_asks_to_come_in_again(client, invited):
    answer = client.press(f"/portal/invitations/{invited.id}", answer="attending")
    assert answer.status_code == 401
    assert "Sesi Anda sudah berakhir" in words(answer)
    assert 'action="/portal/sign-in"' in answer.text


def test_who_came_in_is_not_kept_out_by_what_others_ask_for(client, hendrik, session, tick):
    link, _code = ask(client, tick, session)
    client.fill(link, form=link)
    assert session.scalar(select(func.count(Attempt.id))) == 0
    client.press("/sign-out")
    stranger = new_client(client.application)
    while stranger.fill("/portal/sign-in", email=HENDRIK).status_code == 303:
        pass
    assert client.fill("/portal/sign-in", email=HENDRIK).status_code == 303


# ---------------------------------------------------------------------------- going out


def test_signing_out_ends_the_session_and_leads_to_the_portals_door(his, session):
    answer = his.press("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/portal/sign-in")
    assert session.scalar(select(SignIn.revoked_at)) == system.now()
    assert his.get("/portal").location == "/portal/sign-in?next=/portal"


def test_signing_out_everywhere_ends_all_of_ones_own(his, hendrik, session, cast):
    other = sign_ins.begin_contact(hendrik.id, "lain")
    staff = sign_ins.begin(cast.lilis, "test")
    his.press("/sign-out/everywhere")
    assert sign_ins.principal_of(other) is None
    assert sign_ins.principal_of(staff) is not None


# ---------------------------------------------------------------------------- who sees what


def _addresses(app, wanted):
    """Every address of a route whose permission is `wanted`, with its methods."""
    with app.test_request_context():
        bound = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if wanted(getattr(app.view_functions[rule.endpoint], "permission", None)):
                values = {name: _value_for(rule._converters[name]) for name in rule.arguments}
                for method in (rule.methods or set()) & {"GET", "POST"}:
                    yield method, bound.build(rule.endpoint, values, method=method)


def _value_for(converter):
    if isinstance(converter, IntegerConverter):
        return 1
    return min(converter.items) if isinstance(converter, AnyConverter) else "x"


def test_every_page_of_the_staff_is_none_for_a_contact(app, his):
    asked = list(_addresses(app, lambda need: need is not None and None not in PERMISSIONS[need]))
    assert len(asked) > 80
    for method, address in asked:
        answer = his.press(address) if method == "POST" else his.get(address)
        assert answer.status_code == 404, f"{method} {address}"


def test_every_page_of_the_portal_is_none_for_the_staff(app, browser_of, cast, invited):
    asked = list(_addresses(app, lambda need: need == "portal"))
    assert len(asked) >= 5
    for user in (cast.lilis, cast.aminah, cast.rudi):
        browser = browser_of(user)
        for method, address in asked:
            answer = browser.press(address) if method == "POST" else browser.get(address)
            assert answer.status_code == 404, f"{method} {address}"


def test_the_bars_name_only_what_a_contact_may_open(his):
    page = his.get("/portal")
    hrefs = set(re.findall(r'href="(/[^"]*)"', page.text))
    assert {href for href in hrefs if not href.startswith("/static/")} == {
        "/portal", "/portal/agreements", "/portal/contributions", "/portal/profile"
    }  # fmt: skip
    assert page.headers["Cache-Control"] == "private, no-cache"


def test_invitations_of_others_look_like_none(his, cast, session, invited):
    siti = make.invitation(make.guidance(cast.pandeglang), cast.siti)
    beside = make.invitation(
        session.get_one(GuidanceSession, invited.guidance_id), make.affiliation(cast.kemasindo)
    )
    taken_back = make.invitation(make.guidance(cast.lebak), cast.hendrik, uninvited_at=system.now())
    answers = []
    for number in (siti.id, beside.id, taken_back.id, 999_999):
        page = f"/portal/invitations/{number}"
        answers += [his.get(page), his.get(f"{page}/calendar.ics"), his.press(page, answer="attending")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.replace(answer.headers["X-Request-ID"], "") for answer in answers}) == 1
    assert session.scalar(select(func.count(InvitationAnswer.id))) == 0


# ---------------------------------------------------------------------------- the schedule


def test_without_an_invitation_the_page_says_what_will_stand_there(his):
    assert "Belum ada undangan" in words(his.get("/portal"))


def test_the_schedule_shows_what_comes_and_what_was_with_the_answers(his, cast, session, invited, clock):
    later = make.guidance(cast.lebak, topic="Uji rasa", starts_at=system.now() + timedelta(days=9))
    make.invitation(later, cast.hendrik, answer=Answer.ATTENDING)
    off = make.guidance(
        cast.lebak,
        topic="Foto produk",
        status=GuidanceStatus.CANCELLED,
        starts_at=system.now() + timedelta(days=5),
    )
    make.invitation(off, cast.hendrik)
    before = make.guidance(cast.lebak, topic="Label pangan", starts_at=system.now() - timedelta(days=9))
    make.invitation(before, cast.hendrik, answer=Answer.DECLINED)
    away = make.guidance(cast.lebak, topic="Disimpan", archived_at=system.now())
    make.invitation(away, cast.hendrik)
    page = words(his.get("/portal"))
    coming, past = page.split("Sudah lewat")
    assert re.findall("Desain kemasan|Foto produk|Uji rasa", coming) == [
        "Desain kemasan", "Foto produk", "Uji rasa"
    ]  # fmt: skip
    assert "Belum dijawab Jawab" in coming
    assert "Anda hadir Ubah jawaban" in coming
    assert "Dibatalkan" in coming
    assert "Label pangan" in past
    assert "Anda tidak hadir" in past
    assert "Disimpan" not in page


def test_the_number_of_statements_does_not_grow_with_the_invitations(his, cast, invited, session, statements):
    with statements() as few:
        his.get("/portal")
    for number in range(12):
        make.invitation(
            make.guidance(cast.lebak, starts_at=system.now() + timedelta(days=number - 6)), cast.hendrik
        )
    session.commit()
    with statements() as many:
        his.get("/portal")
    assert len(many) == len(few) <= 4


def test_hours_are_those_of_the_cluster(his, cast, invited):
    cast.lebak.timezone = "Asia/Jayapura"
    assert "09.00–11.00 WIT " in words(his.get("/portal"))


# ---------------------------------------------------------------------------- agreements


def test_without_an_agreement_the_page_says_what_will_stand_there(his):
    assert "Belum ada kerja sama" in words(his.get("/portal/agreements"))


def test_an_agreement_shows_its_period_its_parties_and_what_both_sides_owe(his, cast, session):
    pks = make.agreement(
        cast.lebak,
        partners=(cast.kemasindo, make.partner(cast.lebak, name="Politeknik Cibaliung")),
        title="PKS kemasan",
        number_first="420/12-Dindik/2025",
        number_second="07/KMS/2025",
        signed_on=date(2025, 12, 19),
        starts_on=date(2025, 12, 19),
        ends_on=date(2026, 12, 19),
        note="Catatan dalam",
        scope_text="Naskah dalam",
    )
    session.add(
        AgreementParty(
            agreement_id=pks.id,
            side=PartySide.FIRST,
            school_id=make.school(cast.lebak, name="SMKN 1 Malingping").id,
        )
    )
    session.add(
        AgreementStep(
            agreement_id=pks.id,
            to_status=AgreementStatus.SIGNED,
            taken_at=system.now(),
            comment="Komentar dalam",
        )
    )
    make.obligation(pks, title="Cetak 500 kemasan", due_on=date(2026, 11, 20), note="Titipan dalam")
    make.obligation(
        pks,
        title="Desain label",
        due_on=date(2026, 10, 1),
        status=ObligationStatus.FULFILLED,
        fulfilled_on=date(2026, 9, 28),
    )
    make.obligation(pks, title="Menyediakan ruang", side=PartySide.FIRST, due_on=date(2026, 12, 1))
    page = words(his.get("/portal/agreements"))
    for text in (
        "PKS kemasan Akan berakhir",
        "25 hari lagi · PKS · 19 Desember 2025 – 19 Desember 2026",
        "Pihak Kesatu Dinas Pendidikan, SMKN 1 Malingping No. 420/12-Dindik/2025",
        "Pihak Kedua CV Kemasindo Lebak, Politeknik Cibaliung No. 07/KMS/2025",
        "Kewajiban terpenuhi 1 dari 3",
        "Kewajiban Pihak Kesatu Menyediakan ruang tenggat 1 Desember 2026 Belum",
        "Desain label terpenuhi 28 September 2026 Terpenuhi",
        "Cetak 500 kemasan tenggat 20 November 2026 Terlambat 4 hari",
    ):
        assert text in page
    for ours in ("Catatan dalam", "Naskah dalam", "Komentar dalam", "Titipan dalam"):
        assert ours not in page


def test_how_an_agreement_stands_is_said_in_the_words_of_its_days(his, cast, session):
    def named(title, **values):
        make.agreement(cast.lebak, partners=(cast.kemasindo,), title=title, **values)

    named("Terbuka", is_open_ended=True, ends_on=None)
    named("Belum", starts_on=date(2026, 12, 1))
    named("Lewat", ends_on=date(2026, 11, 21))
    named("Hari ini", ends_on=date(2026, 11, 24))
    named("Henti", terminated_on=date(2026, 11, 2), **_as(AgreementStatus.TERMINATED))
    named("Tamat", **_as(AgreementStatus.COMPLETED))
    followed = make.agreement(
        cast.lebak, partners=(cast.kemasindo,), title="Disusul", ends_on=date(2026, 12, 1)
    )
    named("Susulan", status=AgreementStatus.AWAITING_SIGNATURE, renews_id=followed.id)
    page = words(his.get("/portal/agreements"))
    for text in (
        "Terbuka Berlaku PKS · sejak 24 November 2025, tanpa batas waktu",
        "Belum Belum mulai mulai 7 hari lagi",
        "Lewat Kedaluwarsa berakhir 3 hari lalu",
        "Hari ini Akan berakhir berakhir hari ini",
        "Henti Dihentikan dihentikan 2 November 2026",
        "Tamat Selesai PKS",
        "Disusul Berlaku 7 hari lagi",
    ):
        assert text in page
    assert "Susulan" not in page
    assert page.index("Terbuka") < page.index("Hari ini Akan") < page.index("Belum Belum mulai")


def _as(status):
    return {
        "status": status,
        "signed_on": date(2025, 1, 1),
        "starts_on": date(2025, 1, 1),
        "is_open_ended": True,
    }


@pytest.mark.parametrize(
    "status", ["draft", "in_discussion", "legal_review", "awaiting_signature", "abandoned"]
)
def test_what_is_not_signed_is_not_shown(his, cast, status):
    make.agreement(
        cast.lebak, partners=(cast.kemasindo,), title="Naskah rahasia", status=AgreementStatus(status)
    )
    assert "Naskah rahasia" not in words(his.get("/portal/agreements"))


def test_agreements_and_contributions_of_others_are_not_shown(his, cast, session, hendrik):
    other = make.partner(cast.lebak)
    make.agreement(cast.lebak, partners=(other,), title="Naskah lain")
    make.contribution(cast.lebak, other, title="Bantuan lain")
    before = make.partner(cast.lebak)
    make.affiliation(before, hendrik, ends=date(2026, 11, 23))
    make.agreement(cast.lebak, partners=(before,), title="Naskah dahulu")
    make.contribution(cast.lebak, before, title="Bantuan dahulu")
    away = {"archived_at": system.now()}
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="Naskah disimpan", **away)
    make.contribution(cast.lebak, cast.kemasindo, title="Bantuan disimpan", **away)
    assert "Belum ada kerja sama" in words(his.get("/portal/agreements"))
    assert "Belum ada kontribusi" in words(his.get("/portal/contributions"))


def test_whoever_left_an_organisation_sees_no_more_of_it(his, cast, session):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    make.contribution(cast.lebak, cast.kemasindo, title="Pelatihan desain")
    assert "PKS kemasan" in words(his.get("/portal/agreements"))
    cast.hendrik.ends = date(2026, 11, 23)
    assert "PKS kemasan" not in words(his.get("/portal/agreements"))
    assert "Pelatihan desain" not in words(his.get("/portal/contributions"))


# ---------------------------------------------------------------------------- contributions


def test_without_a_contribution_the_page_says_what_will_stand_there(his):
    assert "Belum ada kontribusi" in words(his.get("/portal/contributions"))


def test_contributions_are_told_with_three_totals_that_are_never_added(his, cast, session):
    def given(title, form, value, stage=ContributionStage.DELIVERED, **values):
        make.contribution(
            cast.lebak, cast.kemasindo, title=title, form=form, value=value, stage=stage, **values
        )

    given("Desain", ContributionForm.IN_KIND, 4_500_000)
    given("Uji", ContributionForm.IN_KIND, 2_000_000, ContributionStage.ADOPTED)
    given("Dana", ContributionForm.CASH, 1_500_000)
    given("Pesanan", ContributionForm.SALE, 900_000)
    given("Tak dinilai", ContributionForm.IN_KIND, None, hours=Decimal(6))
    given(
        "Rencana", ContributionForm.CASH, 7_000_000, ContributionStage.AGREED, delivered_on=date(2026, 12, 3)
    )
    given(
        "Tidak jadi", ContributionForm.CASH, 7_000_000, ContributionStage.DROPPED, stage_reason="Alasan kita"
    )
    page = words(his.get("/portal/contributions"))
    assert "Rp6,5 jt nilai setara Rp1,5 jt tunai Rp900.000 penjualan" in page
    assert "1 kontribusi belum dinilai." in page
    assert "Semua kontribusi 7" in page
    assert "Tak dinilai Guru tamu · Natura · Kuliner Lebak · CV Kemasindo Lebak" in page
    assert "diserahkan 24 November 2026 · 6 jam" in page
    assert "rencana 3 Desember 2026 · Rp7.000.000" in page
    assert "Alasan kita" not in page


def test_a_contribution_tells_who_confirmed_it(his, cast, session):
    def confirmed(title, giver=None, school=None):
        make.contribution(
            cast.lebak,
            cast.kemasindo,
            title=title,
            stage=ContributionStage.DELIVERED,
            giver_confirmed_at=giver,
            school_confirmed_at=school,
        )

    now = system.now()
    confirmed("Pertama")
    confirmed("Kedua", school=now)
    confirmed("Ketiga", giver=now)
    confirmed("Keempat", giver=now, school=now)
    page = words(his.get("/portal/contributions"))
    told = re.findall("Belum dikonfirmasi|Dikonfirmasi (?:sekolah|pemberi|kedua pihak)", page)
    assert told == [
        "Dikonfirmasi kedua pihak", "Dikonfirmasi pemberi", "Dikonfirmasi sekolah", "Belum dikonfirmasi"
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/portal/agreements", "/portal/contributions"])
def test_the_number_of_statements_does_not_grow_with_the_records(his, cast, session, statements, path):
    def more(number):
        for _each in range(number):
            make.obligation(make.agreement(cast.lebak, partners=(cast.kemasindo,)))
            make.contribution(cast.lebak, cast.kemasindo)
        session.commit()

    more(1)
    with statements() as few:
        his.get(path)
    more(29)
    with statements() as many:
        page = his.get(path)
    assert len(many) == len(few) <= 7
    assert "1–25 dari 30" in words(page)
    assert "26–30 dari 30" in words(his.get(f"{path}?page=2"))


# ---------------------------------------------------------------------------- answering


def test_an_answer_is_ones_own_and_may_be_changed(his, invited, session, hendrik):
    page = his.get(f"/portal/invitations/{invited.id}")
    assert "Jawab undangan" in words(page)
    answer = his.send(page, {"answer": "attending", "note": "Datang berdua"})
    assert (answer.status_code, answer.location) == (303, "/portal")
    shown = words(his.get("/portal"))
    assert "Terima kasih, jawaban Anda tersimpan." in shown
    assert "Anda hadir" in shown
    his.fill(f"/portal/invitations/{invited.id}", answer="declined", note="Sakit")
    assert session.execute(select(Invitation.answer, Invitation.on_behalf_user_id)).all() == [
        (Answer.DECLINED, None)
    ]
    assert session.scalars(select(InvitationAnswer.answer).order_by(InvitationAnswer.id)).all() == [
        Answer.ATTENDING,
        Answer.DECLINED,
    ]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor_kind, entry.actor_name) == (ActorKind.CONTACT, f"c:{hendrik.id}")


def test_what_belongs_to_an_answer_is_asked_at_its_field(his, invited, session):
    answer = his.fill(f"/portal/invitations/{invited.id}", answer="represented")
    assert answer.status_code == 422
    assert forms_of(answer)[-1].wrong == {"delegate_name"}
    assert his.send(answer, {"delegate_name": "Dewi Anggraeni"}).status_code == 303
    assert session.scalar(select(Invitation.delegate_name)) == "Dewi Anggraeni"


def test_c40_an_answer_after_the_start_is_not_taken(his, invited, session, clock):
    page = his.get(f"/portal/invitations/{invited.id}")
    clock.set("2026-11-26T07:00+07:00")
    session.execute(SignIn.__table__.update().values(ends_at=system.now() + timedelta(hours=1)))
    answer = his.send(page, {"answer": "attending"})
    assert answer.status_code == 409
    assert "Jawaban tidak dapat diterima lagi." in words(answer)
    assert session.scalar(select(Invitation.answer)) == Answer.NONE
    assert "Kegiatan ini sudah dimulai" in words(his.get(f"/portal/invitations/{invited.id}"))


def test_the_calendar_entry_of_ones_own_session_can_be_kept(his, invited):
    answer = his.get(f"/portal/invitations/{invited.id}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "METHOD:PUBLISH" in answer.text


# ---------------------------------------------------------------------------- one's own data


def test_the_profile_shows_what_is_kept_and_whom_to_ask(his, hendrik, cast, session):
    hendrik.phone = "+6281200000015"
    cast.lilis.phone = "+6281200000147"
    make.user(cast.lebak, name="Tanpa Akun", email=None, password_hash=None)
    session.commit()
    page = his.get("/portal/profile")
    shown = words(page)
    for text in (hendrik.name, HENDRIK, "0812-0000-0015", "CV Kemasindo Lebak", "Direktur"):
        assert text in shown
    assert f"{cast.lilis.name} {cast.lebak.short_name} 0812-0000-0147" in shown
    for hidden in (cast.lilis.email, cast.ujang.name, cast.pandeglang.short_name, "Tanpa Akun"):
        assert hidden not in page.text
    assert {form.action for form in forms_of(page)} == {"/language", "/sign-out", "/sign-out/everywhere"}


def test_the_browsers_language_goes_before_the_one_that_is_kept(his, hendrik, session):
    his.press("/language", language="en", next="/portal/profile")
    assert '<html lang="en"' in his.get("/portal/profile").text
    assert db.session.get_one(Contact, hendrik.id).language == "id"


def test_a_coordinator_without_a_telephone_is_reached_by_mail(his, cast):
    cast.lilis.phone = None
    assert f'href="mailto:{cast.lilis.email}"' in his.get("/portal/profile").text.replace("%40", "@")


def test_the_bar_marks_the_page_where_one_is(his, invited):
    for path, current in (
        ("/portal", "/portal"),
        (f"/portal/invitations/{invited.id}", "/portal"),
        ("/portal/agreements", "/portal/agreements"),
        ("/portal/contributions", "/portal/contributions"),
        ("/portal/profile", "/portal/profile"),
    ):
        marked = set(re.findall(r'href="([^"]*)" aria-current="page"', his.get(path).text))
        assert marked == {current}
