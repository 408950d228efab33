"""What waits for a person: the number at the bell and the page behind it.

Proposals of another time, agreements to approve, follow-ups that others assigned and one has not begun, mails
that did not arrive. All of it is derived; nothing is ever marked as read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import Entity, db
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
from pentahelix.paths import table
from pentahelix.prepared import NOW, prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreement_list, agreements, outbox, steps
from pentahelix.queries.agreement_list import Awaited
from pentahelix.queries.outbox import Mail, Refusal
from pentahelix.queries.page import Rows
from pentahelix.queries.steps import Step
from pentahelix.scope import live
from pentahelix.vocabulary import (
    Answer,
    FollowUpStatus,
    GuidanceStatus,
    Helix,
    Role,
)

#: Lines of one kind that the page shows; its number is that of all.
SHOWN = 25


class Proposal(NamedTuple):
    """Somebody invited asks for another time."""

    invitation_id: int
    guidance_id: int
    topic: str
    cluster_id: int
    #: of the cluster
    zone: str
    #: by their names
    contact: str
    partner: str
    helix: Helix
    starts_at: datetime
    note: str | None
    #: of the invitation: what is accepted is what was read
    version: int

    @property
    def is_open(self) -> bool:
        """The proposed time is still to come, so that it can be accepted."""
        return self.starts_at > clock.now()


class Assigned(NamedTuple):
    step: Step
    #: by name
    by: str


@dataclass(frozen=True)
class Waiting:
    """What waits; of each kind only the first lines."""

    proposals: Sequence[Proposal]
    #: those to be approved
    agreements: Sequence[Awaited]
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
    """The same as a statement, which looks for no more than it counts: it runs with every page."""
    counts = [_number_of(FollowUp).where(*_is_assigned(person))]
    if person.role is Role.COORDINATOR:
        proposed = _number_of(GuidanceSession).join(table(Invitation)).where(*_is_proposed())
        # Of a partner who has left the person's clusters the page shows nothing.
        counts.append(proposed.join(Affiliation, Affiliation.id == Invitation.affiliation_id))
    if person.role is Role.KABID:
        counts.append(_number_of(Agreement).where(agreements.awaits(person.user_id)))
    else:
        counts.append(outbox.number_not_arrived(person))
    if person.role is Role.ADMIN:
        counts.append(_number_of_lines(outbox.refusals()))
    first, *others = (one.scalar_subquery() for one in counts)
    return select(sum(others, start=first))


def _number_of(entity: type[Entity]) -> Select[int]:
    return select(func.count()).select_from(entity)


def _number_of_lines(lines: Rows) -> Select[int]:
    return lines.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)


def of(person: Principal) -> Waiting:
    statements, values = _lines(person)
    found = {kind: db.session.execute(statement, values).all() for kind, statement in statements.items()}
    return Waiting(
        proposals=[Proposal._make(row) for row in found.get("proposals", ())],
        agreements=agreement_list.awaited(person.user_id)[:SHOWN] if person.role is Role.KABID else (),
        assigned=[Assigned._make(row) for row in steps.of(found["assigned"])],
        mails=[Mail(*row) for row in found.get("mails", ())],
        refusal=[Refusal(*row) for row in found.get("refusal", ())],
    )


@prepared
def _lines(person: Principal) -> dict[str, Rows]:
    lines = {kind: statement.limit(SHOWN) for kind, statement in _of(person).items()}
    return lines | {"assigned": _with_names(lines["assigned"])}


def _of(person: Principal) -> dict[str, Rows]:
    """The statements that find what waits for the role of `person`."""
    statements = {"assigned": _assigned(person)}
    if person.role is Role.COORDINATOR:
        statements |= {"proposals": proposals(), "mails": outbox.not_arrived(person)}
    elif person.role is Role.ADMIN:
        statements |= {"mails": outbox.not_arrived(person), "refusal": outbox.refusals()}
    return statements


def _assigned(person: Principal) -> Rows:
    return (
        steps.chosen(FollowUp.assigned_by_user_id)
        .where(*_is_assigned(person))
        .order_by(FollowUp.due_on, FollowUp.id)
    )


def _is_assigned(person: Principal) -> list[ColumnElement[bool]]:
    return [
        FollowUp.owner_user_id == person.user_id,
        FollowUp.assigned_by_user_id != person.user_id,
        FollowUp.status == FollowUpStatus.NOT_STARTED,
        live(FollowUp),
    ]


def _with_names(assigned: Rows) -> Rows:
    """The columns of Assigned, of what `_assigned` found."""
    found, giver = assigned.subquery(), aliased(User)
    return (
        steps.rows(found, giver.name)
        .join(giver, giver.id == found.c.assigned_by_user_id)
        .order_by(found.c.due_on, found.c.id)
    )


def proposals() -> Rows:
    """The columns of Proposal: of sessions that are still to come, oldest first."""
    # What belongs to a session or to an affiliation in sight is in sight.
    contact, partner, cluster = map(table, (Contact, Partner, Cluster))
    return (
        select(
            *(Invitation.id, GuidanceSession.id, GuidanceSession.topic),
            *(cluster.c.id, cluster.c.timezone, contact.c.name, partner.c.name, partner.c.helix),
            *(Invitation.proposed_starts_at, Invitation.note, Invitation.version),
        )
        .select_from(GuidanceSession)
        .join(Invitation, Invitation.guidance_id == GuidanceSession.id)
        .join(cluster, cluster.c.id == GuidanceSession.cluster_id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(contact, contact.c.id == Affiliation.contact_id)
        .join(partner, partner.c.id == Affiliation.partner_id)
        .where(*_is_proposed())
        .order_by(Invitation.answered_at, Invitation.id)
    )


def _is_proposed() -> list[ColumnElement[bool]]:
    return [
        Invitation.answer == Answer.PROPOSED,
        Invitation.uninvited_at.is_(None),
        GuidanceSession.status == GuidanceStatus.PLANNED,
        GuidanceSession.starts_at > NOW,
        live(GuidanceSession),
    ]
