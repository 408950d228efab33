"""The digest: one mail a person and morning, what stands in it, what it marks as told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.mail import digest
from pentahelix.mail.links import absolute
from pentahelix.models import AgreementParty, AgreementStep, ClusterPartner, OptOut, Reminder
from pentahelix.principal import Principal
from pentahelix.services import followups, opt_outs, reminder_rules, reminders
from pentahelix.services.reminder_rules import Wish
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    FollowUpStatus,
    Helix,
    Language,
    MailKind,
    MailTopic,
    MeetingStatus,
    ObligationStatus,
    OutboxState,
    ReminderKind,
    ReminderState,
)
from tests import factories as make
from tests.outbox import html, opened, plain, posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


def at(text):
    return datetime.fromisoformat(text + "+07:00").astimezone(UTC)


@pytest.fixture
def tick(scheduled, session, cast, clock):
    """`tick("2026-12-01T06:30")`: a scheduler looks; the digests that there are by now."""

    def tick(when, zone="+07:00"):
        clock.set(when + zone)
        scheduled(reminders.tick)
        return posted(session, MailKind.DIGEST)

    # The rules are as old as a Monday evening, and nobody has anything to read.
    tick("2026-11-23T20:00")
    for involvement in session.scalars(select(ClusterPartner)):
        involvement.last_contact_on, involvement.last_contact_kind = date(2026, 11, 23), "visit"
    return tick


def to(mails):
    return [mail.recipient.split("@")[0] for mail in mails]


def lines(mail):
    return plain(mail).split("Ringkasan", 1)[1]


# ── when ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_made_once_between_half_past_six_and_noon(session, cast, tick):
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh", due_on=date(2026, 11, 20))
    assert tick("2026-11-24T06:29") == []
    (mail,) = tick("2026-11-24T06:30")
    assert mail.key == f"digest:u:{cast.lilis.id}:2026-11-24"
    assert to([mail]) == ["lilis"]
    assert len(tick("2026-11-24T11:59")) == 1
    assert len(tick("2026-11-25T06:30")) == 2


def test_in_the_afternoon_it_is_too_late_for_one(session, cast, tick):
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 20))
    assert tick("2026-11-24T12:00") == []


def test_nothing_to_read_means_no_mail_until_there_is_something(session, cast, tick):
    assert tick("2026-11-24T06:30") == []
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 24))
    assert to(tick("2026-11-24T09:00")) == ["lilis"]


def test_the_morning_is_that_of_the_readers_own_clock(session, cast, tick):
    cast.lilis.timezone = "Asia/Jayapura"
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 20))
    assert tick("2026-11-24T04:29") == []
    (mail,) = tick("2026-11-24T04:30")
    assert mail.key.endswith(":2026-11-24")


@pytest.mark.parametrize("rest", ["2026-11-28", "2026-12-20", "2026-12-27", "2027-01-01", "2027-03-13"])
def test_on_days_of_rest_only_what_works_that_day_is_told(session, cast, tick, rest):
    """Saturdays, Sundays, holidays."""
    reminder_rules.choose(cast.pandeglang.id, ReminderKind.QUIET_DAYS, Wish(False, ()))
    make.membership(cast.lilis, cast.pandeglang)
    make.follow_up(cast.lebak, cast.lilis, title="Di Lebak", due_on=date(2026, 11, 20))
    make.follow_up(cast.pandeglang, cast.lilis, title="Di Pandeglang", due_on=date(2026, 11, 20))
    (mail,) = [mail for mail in tick(f"{rest}T06:30") if mail.recipient == cast.lilis.email]
    assert "Di Pandeglang" in plain(mail)
    assert "Di Lebak" not in plain(mail)


def test_the_last_day_of_the_year_is_worked_and_told(session, cast, tick):
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 12, 31))
    assert len(tick("2026-12-31T06:30")) == 1
    assert len(tick("2026-12-31T23:30")) == 1


def test_who_has_no_address_was_deactivated_or_does_not_want_it_gets_none(session, cast, tick):
    unreachable = make.user(cast.lebak, email=None)
    gone = make.user(cast.lebak, deactivated_at=system.now())
    make.membership(cast.ujang, cast.lebak)
    for user in (unreachable, gone, cast.lilis, cast.ujang):
        make.follow_up(cast.lebak, user, due_on=date(2026, 11, 20))
    session.add(OptOut(user_id=cast.lilis.id, topic=MailTopic.DIGEST, made_at=system.now()))
    assert to(tick("2026-11-24T06:30")) == ["ujang"]


def test_whoever_left_a_cluster_is_told_nothing_more_of_it(session, cast, tick):
    make.membership(cast.ujang, cast.lebak).archived_at = system.now()
    make.follow_up(cast.lebak, cast.ujang, due_on=date(2026, 11, 20))
    make.meeting(
        cast.lebak,
        status=MeetingStatus.PLANNED,
        starts_at=at("2026-11-24T13:00"),
        chair_user_id=cast.ujang.id,
    )
    assert "ujang" not in to(tick("2026-11-24T06:30"))


# ── what ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sections_stand_in_their_order_with_links_and_the_same_in_text(session, cast, tick):
    guidance = make.guidance(cast.lebak, topic="Kemasan", starts_at=at("2026-11-25T09:00"), place="Aula")
    moved = make.guidance(cast.lebak, topic="Perizinan", starts_at=at("2026-12-10T09:00"))
    make.invitation(
        moved,
        cast.hendrik,
        answer=Answer.PROPOSED,
        proposed_starts_at=at("2026-12-11T13:00"),
        mailed_sequence=0,
    )
    other = make.affiliation(cast.kemasindo, make.contact(name="Maya Lestari"))
    make.invitation(guidance, other, answer=Answer.ATTENDING, mailed_sequence=0)
    make.meeting(
        cast.lebak, title="Rapat evaluasi", status=MeetingStatus.PLANNED, starts_at=at("2026-11-24T13:00")
    )
    late = make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh", due_on=date(2026, 11, 20))
    make.follow_up(cast.lebak, cast.lilis, title="Telepon Hendrik", due_on=date(2026, 11, 25))
    make.follow_up(
        cast.lebak,
        cast.lilis,
        title="Susun proposal",
        due_on=date(2026, 12, 20),
        assigned_by_user_id=cast.aminah.id,
    )
    make.agreement(
        cast.lebak,
        partners=(cast.kemasindo,),
        title="PKS Kemasan",
        ends_on=date(2026, 11, 24) + timedelta(90),
    )
    make.mail(
        state=OutboxState.REFUSED,
        cluster_id=cast.lebak.id,
        recipient="hilang@mitra.example",
        fault="address",
    )
    mail = next(mail for mail in tick("2026-11-24T06:30") if mail.recipient.startswith("lilis"))
    told = lines(mail)
    wanted = [
        "MENUNGGU KEPUTUSAN ANDA (2)",
        "mengusulkan Jum., 11 Des., 13.00 WIB",
        "Susun proposal",
        "TERLAMBAT (1)",
        "Kirim contoh",
        "terlambat 4 hari",
        absolute("followups.show", followup_id=late.id),
        "HARI INI DAN BESOK (3)",
        "Rapat evaluasi",
        "Kemasan",
        "Telepon Hendrik",
        "JAWABAN SEJAK RINGKASAN TERAKHIR (1)",
        "Maya Lestari: hadir",
        "PENGINGAT (1)",
        "PKS Kemasan",
        "berakhir 90 hari lagi",
        "SUREL YANG TIDAK SAMPAI (1)",
        "hilang@mitra.example",
    ]
    places = [_find(told, text) for text in wanted]
    assert places == sorted(places)
    page = html(mail)
    for text in wanted:
        if "(" not in text:
            assert text in page


def _find(told, text):
    assert text in told, told
    return told.index(text)


def test_it_is_written_in_the_readers_language_with_a_link_that_ends_it(session, cast, tick):
    cast.lilis.language = Language.EN
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 20))
    (mail,) = tick("2026-11-24T06:30")
    message = opened(mail)
    assert message["Content-Language"] == "en"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = message["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
    subscription = opt_outs.of_link(raw)
    assert (subscription.user_id, subscription.topic) == (cast.lilis.id, MailTopic.DIGEST)


def test_snoozed_follow_ups_are_silent(session, cast, tick):
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 10), snoozed_until=date(2026, 11, 26))
    assert tick("2026-11-25T06:30") == []
    assert to(tick("2026-11-26T06:30")) == ["lilis"]


def test_answers_are_told_since_the_last_digest_only(session, cast, clock, tick):
    guidance = make.guidance(cast.lebak, topic="Kemasan", starts_at=at("2026-12-10T09:00"))
    row = make.invitation(guidance, cast.hendrik, mailed_sequence=0)
    row.answer, row.answered_at = Answer.DECLINED, at("2026-11-23T21:00")
    assert "Hendrik Sasmita: tidak" in plain(tick("2026-11-24T06:30")[0])
    assert len(tick("2026-11-25T06:30")) == 1
    row.answer, row.answered_at = Answer.REPRESENTED, at("2026-11-25T10:00")
    row.delegate_name = "Maya"
    assert "Hendrik Sasmita: diwakili Maya" in plain(tick("2026-11-25T10:01")[-1])


def test_what_one_entered_oneself_is_no_news(session, cast, tick):
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-10T09:00"))
    make.invitation(guidance, cast.hendrik, answer=Answer.ATTENDING, on_behalf_user_id=cast.lilis.id)
    assert tick("2026-11-24T06:30") == []


# ── reminders that it carries ───────────────────────────────────────────────────────────────────────────────


def _reminders(session):
    rows = session.scalars(select(Reminder).order_by(Reminder.key))
    return [(row.key, row.state, row.reason, row.message_id is not None) for row in rows]


def test_an_ending_agreement_is_told_once_a_day_of_the_rule_and_at_thirty_the_kabid_too(session, cast, tick):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 24))
    lilis, aminah = f"u:{cast.lilis.id}", f"u:{cast.aminah.id}"
    key = f"agreement:{pks.id}:2027-02-24"
    assert to(tick("2026-11-26T06:30")) == ["lilis"]
    assert to(tick("2026-11-27T06:30")) == ["lilis"]
    assert to(tick("2027-01-25T06:30")) == ["lilis", "kabid", "lilis"]
    assert _reminders(session) == sorted(
        [
            (f"{key}:90:{lilis}", ReminderState.CARRIED, None, True),
            (f"{key}:30:{lilis}", ReminderState.CARRIED, None, True),
            (f"{key}:30:{aminah}", ReminderState.CARRIED, None, True),
        ]
    )


def test_only_the_nearest_of_missed_days_is_told(session, cast, tick):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 24))
    tick("2027-01-26T06:30")
    assert [(key.split(":")[3], state, reason) for key, state, reason, _ in _reminders(session)] == [
        ("30", ReminderState.CARRIED, None),
        ("30", ReminderState.CARRIED, None),
        ("90", ReminderState.SKIPPED, "superseded"),
    ]
    assert pks.id


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (AgreementStatus.DRAFT, 1),
        (AgreementStatus.AWAITING_SIGNATURE, 0),
        (AgreementStatus.SIGNED, 0),
    ],
)
def test_a_successor_that_is_as_good_as_signed_takes_the_worry_away(session, cast, tick, status, told):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 22))
    make.agreement(cast.lebak, partners=(cast.kemasindo,), status=status, renews_id=pks.id)
    assert len(tick("2026-11-24T06:30")) == told


def test_what_falls_on_days_of_rest_is_told_on_the_worked_day_before(session, cast, tick):
    """90 days before is Saturday the 28th; the key keeps that day, and Monday tells it no more."""
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 26))
    assert tick("2026-11-26T06:30") == []
    assert len(tick("2026-11-27T06:30")) == 1
    row = session.scalars(select(Reminder)).one()
    assert (row.nominal_on, row.key.split(":u:")[0]) == (
        date(2026, 11, 28),
        f"agreement:{pks.id}:2027-02-26:90",
    )
    reminder_rules.choose(cast.lebak.id, ReminderKind.QUIET_DAYS, Wish(False, ()))
    assert len(tick("2026-11-28T06:30")) == 1


def test_nothing_older_than_the_rule_is_told(session, cast, tick):
    make.agreement(cast.lebak, ends_on=date(2026, 12, 19))
    make.membership(cast.ujang, cast.lebak)
    make.follow_up(cast.lebak, cast.ujang, due_on=date(2026, 10, 25), snoozed_until=None)
    assert to(tick("2026-11-24T06:30")) == ["ujang"]
    reminder_rules.choose(cast.lebak.id, ReminderKind.AGREEMENT_ENDS, Wish(True, (180, 90, 40, 30)))
    assert to(tick("2026-11-24T08:00")) == ["ujang"]


def test_partners_that_were_all_put_away_are_not_spoken_of(session, cast, tick):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 22))
    assert session.scalars(select(AgreementParty).where(AgreementParty.agreement_id == pks.id)).all()
    cast.kemasindo.archived_at = system.now()
    assert tick("2026-11-24T06:30") == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, 1),
        ({"status": AgreementStatus.RENEWED}, 1),
        ({"status": AgreementStatus.COMPLETED}, 0),
        ({"status": AgreementStatus.TERMINATED, "terminated_on": date(2026, 11, 1)}, 0),
        ({"status": AgreementStatus.AWAITING_SIGNATURE}, 0),
        ({"status": AgreementStatus.ABANDONED}, 0),
        ({"archived_at": at("2026-11-23T08:00")}, 0),
    ],
)
def test_only_what_binds_ends_and_only_what_binds_obliges(session, cast, tick, values, told):
    dates = {"signed_on": date(2026, 1, 1), "starts_on": date(2026, 1, 1)}
    ending = make.agreement(
        cast.lebak, partners=(cast.kemasindo,), title="Habis", ends_on=date(2027, 2, 22), **dates, **values
    )
    make.obligation(ending, title="Mesin kemas", due_on=date(2026, 12, 1))
    mails = tick("2026-11-24T06:30")
    assert len(mails) == told
    if told:
        assert "berakhir 90 hari lagi" in plain(mails[0])
        assert "Mesin kemas" in plain(mails[0])


def test_an_end_is_told_180_90_and_30_days_before_of_the_day_that_holds_now(session, cast, tick):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 5, 24))
    assert to(tick("2026-11-25T06:30")) == ["lilis"]
    pks.ends_on = date(2027, 2, 24)
    assert to(tick("2026-11-26T06:30")) == ["lilis"] * 2
    keys = [key.split(":u:")[0] for key, *_ in _reminders(session)]
    assert sorted(keys) == [f"agreement:{pks.id}:2027-02-24:90", f"agreement:{pks.id}:2027-05-24:180"]
    pks.is_open_ended, pks.ends_on = True, None
    assert to(tick("2027-01-25T06:30")) == ["lilis"] * 2


def test_an_obligation_is_told_30_and_7_days_before_and_1_after_and_never_once_it_is_fulfilled(
    session, cast, tick
):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2028, 2, 22))
    due = make.obligation(pks, title="Mesin kemas", due_on=date(2026, 12, 31))
    partly = make.obligation(
        pks, title="Pelatihan", due_on=date(2026, 12, 31), status=ObligationStatus.PARTIAL
    )
    (first,) = tick("2026-12-01T06:30")
    assert to([first]) == ["lilis"]
    address = absolute("agreements.show", agreement_id=pks.id)
    assert plain(first).count(address) == 2
    assert address in html(first)
    due.status, due.fulfilled_on = ObligationStatus.FULFILLED, date(2026, 12, 20)
    second = tick("2026-12-23T06:30")[-1]
    assert "Mesin kemas" not in plain(second)
    tick("2027-01-04T06:30")
    keys = sorted(key.split(":u:")[0] for key, *_ in _reminders(session))
    assert keys == sorted(
        [
            f"obligation:{due.id}:2026-12-31:30",
            f"obligation:{partly.id}:2026-12-31:30",
            f"obligation:{partly.id}:2026-12-31:7",
            f"obligation:{partly.id}:2026-12-31:-1",
        ]
    )


def test_an_obligation_is_told_before_and_the_day_after(session, cast, tick):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2028, 2, 22))
    due = make.obligation(pks, title="Mesin kemas", due_on=date(2026, 12, 1))
    assert "kewajiban jatuh tempo 1 Desember" in plain(tick("2026-11-24T06:30")[0])
    assert len(tick("2026-12-01T06:30")) == 1
    assert "kewajiban lewat tenggat 1 Desember" in plain(tick("2026-12-02T06:30")[1])
    assert [key.split(":u:")[0] for key, *_ in _reminders(session)] == [
        f"obligation:{due.id}:2026-12-01:-1",
        f"obligation:{due.id}:2026-12-01:7",
    ]


def test_a_partner_that_fell_silent_is_told_once_a_silence(session, cast, clock, tick):
    involvement = session.scalars(
        select(ClusterPartner).where(ClusterPartner.cluster_id == cast.lebak.id)
    ).one()
    involvement.last_contact_on, involvement.last_contact_kind = date(2026, 8, 26), "visit"
    assert tick("2026-11-24T06:30") == []
    assert "91 hari tanpa kontak" in plain(tick("2026-11-25T06:30")[0])
    assert len(tick("2026-11-26T06:30")) == 1
    involvement.last_contact_on = date(2026, 11, 26)
    assert to(tick("2027-02-24T06:30")).count("lilis") == 1
    assert to(tick("2027-02-25T06:30")).count("lilis") == 2


def test_what_is_very_late_is_escalated_to_the_kabid_once(session, cast, tick):
    item = make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh", due_on=date(2026, 11, 23))
    assert "kabid" not in to(tick("2026-11-30T06:30"))
    (mail,) = [mail for mail in tick("2026-12-01T06:30") if mail.recipient.startswith("kabid")]
    assert "LAMA TERLAMBAT, DISAMPAIKAN KEPADA KABID (1)" in plain(mail)
    assert "terlambat 8 hari · Lilis Nurhayati Agustin, S.E." in plain(mail)
    assert to(tick("2026-12-02T06:30")).count("kabid") == 1
    item.status, item.completed_on = FollowUpStatus.DONE, date(2026, 12, 2)
    assert len(tick("2026-12-03T06:30")) == len(tick("2026-12-04T06:30"))


def test_a_cluster_without_the_list_of_late_ones_is_not_told_of_them(session, cast, tick):
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 22))
    reminder_rules.choose(cast.lebak.id, ReminderKind.FOLLOW_UP_LATE, Wish(True, (3,)))
    assert tick("2026-11-24T06:30") == []
    assert len(tick("2026-11-25T06:30")) == 1
    reminder_rules.choose(cast.lebak.id, ReminderKind.FOLLOW_UP_LATE, Wish(False, (3,)))
    assert len(tick("2026-11-26T06:30")) == 1


def test_what_there_is_no_room_for_is_told_the_next_day(session, cast, tick):
    for _ in range(18):
        make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 22))
    assert "PENGINGAT (15)" in plain(tick("2026-11-24T06:30")[0])
    assert "PENGINGAT (3)" in plain(tick("2026-11-25T06:30")[1])


def test_one_that_fails_stops_no_other_and_marks_nothing(session, cast, tick, monkeypatch, capsys):
    make.membership(cast.ujang, cast.lebak)
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 2, 22))
    post, bad = digest.post, cast.lilis.id

    def torn(book, reader, morning):
        message_id = post(book, reader, morning)
        if reader.id == bad:
            raise RuntimeError("torn")
        return message_id

    monkeypatch.setattr(digest, "post", torn)
    assert to(tick("2026-11-24T06:30")) == ["ujang"]
    assert len(_reminders(session)) == 1
    assert "torn" in capsys.readouterr().out
    monkeypatch.undo()
    assert sorted(to(tick("2026-11-24T06:31"))) == ["lilis", "ujang"]


def test_a_zone_that_nobody_knows_keeps_no_other_reader_waiting(session, cast, tick, capsys):
    cast.ujang.timezone = "Mars/Olympus"
    make.follow_up(cast.pandeglang, cast.ujang, due_on=date(2026, 11, 20))
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 20))
    assert to(tick("2026-11-24T06:30")) == ["lilis"]
    assert "Mars/Olympus" in capsys.readouterr().out


# ── what waits for the Kabid, and the coverage ──────────────────────────────────────────────────────────────


def test_the_kabid_is_told_what_waits_for_a_decision_with_its_page(session, cast, tick):
    mou = make.agreement(cast.lebak, title="Nota dengan Dinas", status=AgreementStatus.LEGAL_REVIEW)
    own = make.agreement(cast.lebak, title="Ajuan sendiri", status=AgreementStatus.LEGAL_REVIEW)
    session.add(
        AgreementStep(
            agreement_id=own.id,
            user_id=cast.aminah.id,
            to_status=AgreementStatus.LEGAL_REVIEW,
            taken_at=system.now(),
        )
    )
    (mail,) = tick("2026-11-24T06:30")
    assert to([mail]) == ["kabid"]
    assert "MENUNGGU KEPUTUSAN ANDA (1)" in plain(mail)
    assert "Nota dengan Dinas" in plain(mail)
    assert absolute("agreements.show", agreement_id=mou.id) in plain(mail)
    assert "Ajuan sendiri" not in plain(mail)


def test_the_kabid_is_told_once_which_cells_are_newly_at_risk(session, cast, tick):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2026, 12, 24))
    make.agreement(cast.pandeglang, partners=(cast.badak,), ends_on=date(2028, 12, 24))
    make.follow_up(cast.pandeglang, cast.ujang, partner=cast.badak, due_on=date(2026, 11, 16))
    mails = {mail.recipient.split("@")[0]: mail for mail in tick("2026-11-24T06:30")}
    told = plain(mails["kabid"])
    for text in (
        "SISI KEMITRAAN YANG BARU BERISIKO (2)",
        f"Kuliner Lebak · {Helix.INDUSTRY.label}",
        "kerja sama habis 30 hari lagi",
        absolute("coverage.cell", cluster_id=cast.lebak.id, helix="industry"),
        "Olahan Laut Pandeglang · Media",
        "1 tindak lanjut terlambat",
    ):
        assert text in told
    assert "BERISIKO" not in plain(mails["lilis"])
    make.agreement(cast.lebak, title="Nota", status=AgreementStatus.LEGAL_REVIEW)
    later = [mail for mail in tick("2026-11-25T06:30") if mail.recipient.startswith("kabid")]
    assert len(later) == 2
    assert "BERISIKO" not in plain(later[-1])


def test_many_readers_are_asked_for_together(session, cast, tick, statements):
    session.commit()
    with statements() as few:
        tick("2026-11-24T06:30")
    for _ in range(20):
        make.user(cast.lebak)
    session.commit()
    with statements() as many:
        tick("2026-11-24T06:31")
    assert len(few) == len(many)


# ── at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_given_a_follow_up_by_somebody_else_is_mailed_at_once(session, cast, clock):
    clock.set("2026-11-24T16:00+07:00")
    by: Principal = principal_of(cast.aminah)
    made = followups.make(_wish(cast, cast.lilis), by)
    (mail,) = posted(session, MailKind.ASSIGNED)
    assert (mail.recipient, mail.subject) == (cast.lilis.email, "[Tugas] Kirim contoh label")
    assert "Dra. Aminah Fatmawati, M.Pd. menugaskan tindak lanjut kepada Ibu." in plain(mail)
    assert absolute("followups.show", followup_id=made.id) in plain(mail)
    assert absolute("followups.show", followup_id=made.id) in html(mail)
    second = make.user(cast.lebak)
    clock.set("2026-11-24T16:01+07:00")
    followups.reassign(made, second.id, by)
    first, other = posted(session, MailKind.ASSIGNED)
    assert (first.state, other.recipient) == (OutboxState.OBSOLETE, second.email)


def test_nobody_is_mailed_what_they_gave_to_themselves_or_without_an_address(session, cast):
    followups.make(_wish(cast, cast.lilis), principal_of(cast.lilis))
    followups.make(_wish(cast, make.user(cast.lebak, email=None)), principal_of(cast.lilis))
    assert posted(session) == []


def test_an_edit_that_keeps_the_owner_mails_nobody(session, cast):
    by = principal_of(cast.aminah)
    made = followups.make(_wish(cast, cast.lilis), by)
    followups.edit(made, _wish(cast, cast.lilis, title="Kirim dua contoh"), None, by)
    assert len(posted(session, MailKind.ASSIGNED)) == 1


def _wish(cast, owner, title="Kirim contoh label"):
    return followups.FollowUpWish(
        cluster_id=cast.lebak.id, title=title, owner_user_id=owner.id, due_on=date(2026, 12, 1)
    )
