"""Partners that may already be what somebody is about to register, in whichever cluster they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select

from pentahelix.extensions import db
from pentahelix.folding import ALIKE, begins_alike, likeness
from pentahelix.models import Affiliation, Contact, Partner
from pentahelix.queries.words import resembling
from pentahelix.scope import everything, live
from pentahelix.vocabulary import Helix, Regency, Word

#: Likenesses that are shown, and candidates that are compared for them.
MOST_ALIKE = 5
CANDIDATES = 200
#: A shorter name says too little.
SHORTEST_NAME = 3


class Likeness(Word):
    """By what two partners are alike, the surest first."""

    NIB = "nib", _l("NIB sama")
    NPWP = "npwp", _l("NPWP sama")
    PHONE = "phone", _l("nomor telepon sama")
    EMAIL = "email", _l("surel sama")
    NAME = "name", _l("nama mirip")


@dataclass(frozen=True)
class Told:
    """What somebody has told about a new partner so far."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    nib: str | None = None
    npwp: str | None = None


@dataclass(frozen=True)
class AlikePartner:
    """All that is told about a partner, be it of another cluster: its name, helix and regency."""

    id: int
    name: str
    helix: Helix
    regency: Regency | None
    likeness: Likeness
    #: it is in the reader's own clusters and may be opened
    is_own: bool
    is_archived: bool


def alike(told: Told) -> list[AlikePartner]:
    """At most MOST_ALIKE partners of any cluster that may be the same, the surest first.

    A number or an address that belongs to one of its contacts counts in the reader's own clusters only:
    elsewhere it would tell where a person works.
    """
    by_contact = _employers(told)
    found = sorted(_anywhere(told, by_contact), key=lambda hit: hit[:3])[:MOST_ALIKE]
    ids = [partner.id for *_order, partner in found]
    own = set(db.session.scalars(select(Partner.id).where(Partner.id.in_(ids))))
    return [
        AlikePartner(
            partner.id,
            partner.name,
            partner.helix,
            partner.regency,
            list(Likeness)[place],
            partner.id in own,
            partner.is_archived,
        )
        for place, _score, _id, partner in found
        # An archived one of others can neither be opened nor be worked with.
        if partner.id in own or not partner.is_archived
    ]


def name_of(partner_id: int) -> str | None:
    """What a partner of any cluster is called, for somebody to whom `alike` has shown it; no archived one."""
    with everything() as session:
        return session.scalars(select(Partner.name).where(Partner.id == partner_id, live(Partner))).first()


def _employers(told: Told) -> dict[int, Likeness]:
    """Partners in sight whose present contacts have that number or address."""
    criteria = _same(Contact, told)
    if not criteria:
        return {}
    rows = db.session.execute(
        select(Affiliation.partner_id, Contact.phone)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(Affiliation.ends.is_(None), live(Contact), or_(*criteria))
    )
    return {
        partner_id: Likeness.PHONE if told.phone and phone == told.phone else Likeness.EMAIL
        for partner_id, phone in rows
    }


def _anywhere(told: Told, by_contact: dict[int, Likeness]) -> Iterable[tuple[int, float, int, Partner]]:
    """Candidates of all clusters that turn out to be alike, each with its place and score, less is surer."""
    criteria = [*_same(Partner, told), *_same_numbers(told), Partner.id.in_(by_contact)]
    if told.name and len(told.name) >= SHORTEST_NAME:
        criteria.append(Partner.id.in_(resembling(Partner, told.name, CANDIDATES)))
    with everything() as session:
        candidates = session.scalars(select(Partner).where(or_(*criteria))).all()
    for partner in candidates:
        score = likeness(told.name or "", partner.name)
        if how := _how(partner, told, score) or by_contact.get(partner.id):
            yield list(Likeness).index(how), -score, partner.id, partner


def _how(partner: Partner, told: Told, score: float) -> Likeness | None:
    if told.nib and partner.nib == told.nib:
        return Likeness.NIB
    if told.npwp and partner.npwp and partner.npwp.zfill(16) == told.npwp.zfill(16):
        return Likeness.NPWP
    if told.phone and partner.phone == told.phone:
        return Likeness.PHONE
    if told.email and (partner.email or "").lower() == told.email.lower():
        return Likeness.EMAIL
    return Likeness.NAME if score >= ALIKE or begins_alike(told.name or "", partner.name) else None


def _same(entity: Any, told: Told) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if told.phone:
        criteria.append(entity.phone == told.phone)
    if told.email:
        criteria.append(func.lower(entity.email) == told.email.lower())
    return criteria


def _same_numbers(told: Told) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if told.nib:
        criteria.append(Partner.nib == told.nib)
    if told.npwp:
        # Fifteen digits of before are the same number without its leading nought.
        criteria.append(Partner.npwp.in_({told.npwp, told.npwp.removeprefix("0")}))
    return criteria
