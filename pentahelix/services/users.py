"""Accounts as the administrator keeps them: who there is, in which role, for which clusters.

A change holds from the person's next request on, since each request reads the account anew. At least one
administrator who can sign in is always left.
"""

import secrets
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.editing import expect_version, touch
from pentahelix.extensions import db
from pentahelix.models import Membership, User
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import sign_ins, tokens
from pentahelix.vocabulary import Role, Salutation, TokenPurpose

#: What nobody mistakes when it is read aloud.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class UserWish:
    name: str
    role: Role
    salutation: Salutation | None = None
    position: str | None = None
    school_id: int | None = None
    #: whoever has none cannot sign in and is mailed nothing
    email: str | None = None
    phone: str | None = None
    cluster_ids: frozenset[int] = frozenset()


def generated_password() -> str:
    """79 random bits in four groups, for handing over once."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def make(wish: UserWish, digest: str | None = None, *, initial: bool = True) -> User:
    """A new account; `digest` is the hash of its password, `initial` that the person has to replace it."""
    _refuse_taken(wish.email, None)
    user = User(
        name=wish.name,
        role=wish.role,
        salutation=wish.salutation,
        position=wish.position,
        school_id=wish.school_id,
        email=_lower(wish.email),
        phone=wish.phone,
    )
    _give_password(user, digest if wish.email else None, initial=initial)
    db.session.add(user)
    db.session.flush()
    _join(user, wish.cluster_ids)
    return user


def edit(user: User, wish: UserWish, version: int | None) -> User:
    _refuse_taken(wish.email, user.id)
    if wish.role != Role.ADMIN or wish.email is None:
        _keep_an_admin(user, "role" if wish.role != Role.ADMIN else "email")
    expect_version(user, version)
    if user.email != _lower(wish.email):
        # A link lies in the mailbox of whoever had the address.
        tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    user.name = wish.name
    user.role = wish.role
    user.salutation = wish.salutation
    user.position = wish.position
    user.school_id = wish.school_id
    user.email = _lower(wish.email)
    user.phone = wish.phone
    if user.email is None:
        user.password_hash = None
        sign_ins.revoke(user.id)
    touch(user)
    _join(user, wish.cluster_ids)
    return user


def deactivate(user: User) -> None:
    """Close the account: no session of it holds from now on. What the person did stays theirs."""
    if user.deactivated_at is None:
        _keep_an_admin(user, None)
        user.deactivated_at = clock.now()
        sign_ins.revoke(user.id)
        tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    db.session.flush()


def reactivate(user: User) -> None:
    user.deactivated_at = None
    db.session.flush()


def set_password(user: User, digest: str, *, initial: bool = True) -> None:
    """Somebody else chooses the password: sessions end, and `initial` has the person replace it."""
    if user.email is None:
        raise WrongState(_("Orang ini belum mempunyai alamat surel, jadi belum dapat masuk."))
    _give_password(user, digest, initial=initial)
    sign_ins.revoke(user.id)
    tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    db.session.flush()


def by_email(email: str) -> User | None:
    return db.session.scalars(select(User).where(User.email == _lower(email))).first()


def memberships(user_id: int) -> frozenset[int]:
    """The clusters that a user works in."""
    return frozenset(
        db.session.scalars(
            select(Membership.cluster_id).where(
                Membership.user_id == user_id, Membership.archived_at.is_(None)
            )
        )
    )


def _give_password(user: User, digest: str | None, *, initial: bool) -> None:
    user.password_hash = digest
    user.password_is_initial = initial and digest is not None
    user.password_changed_at = clock.now() if digest else None


def _lower(email: str | None) -> str | None:
    return email.lower() if email else None


def _refuse_taken(email: str | None, but: int | None) -> None:
    if email is None:
        return
    other = by_email(email)
    if other is not None and other.id != but:
        raise Refused("email", _("Alamat surel ini sudah dipakai oleh %(name)s.", name=other.name))


def _keep_an_admin(user: User, field: str | None) -> None:
    """Refuse to lose `user` as an administrator where no other one could sign in; `field` would do it."""
    if user.role != Role.ADMIN:
        return
    # The lock lets two administrators who close each other's account at one moment wait for each other.
    able = db.session.scalars(
        select(User)
        .where(User.role == Role.ADMIN, User.deactivated_at.is_(None), User.password_hash.is_not(None))
        .order_by(User.id)
        .with_for_update()
    ).all()
    if all(other.id == user.id for other in able):
        reason = _("Ini satu-satunya admin yang dapat masuk. Angkat admin lain dahulu.")
        raise Refused(field, reason) if field else WrongState(reason)


def _join(user: User, cluster_ids: frozenset[int]) -> None:
    """Work in exactly these clusters; who worked in one before gets the same row back."""
    rows = {
        row.cluster_id: row
        for row in db.session.scalars(select(Membership).where(Membership.user_id == user.id))
    }
    for cluster_id, row in rows.items():
        if cluster_id in cluster_ids:
            row.archived_at = None
        elif row.archived_at is None:
            row.archived_at = clock.now()
    for cluster_id in sorted(cluster_ids - rows.keys()):
        db.session.add(Membership(user_id=user.id, cluster_id=cluster_id))
    db.session.flush()
