"""The demo data: entered through the services, each row on its own day, and right on whatever day it is."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import accounts, loader
from pentahelix.extensions import db
from pentahelix.holidays import calendar
from pentahelix.models import (
    Affiliation,
    Agreement,
    AuditEntry,
    Cluster,
    ClusterPartner,
    Contact,
    ContactLog,
    Contribution,
    FollowUp,
    GuidanceSession,
    Invitation,
    Meeting,
    Obligation,
    OutboxMessage,
    Partner,
    User,
)
from pentahelix.scope import ALL, set_scope
from pentahelix.vocabulary import (
    Answer,
    Basis,
    FollowUpSource,
    FollowUpStatus,
    GuidanceStatus,
    InvolvementRole,
    LastContactKind,
    MailKind,
    MeetingStatus,
)
from tests.conftest import Clock, new_client
from tests.demo.test_coverage import MATRIX, states
from tests.sign_in import sign_in

TODAY = date(2026, 11, 24)


def _count(session: Session, *criteria: object) -> int:
    return session.scalar(select(func.count()).where(*criteria)) or 0  # type: ignore[arg-type]


def test_every_row_is_there(loaded: Session) -> None:
    for entity, table in (
        (Cluster, "clusters"),
        (Partner, "partners"),
        (Contact, "contacts"),
        (Agreement, "agreements"),
        (Obligation, "obligations"),
        (Meeting, "meetings"),
        (FollowUp, "followups"),
        (Contribution, "contributions"),
    ):
        assert loaded.scalar(select(func.count()).select_from(entity)) == len(accounts.rows(table)), table
    assert loaded.scalar(select(func.count()).select_from(ContactLog)) == 3


def test_people_who_are_no_account_have_neither_address_nor_password(loaded: Session) -> None:
    with_address = loaded.scalars(
        select(User.email).where(User.email.is_not(None)).order_by(User.email)
    ).all()
    assert with_address == [
        "admin@dinas.example",
        "kabid@dinas.example",
        "lilis@smkn1kalanganyar.example",
        "ujang@smkpandeglang.example",
    ]
    assert _count(loaded, User.email.is_(None), User.password_hash.is_not(None)) == 0


def test_the_last_contact_comes_from_what_was_recorded(loaded: Session) -> None:
    def last(name: str) -> tuple[date | None, LastContactKind | None]:
        row = loaded.execute(
            select(ClusterPartner.last_contact_on, ClusterPartner.last_contact_kind)
            .join(Partner)
            .where(Partner.name == name)
        ).first()
        assert row is not None
        return row[0], row[1]

    assert last("CV Gurih Ciujung Pangan") == (TODAY - timedelta(days=5), LastContactKind.MEETING)
    assert last("Warta Ciujung") == (TODAY - timedelta(days=2), LastContactKind.ANSWER)
    assert last("Dinas Perindustrian dan Perdagangan") == (
        TODAY - timedelta(days=21),
        LastContactKind.TELEPHONE,
    )
    assert last("Kanal Video Dapur Banten Kidul") == (None, None)


def test_built_in_cases_are_there(loaded: Session) -> None:
    ended = loaded.scalars(
        select(ClusterPartner).join(Partner).where(Partner.name == "Hotel Bukit Ciberang")
    ).one()
    assert ended.ended_on == TODAY - timedelta(days=15)
    assert _count(loaded, Contact.basis == Basis.WITHDRAWN) == 1
    assert _count(loaded, ClusterPartner.role == InvolvementRole.PROSPECT) >= 5
    late = _count(
        loaded,
        FollowUp.due_on < TODAY,
        FollowUp.completed_on.is_(None),
        FollowUp.status != FollowUpStatus.CANCELLED,
        FollowUp.cluster_id == loaded.scalars(select(Cluster.id).where(Cluster.is_pilot)).one(),
    )
    assert late == 3
    assert _count(loaded, Contact.salutation.is_(None)) == 3
    assert _count(loaded, Partner.is_fictitious.is_(False)) == 0


def test_the_next_session_of_lebak_has_its_answers_and_its_mails(loaded: Session) -> None:
    guidance = loaded.scalars(
        select(GuidanceSession)
        .join(Cluster)
        .where(GuidanceSession.status == GuidanceStatus.PLANNED, Cluster.is_pilot)
    ).one()
    assert clock.local(guidance.starts_at, "Asia/Jakarta").date() == TODAY + timedelta(days=9)
    answers = loaded.scalars(select(Invitation.answer).where(Invitation.guidance_id == guidance.id)).all()
    assert Counter(answers) == {
        Answer.ATTENDING: 2,
        Answer.NONE: 2,
        Answer.PROPOSED: 1,
        Answer.DECLINED: 1,
    }
    mails = loaded.scalars(select(OutboxMessage)).all()
    assert {mail.kind for mail in mails} == {MailKind.INVITATION}
    assert len(mails) == len(answers)
    assert {clock.local(mail.made_at, "Asia/Jakarta").date() for mail in mails} == {TODAY - timedelta(days=4)}


def test_somebody_invited_in_lebak_is_busy_in_pandeglang(loaded: Session) -> None:
    """On the first Thursday that is worked, from ten to twelve."""
    guidance = loaded.scalars(
        select(GuidanceSession)
        .join(Cluster)
        .where(GuidanceSession.status == GuidanceStatus.PLANNED, ~Cluster.is_pilot)
    ).one()
    assert guidance.starts_at == clock.at(date(2026, 11, 26), time(10), "Asia/Jakarta")
    attending = (
        select(Contact.name)
        .join(Affiliation)
        .join(Invitation)
        .where(Invitation.guidance_id == guidance.id, Invitation.answer == Answer.ATTENDING)
    )
    assert "Vina Oktaviani" in loaded.scalars(attending).all()


def test_past_sessions_were_held_or_called_off(loaded: Session) -> None:
    statuses = loaded.scalars(
        select(GuidanceSession.status).where(GuidanceSession.starts_at < clock.now())
    ).all()
    assert Counter(statuses) == {GuidanceStatus.HELD: 8, GuidanceStatus.CANCELLED: 1}
    came_of_sessions = _count(loaded, FollowUp.source_kind == FollowUpSource.GUIDANCE)
    assert came_of_sessions == 4


def test_the_trail_names_who_did_it_on_the_day_it_was_done(loaded: Session) -> None:
    meeting = loaded.scalars(select(Meeting).where(Meeting.title.startswith("Rapat triwulan"))).one()
    entry = loaded.scalars(
        select(AuditEntry).where(AuditEntry.noun == "meeting", AuditEntry.object_id == meeting.id)
    ).first()
    assert entry is not None
    assert entry.actor_name == "Lilis Nurhayati Agustin, S.E."
    assert (
        clock.local(entry.at, "Asia/Jakarta").date() == clock.local(meeting.starts_at, "Asia/Jakarta").date()
    )


def test_affiliations_begin_with_the_involvement(loaded: Session) -> None:
    wrong = (
        select(func.count())
        .select_from(Affiliation)
        .join(ClusterPartner, ClusterPartner.partner_id == Affiliation.partner_id)
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .where(Cluster.is_pilot, Affiliation.begins != ClusterPartner.since)
    )
    assert loaded.scalar(wrong) == 0


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-26T07:00+07:00",  # a Thursday
        "2026-11-28T07:00+07:00",  # a Saturday
        "2026-12-20T07:00+07:00",
        "2026-12-27T07:00+07:00",
        "2026-12-31T07:00+07:00",
        "2027-03-13T07:00+07:00",
        "2026-11-24T23:30+07:00",
    ],
)
def test_it_loads_on_any_day_and_the_coordinators_pages_open(
    app: Flask, session: Session, clock: Clock, instant: str
) -> None:
    from pentahelix import clock as system

    clock.set(instant)
    today = system.today()
    loader.load(today)
    set_scope(db.session(), ALL)
    days = calendar(db.session())
    for meeting in db.session.scalars(select(Meeting)):
        day = system.local(meeting.starts_at, "Asia/Jakarta").date()
        assert days.is_working_day(day), meeting.title
        assert (meeting.status == MeetingStatus.PLANNED) == (day > today)
    lilis = db.session.scalars(select(User).where(User.email == "lilis@smkn1kalanganyar.example")).one()
    client = new_client(app)
    sign_in(client, lilis)
    for guidance in db.session.scalars(select(GuidanceSession)):
        day = system.local(guidance.starts_at, "Asia/Jakarta").date()
        assert days.is_working_day(day), guidance.topic
    for contribution in db.session.scalars(select(Contribution)):
        assert contribution.delivered_on is not None
        assert days.is_working_day(contribution.delivered_on), contribution.title
    assert {mail.kind for mail in db.session.scalars(select(OutboxMessage))} == {MailKind.INVITATION}
    assert states() == MATRIX
    for path in (
        "/today",
        "/agenda",
        "/waiting",
        "/partners",
        "/follow-ups",
        "/meetings",
        "/guidance",
        "/agreements",
        "/contributions",
        "/coverage",
    ):
        assert client.get(path).status_code == 200, path
