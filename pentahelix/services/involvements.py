"""A partner in a cluster: whether they work there, and when they last spoke."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Attendance,
    Cluster,
    ClusterPartner,
    ContactLog,
    Contribution,
    GuidanceSession,
    Invitation,
    InvitationAnswer,
    Meeting,
    Partner,
)
from pentahelix.queries.days import zone_of
from pentahelix.refusals import Refused
from pentahelix.rules import not_ended
from pentahelix.scope import SCOPE, OfContact, OfInvitation, everything, live
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    Answer,
    GuidanceStatus,
    LastContactKind,
    MeetingStatus,
)


def must_be_involved(cluster_id: int, partner_ids: Iterable[int], field: str) -> None:
    """Refuse, at `field`, partners that do not work with the cluster, or no longer do."""
    wanted = set(partner_ids)
    involved = (
        select(ClusterPartner.partner_id)
        .join(ClusterPartner.partner)
        .where(
            ClusterPartner.cluster_id == cluster_id,
            ClusterPartner.partner_id.in_(wanted),
            not_ended(clock.today(zone_of(cluster_id))),
            live(Partner),
        )
    )
    if wanted - set(db.session.scalars(involved)):
        raise Refused(field, _("Pilih dari mitra yang terlibat dalam klaster ini."))


def must_have_been_involved(cluster_id: int, partner_id: int, field: str) -> None:
    """Refuse, at `field`, a partner that the cluster never worked with."""
    involvement = select(ClusterPartner.id).where(
        ClusterPartner.cluster_id == cluster_id, ClusterPartner.partner_id == partner_id
    )
    if db.session.scalar(involvement) is None:
        raise Refused(field, _("Mitra ini tidak terlibat dalam klaster itu."))


def refresh_last_contact(cluster_id: int, partner_ids: Iterable[int]) -> None:
    """Derive the last contact of partners in a cluster from what is recorded.

    A recorded meeting or held session where somebody of the partner was present, an answer that they gave
    themselves, a contribution delivered or confirmed, an entry of the contact log; the latest of these.
    Mails that we sent, opened links, plans, agreements and follow-ups do not count.
    """
    wanted = set(partner_ids)
    if not wanted:
        return
    db.session.flush()
    with _seeing_involvements() as session:
        zone = session.scalars(select(Cluster.timezone).where(Cluster.id == cluster_id)).one()
        latest: dict[int, tuple[date, LastContactKind]] = {}
        for partner_id, day, kind in _contacts(session, cluster_id, wanted, zone):
            if partner_id not in latest or day > latest[partner_id][0]:
                latest[partner_id] = (day, kind)
        for involvement in session.scalars(
            select(ClusterPartner).where(
                ClusterPartner.cluster_id == cluster_id, ClusterPartner.partner_id.in_(wanted)
            )
        ):
            day_kind = latest.get(involvement.partner_id)
            involvement.last_contact_on = day_kind[0] if day_kind else None
            involvement.last_contact_kind = day_kind[1] if day_kind else None
        session.flush()


@contextmanager
def _seeing_involvements() -> Iterator[Session]:
    """The session at hand, unless it is that of somebody who answers: they see no involvement."""
    session = db.session()
    if isinstance(session.info.get(SCOPE), OfInvitation | OfContact):
        with everything() as over_all:
            yield over_all
    else:
        yield session


def _contacts(
    session: Session, cluster_id: int, partner_ids: set[int], zone: str
) -> Iterable[tuple[int, date, LastContactKind]]:
    today = clock.today(zone)
    present = (
        select(Affiliation.partner_id, Meeting.starts_at)
        .join(Attendance, Attendance.affiliation_id == Affiliation.id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(
            Affiliation.partner_id.in_(partner_ids),
            Meeting.cluster_id == cluster_id,
            Meeting.status == MeetingStatus.HELD,
            Meeting.archived_at.is_(None),
        )
    )
    for partner_id, starts_at in session.execute(present):
        yield partner_id, clock.local(starts_at, zone).date(), LastContactKind.MEETING
    invited = (
        select(
            Affiliation.partner_id,
            GuidanceSession.starts_at,
            GuidanceSession.status,
            Invitation.attended,
            Invitation.answered_at,
            Invitation.on_behalf_user_id,
        )
        .join(Invitation, Invitation.affiliation_id == Affiliation.id)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .where(
            Affiliation.partner_id.in_(partner_ids),
            GuidanceSession.cluster_id == cluster_id,
            GuidanceSession.archived_at.is_(None),
            or_(
                and_(GuidanceSession.status == GuidanceStatus.HELD, Invitation.attended.is_(True)),
                and_(Invitation.answer != Answer.NONE, Invitation.on_behalf_user_id.is_(None)),
            ),
        )
    )
    for partner_id, starts_at, status, attended, answered_at, on_behalf in session.execute(invited):
        if status == GuidanceStatus.HELD and attended:
            yield partner_id, clock.local(starts_at, zone).date(), LastContactKind.GUIDANCE
        if answered_at is not None and on_behalf is None:
            yield partner_id, clock.local(answered_at, zone).date(), LastContactKind.ANSWER
    # Another time made them void, and still they spoke to us.
    voided = (
        select(Affiliation.partner_id, InvitationAnswer.answered_at)
        .join(Invitation, Invitation.affiliation_id == Affiliation.id)
        .join(InvitationAnswer, InvitationAnswer.invitation_id == Invitation.id)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .where(
            Affiliation.partner_id.in_(partner_ids),
            GuidanceSession.cluster_id == cluster_id,
            GuidanceSession.archived_at.is_(None),
            InvitationAnswer.on_behalf_user_id.is_(None),
        )
    )
    for partner_id, answered_at in session.execute(voided):
        yield partner_id, clock.local(answered_at, zone).date(), LastContactKind.ANSWER
    given = select(Contribution.partner_id, Contribution.delivered_on, Contribution.giver_confirmed_at).where(
        Contribution.partner_id.in_(partner_ids),
        Contribution.cluster_id == cluster_id,
        Contribution.archived_at.is_(None),
        Contribution.stage.in_(GIVEN_CONTRIBUTIONS),
    )
    for partner_id, delivered_on, confirmed_at in session.execute(given):
        if delivered_on is not None and delivered_on <= today:
            yield partner_id, delivered_on, LastContactKind.CONTRIBUTION
        if confirmed_at is not None:
            yield partner_id, clock.local(confirmed_at, zone).date(), LastContactKind.CONTRIBUTION
    logged = select(ContactLog.partner_id, ContactLog.contacted_on, ContactLog.channel).where(
        ContactLog.partner_id.in_(partner_ids),
        ContactLog.cluster_id == cluster_id,
        ContactLog.archived_at.is_(None),
    )
    for partner_id, contacted_on, channel in session.execute(logged):
        yield partner_id, contacted_on, LastContactKind(channel.value)
