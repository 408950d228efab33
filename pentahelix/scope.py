"""Which rows a person sees and may change, decided in this one place.

Each session has a scope, set once when it begins. Every ORM statement of that session is narrowed to the
scope by loader criteria; each flush is checked against it. A session without a scope may not touch a scoped
entity at all; statements that are not ORM statements, which criteria do not reach, are refused. What must
see across clusters says so by name: `with everything() as session:`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from flask import abort
from sqlalchemy import ColumnElement, Select, Table, and_, event, false, inspect, literal, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.util import ClauseAdapter

from pentahelix import clock, models as m
from pentahelix.extensions import Entity, db
from pentahelix.vocabulary import SINCE_SIGNED


@dataclass(frozen=True)
class All:
    """Everything: the Kabid, the admin, jobs and commands."""


@dataclass(frozen=True)
class Clusters:
    """What hangs on some clusters: a coordinator's own."""

    ids: frozenset[int]


@dataclass(frozen=True)
class OfContact:
    """A partner contact's own: the sessions that they are invited to, and what stands on those; of the
    organisations where they work today, what was signed and what was contributed."""

    id: int


@dataclass(frozen=True)
class OfInvitation:
    """One invitation and what stands on it: whoever holds its personal link."""

    id: int


Scope = All | Clusters | OfContact | OfInvitation
Narrow = Clusters | OfContact | OfInvitation
E = TypeVar("E", bound=Entity)
T = TypeVar("T")
ALL = All()
SCOPE = "scope"


class OutOfScope(Exception):
    """Somebody wrote to a row outside their scope, or a session that has none asked for a scoped one."""


# ── The paths from an entity to its clusters, on Core tables, so that no criterion meets itself ─────────────

Criterion = Callable[[frozenset[int]], ColumnElement[bool]]
#: the same for one holder: a contact, an invitation
OwnCriterion = Callable[[int], ColumnElement[bool]]


def _table(entity: type[Entity]) -> Table:
    table = entity.__table__
    assert isinstance(table, Table)
    return table


def _own(entity: type[Entity], column: str = "cluster_id") -> Criterion:
    """`entity` names its cluster itself."""
    return lambda ids: _table(entity).c[column].in_(ids)


def _linked(entity: type[Entity], link: type[Entity], column: str) -> Criterion:
    """Some row of `link` that is in scope names `entity` in `column`."""
    return lambda ids: _table(entity).c.id.in_(select(_table(link).c[column]).where(PATHS[link](ids)))


def _child(entity: type[Entity], column: str, parent: type[Entity]) -> Criterion:
    """`entity` hangs in `column` on a row of `parent` that is in scope."""
    return lambda ids: _table(entity).c[column].in_(select(_table(parent).c.id).where(PATHS[parent](ids)))


def _beside(entity: type[Entity], column: str, link: type[Entity]) -> Criterion:
    """`entity` and a row of `link` that is in scope name the same thing in `column`."""
    return lambda ids: _table(entity).c[column].in_(select(_table(link).c[column]).where(PATHS[link](ids)))


def _any(*criteria: Criterion) -> Criterion:
    return lambda ids: or_(*(criterion(ids) for criterion in criteria))


PATHS: dict[type[Entity], Criterion] = {
    m.Cluster: _own(m.Cluster, "id"),
    m.School: _own(m.School),
    m.Product: _own(m.Product),
    m.ClusterPartner: _own(m.ClusterPartner),
    m.Partner: _linked(m.Partner, m.ClusterPartner, "partner_id"),
    m.PartnerTag: _beside(m.PartnerTag, "partner_id", m.ClusterPartner),
    m.Tag: _linked(m.Tag, m.PartnerTag, "tag_id"),
    m.Affiliation: _beside(m.Affiliation, "partner_id", m.ClusterPartner),
    m.Contact: _linked(m.Contact, m.Affiliation, "contact_id"),
    m.ContactLog: _own(m.ContactLog),
    m.AgreementCluster: _own(m.AgreementCluster),
    m.Agreement: _linked(m.Agreement, m.AgreementCluster, "agreement_id"),
    m.AgreementParty: _beside(m.AgreementParty, "agreement_id", m.AgreementCluster),
    m.AgreementScope: _beside(m.AgreementScope, "agreement_id", m.AgreementCluster),
    m.AgreementStep: _beside(m.AgreementStep, "agreement_id", m.AgreementCluster),
    m.Obligation: _beside(m.Obligation, "agreement_id", m.AgreementCluster),
    m.GuidanceSession: _own(m.GuidanceSession),
    m.GuidanceSchool: _child(m.GuidanceSchool, "guidance_id", m.GuidanceSession),
    m.Invitation: _child(m.Invitation, "guidance_id", m.GuidanceSession),
    m.InvitationAnswer: _child(m.InvitationAnswer, "invitation_id", m.Invitation),
    m.Meeting: _own(m.Meeting),
    m.MeetingPartner: _child(m.MeetingPartner, "meeting_id", m.Meeting),
    m.Attendance: _child(m.Attendance, "meeting_id", m.Meeting),
    m.FollowUp: _own(m.FollowUp),
    m.Contribution: _own(m.Contribution),
    m.ContributionSchool: _child(m.ContributionSchool, "contribution_id", m.Contribution),
    m.Document: _any(
        _child(m.Document, "agreement_id", m.Agreement),
        _child(m.Document, "guidance_id", m.GuidanceSession),
        _child(m.Document, "meeting_id", m.Meeting),
        _child(m.Document, "contribution_id", m.Contribution),
    ),
    m.ReminderRule: _any(_own(m.ReminderRule), lambda _ids: _table(m.ReminderRule).c.cluster_id.is_(None)),
    m.Reminder: _own(m.Reminder),
    m.CoverageTarget: _own(m.CoverageTarget),
    m.CoverageSnapshot: _own(m.CoverageSnapshot),
}


def _around_invitations(own: Callable[[int], Select[Any]]) -> dict[type[Entity], OwnCriterion]:
    """What the invited see of the invitations whose ids `own` selects."""
    invitation, guidance = _table(m.Invitation), _table(m.GuidanceSession)
    school, affiliation = _table(m.GuidanceSchool), _table(m.Affiliation)

    def of(column: Any) -> Callable[[int], Select[Any]]:
        return lambda holder: select(column).where(invitation.c.id.in_(own(holder)))

    sessions, affiliations = of(invitation.c.guidance_id), of(invitation.c.affiliation_id)
    return {
        m.Invitation: lambda holder: invitation.c.id.in_(own(holder)),
        m.InvitationAnswer: lambda holder: _table(m.InvitationAnswer).c.invitation_id.in_(own(holder)),
        m.GuidanceSession: lambda holder: guidance.c.id.in_(sessions(holder)),
        m.GuidanceSchool: lambda holder: school.c.guidance_id.in_(sessions(holder)),
        m.School: lambda holder: _table(m.School).c.id.in_(
            select(school.c.school_id).where(school.c.guidance_id.in_(sessions(holder)))
        ),
        m.Cluster: lambda holder: _table(m.Cluster).c.id.in_(
            select(guidance.c.cluster_id).where(guidance.c.id.in_(sessions(holder)))
        ),
        m.Affiliation: lambda holder: affiliation.c.id.in_(affiliations(holder)),
        m.Contact: lambda holder: _table(m.Contact).c.id.in_(
            select(affiliation.c.contact_id).where(affiliation.c.id.in_(affiliations(holder)))
        ),
        m.Partner: lambda holder: _table(m.Partner).c.id.in_(
            select(affiliation.c.partner_id).where(affiliation.c.id.in_(affiliations(holder)))
        ),
    }


def _of_contact(column: str) -> Callable[[int], Select[Any]]:
    affiliation = _table(m.Affiliation)
    return lambda contact_id: select(affiliation.c[column]).where(affiliation.c.contact_id == contact_id)


def _works_at(contact_id: int) -> Select[Any]:
    """The organisations where a contact works today; who is about to begin there does not yet."""
    affiliation, today = _table(m.Affiliation), clock.today()
    return select(affiliation.c.partner_id).where(
        affiliation.c.contact_id == contact_id,
        or_(affiliation.c.begins.is_(None), affiliation.c.begins <= today),
        or_(affiliation.c.ends.is_(None), affiliation.c.ends >= today),
    )


def _signed_by(contact_id: int) -> Select[Any]:
    agreement, party = _table(m.Agreement), _table(m.AgreementParty)
    return select(agreement.c.id).where(
        agreement.c.status.in_(SINCE_SIGNED),
        agreement.c.archived_at.is_(None),
        agreement.c.id.in_(select(party.c.agreement_id).where(party.c.partner_id.in_(_works_at(contact_id)))),
    )


def _given_by(contact_id: int) -> ColumnElement[bool]:
    given = _table(m.Contribution)
    return and_(given.c.partner_id.in_(_works_at(contact_id)), given.c.archived_at.is_(None))


#: What whoever holds a personal link sees; nothing else that is scoped.
OF_INVITATION = _around_invitations(lambda invitation_id: select(literal(invitation_id)))

_OF_OWN_INVITATIONS = _around_invitations(
    lambda contact_id: select(_table(m.Invitation).c.id).where(
        _table(m.Invitation).c.affiliation_id.in_(_of_contact("id")(contact_id))
    )
)

#: What a partner contact sees in the portal; nothing else that is scoped.
OF_CONTACT: dict[type[Entity], OwnCriterion] = {
    **_OF_OWN_INVITATIONS,
    m.Contact: lambda contact_id: _table(m.Contact).c.id == contact_id,
    m.Affiliation: lambda contact_id: _table(m.Affiliation).c.contact_id == contact_id,
    m.Partner: lambda contact_id: _table(m.Partner).c.id.in_(_of_contact("partner_id")(contact_id)),
    m.Agreement: lambda contact_id: _table(m.Agreement).c.id.in_(_signed_by(contact_id)),
    m.AgreementParty: lambda contact_id: _table(m.AgreementParty).c.agreement_id.in_(_signed_by(contact_id)),
    m.Obligation: lambda contact_id: and_(
        _table(m.Obligation).c.agreement_id.in_(_signed_by(contact_id)),
        _table(m.Obligation).c.archived_at.is_(None),
    ),
    m.Contribution: _given_by,
    m.Cluster: lambda contact_id: or_(
        _OF_OWN_INVITATIONS[m.Cluster](contact_id),
        _table(m.Cluster).c.id.in_(select(_table(m.Contribution).c.cluster_id).where(_given_by(contact_id))),
    ),
}


def _criterion(scope: Narrow, entity: type[Entity]) -> ColumnElement[bool]:
    if isinstance(scope, Clusters):
        return PATHS[entity](scope.ids)
    paths = OF_CONTACT if isinstance(scope, OfContact) else OF_INVITATION
    return paths[entity](scope.id) if entity in paths else false()


#: Reached by services only, each of which asks for what is its own.
UNSCOPED: frozenset[type[Entity]] = frozenset(
    {
        m.User,
        m.Membership,
        m.SignIn,
        m.Token,
        m.LinkRequest,
        m.Attempt,
        m.Setting,
        m.Holiday,
        m.Submission,
        m.OutboxMessage,
        m.OptOut,
        m.AuditEntry,
        m.AuditValue,
        m.SearchText,
        m.Heartbeat,
    }
)

#: A row of these gives sight of what it names, so one may not be made for a thing that is out of sight.
OPENS: dict[type[Entity], tuple[str, type[Entity]]] = {
    m.ClusterPartner: ("partner_id", m.Partner),
    m.Affiliation: ("contact_id", m.Contact),
    m.AgreementCluster: ("agreement_id", m.Agreement),
}


# ── Setting and leaving a scope ─────────────────────────────────────────────────────────────────────────────


def set_scope(session: Session, scope: Scope) -> None:
    """Set what `session` sees, once and for all."""
    if session.info.setdefault(SCOPE, scope) != scope:
        raise OutOfScope("a session keeps the scope that it began with")


@contextmanager
def everything() -> Iterator[Session]:
    """A session over all clusters, on the connection of this request: it sees what the request has flushed.

    It may flush and never commits. For named functions whose tests tell what they reveal.
    """
    outer = db.session()
    outer.flush()
    session = Session(bind=outer.connection(), info={SCOPE: ALL})
    try:
        yield session
        session.flush()
    finally:
        session.close()


def live(entity: Any) -> ColumnElement[bool]:
    """Not archived."""
    criterion: ColumnElement[bool] = entity.archived_at.is_(None)
    return criterion


def get_or_404(entity: type[E], object_id: int, *options: Any) -> E:
    """The row, if it is in scope; what is foreign and what does not exist look the same."""
    return or_404(
        db.session.scalars(
            select(entity).where(entity.id == object_id).options(*options)  # type: ignore[attr-defined]
        ).first()
    )


def or_404(found: T | None) -> T:
    """What a statement found of one thing, if it found it in scope."""
    if found is None:
        abort(404)
    return found


# ── Keeping to it ───────────────────────────────────────────────────────────────────────────────────────────


def listen() -> None:
    """Hold every session to its scope from now on; saying it twice is saying it once."""
    if not event.contains(Session, "do_orm_execute", _narrow):
        event.listen(Session, "do_orm_execute", _narrow)
        event.listen(Session, "before_flush", _guard_openings)
        event.listen(Session, "after_flush", _guard)


class _Narrowing(LoaderCriteriaOption):
    """A loader criterion that also follows an alias into the ON clause of a join.

    SQLAlchemy adapts one to an alias in WHERE only; in a join it would be said of the table itself, and the
    alias would show everything.
    """

    _traverse_internals = LoaderCriteriaOption._traverse_internals

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        criterion = super()._resolve_where_criteria(ext_info)
        if ext_info.is_aliased_class:
            criterion = ClauseAdapter(ext_info.selectable).traverse(criterion)
        return criterion


@lru_cache(maxsize=256)
def _criteria(scope: Narrow, _today: date) -> tuple[_Narrowing, ...]:
    """Made anew each day: where a contact works is a matter of the day."""
    return tuple(
        _Narrowing(entity, _criterion(scope, entity), include_aliases=True, propagate_to_loaders=False)
        for entity in PATHS
    )


def _narrow(state: ORMExecuteState) -> None:
    scope = state.session.info.get(SCOPE)
    if not state.is_orm_statement:
        if isinstance(scope, Narrow):
            raise OutOfScope("no criterion reaches a statement that is not an ORM statement")
        return
    if scope is None:
        for mapper in state.all_mappers:
            if mapper.class_ in PATHS:
                raise OutOfScope(f"a session without a scope asked for {mapper.class_.__name__}")
    elif isinstance(scope, Narrow) and not state.is_column_load:
        state.statement = state.statement.options(*_criteria(scope, clock.today()))


def _guard_openings(session: Session, _context: UOWTransaction, _instances: object) -> None:
    scope = session.info.get(SCOPE)
    if not isinstance(scope, Narrow):
        return
    for row in session.new:
        if type(row) in OPENS:
            column, entity = OPENS[type(row)]
            if (target := getattr(row, column)) is not None:
                _require(session, scope, entity, {target})


def _guard(session: Session, _context: UOWTransaction) -> None:
    """Written and not yet kept, each row must lie in the scope, and have lain there."""
    scope = session.info.get(SCOPE)
    if isinstance(scope, All):
        return
    touched: dict[type[Entity], set[int]] = {}
    for row in (*session.new, *session.dirty):
        if type(row) not in PATHS:
            continue
        if scope is None:
            raise OutOfScope(f"a session without a scope wrote {type(row).__name__}")
        touched.setdefault(type(row), set()).add(row.id)
    for row in (*session.dirty, *session.deleted):
        if isinstance(scope, Clusters) and "cluster_id" in inspect(row).attrs and type(row) in PATHS:
            history = inspect(row).attrs["cluster_id"].history
            before = (*history.deleted, *history.unchanged)
            if any(cluster_id not in scope.ids for cluster_id in before):
                raise OutOfScope(f"{type(row).__name__} of another cluster")
    for entity, ids in touched.items():
        assert scope is not None
        _require(session, scope, entity, ids)


def _require(session: Session, scope: Narrow, entity: type[Entity], ids: set[int]) -> None:
    table = _table(entity)
    seen = set(
        session.connection().scalars(select(table.c.id).where(table.c.id.in_(ids), _criterion(scope, entity)))
    )
    if ids - seen:
        raise OutOfScope(f"{entity.__name__} of another cluster")
