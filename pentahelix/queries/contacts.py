"""Who can be spoken to: the people of partners for a picker, the list of all, and likenesses of a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.folding import ALIKE, likeness
from pentahelix.models import (
    Affiliation,
    Cluster,
    ClusterPartner,
    Contact,
    GuidanceSession,
    Invitation,
    Partner,
)
from pentahelix.presentation import bare_name
from pentahelix.queries.page import Page, paginate
from pentahelix.queries.words import found, matching, resembling
from pentahelix.scope import everything, live
from pentahelix.vocabulary import Basis, ContactFunction, GuidanceStatus, Helix, Word

#: Likenesses that are named beside a new contact, and candidates that are compared for them.
MOST_ALIKE = 5
CANDIDATES = 100


# ── for a picker ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ContactChoice:
    """A person as one chooses them: at a partner, today."""

    affiliation_id: int
    contact_id: int
    name: str
    position: str | None
    partner_id: int
    is_primary: bool


def of_partners(partner_ids: Iterable[int]) -> list[ContactChoice]:
    """Who works at these partners and may be written to: the primary one of each first, then by name."""
    wanted = set(partner_ids)
    if not wanted:
        return []
    rows = db.session.execute(
        select(
            Affiliation.id,
            Contact.id,
            Contact.name,
            Affiliation.position,
            Affiliation.partner_id,
            Affiliation.is_primary,
        )
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(
            Affiliation.partner_id.in_(wanted),
            Affiliation.ends.is_(None),
            live(Contact),
            Contact.basis != Basis.WITHDRAWN,
            Contact.erased_at.is_(None),
            Contact.restricted_at.is_(None),
        )
        .order_by(Affiliation.partner_id, Affiliation.is_primary.desc(), Contact.sort_name, Affiliation.id)
    )
    return [ContactChoice(*row) for row in rows]


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


class Status(Word):
    """What the list may be narrowed to; without one it shows whoever is not archived."""

    WITHDRAWN = "withdrawn", _l("Persetujuan ditarik")
    ARCHIVED = "archived", _l("Diarsipkan")


class Sort(Word):
    """A minus turns it round. Who works nowhere stands last by partner, either way."""

    NAME = "name", _l("Nama A–Z")
    NAME_DOWN = "-name", _l("Nama Z–A")
    PARTNER = "partner", _l("Mitra A–Z")
    PARTNER_DOWN = "-partner", _l("Mitra Z–A")


@dataclass(frozen=True)
class Filters:
    typed: str = ""
    partner_id: int | None = None
    cluster_id: int | None = None
    helix: Helix | None = None
    function: ContactFunction | None = None
    status: Status | None = None
    sort: Sort = Sort.NAME

    @property
    def is_narrowed(self) -> bool:
        return self != Filters(sort=self.sort)


@dataclass(frozen=True)
class Place:
    """Where somebody works, or worked until `ends`."""

    affiliation_id: int
    partner_id: int
    partner: str
    helix: Helix
    position: str | None
    function: ContactFunction | None
    is_primary: bool
    begins: date | None
    ends: date | None
    is_fictitious: bool


@dataclass(frozen=True)
class ContactRow:
    """A person with the places where they work now."""

    contact: Contact
    places: Sequence[Place]


def index(filters: Filters, number: int) -> Page:
    page = paginate(_listed(filters), number)
    return replace(page, items=_rows(page.items, [contact.id for contact in page.items]))


def everyone(filters: Filters) -> list[ContactRow]:
    """All rows of the list, for a spreadsheet."""
    listed = _listed(filters)
    return _rows(db.session.scalars(listed).all(), listed.order_by(None).with_only_columns(Contact.id))


def places_of(contact: Contact) -> list[Place]:
    """Where they work, the earliest first, then where they worked, the latest first."""
    places = [place for _contact_id, place in _places([contact.id])]
    now = [place for place in places if place.ends is None]
    past = [place for place in places if place.ends is not None]
    return now + sorted(past, key=lambda place: (place.ends or date.max, place.affiliation_id), reverse=True)


def current_affiliation(contact: Contact) -> Affiliation | None:
    """Where they work; where they have been longest, if they work at several places."""
    return db.session.scalars(
        select(Affiliation)
        .where(Affiliation.contact_id == contact.id, Affiliation.ends.is_(None))
        .order_by(Affiliation.begins.asc().nulls_first(), Affiliation.id)
        .limit(1)
    ).first()


def name_of(contact_id: int) -> str:
    """Of a contact that a record in sight names."""
    return db.session.scalar(select(Contact.name).where(Contact.id == contact_id)) or ""


def partner_named(partner_id: int) -> Partner | None:
    """A partner in sight to whom somebody may move."""
    return db.session.scalars(select(Partner).where(Partner.id == partner_id, live(Partner))).first()


def names_of(filters: Filters) -> dict[str, str]:
    """What the chosen cluster and partner are called, as far as they are in sight."""
    names: dict[str, str] = {}
    for key, entity, wanted in (
        ("cluster", Cluster.short_name, Cluster.id == filters.cluster_id),
        ("partner", Partner.name, Partner.id == filters.partner_id),
    ):
        if getattr(filters, f"{key}_id") is not None:
            name = db.session.scalar(select(entity).where(wanted))
            if name is not None:
                names[key] = name
    return names


def _listed(filters: Filters) -> Select[Any]:
    statement = select(Contact).select_from(Contact).where(Contact.erased_at.is_(None), *_narrowed(filters))
    if filters.status == Status.ARCHIVED:
        statement = statement.where(Contact.archived_at.is_not(None))
    else:
        statement = statement.where(live(Contact))
    if filters.status == Status.WITHDRAWN:
        statement = statement.where(Contact.basis == Basis.WITHDRAWN)
    return _ordered(statement, filters.sort)


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if filters.typed:
        employed = select(Affiliation.contact_id).where(
            Affiliation.ends.is_(None), Affiliation.partner_id.in_(found(Partner, filters.typed))
        )
        criteria.append(or_(matching(Contact, filters.typed), Contact.id.in_(employed)))
    works = select(Affiliation.contact_id).where(Affiliation.ends.is_(None))
    where_they_work: list[ColumnElement[bool]] = []
    if filters.partner_id is not None:
        where_they_work.append(Affiliation.partner_id == filters.partner_id)
    if filters.function:
        where_they_work.append(Affiliation.function == filters.function)
    if filters.helix:
        where_they_work.append(
            Affiliation.partner_id.in_(select(Partner.id).where(Partner.helix == filters.helix))
        )
    if filters.cluster_id is not None:
        where_they_work.append(
            Affiliation.partner_id.in_(
                select(ClusterPartner.partner_id).where(ClusterPartner.cluster_id == filters.cluster_id)
            )
        )
    if where_they_work:
        criteria.append(Contact.id.in_(works.where(*where_they_work)))
    return criteria


def _ordered(statement: Select[Any], sort: Sort) -> Select[Any]:
    if sort in (Sort.NAME, Sort.NAME_DOWN):
        own = Contact.sort_name
        return statement.order_by(own.desc() if sort == Sort.NAME_DOWN else own, Contact.id)
    employer = (
        select(Affiliation.contact_id, func.min(Partner.sort_name).label("sort_name"))
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(Affiliation.ends.is_(None))
        .group_by(Affiliation.contact_id)
        .subquery()
    )
    name = employer.c.sort_name
    first = name.desc() if sort == Sort.PARTNER_DOWN else name.asc()
    return statement.outerjoin(employer, employer.c.contact_id == Contact.id).order_by(
        first.nulls_last(), Contact.sort_name, Contact.id
    )


def _rows(contacts: Sequence[Contact], theirs: Any) -> list[ContactRow]:
    """`theirs`: the ids of the contacts, as a list or as a select."""
    places: dict[int, list[Place]] = {contact.id: [] for contact in contacts}
    for contact_id, place in _places(theirs, Affiliation.ends.is_(None)):
        places.get(contact_id, []).append(place)
    return [ContactRow(contact, places[contact.id]) for contact in contacts]


def _places(theirs: Any, *criteria: ColumnElement[bool]) -> list[tuple[int, Place]]:
    rows = db.session.execute(
        select(
            Affiliation.contact_id,
            Affiliation.id,
            Partner.id,
            Partner.name,
            Partner.helix,
            Affiliation.position,
            Affiliation.function,
            Affiliation.is_primary,
            Affiliation.begins,
            Affiliation.ends,
            Partner.is_fictitious,
        )
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(Affiliation.contact_id.in_(theirs), *criteria)
        .order_by(Affiliation.begins.asc().nulls_first(), Affiliation.id)
    )
    return [(contact_id, Place(*told)) for contact_id, *told in rows]


# ── what waits for somebody ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OpenInvitation:
    """To a session that is still to come."""

    topic: str
    starts_at: datetime
    zone: str


def open_invitations(contact: Contact) -> list[OpenInvitation]:
    rows = db.session.execute(
        select(GuidanceSession.topic, GuidanceSession.starts_at, Cluster.timezone)
        .join(Invitation, Invitation.guidance_id == GuidanceSession.id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(
            Affiliation.contact_id == contact.id,
            Invitation.uninvited_at.is_(None),
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.starts_at > clock.now(),
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at, GuidanceSession.id)
    )
    return [OpenInvitation(*row) for row in rows]


# ── likenesses ──────────────────────────────────────────────────────────────────────────────────────────────


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
