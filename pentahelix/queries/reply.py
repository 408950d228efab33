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
    Cluster,
    Contact,
    GuidanceSession,
    Invitation,
    Partner,
    User,
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


#: What the page names of those around an invitation.
NAMED = (
    (Invitation.guidance, GuidanceSession.cluster, (Cluster.name, Cluster.timezone)),
    (
        Invitation.guidance,
        GuidanceSession.organiser,
        (User.name, User.phone, User.email, User.deactivated_at),
    ),
    (Invitation.affiliation, Affiliation.contact, (Contact.name, Contact.salutation, Contact.language)),
    (Invitation.affiliation, Affiliation.partner, (Partner.name,)),
)


def shown(invitation_id: int, since: datetime) -> tuple[Invitation, datetime | None] | None:
    """The invitation with everything that its page names; one statement.

    Beside it when its session was to begin by what a link made at `since` told; None where it still is then.
    """
    row = db.session.execute(*_shown(invitation_id, since + SAME_MOMENT)).first()
    if row is None:
        return None
    found, told = row
    before = datetime.fromisoformat(told) if told else None
    return found, before if before != found.guidance.starts_at else None


@prepared
def _shown(invitation_id: int, since: datetime) -> Rows:
    return (
        select(Invitation, _moved(since))
        .where(Invitation.id == invitation_id)
        .options(
            *(joinedload(a).joinedload(b).load_only(*names, raiseload=True) for a, b, names in NAMED),
            joinedload(Invitation.on_behalf_user).load_only(User.name, raiseload=True),
        )
    )


def to_be_answered(invitation_id: int) -> Invitation | None:
    """The invitation for the writing part: who answers twice at once answers one after the other.

    Whatever was read of it before may be older than the lock.
    """
    return db.session.scalars(*_to_be_answered(invitation_id)).first()


@prepared
def _to_be_answered(invitation_id: int) -> Select[Invitation]:
    session = joinedload(Invitation.guidance)
    person = joinedload(Invitation.affiliation)
    return (
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(
            session.joinedload(GuidanceSession.cluster),
            session.joinedload(GuidanceSession.organiser),
            person.joinedload(Affiliation.contact),
            person.joinedload(Affiliation.partner),
            joinedload(Invitation.on_behalf_user),
        )
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    )


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


def _moved(since: datetime) -> Any:
    """The first hour that the session of an invitation had after `since` and lost."""
    return (
        select(AuditValue.before)
        .join(AuditValue.entry)
        .where(
            AuditEntry.noun == GuidanceSession.__tablename__,
            AuditEntry.object_id == Invitation.guidance_id,
            AuditEntry.action == AuditAction.CHANGED,
            AuditEntry.at > since,
            AuditValue.field == "starts_at",
        )
        .order_by(AuditEntry.id)
        .limit(1)
        .correlate(Invitation)
        .scalar_subquery()
    )
