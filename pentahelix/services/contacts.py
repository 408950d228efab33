"""People at partners: taken down, corrected, moved to another employer, put away.

An affiliation is never rewritten when somebody leaves: it ends, and minutes and invitations that point at it
keep the employer of that day. What the contact's own pages change counts as a change of the contact, whose
version guards them.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock, rules
from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Contact, Partner
from pentahelix.presentation import day_long
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import live
from pentahelix.vocabulary import Basis, ContactFunction, Language, Salutation


@dataclass(frozen=True)
class ContactWish:
    """A person and what they do at the partner in question."""

    name: str
    salutation: Salutation | None = None
    position: str | None = None
    function: ContactFunction | None = None
    email: str | None = None
    phone: str | None = None
    phone_note: str | None = None
    language: Language = Language.ID
    basis: Basis = Basis.PUBLIC_TASK
    basis_since: date | None = None
    is_primary: bool = False


@dataclass(frozen=True)
class MoveWish:
    """To another partner, from `day` on."""

    partner_id: int
    day: date
    position: str | None = None
    function: ContactFunction | None = None
    #: they work at both
    stays: bool = False
    #: the affiliation that is then primary at the old one
    successor_id: int | None = None


def must_take_contacts(partner: Partner) -> None:
    if partner.is_archived:
        raise WrongState(_("Mitra ini diarsipkan. Pulihkan dahulu untuk menambah narahubung."))


def make(partner: Partner, wish: ContactWish) -> Contact:
    """Take down a person of `partner`; the first one there is its primary contact."""
    must_take_contacts(partner)
    contact = Contact()
    _fill(contact, wish)
    _begin(contact, partner.id, wish.position, wish.function, clock.today(), is_primary=wish.is_primary)
    return contact


def edit(contact: Contact, affiliation: Affiliation | None, wish: ContactWish) -> None:
    """Correct what is known of a person, and what they do at the partner of `affiliation`."""
    must_not_be_archived(contact)
    _fill(contact, wish)
    if affiliation is not None:
        affiliation.position = wish.position
        affiliation.function = wish.function
    touch(contact)
    db.session.flush()


def make_primary(affiliation: Affiliation) -> None:
    """Whom one asks for first at the partner; the one before is so no longer."""
    contact = _person_of(affiliation)
    must_not_be_archived(contact)
    if affiliation.ends is not None:
        raise WrongState(_("Orang ini sudah tidak bertugas di sana."))
    if rules.is_left_alone(contact):
        raise WrongState(_("Orang ini meminta tidak dihubungi; pilih narahubung utama yang lain."))
    _take_primary(affiliation.partner_id)
    affiliation.is_primary = True
    db.session.flush()


def move(contact: Contact, old: Affiliation | None, wish: MoveWish) -> Affiliation:
    """From `old` (none: they work nowhere that we know of) to another partner.

    The old place ends on the day before; on the day itself if it began only then.
    """
    must_not_be_archived(contact)
    _must_not_be_to_come("day", wish.day)
    partner = db.session.scalars(select(Partner).where(Partner.id == wish.partner_id, live(Partner))).first()
    if partner is None:
        raise Refused("partner_id", _("Pilih mitra dari daftar."))
    already = select(Affiliation.id).where(
        Affiliation.contact_id == contact.id,
        Affiliation.partner_id == partner.id,
        Affiliation.ends.is_(None),
    )
    if db.session.scalar(already) is not None:
        raise Refused("partner_id", _("Orang ini sudah tercatat bertugas di sana."))
    if old is not None and not wish.stays:
        _must_not_precede("day", wish.day, old.begins)
        successor_id = wish.successor_id if old.is_primary else None
        _end(old, max(wish.day - timedelta(days=1), old.begins or date.min))
        if successor_id is not None:
            _succeed(old.partner_id, successor_id)
    touch(contact)
    return _begin(contact, partner.id, wish.position, wish.function, wish.day)


def end(affiliation: Affiliation, last_day: date) -> None:
    """They work there no longer; `last_day` is the last one."""
    contact = _person_of(affiliation)
    must_not_be_archived(contact)
    if affiliation.ends is not None:
        raise WrongState(_("Tugasnya di sana sudah diakhiri."))
    _must_not_be_to_come("day", last_day)
    _must_not_precede("day", last_day, affiliation.begins)
    _end(affiliation, last_day)
    touch(contact)
    db.session.flush()


def archive(contact: Contact) -> None:
    """Put away: in no list and no picker, mailed nothing; the records that name them stay."""
    must_not_be_archived(contact)
    contact.archived_at = clock.now()
    db.session.flush()


def restrict(contact: Contact) -> None:
    """On the person's request their data are kept and not used (UU 27/2022, article 41)."""
    must_not_be_archived(contact)
    contact.restricted_at = contact.restricted_at or clock.now()
    db.session.flush()


def lift(contact: Contact) -> None:
    """The restriction, once the person no longer asks for it."""
    must_not_be_archived(contact)
    contact.restricted_at = None
    db.session.flush()


def restore(contact: Contact) -> None:
    must_not_be_erased(contact)
    contact.archived_at = None
    db.session.flush()


def must_not_be_erased(contact: Contact) -> None:
    if contact.erased_at is not None:
        raise WrongState(_("Data narahubung ini sudah dihapus atas permintaannya."))


def must_not_be_archived(contact: Contact) -> None:
    must_not_be_erased(contact)
    if contact.is_archived:
        raise WrongState(_("Narahubung ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


# ---------------------------------------------------------------------------------------------------------


def _fill(contact: Contact, wish: ContactWish) -> None:
    if wish.basis_since:
        _must_not_be_to_come("basis_since", wish.basis_since)
    contact.salutation = wish.salutation
    contact.name = wish.name
    contact.email = wish.email
    contact.phone = wish.phone
    contact.phone_note = wish.phone_note
    contact.language = wish.language
    contact.basis = wish.basis
    contact.basis_since = wish.basis_since
    # From which day on nobody may write to them has to be known.
    if wish.basis == Basis.WITHDRAWN and not wish.basis_since:
        contact.basis_since = clock.today()


def _begin(
    contact: Contact,
    partner_id: int,
    position: str | None,
    function: ContactFunction | None,
    day: date,
    *,
    is_primary: bool = False,
) -> Affiliation:
    """A new place. It is made in one flush with a new person, who without one would be out of sight."""
    if is_primary or not _has_primary(partner_id):
        _take_primary(partner_id)
        is_primary = not rules.is_left_alone(contact)
    affiliation = Affiliation(
        contact=contact,
        partner_id=partner_id,
        position=position,
        function=function,
        is_primary=is_primary,
        begins=day,
    )
    db.session.add(affiliation)
    db.session.flush()
    return affiliation


def _end(affiliation: Affiliation, last_day: date) -> None:
    affiliation.ends = last_day
    affiliation.is_primary = False
    db.session.flush()


def _succeed(partner_id: int, affiliation_id: int) -> None:
    successor = db.session.scalars(
        select(Affiliation).where(
            Affiliation.id == affiliation_id, Affiliation.partner_id == partner_id, Affiliation.ends.is_(None)
        )
    ).first()
    if successor is None:
        raise Refused("successor_id", _("Pilih dari daftar."))
    make_primary(successor)


def _has_primary(partner_id: int) -> bool:
    """Whether the partner has a primary contact whom one can ask for."""
    primary = (
        select(Affiliation.id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(
            Affiliation.partner_id == partner_id,
            Affiliation.ends.is_(None),
            Affiliation.is_primary,
            live(Contact),
        )
    )
    return db.session.scalar(primary) is not None


def _take_primary(partner_id: int) -> None:
    """Nobody is primary there; flushed at once, since the database knows one a partner at any moment."""
    for affiliation in db.session.scalars(
        select(Affiliation).where(
            Affiliation.partner_id == partner_id, Affiliation.ends.is_(None), Affiliation.is_primary
        )
    ):
        affiliation.is_primary = False
    db.session.flush()


def _person_of(affiliation: Affiliation) -> Contact:
    return db.session.scalars(select(Contact).where(Contact.id == affiliation.contact_id)).one()


def _must_not_be_to_come(field: str, day: date) -> None:
    today = clock.today()
    if day > today:
        raise Refused(field, _("Paling lambat hari ini (%(day)s).", day=day_long(today)))


def _must_not_precede(field: str, day: date, begins: date | None) -> None:
    if begins is not None and day < begins:
        raise Refused(field, _("Tidak boleh sebelum hari mulai bertugas (%(day)s).", day=day_long(begins)))
