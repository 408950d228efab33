"""Sessions of signed-in people: rows that can be revoked, read on each request and never written by it.

The browser keeps a random id in Flask's signed cookie; the row keeps its digest. The cookie's own time stamp
is the idle limit (PERMANENT_SESSION_LIFETIME), the row's end the absolute one.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail.recipients import mailable
from pentahelix.models import Contact, Membership, SignIn, User
from pentahelix.paths import table
from pentahelix.prepared import NOW, prepared
from pentahelix.principal import Principal

ABSOLUTE = timedelta(days=90)
#: A partner contact's, whose mailbox may be shared: with so short an absolute limit the idle one never comes.
PORTAL = timedelta(hours=12)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(user: User, device: str) -> str:
    """Sign `user` in on a device; what is returned goes into the browser's cookie and nowhere else."""
    return _begin(f"u:{user.id}", device, ABSOLUTE, user_id=user.id)


def begin_contact(contact_id: int, device: str) -> str:
    """The same for a partner contact in the portal."""
    return _begin(f"c:{contact_id}", device, PORTAL, contact_id=contact_id)


def _begin(principal: str, device: str, lasts: timedelta, **whose: int) -> str:
    key = secrets.token_urlsafe(32)
    made = clock.now()
    db.session.add(
        SignIn(
            digest=_digest(key),
            principal=principal,
            made_at=made,
            ends_at=made + lasts,
            device=device[:200],
            **whose,
        )
    )
    db.session.flush()
    return key


def principal_of(key: str) -> Principal | None:
    """Who holds `key`, in one statement; None when it is unknown, over or revoked, or the account closed.

    A contact who was put away, or with whose data nothing may be done any more, has no account either.
    """
    # On the connection: whoever asks has no scope yet, and this is where it comes from.
    rows = db.session.connection().execute(*_held(_digest(key))).all()
    if not rows:
        return None
    return _user_of(rows) if rows[0].user_id is not None else _contact_of(rows[0])


@prepared
def _held(digest: str) -> Select[Any]:
    held, user, contact, member = map(table, (SignIn, User, Contact, Membership))
    return (
        select(
            *(held.c.id, held.c.principal, held.c.user_id, held.c.contact_id, member.c.cluster_id),
            func.coalesce(user.c.name, contact.c.name).label("name"),
            func.coalesce(user.c.salutation, contact.c.salutation).label("salutation"),
            func.coalesce(user.c.language, contact.c.language).label("language"),
            *(user.c.role, user.c.theme, user.c.timezone, user.c.chosen_cluster_id),
            user.c.password_is_initial,
        )
        .select_from(held)
        .outerjoin(user, user.c.id == held.c.user_id)
        .outerjoin(member, and_(member.c.user_id == user.c.id, member.c.archived_at.is_(None)))
        .outerjoin(contact, contact.c.id == held.c.contact_id)
        .where(
            held.c.digest == digest,
            held.c.revoked_at.is_(None),
            held.c.ends_at > NOW,
            or_(
                and_(user.c.id.is_not(None), user.c.deactivated_at.is_(None)),
                and_(contact.c.id.is_not(None), mailable(contact.c)),
            ),
        )
    )


def _user_of(rows: Sequence[Any]) -> Principal:
    user = rows[0]
    return Principal(
        id=user.principal,
        user_id=user.user_id,
        name=user.name,
        role=user.role,
        salutation=user.salutation,
        language=user.language,
        theme=user.theme,
        timezone=user.timezone,
        cluster_ids=frozenset(row.cluster_id for row in rows if row.cluster_id is not None),
        chosen_cluster_id=user.chosen_cluster_id,
        sign_in_id=user.id,
        must_change_password=user.password_is_initial,
    )


def _contact_of(contact: Any) -> Principal:
    return Principal(
        id=contact.principal,
        contact_id=contact.contact_id,
        name=contact.name,
        role=None,
        salutation=contact.salutation,
        language=contact.language,
        sign_in_id=contact.id,
    )


def of(person: Principal) -> list[SignIn]:
    """The sessions of whoever is signed in that still hold, latest first."""
    if person.user_id is not None:
        return _open(SignIn.user_id == person.user_id)
    return _open(SignIn.contact_id == person.contact_id)


def end(person: Principal, *, only: int | None = None) -> None:
    """Sign out, everywhere or of `only` one session."""
    _revoke(row for row in of(person) if only is None or row.id == only)


def revoke(user_id: int, *, but: int | None = None) -> None:
    """End the sessions of a user, all or all `but` one."""
    _revoke(row for row in _open(SignIn.user_id == user_id) if row.id != but)


def _open(whose: ColumnElement[bool]) -> list[SignIn]:
    return list(
        db.session.scalars(
            select(SignIn)
            .where(whose, SignIn.revoked_at.is_(None), SignIn.ends_at > clock.now())
            .order_by(SignIn.made_at.desc(), SignIn.id.desc())
        )
    )


def _revoke(rows: Iterable[SignIn]) -> None:
    for row in rows:
        row.revoked_at = clock.now()
    db.session.flush()
