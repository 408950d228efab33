"""What the page behind a personal link tells: one invitation, its session, who speaks there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    AuditEntry,
    AuditValue,
    Contact,
    GuidanceSession,
    Invitation,
    Partner,
)
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import everything
from pentahelix.vocabulary import Answer, AuditAction, InvitationRole

#: A link is made in the same moment as the change that its mail tells of.
SAME_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True)
class Speaker:
    name: str
    organisation: str


def invitation(invitation_id: int, *, lock: bool = False) -> Invitation | None:
    """The invitation with everything that its page names; one statement.

    `lock` is for the writing part: who answers twice at once answers one after the other.
    """
    return db.session.scalars(*_invitation(invitation_id, lock)).first()


@prepared
def _invitation(invitation_id: int, lock: bool) -> Select[Invitation]:
    session = joinedload(Invitation.guidance)
    person = joinedload(Invitation.affiliation)
    found = (
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(
            session.joinedload(GuidanceSession.cluster),
            session.joinedload(GuidanceSession.organiser),
            person.joinedload(Affiliation.contact),
            person.joinedload(Affiliation.partner),
            joinedload(Invitation.on_behalf_user),
        )
    )
    return found.with_for_update(of=Invitation) if lock else found


def speakers(guidance_id: int, *, but: int) -> list[Speaker]:
    """The other speakers of a session, by name and organisation: everybody who is invited is told so much.

    `but` is the invitation of whoever asks.
    """
    with everything() as session:
        return [Speaker(*row) for row in session.execute(*_speakers(guidance_id, but))]


@prepared
def _speakers(guidance_id: int, but: int) -> Rows:
    return (
        select(Contact.name, Partner.name)
        .select_from(Invitation)
        .join(Invitation.affiliation)
        .join(Affiliation.contact)
        .join(Affiliation.partner)
        .where(
            Invitation.guidance_id == guidance_id,
            Invitation.id != but,
            Invitation.role == InvitationRole.SPEAKER,
            Invitation.uninvited_at.is_(None),
            Invitation.answer != Answer.DECLINED,
        )
        .order_by(Invitation.id)
    )


def moved_from(guidance: GuidanceSession, since: datetime) -> datetime | None:
    """When the session was to begin by what a link made at `since` told; None where it still is then."""
    told = db.session.scalars(*_moved(guidance.id, since + SAME_MOMENT)).first()
    before = datetime.fromisoformat(told) if told else None
    return before if before != guidance.starts_at else None


@prepared
def _moved(guidance_id: int, since: datetime) -> Select[Any]:
    return (
        select(AuditValue.before)
        .join(AuditValue.entry)
        .where(
            AuditEntry.noun == GuidanceSession.__tablename__,
            AuditEntry.object_id == guidance_id,
            AuditEntry.action == AuditAction.CHANGED,
            AuditEntry.at > since,
            AuditValue.field == "starts_at",
        )
        .order_by(AuditEntry.id)
        .limit(1)
    )
