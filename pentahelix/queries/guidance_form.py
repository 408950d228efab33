"""What the forms of a guidance session offer: the partners of its cluster and their people, its schools."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CompoundSelect, Select, String, cast, null, select, union_all

from pentahelix.extensions import db
from pentahelix.mail.recipients import mailable
from pentahelix.models import (
    Affiliation,
    ClusterPartner,
    Contact,
    GuidanceSchool,
    Invitation,
    Partner,
    School,
)
from pentahelix.prepared import TODAY, prepared
from pentahelix.queries.page import Rows
from pentahelix.rules import not_ended
from pentahelix.scope import live
from pentahelix.vocabulary import Helix, InvitationRole


@dataclass(frozen=True)
class PersonChoice:
    """Somebody who can be invited; `id` is that of their place at the partner."""

    id: int
    contact_id: int
    name: str
    position: str | None
    email: str | None
    phone: str | None
    partner: str
    is_fictitious: bool


@dataclass(frozen=True)
class PartnerChoice:
    """A partner of the cluster with its people, the primary one first; there may be none."""

    id: int
    name: str
    helix: Helix
    people: list[PersonChoice] = field(default_factory=list)


def partners(cluster_id: int, also: Sequence[int] = ()) -> list[PartnerChoice]:
    """The partners of today, by name, and who may be invited there; one statement.

    `also` are affiliations that a session names already, whatever has become of them.
    """
    found: dict[int, PartnerChoice] = {}
    rows = db.session.execute(*_partners(cluster_id, tuple(also)))
    for partner_id, name, helix, is_fictitious, place_id, contact_id, person, position, email, phone in rows:
        choice = found.get(partner_id)
        if choice is None:
            choice = found[partner_id] = PartnerChoice(partner_id, name, helix)
        if contact_id is not None:
            choice.people.append(
                PersonChoice(place_id, contact_id, person, position, email, phone, name, is_fictitious)
            )
    return list(found.values())


@prepared
def _partners(cluster_id: int, also: tuple[int, ...]) -> Rows:
    may_be_invited = Affiliation.ends.is_(None) & mailable()
    theirs = Affiliation.partner_id == Partner.id
    return (
        select(
            *(Partner.id, Partner.name, Partner.helix, Partner.is_fictitious),
            *(Affiliation.id, Contact.id),
            *(Contact.name, Affiliation.position, Contact.email, Contact.phone),
        )
        .select_from(Partner)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .outerjoin(Affiliation, theirs)
        .outerjoin(
            Contact, (Contact.id == Affiliation.contact_id) & (may_be_invited | Affiliation.id.in_(also))
        )
        .where(
            ClusterPartner.cluster_id == cluster_id,
            (live(Partner) & not_ended(TODAY)) | (Affiliation.id.in_(also)),
        )
        .order_by(
            Partner.sort_name, Partner.id, Affiliation.is_primary.desc(), Contact.sort_name, Affiliation.id
        )
    )


def people(cluster_id: int, affiliation_ids: Sequence[int]) -> list[PersonChoice]:
    """Those of these ids whom the cluster's partners have, or had when they were named."""
    if not affiliation_ids:
        return []
    wanted = set(affiliation_ids)
    found = partners(cluster_id, also=affiliation_ids)
    return [one for partner in found for one in partner.people if one.id in wanted]


def schools(cluster_id: int, also: Sequence[int] = ()) -> Sequence[School]:
    return db.session.scalars(*_schools(cluster_id, tuple(also))).all()


@prepared
def _schools(cluster_id: int, also: tuple[int, ...]) -> Select[School]:
    return (
        select(School)
        .where(School.cluster_id == cluster_id, live(School) | School.id.in_(also))
        .order_by(School.sort_name, School.id)
    )


@dataclass(frozen=True)
class Named:
    """Whom and what a session names already; those who were un-invited are not among them."""

    school_ids: list[int]
    speaker_ids: list[int]
    participant_ids: list[int]

    @property
    def people(self) -> list[int]:
        return [*self.speaker_ids, *self.participant_ids]


def named(guidance_id: int) -> Named:
    rows = sorted(db.session.execute(*_named(guidance_id)), key=lambda row: row.place)
    return Named(
        [row.number for row in rows if row.role is None],
        [row.number for row in rows if row.role == InvitationRole.SPEAKER],
        [row.number for row in rows if row.role == InvitationRole.PARTICIPANT],
    )


@prepared
def _named(guidance_id: int) -> CompoundSelect[Any]:
    invited = select(
        cast(Invitation.role, String).label("role"),
        Invitation.affiliation_id.label("number"),
        Invitation.id.label("place"),
    ).where(Invitation.guidance_id == guidance_id, Invitation.uninvited_at.is_(None))
    taking_part = select(cast(null(), String), GuidanceSchool.school_id, GuidanceSchool.id).where(
        GuidanceSchool.guidance_id == guidance_id
    )
    return union_all(invited, taking_part)
