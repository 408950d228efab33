"""The pages of guidance sessions: planning, warnings, inviting, proposals, answers for others, outcome."""

from datetime import datetime
from decimal import Decimal

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.models import Contact, FollowUp, GuidanceSchool, GuidanceSession, Invitation, OutboxMessage
from pentahelix.services import tokens
from pentahelix.vocabulary import (
    Answer,
    FollowUpSource,
    GuidanceStatus,
    InvitationRole,
    MailKind,
    OutboxState,
    TokenPurpose,
)
from tests import factories as make
from tests.clients import forms_of, words

NEW = "/guidance/new"
CHRISTMAS = "Jumat, 25 Desember 2026 adalah Hari Raya Natal."


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def thursday(cast):
    """A session in Lebak, to which Hendrik is invited, by mail."""
    guidance = make.guidance(
        cast.lebak,
        topic="Desain kemasan",
        starts_at=at("2026-11-26T09:00"),
        ends_at=at("2026-11-26T11:30"),
        place="SMKN 1 Kalanganyar",
        organiser_user_id=cast.lilis.id,
    )
    make.invitation(guidance, cast.hendrik, mailed_sequence=0)
    return guidance


def at(text):
    return datetime.fromisoformat(f"{text}+07:00")


def the_guidance(session):
    return session.scalars(select(GuidanceSession)).one()


def the_invitation(session):
    return session.scalars(select(Invitation)).one()


def mails(session, kind):
    return session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.kind == kind))


def plan(hers, cast, **fields):
    given = {
        "topic": "Desain kemasan",
        "day": "2026-11-26",
        "starts": "09.00",
        "ends": "11.30",
        "participant_ids": [str(cast.hendrik.id)],
    }
    return hers.fill(NEW, given | fields)


def proposing(session, cast, guidance, day="2026-12-01T13:00", **values):
    invitation = session.scalars(select(Invitation).where(Invitation.guidance_id == guidance.id)).one()
    invitation.answer, invitation.answered_at = Answer.PROPOSED, system.now()
    invitation.proposed_starts_at, invitation.note = at(day), "Kamis ada audit."
    for name, value in values.items():
        setattr(invitation, name, value)
    session.flush()
    return invitation


# ---------------------------------------------------------------------------- planning


def test_a_session_is_planned_and_everybody_is_invited(session, cast, hers):
    speaker = make.affiliation(cast.kemasindo, make.contact(name="Dr. Yusuf Maulana"))
    school = make.school(cast.lebak)
    answer = plan(
        hers, cast, speaker_ids=[str(speaker.id)], school_ids=[str(school.id)], capacity="24", place="Aula"
    )
    guidance = the_guidance(session)
    assert (answer.status_code, answer.location) == (303, f"/guidance/{guidance.id}")
    assert (guidance.starts_at, guidance.ends_at) == (at("2026-11-26T09:00"), at("2026-11-26T11:30"))
    assert guidance.organiser_user_id == cast.lilis.id
    roles = dict(session.execute(select(Invitation.affiliation_id, Invitation.role)).all())
    assert roles == {cast.hendrik.id: InvitationRole.PARTICIPANT, speaker.id: InvitationRole.SPEAKER}
    assert session.scalars(select(GuidanceSchool.school_id)).all() == [school.id]
    assert mails(session, MailKind.INVITATION) == 2
    page = words(hers.get(answer.location))
    assert "Bimbingan direncanakan; undangan dikirim kepada 2 orang." in page
    for said in (
        "09.00–11.30 WIB",
        "kapasitas 24",
        "narasumber Yusuf Maulana",
        "Hendrik Sasmita",
        school.name,
    ):
        assert said in page


def test_the_form_begins_on_the_next_working_day_with_the_partner_of_the_address(cast, hers, clock):
    clock.set("2026-11-27T16:00+07:00")
    (form,) = [f for f in forms_of(hers.get(f"{NEW}?partner={cast.kemasindo.id}")) if "topic" in f.names]
    assert form.fields["day"] == ["2026-11-30"]
    assert form.fields["starts"] == ["09:00"]
    assert form.fields["participant_ids"] == [str(cast.hendrik.id)]
    assert form.options["participant_ids"] == [str(cast.hendrik.id)]


def test_a_holiday_is_named_and_the_next_working_day_is_one_press_away(session, cast, hers):
    """Without JavaScript; what was typed stays."""
    warned = plan(hers, cast, day="2026-12-25", description="Bawa contoh.")
    assert warned.status_code == 422
    assert CHRISTMAS in words(warned)
    assert session.scalars(select(GuidanceSession)).all() == []
    moved = hers.send(warned, {"act": "next_day"})
    assert moved.status_code == 200
    (form,) = [f for f in forms_of(moved) if "topic" in f.names]
    assert form.fields["day"] == ["2026-12-28"]
    assert form.fields["topic"] == ["Desain kemasan"]
    assert form.fields["description"][0].strip() == "Bawa contoh."
    assert form.fields["participant_ids"] == [str(cast.hendrik.id)]
    assert CHRISTMAS not in words(moved)
    assert hers.send(moved).status_code == 303
    assert the_guidance(session).starts_at == at("2026-12-28T09:00")


def test_a_warning_never_forbids_the_second_press_goes_through(session, cast, hers):
    warned = plan(hers, cast, day="2026-11-28")
    assert warned.status_code == 422
    assert "Sabtu, 28 November 2026 jatuh pada akhir pekan." in words(warned)
    assert "tekan “Rencanakan bimbingan” sekali lagi" in words(warned)
    assert hers.send(warned).status_code == 303
    assert the_guidance(session).starts_at == at("2026-11-28T09:00")


def test_another_warning_after_the_first_is_shown_before_it_goes_through(cast, hers):
    warned = plan(hers, cast, day="2026-11-28")
    again = hers.send(warned, {"day": "2026-12-25"})
    assert again.status_code == 422
    assert CHRISTMAS in words(again)
    assert hers.send(again).status_code == 303


def test_a_clash_outside_ones_clusters_says_the_hours_and_no_more(session, cast, hers):
    make.involvement(cast.pandeglang, cast.kemasindo)
    secret = make.guidance(
        cast.pandeglang,
        topic="Rahasia Pandeglang",
        starts_at=at("2026-11-26T10:00"),
        ends_at=at("2026-11-26T12:00"),
    )
    make.invitation(secret, cast.hendrik)
    warned = plan(hers, cast)
    assert warned.status_code == 422
    assert "Hendrik Sasmita sudah diundang ke kegiatan lain, 10.00–12.00 WIB" in words(warned)
    assert "Rahasia" not in warned.text
    assert f"/guidance/{secret.id}" not in warned.text
    assert hers.send(warned).status_code == 303


def test_a_clash_inside_ones_clusters_is_linked(cast, hers, thursday):
    warned = plan(hers, cast, topic="Label halal")
    assert "Hendrik Sasmita juga diundang ke Desain kemasan , 09.00–11.30 WIB" in words(warned)
    assert f'href="/guidance/{thursday.id}"' in warned.text


def test_what_may_be_a_mistake_is_told_while_it_is_entered(cast, hers, thursday):
    query = f"cluster_id={cast.lebak.id}&starts=10:00&ends=11:00&participant_ids={cast.hendrik.id}"
    part = hers.get(f"/guidance/check?{query}&day=2026-11-26")
    assert (part.status_code, part.headers["Cache-Control"]) == (200, "no-store")
    assert "juga diundang ke" in part.text
    holiday = hers.get(f"/guidance/check?{query}&day=2026-12-25")
    assert CHRISTMAS in holiday.text
    assert 'data-day="2026-12-28"' in holiday.text
    seen = holiday.text.split('data-seen="')[1].split('"')[0]
    assert (
        hers.fill(
            NEW,
            topic="x",
            day="2026-12-25",
            starts="10.00",
            ends="11.00",
            participant_ids=[str(cast.hendrik.id)],
            seen=seen,
        ).status_code
        == 303
    )


def test_moving_a_session_and_adding_people_are_checked_as_they_are_entered(cast, hers, thursday):
    other = make.guidance(
        cast.lebak,
        topic="Label halal",
        starts_at=at("2026-11-27T09:00"),
        ends_at=at("2026-11-27T12:00"),
    )
    make.invitation(other, cast.hendrik)
    check = f"/guidance/check?cluster_id={cast.lebak.id}"
    moved = hers.get(f"{check}&but={thursday.id}&day=2026-11-27&starts=09:00&ends=11:00")
    assert "Label halal" in moved.text
    added = hers.get(f"{check}&but={other.id}&participant_ids={cast.hendrik.id}")
    assert "Desain kemasan" not in added.text
    again = hers.get(f"{check}&but={thursday.id}&participant_ids={cast.hendrik.id}")
    assert "note" not in again.text
    assert hers.get(f"{check}&but=999999").status_code == 404


def test_hundreds_may_be_invited_and_all_of_them_are_checked(cast, hers, thursday):
    """An address longer than 4,094 letters is refused by the server before anybody reads it."""
    crowd = [make.affiliation(cast.kemasindo).id for _ in range(300)]
    ids = ".".join(str(number) for number in [*crowd, cast.hendrik.id])
    hours = "day=2026-11-26&starts=10%3A00&ends=11%3A00"
    check = f"/guidance/check?cluster_id={cast.lebak.id}&{hours}&participant_ids={ids}"
    assert "juga diundang ke" in hers.get(check).text


@pytest.mark.parametrize("query", ["", "day=besok&starts=x&participant_ids=%00", "cluster_id=999999"])
def test_c71_a_broken_check_answers_404_or_nothing_and_no_more(cast, hers, query):
    assert hers.get(f"/guidance/check?{query}").status_code == 404
    own = hers.get(f"/guidance/check?cluster_id={cast.lebak.id}&{query}")
    assert own.status_code == 200
    assert "note" not in own.text


def test_c65_the_check_tells_nothing_about_people_of_other_clusters(session, cast, hers):
    theirs = make.guidance(cast.pandeglang, starts_at=at("2026-11-26T10:00"), ends_at=at("2026-11-26T12:00"))
    make.invitation(theirs, cast.siti)
    query = f"day=2026-11-26&starts=10:00&ends=11:00&participant_ids={cast.siti.id}"
    assert "Siti" not in hers.get(f"/guidance/check?cluster_id={cast.lebak.id}&{query}").text
    assert hers.get(f"/guidance/check?cluster_id={cast.pandeglang.id}&{query}").status_code == 404


def test_c25_a_time_that_has_passed_is_refused_at_its_field_with_the_limit(cast, hers):
    refused = plan(hers, cast, day="2026-11-24", starts="06.50", ends="08.00")
    assert refused.status_code == 422
    assert "07.00 WIB" in words(refused)
    (form,) = [f for f in forms_of(refused) if "topic" in f.names]
    assert form.wrong == {"starts"}
    yesterday = plan(hers, cast, day="2026-11-23")
    (form,) = [f for f in forms_of(yesterday) if "topic" in f.names]
    assert form.wrong == {"day"}


@pytest.mark.parametrize("ends", ["09.00", "08.00"])
def test_c26_a_session_that_ends_before_it_starts_is_refused_at_the_field(cast, hers, ends):
    refused = plan(hers, cast, ends=ends)
    assert refused.status_code == 422
    assert "Harus sesudah jam mulai (09.00)." in words(refused)


def test_c12_a_broken_date_is_called_so_and_kept(cast, hers):
    refused = plan(hers, cast, day="31/02/2027")
    assert "Tanggal tidak sah; tulis hh/bb/tttt." in words(refused)
    assert "31/02/2027" in refused.text
    assert "Wajib diisi." not in refused.text


def test_c55_an_address_that_was_refused_is_told_before_anything_is_sent(session, cast, hers):
    contact = session.get(Contact, cast.hendrik.contact_id)
    contact.phone = "+6281200000012"
    session.add(
        OutboxMessage(
            recipient_contact_id=contact.id,
            cluster_id=cast.lebak.id,
            key="lama",
            message_id="lama@pentahelix.example",
            kind=MailKind.INVITATION,
            recipient=contact.email,
            subject="Undangan",
            content_sha256="0" * 64,
            state=OutboxState.REFUSED,
            next_at=system.now(),
            made_at=system.now(),
        )
    )
    assert "surel ditolak" in words(hers.get(NEW))
    warned = plan(hers, cast)
    assert warned.status_code == 422
    assert "alamatnya ditolak. Undang lewat WhatsApp atau telepon, 0812-0000-0012." in words(warned)
    assert mails(session, MailKind.INVITATION) == 1
    assert hers.send(warned).status_code == 303


def test_whom_no_mail_reaches_is_counted_apart(session, cast, hers):
    session.get(Contact, cast.hendrik.contact_id).email = None
    assert "tanpa surel" in words(hers.get(NEW))
    page = words(hers.get(plan(hers, cast).location))
    assert "1 orang tidak dapat disurati; undang lewat WhatsApp atau telepon." in page
    assert "Tanpa surel" in page


def test_c73_the_same_form_twice_plans_one_session(session, cast, hers):
    shown = hers.get(NEW)
    fields = {"topic": "Label", "participant_ids": [str(cast.hendrik.id)]}
    first, second = hers.send(shown, fields), hers.send(shown, fields)
    assert first.location == second.location
    assert mails(session, MailKind.INVITATION) == 1


def test_with_several_clusters_the_people_follow_the_chosen_one(session, cast, browser_of):
    make.membership(cast.lilis, cast.pandeglang)
    hers = browser_of(cast.lilis)
    shown = hers.get(f"{NEW}?cluster={cast.pandeglang.id}")
    assert "Siti Rahmawati" in shown.text
    assert "Hendrik" not in shown.text
    other = hers.send(shown, {"act": "cluster", "cluster_id": str(cast.lebak.id), "topic": "Label halal"})
    assert "Hendrik Sasmita" in other.text
    assert "Label halal" in other.text


# ---------------------------------------------------------------------------- the page


def test_the_page_names_who_is_invited_and_what_they_answered(session, cast, hers, thursday):
    invitation = the_invitation(session)
    invitation.answer, invitation.answered_at = Answer.ATTENDING, at("2026-11-23T16:20")
    invitation.note, invitation.on_behalf_user_id = "Perlu proyektor", cast.lilis.id
    page = words(hers.get(f"/guidance/{thursday.id}"))
    for said in ("Hendrik Sasmita", "CV Kemasindo Lebak", "kemarin, 16.20", "Perlu proyektor", "atas nama"):
        assert said in page
    assert "Ingatkan" not in page


def test_a_proposal_stands_first_and_tells_what_accepting_it_does(session, cast, hers, thursday):
    other = make.affiliation(cast.kemasindo, make.contact(name="Sri Wahyuni"))
    proposing(session, cast, thursday)
    make.invitation(thursday, other, answer=Answer.ATTENDING)
    shown = hers.get(f"/guidance/{thursday.id}")
    page = words(shown)
    assert "Usulan waktu dari Hendrik Sasmita" in page
    assert "Selasa, 1 Desember 2026, 13.00–15.30 WIB" in page
    assert "1 undangan akan ditanya ulang" in page
    assert "Bukan hari libur" in page
    assert shown.text.index("Terima usulan") < shown.text.index("<table")


def test_a_proposal_on_a_holiday_says_so(session, cast, hers, thursday):
    proposing(session, cast, thursday, "2026-12-25T13:00")
    assert CHRISTMAS in words(hers.get(f"/guidance/{thursday.id}"))


def test_a_proposal_is_accepted_in_one_press(session, cast, hers, thursday):
    invitation = proposing(session, cast, thursday)
    shown = hers.get(f"/guidance/{thursday.id}")
    answer = hers.send(shown, form=f"/invitations/{invitation.id}/accept")
    assert answer.status_code == 303
    assert the_guidance(session).starts_at == at("2026-12-01T13:00")
    assert the_invitation(session).answer == Answer.ATTENDING
    assert "Usulan diterima" in words(hers.get(answer.location))


@pytest.mark.parametrize("page", ["/today", "/waiting"])
def test_a_proposal_is_accepted_in_one_press_where_it_waits(session, cast, hers, thursday, page):
    invitation = proposing(session, cast, thursday)
    answer = hers.send(hers.get(page), form=f"/invitations/{invitation.id}/accept")
    assert answer.status_code == 303
    assert the_guidance(session).starts_at == at("2026-12-01T13:00")


def test_a_proposal_that_changed_meanwhile_is_shown_again_before_it_is_accepted(
    session, cast, hers, thursday
):
    invitation = proposing(session, cast, thursday)
    shown = hers.get(f"/guidance/{thursday.id}")
    invitation.proposed_starts_at = at("2026-12-02T08:00")
    session.commit()
    refused = hers.send(shown, form=f"/invitations/{invitation.id}/accept")
    assert refused.status_code == 409
    assert "Rabu, 2 Desember 2026" in words(refused)
    assert the_guidance(session).starts_at == at("2026-11-26T09:00")


def test_a_proposal_is_not_taken_and_its_maker_asked_again(session, cast, hers, thursday):
    invitation = proposing(session, cast, thursday)
    shown = hers.get(f"/guidance/{thursday.id}")
    answer = hers.send(shown, form=f"/invitations/{invitation.id}/keep")
    assert "Jadwal semula tetap; Hendrik Sasmita ditanya sekali lagi." in words(hers.get(answer.location))
    assert the_invitation(session).answer == Answer.NONE
    assert mails(session, MailKind.TIME_KEPT) == 1


def test_a_proposal_whose_time_has_passed_can_only_be_declined(session, cast, hers, thursday, clock):
    proposing(session, cast, thursday, "2026-11-25T13:00")
    clock.set("2026-11-25T14:00+07:00")
    page = hers.get(f"/guidance/{thursday.id}")
    assert "Waktu ini sudah lewat." in words(page)
    assert "Terima usulan" not in page.text


def test_c29_somebody_elsewhere_reads_their_own_hour_in_brackets(session, cast, browser_of, thursday):
    cast.lilis.timezone = "Asia/Jayapura"
    assert "09.00–11.30 WIB (11.00–13.30 WIT)" in words(
        browser_of(cast.lilis).get(f"/guidance/{thursday.id}")
    )


def test_c05_a_topic_of_a_thousand_letters_stands_whole_on_its_page(session, cast, hers):
    refused = plan(hers, cast, topic="a" * 1001)
    assert "paling banyak 1.000 karakter" in refused.text
    assert "a" * 1000 in hers.get(plan(hers, cast, topic="a" * 1000).location).text


def test_follow_ups_from_the_session_stand_on_its_page(session, cast, hers, thursday):
    make.follow_up(
        cast.lebak,
        cast.lilis,
        title="Kirim contoh",
        guidance_id=thursday.id,
        source_kind=FollowUpSource.GUIDANCE,
    )
    assert "Kirim contoh" in words(hers.get(f"/guidance/{thursday.id}"))


def test_a_follow_up_is_made_from_the_session(session, cast, hers, thursday, clock):
    clock.set("2026-11-26T12:00+07:00")
    hers.fill(f"/guidance/{thursday.id}/record", outcome="Jadi.")
    assert f"/follow-ups/new?guidance={thursday.id}" in hers.get(f"/guidance/{thursday.id}").text
    shown = hers.get(f"/follow-ups/new?guidance={thursday.id}")
    assert "Dari bimbingan: Desain kemasan" in words(shown)
    hers.send(shown, {"title": "Kirim contoh"})
    follow_up = session.scalars(select(FollowUp)).one()
    assert (follow_up.source_kind, follow_up.guidance_id) == (FollowUpSource.GUIDANCE, thursday.id)


def test_what_will_go_out_by_itself_is_told(session, cast, hers, thursday):
    invitation = the_invitation(session)
    invitation.answer, invitation.answered_at = Answer.ATTENDING, system.now()
    assert "Pengingat Atur besok, 08.00 WIB kepada 1 orang" in words(hers.get(f"/guidance/{thursday.id}"))


def test_its_history_can_be_read(cast, hers, thursday):
    hers.fill(f"/guidance/{thursday.id}/edit", topic="Desain kemasan baru")
    link = f"/trail/guidance_session/{thursday.id}"
    assert link in hers.get(f"/guidance/{thursday.id}").text
    assert "Desain kemasan baru" in words(hers.get(link))


def test_the_calendar_file_is_for_reading_only(cast, hers, thursday):
    answer = hers.get(f"/guidance/{thursday.id}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    calendar = Calendar.from_ical(answer.text)
    assert calendar["METHOD"] == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == at("2026-11-26T09:00")


# ---------------------------------------------------------------------------- changing it


def test_c37_a_corrected_topic_mails_nobody_and_loses_no_answer(session, cast, hers, thursday):
    invitation = the_invitation(session)
    invitation.answer, invitation.answered_at = Answer.ATTENDING, system.now()
    answer = hers.fill(f"/guidance/{thursday.id}/edit", topic="Desain kemasan baru")
    assert answer.status_code == 303
    assert the_guidance(session).topic == "Desain kemasan baru"
    assert the_invitation(session).answer == Answer.ATTENDING
    assert session.scalar(select(func.count(OutboxMessage.id))) == 0


def test_another_place_is_told_in_one_mail(session, cast, hers, thursday):
    answer = hers.fill(f"/guidance/{thursday.id}/edit", place="Aula")
    assert mails(session, MailKind.PLACE_CHANGED) == 1
    assert "“Tempat berubah”" in words(hers.get(answer.location))


def test_another_time_tells_before_how_many_are_asked_again(session, cast, hers, thursday):
    shown = hers.get(f"/guidance/{thursday.id}/reschedule")
    assert "1 undangan akan ditanya ulang" in words(shown)
    warned = hers.send(shown, {"day": "2026-12-25"})
    assert warned.status_code == 422
    assert CHRISTMAS in words(warned)
    moved = hers.send(warned, {"act": "next_day"})
    answer = hers.send(moved)
    assert "Jadwal diubah; 1 orang ditanya ulang." in words(hers.get(answer.location))
    assert the_guidance(session).starts_at == at("2026-12-28T09:00")


def test_two_people_at_one_session_see_each_others_text(session, cast, hers, thursday):
    shown = hers.get(f"/guidance/{thursday.id}/edit")
    thursday.topic = "Topik rekan"
    session.commit()
    conflict = hers.send(shown, {"topic": "Topik saya"})
    assert conflict.status_code == 409
    assert "Topik rekan" in conflict.text
    assert "Topik saya" in conflict.text
    assert hers.send(conflict).status_code == 303


def test_a_cancelled_session_keeps_its_reason(session, cast, hers, thursday):
    shown = hers.get(f"/guidance/{thursday.id}/cancel")
    assert "Kabar pembatalan dikirim kepada 1 orang" in words(shown)
    answer = hers.send(shown, {"reason": "Ruangnya dipakai ujian."})
    page = words(hers.get(answer.location))
    assert "Bimbingan dibatalkan; kabar dikirim kepada 1 orang." in page
    assert "Ruangnya dipakai ujian." in page
    assert hers.get(f"/guidance/{thursday.id}/edit").status_code == 409


def test_it_is_archived_and_restored_and_reads_on_meanwhile(session, cast, hers, thursday):
    answer = hers.press(f"/guidance/{thursday.id}/archive")
    page = hers.get(answer.location)
    assert "Bimbingan ini diarsipkan" in words(page)
    assert "Jadwalkan ulang" not in words(page)
    for address in ("edit", "reschedule", "invite", "cancel", "record"):
        assert hers.get(f"/guidance/{thursday.id}/{address}").status_code == 409
    assert hers.press(f"/guidance/{thursday.id}/restore").status_code == 303
    assert the_guidance(session).archived_at is None


# ---------------------------------------------------------------------------- the invited


def test_more_people_are_invited_and_those_there_are_not_offered(session, cast, hers, thursday):
    sri = make.affiliation(cast.kemasindo, make.contact(name="Sri Wahyuni"))
    shown = hers.get(f"/guidance/{thursday.id}/invite")
    assert "Hendrik" not in shown.text
    nobody = hers.send(shown)
    assert "Pilih paling sedikit satu orang." in words(nobody)
    answer = hers.send(shown, {"participant_ids": [str(sri.id)]})
    assert "Undangan dikirim kepada 1 orang." in words(hers.get(answer.location))


def test_c39_who_declined_can_be_invited_again(session, cast, hers, thursday):
    invitation = the_invitation(session)
    invitation.answer, invitation.answered_at = Answer.DECLINED, system.now()
    assert (
        hers.fill(f"/guidance/{thursday.id}/invite", participant_ids=[str(cast.hendrik.id)]).status_code
        == 303
    )
    assert the_invitation(session).answer == Answer.NONE
    assert mails(session, MailKind.INVITATION) == 1


def test_only_the_silent_are_reminded_and_not_twice_a_day(session, cast, hers, thursday):
    make.invitation(
        thursday, make.affiliation(cast.kemasindo, make.contact(name="Sri")), answer=Answer.ATTENDING
    )
    page = hers.get(f"/guidance/{thursday.id}")
    assert "Ingatkan 1 yang belum" in words(page)
    answer = hers.send(page, form=f"/guidance/{thursday.id}/nudge")
    after = words(hers.get(answer.location))
    assert "Pengingat dikirim kepada 1 orang." in after
    assert "Ingatkan" not in after
    again = hers.press(f"/guidance/{thursday.id}/nudge")
    assert "Tidak ada yang diingatkan" in words(hers.get(again.location))
    assert mails(session, MailKind.NUDGE) == 1


def test_one_person_is_reminded_alone(session, cast, hers, thursday):
    make.invitation(thursday, make.affiliation(cast.kemasindo, make.contact(name="Sri")), mailed_sequence=0)
    first = session.scalars(select(Invitation.id).order_by(Invitation.id)).first()
    hers.press(f"/invitations/{first}/nudge")
    assert mails(session, MailKind.NUDGE) == 1


def test_the_buttons_of_a_page_share_a_form_and_each_does_its_own(session, cast, hers, thursday):
    make.invitation(thursday, make.affiliation(cast.kemasindo, make.contact(name="Sri")), mailed_sequence=0)
    page = hers.get(f"/guidance/{thursday.id}")
    both = [f"/invitations/{number}/nudge" for number in session.scalars(select(Invitation.id))]
    assert page.text.count('id="acts"') == 1
    for address in both:
        assert hers.send(page, form=address).status_code == 303
    assert mails(session, MailKind.NUDGE) == 2, "two acts, though their key is one"
    for address in both:
        hers.send(page, form=address)
    assert mails(session, MailKind.NUDGE) == 2, "the same act, sent again"


def test_c36_an_answer_by_telephone_is_marked_as_written_down_for_them_to_both_sides(
    session, cast, hers, thursday, client
):
    """C36, as far as no program reads the mailbox: what came another way, a coordinator writes down."""
    invitation = the_invitation(session)
    link = f"/u/{tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)}"
    assert f"/invitations/{invitation.id}/answer" in hers.get(f"/guidance/{thursday.id}").text
    answer = hers.fill(f"/invitations/{invitation.id}/answer", answer="attending", note="Lewat telepon")
    assert answer.status_code == 303
    invitation = the_invitation(session)
    assert (invitation.answer, invitation.on_behalf_user_id) == (Answer.ATTENDING, cast.lilis.id)
    assert "dijawab oleh Lilis Nurhayati Agustin atas nama" in words(hers.get(answer.location))
    told = words(client.get(link))
    assert "Dicatat oleh Lilis Nurhayati Agustin, S.E. atas nama Bapak/Ibu, Selasa, 24 November 2026" in told
    # Whoever says the same themselves has answered, and nobody for them.
    assert client.post(link, data={"answer": "attending", "note": "Lewat telepon"}).status_code == 303
    assert the_invitation(session).on_behalf_user_id is None
    assert "atas nama" not in words(client.get(link))
    assert "dijawab oleh" not in words(hers.get(answer.location))


def test_an_answer_for_somebody_who_answered_meanwhile_shows_theirs_first(session, cast, hers, thursday):
    invitation = the_invitation(session)
    shown = hers.get(f"/invitations/{invitation.id}/answer")
    invitation.answer, invitation.answered_at = Answer.ATTENDING, system.now()
    invitation.note = "Saya datang berdua."
    session.commit()
    conflict = hers.send(shown, {"answer": "declined", "note": "Katanya sakit."})
    assert conflict.status_code == 409
    assert "Saya datang berdua." in conflict.text
    assert "Katanya sakit." in conflict.text
    assert the_invitation(session).answer == Answer.ATTENDING
    assert hers.send(conflict).status_code == 303
    assert the_invitation(session).answer == Answer.DECLINED


def test_an_answer_without_what_belongs_to_it_is_refused_at_the_field(session, cast, hers, thursday):
    address = f"/invitations/{the_invitation(session).id}/answer"
    refused = hers.fill(address, answer="represented")
    assert refused.status_code == 422
    (form,) = [f for f in forms_of(refused) if "answer" in f.names]
    assert "delegate_name" in form.wrong


def test_a_whatsapp_text_carries_a_fresh_link_made_by_the_button(session, cast, hers, thursday):
    session.get(Contact, cast.hendrik.contact_id).phone = "+6281200000012"
    address = f"/invitations/{the_invitation(session).id}/whatsapp"
    shown = hers.get(address)
    assert "/u/" not in shown.text
    assert the_invitation(session).whatsapp_at is None
    prepared = hers.press(address)
    assert (prepared.status_code, prepared.headers["Cache-Control"]) == (200, "no-store")
    assert "/u/" in prepared.text
    assert "https://wa.me/6281200000012" in prepared.text
    assert the_invitation(session).whatsapp_at == system.now()


def test_a_whatsapp_text_without_a_place_says_how_one_meets(session, cast, hers, thursday):
    thursday.place = None
    prepared = hers.press(f"/invitations/{the_invitation(session).id}/whatsapp")
    assert "WIB, luring. Mohon jawaban" in words(prepared)


def test_one_person_is_uninvited_after_a_question(session, cast, hers, thursday):
    invitation = the_invitation(session)
    address = f"/invitations/{invitation.id}/uninvite"
    assert "menerima surel pembatalan" in words(hers.get(address))
    answer = hers.press(address)
    page = words(hers.get(answer.location))
    assert "Undangan Hendrik Sasmita dibatalkan; kabar dikirim." in page
    assert "1 undangan dibatalkan" in page
    assert mails(session, MailKind.UNINVITED) == 1
    assert hers.get(address).status_code == 409


def test_once_it_has_begun_nothing_is_asked_any_more(session, cast, hers, thursday, clock):
    clock.set("2026-11-26T09:00+07:00")
    invitation = the_invitation(session)
    for address in (
        f"/invitations/{invitation.id}/nudge",
        f"/invitations/{invitation.id}/accept",
        f"/invitations/{invitation.id}/keep",
        f"/guidance/{thursday.id}/nudge",
    ):
        assert hers.press(address).status_code == 409
    for address in ("answer", "whatsapp", "uninvite"):
        assert hers.get(f"/invitations/{invitation.id}/{address}").status_code == 409


# ---------------------------------------------------------------------------- after it


def test_who_came_and_what_came_of_it_is_recorded_after_the_start(session, cast, hers, thursday, clock):
    invitation = the_invitation(session)
    invitation.answer, invitation.answered_at = Answer.ATTENDING, system.now()
    address = f"/guidance/{thursday.id}/record"
    assert hers.get(address).status_code == 409
    clock.set("2026-11-26T12:00+07:00")
    assert "Belum dicatat" in words(hers.get("/guidance"))
    shown = hers.get(address)
    (form,) = [f for f in forms_of(shown) if "outcome" in f.names]
    assert form.fields["attended_ids"] == [str(invitation.id)]
    broken = hers.send(shown, {"rating": "6", "raters": "12"})
    assert "Tulis angka dari 1,0 sampai 5,0" in words(broken)
    half = hers.send(shown, {"rating": "4,5", "raters": ""})
    assert "Isi nilai dan jumlah penilai" in words(half)
    answer = hers.send(
        shown,
        {"rating": "4,5", "raters": "12", "teachers": "6", "students": "21", "outcome": "Tiga foto jadi."},
    )
    guidance = the_guidance(session)
    assert (guidance.status, guidance.rating, guidance.raters) == (GuidanceStatus.HELD, Decimal("4.5"), 12)
    assert the_invitation(session).attended is True
    page = words(hers.get(answer.location))
    for said in ("1 mitra hadir", "6 guru", "21 siswa", "4,5 dari 5, 12 penilai", "Tiga foto jadi."):
        assert said in page
    assert "Datang Jawaban: hadir · 24 Nov., " in page
    assert hers.fill(address, students="22").status_code == 303
    assert the_guidance(session).students == 22


# ---------------------------------------------------------------------------- lists and rights


def test_the_list_is_empty_at_first_and_says_what_belongs_there(hers):
    assert "Belum ada bimbingan yang direncanakan" in words(hers.get("/guidance"))


@pytest.mark.parametrize(
    "query", ["sort=x", "page=-1", "page=x", "page=999999", "status=x", "cluster=abc", "q=%00", "q='"]
)
def test_c71_a_broken_filter_is_none(cast, hers, thursday, query):
    assert hers.get(f"/guidance?{query}").status_code == 200


def test_whoever_sees_several_clusters_can_narrow_the_list_to_one(cast, browser_of, thursday):
    page = browser_of(cast.aminah).get("/guidance")
    assert f"cluster={cast.pandeglang.id}" in page.text
    assert "Tidak ada bimbingan yang cocok" in words(
        browser_of(cast.aminah).get(f"/guidance?cluster={cast.pandeglang.id}")
    )


def test_the_kabid_and_the_admin_read_and_change_nothing(session, cast, browser_of, thursday):
    proposing(session, cast, thursday)
    for user in (cast.aminah, cast.rudi):
        theirs = browser_of(user)
        page = theirs.get(f"/guidance/{thursday.id}")
        assert "Usulan waktu dari Hendrik Sasmita" in words(page)
        assert "Terima usulan" not in page.text
        for address in (
            NEW,
            f"/guidance/{thursday.id}/edit",
            f"/invitations/{the_invitation(session).id}/answer",
        ):
            assert theirs.get(address).status_code == 404


def test_another_clusters_session_is_as_one_that_does_not_exist(session, cast, browser_of, thursday):
    invitation = the_invitation(session)
    his = browser_of(cast.ujang)
    for address in (
        f"/guidance/{thursday.id}",
        f"/guidance/{thursday.id}/edit",
        f"/guidance/{thursday.id}/calendar.ics",
        f"/invitations/{invitation.id}/answer",
        f"/invitations/{invitation.id}/whatsapp",
    ):
        assert his.get(address).status_code == 404
    for address in (f"/invitations/{invitation.id}/accept", f"/guidance/{thursday.id}/nudge"):
        assert his.press(address).status_code == 404


def test_sessions_are_linked_wherever_they_are_mentioned(session, cast, hers, thursday):
    address = f'href="/guidance/{thursday.id}"'
    contact_id = cast.hendrik.contact_id
    make.follow_up(
        cast.lebak, cast.lilis, guidance_id=thursday.id, source_kind=FollowUpSource.GUIDANCE, title="Kirim"
    )
    for page in (
        "/guidance",
        "/today",
        "/agenda",
        "/search?q=kemasan",
        f"/partners/{cast.kemasindo.id}",
        f"/contacts/{contact_id}",
        f"/clusters/{cast.lebak.id}",
        "/follow-ups/1",
    ):
        assert address in hers.get(page).text, page
