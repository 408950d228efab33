"""The administrator's list of accounts, and what one of them is made of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from pentahelix.extensions import db
from pentahelix.models import AuditEntry, Cluster, Membership, School, SignIn, Token, User
from pentahelix.prepared import NOW, prepared
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import matching
from pentahelix.scope import live
from pentahelix.vocabulary import Role, Salutation, TokenPurpose, Word


class Standing(Word):
    """Whether an account is used."""

    ACTIVE = "active", _l("Masih aktif")
    CLOSED = "closed", _l("Nonaktif")


@dataclass(frozen=True)
class Filters:
    typed: str = ""
    role: Role | None = None
    #: without one, all who are active
    standing: Standing = Standing.ACTIVE

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.role or self.standing != Standing.ACTIVE)


@dataclass(frozen=True)
class UserRow:
    id: int
    name: str
    salutation: Salutation | None
    role: Role
    position: str | None
    school: str | None
    email: str | None
    phone: str | None
    clusters: tuple[str, ...]
    is_active: bool
    #: has an address and a password
    can_sign_in: bool
    #: nobody has chosen a password of their own yet
    may_be_invited: bool
    version: int


@dataclass(frozen=True)
class Choice:
    """Something to choose from."""

    id: int
    name: str


SORTS: dict[str, Order] = {
    "name": (User.sort_name.asc(), User.id.asc()),
    "-name": (User.sort_name.desc(), User.id.desc()),
    "role": (User.role.asc(), User.sort_name.asc(), User.id.asc()),
    "-role": (User.role.desc(), User.sort_name.asc(), User.id.asc()),
}


def index(filters: Filters, sort: str, page: int) -> Page:
    """A page of accounts as rows; names without a title sort under the name."""
    found = paginate(_listed(filters, SORTS[sort]), page)
    return Page(_rows(found.items), found.number, found.total, found.total_is_exact)


@prepared
def _listed(filters: Filters, order: Order) -> Select[Any]:
    statement = select(User).order_by(*order)
    if filters.typed:
        statement = statement.where(matching(User, filters.typed))
    if filters.role:
        statement = statement.where(User.role == filters.role)
    closed = filters.standing == Standing.CLOSED
    return statement.where(User.deactivated_at.is_not(None) if closed else User.deactivated_at.is_(None))


def one(user: User) -> UserRow:
    return _rows([user])[0]


def open_sessions(user_id: int) -> int:
    """On how many devices somebody is signed in."""
    return db.session.scalar(*_open_sessions(user_id)) or 0


@prepared
def _open_sessions(user_id: int) -> Select[int]:
    return select(func.count(SignIn.id)).where(
        SignIn.user_id == user_id, SignIn.revoked_at.is_(None), SignIn.ends_at > NOW
    )


def last_sign_in(user_id: int) -> datetime | None:
    at: datetime | None = db.session.scalar(*_last_sign_in(user_id))
    return at


@prepared
def _last_sign_in(user_id: int) -> Select[Any]:
    return select(func.max(SignIn.made_at)).where(SignIn.user_id == user_id)


def may_be_invited(user: User) -> bool:
    """They have an address, and no password yet that they chose themselves."""
    return (
        user.is_active and user.email is not None and (user.password_hash is None or user.password_is_initial)
    )


def invited_at(user_id: int) -> datetime | None:
    """When the invitation that still holds was made."""
    at: datetime | None = db.session.scalar(*_invited_at(user_id))
    return at


@prepared
def _invited_at(user_id: int) -> Select[Any]:
    return select(func.max(Token.made_at)).where(
        Token.purpose == TokenPurpose.PASSWORD,
        Token.user_id == user_id,
        Token.used_at.is_(None),
        Token.revoked_at.is_(None),
        Token.expires_at > NOW,
    )


def clusters() -> list[Choice]:
    """Those that somebody may be put into, by name."""
    return [Choice(*row) for row in db.session.execute(*_clusters())]


@prepared
def _clusters() -> Rows:
    return select(Cluster.id, Cluster.short_name).where(live(Cluster)).order_by(Cluster.short_name)


def schools() -> list[Choice]:
    return [Choice(*row) for row in db.session.execute(*_schools())]


@prepared
def _schools() -> Rows:
    return select(School.id, School.name).where(live(School)).order_by(School.name, School.id)


def actors() -> list[Choice]:
    """Everybody of whom the trail tells something, by name; of many accounts few ever sign in."""
    return [Choice(*row) for row in db.session.execute(*_actors())]


@prepared
def _actors() -> Rows:
    acted = select(AuditEntry.id).where(AuditEntry.actor_user_id == User.id).exists()
    return select(User.id, User.name).where(acted).order_by(User.sort_name, User.id)


def _rows(users: Sequence[User]) -> list[UserRow]:
    worked_in: dict[int, list[str]] = defaultdict(list)
    for user_id, name in db.session.execute(*_worked_in(tuple(user.id for user in users))):
        worked_in[user_id].append(name)
    school_ids = tuple({user.school_id for user in users if user.school_id is not None})
    schools = {number: name for number, name in db.session.execute(*_named(school_ids))}  # noqa: C416
    return [
        UserRow(
            id=user.id,
            name=user.name,
            salutation=user.salutation,
            role=user.role,
            position=user.position,
            school=schools.get(user.school_id or 0),
            email=user.email,
            phone=user.phone,
            clusters=tuple(worked_in[user.id]),
            is_active=user.is_active,
            can_sign_in=user.password_hash is not None,
            may_be_invited=may_be_invited(user),
            version=user.version,
        )
        for user in users
    ]


@prepared
def _worked_in(user_ids: tuple[int, ...]) -> Rows:
    return (
        select(Membership.user_id, Cluster.short_name)
        .join(Cluster, Cluster.id == Membership.cluster_id)
        .where(Membership.user_id.in_(user_ids), live(Membership))
        .order_by(Cluster.short_name)
    )


@prepared
def _named(school_ids: tuple[int, ...]) -> Rows:
    return select(School.id, School.name).where(School.id.in_(school_ids))
