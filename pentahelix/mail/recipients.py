"""Who may be mailed, at which address, in which language, on whose clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_

from pentahelix.models import Contact, User
from pentahelix.vocabulary import Basis, Language, Salutation


@dataclass(frozen=True)
class Recipient:
    email: str
    name: str
    salutation: Salutation | None = None
    language: Language = Language.ID
    #: the reader's own, shown in brackets where its hours differ; contacts have told us none
    timezone: str | None = None
    user_id: int | None = None
    contact_id: int | None = None


def user(user: User) -> Recipient | None:
    """None for whoever has no address or no longer works here."""
    if user.email is None or user.deactivated_at is not None:
        return None
    return Recipient(user.email, user.name, user.salutation, user.language, user.timezone, user_id=user.id)


def contact(contact: Contact) -> Recipient | None:
    """None for whoever has no address or is not to be mailed; `may_be_mailed` tells why."""
    if contact.email is None or not may_be_mailed(contact):
        return None
    return Recipient(contact.email, contact.name, contact.salutation, contact.language, contact_id=contact.id)


class Person(Protocol):
    """What tells whether somebody may be mailed, as a contact and a row of its columns have it."""

    @property
    def basis(self) -> Basis | None: ...
    @property
    def restricted_at(self) -> datetime | None: ...
    @property
    def erased_at(self) -> datetime | None: ...
    @property
    def archived_at(self) -> datetime | None: ...


def may_be_mailed(contact: Person) -> bool:
    """Not whoever withdrew their consent, asked to be left alone, was erased or put away."""
    return (
        contact.basis != Basis.WITHDRAWN
        and contact.restricted_at is None
        and contact.erased_at is None
        and contact.archived_at is None
    )


def mailable(contact: Any = Contact) -> ColumnElement[bool]:
    """The same in SQL, of contacts or of the columns of their table."""
    return and_(
        contact.basis != Basis.WITHDRAWN,
        contact.restricted_at.is_(None),
        contact.erased_at.is_(None),
        contact.archived_at.is_(None),
    )


def on_the_wire(address: str) -> str:
    """As mail servers take it: a domain in other letters by its ASCII name; all else exactly as typed."""
    if address.isascii():
        return address
    from email_validator import validate_email

    return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or address
