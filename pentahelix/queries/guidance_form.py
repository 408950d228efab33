"""What the forms of a guidance session offer: the partners of its cluster and their people, its schools."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    ClusterPartner,
    Contact,
    GuidanceSchool,
    Invitation,
    Partner,
    School,
)
from pentahelix.rules import not_ended
from pentahelix.scope import live
from pentahelix.vocabulary import Basis, Helix, InvitationRole


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
    may_be_invited = (
        Affiliation.ends.is_(None)
        & live(Contact)
        & (Contact.basis != Basis.WITHDRAWN)
        & Contact.erased_at.is_(None)
        & Contact.restricted_at.is_(None)
    )
    theirs = Affiliation.partner_id == Partner.id
    today = clock.today()
    rows = db.session.execute(
        select(Partner, Affiliation, Contact)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .outerjoin(Affiliation, theirs)
        .outerjoin(
            Contact, (Contact.id == Affiliation.contact_id) & (may_be_invited | Affiliation.id.in_(also))
        )
        .where(
            ClusterPartner.cluster_id == cluster_id,
            (live(Partner) & not_ended(today)) | (Affiliation.id.in_(also)),
        )
        .order_by(
            Partner.sort_name, Partner.id, Affiliation.is_primary.desc(), Contact.sort_name, Affiliation.id
        )
    )
    found: dict[int, PartnerChoice] = {}
    for partner, affiliation, contact in rows:
        choice = found.setdefault(partner.id, PartnerChoice(partner.id, partner.name, partner.helix))
        if contact is not None:
            choice.people.append(
                PersonChoice(
                    affiliation.id,
                    contact.id,
                    contact.name,
                    affiliation.position,
                    contact.email,
                    contact.phone,
                    partner.name,
                    partner.is_fictitious,
                )
            )
    return list(found.values())


def people(cluster_id: int, affiliation_ids: Sequence[int]) -> list[PersonChoice]:
    """Those of these ids whom the cluster's partners have, or had when they were named."""
    if not affiliation_ids:
        return []
    wanted = set(affiliation_ids)
    found = partners(cluster_id, also=affiliation_ids)
    return [one for partner in found for one in partner.people if one.id in wanted]


def schools(cluster_id: int, also: Sequence[int] = ()) -> Sequence[School]:
    return db.session.scalars(
        select(School)
        .where(School.cluster_id == cluster_id, live(School) | School.id.in_(also))
        .order_by(School.sort_name, School.id)
    ).all()


@dataclass(frozen=True)
class Named:
    """Whom and what a session names already; those who were un-invited are not among them."""

    school_ids: list[int]
    speaker_ids: list[int]
    participant_ids: list[int]


def named(guidance_id: int) -> Named:
    people = db.session.execute(
        select(Invitation.affiliation_id, Invitation.role)
        .where(Invitation.guidance_id == guidance_id, Invitation.uninvited_at.is_(None))
        .order_by(Invitation.id)
    ).all()
    school_ids = db.session.scalars(
        select(GuidanceSchool.school_id).where(GuidanceSchool.guidance_id == guidance_id)
    )
    return Named(
        list(school_ids),
        [number for number, role in people if role == InvitationRole.SPEAKER],
        [number for number, role in people if role == InvitationRole.PARTICIPANT],
    )
