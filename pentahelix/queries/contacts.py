"""Who can be spoken to: the people of partners for a picker, and the list of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, or_, select

from pentahelix.extensions import db
from pentahelix.mail.recipients import mailable
from pentahelix.models import (
    Affiliation,
    Cluster,
    ClusterPartner,
    Contact,
    GuidanceSession,
    Invitation,
    Partner,
)
from pentahelix.prepared import NOW, Prepared, prepared
from pentahelix.queries.page import Page, Rows, paginate
from pentahelix.queries.words import found, matching
from pentahelix.scope import live
from pentahelix.vocabulary import Basis, ContactFunction, GuidanceStatus, Helix, Word

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
    wanted = tuple(set(partner_ids))
    if not wanted:
        return []
    return [ContactChoice(*row) for row in db.session.execute(*_of_partners(wanted))]


@prepared
def _of_partners(partner_ids: tuple[int, ...]) -> Rows:
    return (
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
            Affiliation.partner_id.in_(partner_ids),
            Affiliation.ends.is_(None),
            mailable(),
        )
        .order_by(Affiliation.partner_id, Affiliation.is_primary.desc(), Contact.sort_name, Affiliation.id)
    )


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
    return replace(page, items=_rows(page.items, _places_now(tuple(contact.id for contact in page.items))))


def everyone(filters: Filters) -> list[ContactRow]:
    """All rows of the list, for a spreadsheet."""
    return _rows(db.session.scalars(*_listed(filters)).all(), _places_of_all(filters))


def places_of(contact: Contact) -> list[Place]:
    """Where they work, the earliest first, then where they worked, the latest first."""
    places = [Place(*told) for _contact_id, *told in db.session.execute(*_places_ever(contact.id))]
    now = [place for place in places if place.ends is None]
    past = [place for place in places if place.ends is not None]
    return now + sorted(past, key=lambda place: (place.ends or date.max, place.affiliation_id), reverse=True)


def current_affiliation(contact: Contact) -> Affiliation | None:
    """Where they work; where they have been longest, if they work at several places."""
    return db.session.scalars(*_current_affiliation(contact.id)).first()


@prepared
def _current_affiliation(contact_id: int) -> Select[Affiliation]:
    return (
        select(Affiliation)
        .where(Affiliation.contact_id == contact_id, Affiliation.ends.is_(None))
        .order_by(Affiliation.begins.asc().nulls_first(), Affiliation.id)
        .limit(1)
    )


def name_of(contact_id: int) -> str:
    """Of a contact that a record in sight names."""
    return db.session.scalar(*_name(Contact.name, contact_id)) or ""


def partner_named(partner_id: int) -> Partner | None:
    """A partner in sight to whom somebody may move."""
    return db.session.scalars(*_partner(partner_id)).first()


@prepared
def _partner(partner_id: int) -> Select[Partner]:
    return select(Partner).where(Partner.id == partner_id, live(Partner))


def names_of(filters: Filters) -> dict[str, str]:
    """What the chosen cluster and partner are called, as far as they are in sight."""
    wanted = {
        "cluster": (Cluster.short_name, filters.cluster_id),
        "partner": (Partner.name, filters.partner_id),
    }
    names = {
        key: db.session.scalar(*_name(column, object_id))
        for key, (column, object_id) in wanted.items()
        if object_id is not None
    }
    return {key: name for key, name in names.items() if name is not None}


@prepared
def _name(column: Any, object_id: int) -> Select[str]:
    return select(column).where(column.class_.id == object_id)


@prepared
def _listed(filters: Filters) -> Select[Any]:
    return _selected(filters)


def _selected(filters: Filters) -> Select[Any]:
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


def _rows(contacts: Sequence[Contact], theirs: Prepared) -> list[ContactRow]:
    """`theirs`: the places of these contacts, and maybe of others."""
    places: dict[int, list[Place]] = {contact.id: [] for contact in contacts}
    for contact_id, *told in db.session.execute(*theirs):
        places.get(contact_id, []).append(Place(*told))
    return [ContactRow(contact, places[contact.id]) for contact in contacts]


@prepared
def _places_now(contact_ids: tuple[int, ...]) -> Rows:
    return _places(contact_ids).where(Affiliation.ends.is_(None))


@prepared
def _places_of_all(filters: Filters) -> Rows:
    theirs = _selected(filters).order_by(None).with_only_columns(Contact.id)
    return _places(theirs).where(Affiliation.ends.is_(None))


@prepared
def _places_ever(contact_id: int) -> Rows:
    return _places([contact_id])


def _places(contact_ids: Any) -> Rows:
    return (
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
        .where(Affiliation.contact_id.in_(contact_ids))
        .order_by(Affiliation.begins.asc().nulls_first(), Affiliation.id)
    )


# ── what waits for somebody ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OpenInvitation:
    """To a session that is still to come."""

    topic: str
    starts_at: datetime
    zone: str


def open_invitations(contact: Contact) -> list[OpenInvitation]:
    return [OpenInvitation(*row) for row in db.session.execute(*_open_invitations(contact.id))]


@prepared
def _open_invitations(contact_id: int) -> Rows:
    return (
        select(GuidanceSession.topic, GuidanceSession.starts_at, Cluster.timezone)
        .join(Invitation, Invitation.guidance_id == GuidanceSession.id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(
            Affiliation.contact_id == contact_id,
            Invitation.uninvited_at.is_(None),
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.starts_at > NOW,
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at, GuidanceSession.id)
    )
