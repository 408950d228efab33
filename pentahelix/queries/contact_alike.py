"""Which contacts that are there already resemble a new one."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select

from pentahelix.extensions import db
from pentahelix.folding import ALIKE, likeness
from pentahelix.models import Affiliation, Contact, Partner
from pentahelix.presentation import bare_name
from pentahelix.queries.words import resembling
from pentahelix.scope import everything
from pentahelix.vocabulary import Word

#: Likenesses that are named beside a new contact, and candidates that are compared for them.
MOST_ALIKE = 5
CANDIDATES = 100


class Likeness(Word):
    """By what a contact that is already there resembles a new one, the surest first."""

    PHONE = "phone", _l("nomor telepon sama")
    EMAIL = "email", _l("surel sama")
    NAME = "name", _l("nama mirip")


@dataclass(frozen=True)
class Alike:
    """Of a contact outside the reader's clusters nothing is told but that there is one."""

    likeness: Likeness
    contact_id: int | None = None
    name: str | None = None
    organisation: str | None = None
    partner_id: int | None = None
    is_archived: bool = False


def alike(name: str, email: str | None, phone: str | None) -> list[Alike]:
    """Contacts of any cluster that may be the same person; a shared mailbox makes them alike as well."""
    hits = _alike_anywhere(name, email, phone)
    rows = db.session.execute(
        select(Contact.id, Contact.name, Partner.name, Partner.id, Contact.archived_at)
        .outerjoin(Affiliation, Affiliation.contact_id == Contact.id)
        .outerjoin(Partner, Partner.id == Affiliation.partner_id)
        .where(Contact.id.in_(hits))
        .order_by(Affiliation.ends.asc().nulls_last(), Affiliation.id)
    ).all()
    # Of several places the last one stands: where they work now, if they do.
    in_sight = {
        number: Alike(hits[number], number, name, organisation, partner_id, archived_at is not None)
        for number, name, organisation, partner_id, archived_at in rows
    }
    known = sorted(in_sight.values(), key=lambda one: list(Likeness).index(one.likeness))
    elsewhere = [hits[contact_id] for contact_id in hits if contact_id not in in_sight]
    return known + ([Alike(min(elsewhere, key=list(Likeness).index))] if elsewhere else [])


def _alike_anywhere(name: str, email: str | None, phone: str | None) -> dict[int, Likeness]:
    """The ids of at most MOST_ALIKE contacts and how they are alike, over all clusters."""
    criteria: list[ColumnElement[bool]] = [Contact.id.in_(resembling(Contact, bare_name(name), CANDIDATES))]
    if email:
        criteria.append(func.lower(Contact.email) == email.lower())
    if phone:
        criteria.append(Contact.phone == phone)
    with everything() as session:
        rows = session.execute(
            select(Contact.id, Contact.name, Contact.email, Contact.phone).where(
                Contact.erased_at.is_(None), or_(*criteria)
            )
        ).all()
    scored: list[tuple[int, float, int, Likeness]] = []
    for contact_id, their_name, their_email, their_phone in rows:
        score = likeness(bare_name(name), bare_name(their_name))
        if phone and their_phone == phone:
            why = Likeness.PHONE
        elif email and (their_email or "").lower() == email.lower():
            why = Likeness.EMAIL
        elif score >= ALIKE:
            why = Likeness.NAME
        else:
            continue
        scored.append((list(Likeness).index(why), -score, contact_id, why))
    return {contact_id: why for _place, _score, contact_id, why in sorted(scored)[:MOST_ALIKE]}
