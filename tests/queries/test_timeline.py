"""What happened with a partner and with a person: complete, in order, page by page, within the scope."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import AgreementStep, Contact, InvitationAnswer, OutboxMessage
from pentahelix.queries import timeline
from pentahelix.queries.timeline import Kind
from pentahelix.queries.timeline_columns import Source
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    MailKind,
    MeetingStatus,
    OutboxState,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day of November 2026 in Banten."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:00+07:00")


def titles(page: timeline.TimelinePage) -> list[str]:
    return [entry.title for entry in page.entries]


def person(cast):
    return db.session.scalars(select(Contact).where(Contact.id == cast.hendrik.contact_id)).one()


def mail(session, contact_id, **values):
    given = {
        "recipient_contact_id": contact_id,
        "key": f"m:{contact_id}:{values.get('subject')}",
        "message_id": f"<{contact_id}.{values.get('subject')}@pentahelix.example>",
        "kind": "invitation",
        "recipient": "hendrik@mitra.example",
        "subject": "Undangan",
        "content": b"",
        "content_sha256": "0" * 64,
        "state": OutboxState.KEPT,
        "next_at": system.now(),
        "made_at": system.now(),
    }
    row = OutboxMessage(**given | values)
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def full(session, cast):
    """One entry of every source, at a partner of Lebak."""
    partner, hendrik = cast.kemasindo, cast.hendrik
    meeting = make.meeting(
        cast.lebak, partner, present=(hendrik,), title="Akses pasar", starts_at=at(3), decisions="Titip jual"
    )
    make.meeting(cast.lebak, partner, title="Evaluasi", starts_at=at(30), status=MeetingStatus.PLANNED)
    held = make.guidance(
        cast.lebak,
        topic="Standar penggorengan",
        starts_at=at(21),
        status=GuidanceStatus.HELD,
        students=18,
        rating="4.6",
        raters=9,
    )
    make.invitation(held, hendrik, attended=True, answer=Answer.ATTENDING)
    coming = make.guidance(cast.lebak, topic="Desain kemasan", starts_at=at(26), partner_id=partner.id)
    make.invitation(coming, hendrik, answer=Answer.ATTENDING, note="datang berdua")
    make.contribution(
        cast.lebak,
        partner,
        title="Resep bumbu",
        kind=ContributionKind.PRODUCT_DESIGN,
        form=ContributionForm.IN_KIND,
        stage=ContributionStage.ADOPTED,
        delivered_on=date(2026, 11, 11),
        value=4_500_000,
        hours=12,
    )
    agreement = make.agreement(cast.lebak, partners=(partner,), title="PKS pendampingan")
    session.add(
        AgreementStep(
            agreement_id=agreement.id,
            user_id=cast.lilis.id,
            to_status=AgreementStatus.SIGNED,
            from_status=AgreementStatus.AWAITING_SIGNATURE,
            taken_at=at(5),
        )
    )
    make.follow_up(
        cast.lebak,
        cast.lilis,
        partner=partner,
        meeting=meeting,
        title="Kirim daftar harga",
        status=FollowUpStatus.DONE,
        completed_on=date(2026, 11, 10),
        result="Sudah dikirim",
    )
    make.follow_up(cast.lebak, cast.lilis, partner=partner, title="Masih terbuka")
    make.contact_log(
        cast.lebak,
        partner,
        cast.lilis,
        contact_id=hendrik.contact_id,
        line="Menanyakan stok",
        contacted_on=TODAY,
    )
    mail(
        session,
        hendrik.contact_id,
        subject="Undangan bimtek",
        cluster_id=cast.lebak.id,
        made_at=at(2),
    )
    old = make.affiliation(
        partner, make.contact(name="Wulan"), begins=date(2026, 1, 5), ends=date(2026, 10, 31)
    )
    session.commit()
    return old


def test_every_kind_of_event_is_there_newest_first_with_the_coming_ones_above(cast, full):
    page = timeline.of_partner(cast.kemasindo)
    assert [(entry.source.name, entry.title) for entry in page.entries] == [
        ("MEETING", "Evaluasi"),
        ("GUIDANCE", "Desain kemasan"),
        ("LOG", "CV Kemasindo Lebak"),
        ("GUIDANCE", "Standar penggorengan"),
        ("CONTRIBUTION", "Resep bumbu"),
        ("FOLLOW_UP", "Kirim daftar harga"),
        ("AGREEMENT", "PKS pendampingan"),
        ("MEETING", "Akses pasar"),
        ("MAIL", "Undangan bimtek"),
        ("LEFT", "Wulan"),
        ("JOINED", "Wulan"),
        ("JOINED", "Hendrik Sasmita"),
        ("BEGAN", cast.lebak.name),
    ]
    assert [entry.is_coming for entry in page.entries] == [True] * 2 + [False] * 11
    assert page.older == 0
    assert page.next is None


def test_an_entry_tells_what_there_is_to_tell(cast, full):
    by_title = {(entry.source, entry.title): entry for entry in timeline.of_partner(cast.kemasindo).entries}
    session = by_title[Source.GUIDANCE, "Standar penggorengan"]
    assert (session.number, session.thousandths, session.word) == (18, 4600, GuidanceStatus.HELD)
    assert [(who.name, who.attended) for who in session.present] == [("Hendrik Sasmita", True)]
    coming = by_title[Source.GUIDANCE, "Desain kemasan"]
    assert [(who.answer, who.note) for who in coming.present] == [(Answer.ATTENDING, "datang berdua")]
    meeting = by_title[Source.MEETING, "Akses pasar"]
    assert (meeting.text, meeting.zone) == ("Titip jual", "Asia/Jakarta")
    assert [who.name for who in meeting.present] == ["Hendrik Sasmita"]
    given = by_title[Source.CONTRIBUTION, "Resep bumbu"]
    assert (given.number, given.thousandths, given.word) == (4_500_000, 12_000, ContributionStage.ADOPTED)
    logged = by_title[Source.LOG, "CV Kemasindo Lebak"]
    assert (logged.text, logged.contact, logged.user_id) == (
        "Menanyakan stok",
        "Hendrik Sasmita",
        cast.lilis.id,
    )
    assert (logged.day, logged.has_hour) == (TODAY, False)


def test_the_kinds_that_occur_are_counted_and_one_can_be_chosen(cast, full):
    page = timeline.of_partner(cast.kemasindo, ["meeting", "log"])
    assert titles(page) == ["Evaluasi", "CV Kemasindo Lebak", "Akses pasar"]
    assert page.chosen == {Kind.MEETING, Kind.LOG}
    assert page.kinds == {
        Kind.MEETING: 2,
        Kind.GUIDANCE: 2,
        Kind.AGREEMENT: 1,
        Kind.CONTRIBUTION: 1,
        Kind.FOLLOW_UP: 1,
        Kind.LOG: 1,
        Kind.MAIL: 1,
        Kind.INVOLVEMENT: 4,
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_can_stand_alone(cast, full, kind):
    page = timeline.of_partner(cast.kemasindo, [kind])
    assert {entry.kind for entry in page.entries} == {kind}
    assert [entry.day for entry in page.entries] == sorted(
        (entry.day for entry in page.entries), reverse=True
    )


def test_an_unknown_kind_and_a_broken_place_show_the_beginning(cast, full):
    page = timeline.of_partner(cast.kemasindo, ["x", "'"], "20269999T000000000000-1-1")
    assert len(page.entries) == 13
    assert page.is_first
    assert timeline.of_partner(cast.kemasindo, [], "DROP TABLE").is_first


def test_what_a_person_took_part_in_is_theirs_wherever_they_worked(session, cast, full):
    other = make.partner(cast.lebak, name="Pasar Menes")
    cast.hendrik.ends = date(2026, 11, 15)
    make.affiliation(other, person(cast), begins=date(2026, 11, 16))
    page = timeline.of_contact(person(cast))
    assert [(entry.source.name, entry.title) for entry in page.entries] == [
        ("GUIDANCE", "Desain kemasan"),
        ("LOG", "CV Kemasindo Lebak"),
        ("GUIDANCE", "Standar penggorengan"),
        ("JOINED", "Pasar Menes"),
        ("LEFT", "CV Kemasindo Lebak"),
        ("MEETING", "Akses pasar"),
        ("MAIL", "Undangan bimtek"),
        ("JOINED", "CV Kemasindo Lebak"),
    ]
    meeting = next(entry for entry in page.entries if entry.source == Source.MEETING)
    assert [who.organisation for who in meeting.present] == ["CV Kemasindo Lebak"]


def test_a_coordinator_does_not_see_what_another_cluster_did_with_the_same_partner(
    session, cast, full, acting_as
):
    partner = cast.kemasindo
    make.involvement(cast.pandeglang, partner, since=date(2026, 11, 1))
    make.meeting(cast.pandeglang, partner, present=(cast.hendrik,), title="Di Pandeglang")
    foreign = make.guidance(cast.pandeglang, topic="Bimtek Pandeglang", partner_id=partner.id)
    make.invitation(foreign, cast.hendrik)
    make.contact_log(cast.pandeglang, partner, cast.ujang, line="Dari Pandeglang")
    make.contribution(
        cast.pandeglang,
        partner,
        title="Untuk Pandeglang",
        stage=ContributionStage.DELIVERED,
        delivered_on=TODAY,
    )
    make.follow_up(
        cast.pandeglang,
        cast.ujang,
        partner=partner,
        title="Urusan Pandeglang",
        status=FollowUpStatus.DONE,
        completed_on=TODAY,
    )
    elsewhere = make.agreement(cast.pandeglang, partners=(partner,), title="PKS Pandeglang")
    session.add(
        AgreementStep(agreement_id=elsewhere.id, to_status=AgreementStatus.SIGNED, taken_at=system.now())
    )
    mail(
        session,
        cast.hendrik.contact_id,
        subject="Surel Pandeglang",
        cluster_id=cast.pandeglang.id,
    )
    assert len(timeline.of_partner(partner).entries) == 20  # all 21 of them for those who see everything
    with acting_as(cast.lilis):
        hers = timeline.of_partner(partner)
        assert len(hers.entries) == 13
        assert not [title for title in titles(hers) if "Pandeglang" in title]
        assert sum(hers.kinds.values()) == 13
        assert not [t for t in titles(timeline.of_contact(person(cast))) if "Pandeglang" in t]
    with acting_as(cast.ujang):
        his = timeline.of_partner(partner)
        assert {"Di Pandeglang", "Bimtek Pandeglang", "PKS Pandeglang", "Surel Pandeglang"} < set(titles(his))
        assert not {"Akses pasar", "Evaluasi", "Undangan bimtek"} & set(titles(his))


def test_a_mail_tells_what_it_is_to_whom_and_whether_it_arrived(session, cast):
    sent = mail(
        session,
        cast.hendrik.contact_id,
        subject="[Mohon konfirmasi] Desain kemasan",
        kind=MailKind.INVITATION,
        state=OutboxState.REFUSED,
        cluster_id=cast.lebak.id,
    )
    (entry,) = timeline.of_partner(cast.kemasindo, ["mail"]).entries
    assert (entry.title, entry.mail_kind) == ("[Mohon konfirmasi] Desain kemasan", MailKind.INVITATION)
    assert (entry.contact, entry.word, entry.ref) == ("Hendrik Sasmita", OutboxState.REFUSED, sent.id)


def test_every_answer_stays_as_it_was_given(session, cast):
    guidance = make.guidance(cast.lebak, topic="Desain kemasan", starts_at=at(26))
    invitation = make.invitation(guidance, cast.hendrik)
    for day, values in (
        (10, {"answer": Answer.PROPOSED, "proposed_starts_at": at(27, 13), "note": "ada panen"}),
        (12, {"answer": Answer.REPRESENTED, "delegate_name": "Wulan", "on_behalf_user_id": cast.lilis.id}),
    ):
        session.add(InvitationAnswer(invitation_id=invitation.id, sequence=0, answered_at=at(day), **values))
    session.flush()
    page = timeline.of_partner(cast.kemasindo, ["guidance"])
    meeting, last, first = page.entries
    assert (meeting.source, last.source, first.source) == (Source.GUIDANCE, Source.ANSWER, Source.ANSWER)
    assert (first.word, first.other_at, first.text, first.user) == (
        Answer.PROPOSED, at(27, 13), "ada panen", None,
    )  # fmt: skip
    assert (last.word, last.detail, last.user_id, last.contact) == (
        Answer.REPRESENTED, "Wulan", cast.lilis.id, "Hendrik Sasmita",
    )  # fmt: skip
    assert last.ref == guidance.id
    assert titles(timeline.of_contact(person(cast), ["guidance"])) == ["Desain kemasan"] * 3


def test_a_prepared_whatsapp_message_is_told_to_those_of_its_cluster(cast, acting_as):
    make.involvement(cast.pandeglang, cast.kemasindo)
    guidance = make.guidance(cast.pandeglang, topic="Desain kemasan")
    make.invitation(guidance, cast.hendrik, whatsapp_at=at(20))
    (entry,) = timeline.of_partner(cast.kemasindo, ["log"]).entries
    assert (entry.source, entry.title, entry.contact) == (
        Source.WHATSAPP, "Desain kemasan", "Hendrik Sasmita",
    )  # fmt: skip
    with acting_as(cast.lilis):
        assert timeline.of_partner(cast.kemasindo, ["log"]).entries == []


def test_secret_and_obsolete_mails_are_never_shown(session, cast):
    about = {"cluster_id": cast.lebak.id}
    mail(session, cast.hendrik.contact_id, subject="Tautan masuk", is_secret=True, **about)
    mail(session, cast.hendrik.contact_id, subject="Batal", state=OutboxState.OBSOLETE, **about)
    assert Kind.MAIL not in timeline.of_partner(cast.kemasindo).kinds


def test_archived_records_are_left_out(session, cast):
    make.meeting(cast.lebak, cast.kemasindo, archived_at=system.now())
    make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, archived_at=system.now())
    assert set(timeline.of_partner(cast.kemasindo).kinds) == {Kind.INVOLVEMENT}


def test_the_pages_show_each_entry_once_also_when_one_comes_in_between(session, cast):
    partner = make.partner(cast.lebak)
    for number in range(70):
        # Many share a day, and days share their hour with meetings of 19.00.
        make.contact_log(
            cast.lebak, partner, cast.lilis, contacted_on=TODAY - timedelta(days=number % 5), line=f"{number}"
        )
    for number in range(25):
        make.meeting(cast.lebak, partner, starts_at=at(20 + number % 4, 19), title=f"Rapat {number}")
    seen: list[tuple[Source, int]] = []
    before, older = None, []
    while True:
        page = timeline.of_partner(partner, (), before)
        seen += [(entry.source, entry.id) for entry in page.entries]
        older.append(page.older)
        before = page.next
        if before is None:
            break
        make.contact_log(cast.lebak, partner, cast.lilis, line="baru saja")
    assert len(seen) == len(set(seen)) == 96
    assert older == [76, 56, 36, 16, 0]


def test_a_day_stays_the_same_day_and_stands_above_the_hours_of_that_day(session, cast):
    partner = make.partner()
    east = make.cluster(timezone="Asia/Jayapura")
    make.meeting(east, partner, title="Pagi", starts_at=at(23, 4))
    make.contact_log(east, partner, cast.ujang, contacted_on=date(2026, 11, 23))
    make.meeting(east, partner, title="Lusa", starts_at=at(26, 9), status=MeetingStatus.PLANNED)
    page = timeline.of_partner(partner)
    assert [entry.source.name for entry in page.entries] == ["MEETING", "LOG", "MEETING"]
    assert [entry.day.day for entry in page.entries] == [26, 23, 23]


def test_c103_two_statements_however_long_the_history(session, cast, statements):
    partner = make.partner(cast.lebak)
    people = [make.affiliation(partner) for _ in range(3)]

    def grow(times: int) -> None:
        for _ in range(times):
            make.meeting(cast.lebak, partner, present=tuple(people))
            make.invitation(make.guidance(cast.lebak), people[0])
            make.contact_log(cast.lebak, partner, cast.lilis)

    def count() -> int:
        session.flush()
        with statements() as ran:
            timeline.of_partner(partner)
        return len(ran)

    grow(1)
    assert count() == 2
    grow(60)
    assert count() == 2
