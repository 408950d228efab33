"""How a partner contact comes into the portal: by a link, or by the code that stands beside it in the mail.

The link holds in the browser that asked for it; the code is for whoever reads mail on another device. Either
can be used once. An address may belong to several people, so who comes in is known only after that.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail import recipients
from pentahelix.mail.recipients import Recipient
from pentahelix.models import Affiliation, Contact, LinkRequest, Token
from pentahelix.prepared import prepared
from pentahelix.scope import everything, live
from pentahelix.services import sign_ins, tokens
from pentahelix.vocabulary import Salutation, TokenPurpose

CODE_LENGTH = 8

#: How long somebody may take to say which of several people they are.
CHOOSING = timedelta(minutes=10)


@dataclass(frozen=True)
class Person:
    """Somebody who may come in, as far as whoever reads their mail may know."""

    id: int
    name: str
    salutation: Salutation | None
    organisations: tuple[str, ...]
    recipient: Recipient


def people_at(email: str) -> list[Person]:
    """The contacts with that address who may be mailed, and where they work."""
    with everything() as session:
        contacts = session.scalars(*_contacts_at(email)).all()
        today = clock.today()
        return [
            Person(
                contact.id,
                contact.name,
                contact.salutation,
                tuple(
                    place.partner.name
                    for place in contact.affiliations
                    if place.ends is None or place.ends >= today
                ),
                recipient,
            )
            for contact in contacts
            if (recipient := recipients.contact(contact)) is not None
        ]


@prepared
def _contacts_at(email: str) -> Select[Contact]:
    return (
        select(Contact)
        .where(func.lower(Contact.email) == email, live(Contact))
        .options(selectinload(Contact.affiliations).options(joinedload(Affiliation.partner)))
        .order_by(Contact.sort_name, Contact.id)
    )


def by_code(browser_digest: str, typed: str) -> Token | None:
    """The link that this browser asked for and whose code was typed, while it can be used."""
    code = re.sub(r"[\W_]", "", typed).lower()
    found = db.session.scalars(
        select(Token).where(
            Token.purpose == TokenPurpose.SIGN_IN,
            Token.browser_digest == browser_digest,
            Token.code_digest == tokens.digest(code),
            Token.revoked_at.is_(None),
        )
    ).first()
    return found if found is not None and not tokens.is_over(found) else None


def arrived(browser_digest: str) -> Token | None:
    """The link that was used in this browser a moment ago, and by which nobody has come in yet."""
    return db.session.scalars(
        select(Token)
        .where(
            Token.purpose == TokenPurpose.SIGN_IN,
            Token.browser_digest == browser_digest,
            Token.used_at > clock.now() - CHOOSING,
            Token.contact_id.is_(None),
        )
        .order_by(Token.used_at.desc(), Token.id.desc())
        .limit(1)
    ).first()


def people_of(token: Token) -> list[Person]:
    """Who may come in by a link: those who have the address to which it was sent."""
    request = db.session.get(LinkRequest, token.object_id)
    return people_at(request.email) if request else []


def begin(token: Token, contact_id: int, device: str) -> str | None:
    """Begin the session of one of `people_of` by a link that was used; None where one has begun already."""
    begun = db.session.execute(
        update(Token)
        .where(Token.id == token.id, Token.used_at.is_not(None), Token.contact_id.is_(None))
        .values(contact_id=contact_id)
        .returning(Token.id)
        .execution_options(synchronize_session=False)
    )
    return sign_ins.begin_contact(contact_id, device) if begun.first() else None
