"""Who may be mailed, at which address, in which language, on whose clock."""

from dataclasses import dataclass

from pentahelix import rules
from pentahelix.models import Contact, User
from pentahelix.vocabulary import Language, Salutation


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
    """None for whoever has no address or is not to be contacted."""
    if contact.email is None or not rules.may_be_contacted(contact):
        return None
    return Recipient(contact.email, contact.name, contact.salutation, contact.language, contact_id=contact.id)


def on_the_wire(address: str) -> str:
    """As mail servers take it: a domain in other letters by its ASCII name; all else exactly as typed."""
    if address.isascii():
        return address
    from email_validator import validate_email

    return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or address
