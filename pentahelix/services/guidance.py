"""Guidance sessions: planned with their invitations, moved, called off, recorded after.

Days and hours of a wish are those of the cluster's clocks. What moves the calendar entry raises SEQUENCE:
another time asks everybody again, another place only tells them; a topic, a text or a capacity mails nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.models import (
    Affiliation,
    AgreementCluster,
    Cluster,
    GuidanceSchool,
    GuidanceSession,
    Invitation,
    School,
    User,
)
from pentahelix.principal import Principal
from pentahelix.queries.colleagues import works_in
from pentahelix.queries.days import zone_of
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import live
from pentahelix.services import invitations, rescheduling
from pentahelix.services.guidance_states import (
    must_be_planned,
    must_not_be_archived,
    must_not_be_cancelled,
    takes_answers,
)
from pentahelix.services.involvements import must_be_involved, refresh_last_contact
from pentahelix.transitions import GUIDANCE, advance
from pentahelix.vocabulary import GuidanceKind, GuidanceStatus, InvitationRole, MeetingMode

__all__ = [
    "DetailsWish",
    "GuidanceWish",
    "OutcomeWish",
    "archive",
    "cancel",
    "edit",
    "must_be_planned",
    "must_not_be_archived",
    "plan",
    "record",
    "reschedule",
    "restore",
    "takes_answers",
]


@dataclass(frozen=True, kw_only=True)
class DetailsWish:
    """All of a session that is neither its time nor its participants. Speakers are affiliations."""

    topic: str
    kind: GuidanceKind = GuidanceKind.TECHNICAL
    mode: MeetingMode = MeetingMode.IN_PERSON
    place: str | None = None
    link: str | None = None
    description: str | None = None
    #: of teachers and students, never of partners
    capacity: int | None = None
    #: who gives it
    partner_id: int | None = None
    agreement_id: int | None = None
    school_ids: tuple[int, ...] = ()
    speaker_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GuidanceWish(DetailsWish):
    """What a session shall be. Participants are affiliations, too; both are invited."""

    cluster_id: int
    day: date
    starts: time
    ends: time
    #: by default whoever plans it
    organiser_user_id: int | None = None
    participant_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class OutcomeWish:
    """Who was there, and what came of it."""

    attended_ids: frozenset[int]
    teachers: int | None = None
    students: int | None = None
    outcome: str | None = None
    #: one to five, the mean of what so many `raters` gave
    rating: Decimal | None = None
    raters: int | None = None
    note: str | None = None
    #: none: as planned
    school_ids: tuple[int, ...] | None = None


def plan(wish: GuidanceWish, by: Principal) -> GuidanceSession:
    """Put a session on the agenda and invite its speakers and participants."""
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == wish.cluster_id)).one()
    if cluster.is_archived:
        raise WrongState(_("Klaster ini diarsipkan; bimbingan baru tidak dapat direncanakan."))
    period = rescheduling.period(wish.day, wish.starts, wish.ends, cluster.timezone)
    guidance = GuidanceSession(
        cluster_id=wish.cluster_id,
        uid=uuid4(),
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        organiser_user_id=wish.organiser_user_id or by.user_id,
    )
    _must_be_colleague(guidance.organiser_user_id, by, wish.cluster_id)
    _describe(guidance, wish)
    db.session.add(guidance)
    db.session.flush()
    _set_schools(guidance, wish.school_ids)
    # Speakers first: the participants' mails name them.
    invitations.invite(guidance, wish.speaker_ids, role=InvitationRole.SPEAKER)
    participants = [number for number in wish.participant_ids if number not in wish.speaker_ids]
    invitations.invite(guidance, participants)
    return guidance


def edit(guidance: GuidanceSession, wish: DetailsWish) -> None:
    """Change what a session is; another place is told in one mail, all else in none.

    A new speaker is invited, and one who is no longer named is un-invited.
    """
    must_not_be_cancelled(guidance)
    where = (guidance.place, guidance.link)
    _describe(guidance, wish)
    _set_schools(guidance, wish.school_ids)
    touch(guidance)
    moved = takes_answers(guidance) and where != (guidance.place, guidance.link)
    if moved:
        guidance.sequence += 1
    db.session.flush()
    if moved:
        for invitation in _invited(guidance):
            letters.place_changed(invitation)
    _set_speakers(guidance, wish.speaker_ids)


def reschedule(guidance: GuidanceSession, day: date, starts: time, ends: time) -> None:
    """Another time: everybody is asked again."""
    must_be_planned(guidance)
    period = rescheduling.period(day, starts, ends, zone_of(guidance.cluster_id))
    if (period.starts_at, period.ends_at) == (guidance.starts_at, guidance.ends_at):
        raise Refused("starts", _("Ini waktu yang sekarang; pilih waktu yang lain."))
    rescheduling.move(guidance, period)


def cancel(guidance: GuidanceSession, reason: str | None) -> None:
    """Call it off; everybody who was sent a request is told, also those who declined."""
    must_be_planned(guidance)
    guidance.status = advance(GUIDANCE, guidance.status, GuidanceStatus.CANCELLED)
    guidance.sequence += 1
    guidance.note = reason or guidance.note
    db.session.flush()
    for invitation in _invited(guidance):
        letters.withdraw(invitation)
        if guidance.ends_at > clock.now():
            letters.cancelled(invitation, reason)


def record(guidance: GuidanceSession, wish: OutcomeWish) -> None:
    """Keep who was there and what came of it; a session that is recorded already is corrected."""
    must_not_be_cancelled(guidance)
    if guidance.starts_at > clock.now():
        raise WrongState(_("Bimbingan ini belum dimulai; catat sesudah terlaksana."))
    if (wish.rating is None) != (wish.raters is None):
        raise Refused("raters", _("Isi nilai beserta jumlah penilainya, atau kosongkan keduanya."))
    if wish.rating is not None and not 1 <= wish.rating <= 5:
        raise Refused("rating", _("Nilai antara 1 dan 5."))
    invited = _invited(guidance)
    if wish.attended_ids - {invitation.id for invitation in invited}:
        raise Refused("attended_ids", _("Pilih dari daftar."))
    if guidance.status == GuidanceStatus.PLANNED:
        guidance.status = advance(GUIDANCE, guidance.status, GuidanceStatus.HELD)
    guidance.teachers, guidance.students = wish.teachers, wish.students
    guidance.outcome, guidance.note = wish.outcome, wish.note
    guidance.rating, guidance.raters = wish.rating, wish.raters
    for invitation in invited:
        invitation.attended = invitation.id in wish.attended_ids
        letters.withdraw(invitation)
    if wish.school_ids is not None:
        _set_schools(guidance, wish.school_ids)
    touch(guidance)
    db.session.flush()
    _refresh_last_contacts(guidance)


def archive(guidance: GuidanceSession) -> None:
    must_not_be_archived(guidance)
    guidance.archived_at = clock.now()
    _refresh_last_contacts(guidance)


def restore(guidance: GuidanceSession) -> None:
    guidance.archived_at = None
    _refresh_last_contacts(guidance)


# ---------------------------------------------------------------------------------------------------------


def _describe(guidance: GuidanceSession, wish: DetailsWish) -> None:
    if wish.partner_id is not None and wish.partner_id != guidance.partner_id:
        must_be_involved(guidance.cluster_id, [wish.partner_id], "partner_id")
    if wish.agreement_id is not None and wish.agreement_id != guidance.agreement_id:
        _must_cover(wish.agreement_id, guidance.cluster_id)
    guidance.topic, guidance.kind, guidance.description = wish.topic, wish.kind, wish.description
    guidance.mode, guidance.place, guidance.link = wish.mode, wish.place, wish.link
    guidance.capacity = wish.capacity
    guidance.partner_id, guidance.agreement_id = wish.partner_id, wish.agreement_id


def _must_cover(agreement_id: int, cluster_id: int) -> None:
    covering = select(AgreementCluster.id).where(
        AgreementCluster.agreement_id == agreement_id, AgreementCluster.cluster_id == cluster_id
    )
    if db.session.scalar(covering) is None:
        raise Refused("agreement_id", _("Pilih dari daftar."))


def _must_be_colleague(user_id: int | None, by: Principal, cluster_id: int) -> None:
    """Who organises works in the cluster, or is the one who plans it."""
    known = select(User.id).where(User.id == user_id, works_in(cluster_id))
    if user_id != by.user_id and db.session.scalar(known) is None:
        raise Refused("organiser_user_id", _("Pilih rekan dari klaster ini."))


def _set_schools(guidance: GuidanceSession, wanted: Iterable[int]) -> None:
    rows = {
        row.school_id: row
        for row in db.session.scalars(select(GuidanceSchool).where(GuidanceSchool.guidance_id == guidance.id))
    }
    new = set(wanted) - rows.keys()
    known = select(School.id).where(
        School.id.in_(new), School.cluster_id == guidance.cluster_id, live(School)
    )
    if new - set(db.session.scalars(known)):
        raise Refused("school_ids", _("Pilih sekolah dari klaster ini."))
    for school_id in rows.keys() - set(wanted):
        db.session.delete(rows[school_id])
    for school_id in sorted(new):
        db.session.add(GuidanceSchool(guidance_id=guidance.id, school_id=school_id))


def _set_speakers(guidance: GuidanceSession, wanted: tuple[int, ...]) -> None:
    speaking = {
        invitation.affiliation_id: invitation
        for invitation in _invited(guidance)
        if invitation.role == InvitationRole.SPEAKER
    }
    new = [number for number in wanted if number not in speaking]
    gone = [speaking[number] for number in speaking if number not in wanted]
    if not takes_answers(guidance) and (new or gone):
        raise Refused("speaker_ids", _("Sesudah bimbingan dimulai narasumber tidak dapat diganti."))
    for invitation in gone:
        invitations.uninvite(invitation)
    if new:
        invitations.invite(guidance, new, role=InvitationRole.SPEAKER)


def _invited(guidance: GuidanceSession) -> list[Invitation]:
    found = select(Invitation).where(Invitation.guidance_id == guidance.id, Invitation.uninvited_at.is_(None))
    return list(db.session.scalars(found.order_by(Invitation.id)))


def _refresh_last_contacts(guidance: GuidanceSession) -> None:
    partners = (
        select(Affiliation.partner_id)
        .join(Invitation, Invitation.affiliation_id == Affiliation.id)
        .where(Invitation.guidance_id == guidance.id)
    )
    refresh_last_contact(guidance.cluster_id, db.session.scalars(partners).all())
