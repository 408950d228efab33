"""What waits for a person: the number at the bell and the page behind it.

Proposals of another time, agreements to approve, follow-ups that others assigned and one has not begun, mails
that did not arrive. All of it is derived; nothing is ever marked as read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    Cluster,
    Contact,
    FollowUp,
    GuidanceSession,
    Invitation,
    Partner,
    User,
)
from pentahelix.prepared import NOW, prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreements, followups, outbox
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.outbox import Mail, Refusal
from pentahelix.queries.page import Rows
from pentahelix.scope import live
from pentahelix.vocabulary import Answer, FollowUpStatus, GuidanceStatus, Role

#: Lines of one kind that the page shows; its number is that of all.
SHOWN = 25


@dataclass(frozen=True)
class Proposal:
    """Somebody invited asks for another time."""

    invitation: Invitation
    guidance: GuidanceSession
    contact: Contact
    partner: Partner
    cluster: Cluster

    @property
    def is_open(self) -> bool:
        """The proposed time is still to come, so that it can be accepted."""
        proposed = self.invitation.proposed_starts_at
        return proposed is not None and proposed > clock.now()


@dataclass(frozen=True)
class Assigned:
    row: FollowUpRow
    by: User


@dataclass(frozen=True)
class Waiting:
    """What waits; of each kind only the first lines."""

    proposals: Sequence[Proposal]
    agreements: Sequence[Agreement]
    assigned: Sequence[Assigned]
    mails: Sequence[Mail]
    #: the admin's: the server turns all of our mails away
    refusal: Sequence[Refusal]


def count(person: Principal) -> int:
    """How many things wait for `person`, in one statement."""
    return db.session.scalar(*_number(person)) or 0


@prepared
def _number(person: Principal) -> Select[int]:
    return number_of(person)


def number_of(person: Principal) -> Select[int]:
    """The same as a statement."""
    counts = [
        statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None).scalar_subquery()
        for statement in _of(person).values()
    ]
    return select(sum(counts[1:], start=counts[0]))


def of(person: Principal) -> Waiting:
    statements, values = _lines(person)
    found = {kind: db.session.execute(statement, values).all() for kind, statement in statements.items()}
    return Waiting(
        proposals=[Proposal(*row) for row in found.get("proposals", ())],
        agreements=[row[0] for row in found.get("agreements", ())],
        assigned=[Assigned(FollowUpRow(*row), by) for *row, by in found["assigned"]],
        mails=[Mail(*row) for row in found.get("mails", ())],
        refusal=[Refusal(*row) for row in found.get("refusal", ())],
    )


@prepared
def _lines(person: Principal) -> dict[str, Rows]:
    return {kind: statement.limit(SHOWN) for kind, statement in _of(person).items()}


def _of(person: Principal) -> dict[str, Rows]:
    """The statements that find what waits for the role of `person`."""
    statements = {"assigned": _assigned(person)}
    if person.role is Role.COORDINATOR:
        statements |= {"proposals": proposals(), "mails": outbox.not_arrived(person)}
    elif person.role is Role.KABID:
        statements |= {"agreements": _agreements(person)}
    else:
        statements |= {"mails": outbox.not_arrived(person), "refusal": outbox.refusals()}
    return statements


def _assigned(person: Principal) -> Rows:
    giver = aliased(User)
    return (
        followups.rows()
        .add_columns(giver)
        .join(giver, giver.id == FollowUp.assigned_by_user_id)
        .where(
            FollowUp.owner_user_id == person.user_id,
            FollowUp.assigned_by_user_id != person.user_id,
            FollowUp.status == FollowUpStatus.NOT_STARTED,
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )


def proposals() -> Rows:
    """Of sessions that are still to come, oldest first."""
    return (
        select(Invitation, GuidanceSession, Contact, Partner, Cluster)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(
            Invitation.answer == Answer.PROPOSED,
            Invitation.uninvited_at.is_(None),
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.starts_at > NOW,
            live(GuidanceSession),
        )
        .order_by(Invitation.answered_at, Invitation.id)
    )


def _agreements(person: Principal) -> Rows:
    """What the Kabid is asked to approve."""
    return select(Agreement).where(agreements.awaits(person.user_id)).order_by(Agreement.id)
