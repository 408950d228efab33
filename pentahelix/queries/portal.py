"""What a partner contact sees in the portal: their sessions, what is kept of them, whom to ask about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Cluster,
    ClusterPartner,
    Contact,
    GuidanceSession,
    Invitation,
    Membership,
    User,
)
from pentahelix.prepared import NOW, TODAY, prepared
from pentahelix.queries.page import Rows
from pentahelix.rules import involved
from pentahelix.scope import everything, live
from pentahelix.services.guidance_states import takes_answers
from pentahelix.vocabulary import GuidanceStatus, Role

#: The latest of what is over; what is coming is shown whole, up to a bound that nobody meets.
PAST, COMING = 25, 200


@dataclass(frozen=True)
class Line:
    """A session and the answer to it; `day` by the clocks of its cluster."""

    invitation: Invitation
    day: date
    takes_answers: bool

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        guidance = invitation.guidance
        day = clock.local(guidance.starts_at, guidance.cluster.timezone).date()
        return cls(invitation, day, takes_answers(guidance))


@dataclass(frozen=True)
class Schedule:
    coming: Sequence[Line]
    past: Sequence[Line]


@dataclass(frozen=True)
class Coordinator:
    """Whom a contact may ask: so much of an account, and no more."""

    name: str
    position: str | None
    phone: str | None
    #: only where there is no telephone
    email: str | None
    clusters: tuple[str, ...]


def schedule() -> Schedule:
    """The sessions that whoever is signed in is invited to, each with the answer; two statements."""
    return Schedule(
        *(
            [Line.of(invitation) for invitation in db.session.scalars(*found)]
            for found in (_invited(is_past=False), _invited(is_past=True))
        )
    )


@prepared
def _invited(is_past: bool) -> Select[Invitation]:
    invited = (
        select(Invitation)
        .join(Invitation.guidance)
        .where(Invitation.uninvited_at.is_(None), live(GuidanceSession))
        .options(
            joinedload(Invitation.guidance).joinedload(GuidanceSession.cluster),
            joinedload(Invitation.affiliation).joinedload(Affiliation.partner),
        )
    )
    is_over = or_(GuidanceSession.status == GuidanceStatus.HELD, GuidanceSession.ends_at <= NOW)
    if not is_past:
        return invited.where(~is_over).order_by(GuidanceSession.starts_at, Invitation.id).limit(COMING)
    return invited.where(is_over).order_by(GuidanceSession.starts_at.desc(), Invitation.id.desc()).limit(PAST)


def contact(contact_id: int) -> Contact:
    """With the organisations where they work or worked."""
    found: Contact = db.session.scalars(*_contact(contact_id)).one()
    return found


@prepared
def _contact(contact_id: int) -> Select[Contact]:
    places = selectinload(Contact.affiliations).options(joinedload(Affiliation.partner))
    return select(Contact).where(Contact.id == contact_id).options(places)


def coordinators_of(contact_id: int) -> list[Coordinator]:
    """Those who coordinate the clusters in which an organisation of the contact is involved, by name.

    Beyond what a contact sees; it tells names, positions, telephones (addresses where there is none) and the
    clusters' short names.
    """
    with everything() as session:
        rows = session.execute(*_coordinators_of(contact_id)).all()
    people: dict[int, Coordinator] = {}
    for user_id, name, position, phone, email, short_name in rows:
        before = people[user_id].clusters if user_id in people else ()
        people[user_id] = Coordinator(name, position, phone, None if phone else email, (*before, short_name))
    return list(people.values())


@prepared
def _coordinators_of(contact_id: int) -> Rows:
    works_with = and_(ClusterPartner.partner_id == Affiliation.partner_id, involved(TODAY))
    return (
        select(User.id, User.name, User.position, User.phone, User.email, Cluster.short_name)
        .distinct()
        .select_from(Affiliation)
        .join(ClusterPartner, works_with)
        .join(Cluster, and_(Cluster.id == ClusterPartner.cluster_id, live(Cluster)))
        .join(Membership, and_(Membership.cluster_id == Cluster.id, live(Membership)))
        .join(User, User.id == Membership.user_id)
        .where(
            Affiliation.contact_id == contact_id,
            or_(Affiliation.ends.is_(None), Affiliation.ends >= TODAY),
            User.role == Role.COORDINATOR,
            User.email.is_not(None),
            User.deactivated_at.is_(None),
        )
        .order_by(User.name, User.id, Cluster.short_name)
    )
