"""The list of guidance sessions, with the answers at a glance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Cluster, Contact, GuidanceSession, Invitation, Partner
from pentahelix.prepared import NOW, prepared
from pentahelix.queries.guidance import is_overdue
from pentahelix.queries.invited import Answers
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import found, matching
from pentahelix.scope import live
from pentahelix.vocabulary import Answer, GuidanceKind, GuidanceStatus, InvitationRole, MeetingMode


@dataclass(frozen=True)
class Filters:
    """Which sessions a list shows; archived ones alone or not at all."""

    typed: str = ""
    status: GuidanceStatus | None = None
    kind: GuidanceKind | None = None
    cluster_id: int | None = None
    partner_id: int | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class GuidanceRow:
    id: int
    topic: str
    kind: GuidanceKind
    mode: MeetingMode
    place: str | None
    starts_at: datetime
    ends_at: datetime
    status: GuidanceStatus
    #: of its cluster
    cluster: str
    timezone: str
    answers: Answers = field(default_factory=Answers)
    #: by name
    speakers: tuple[str, ...] = ()
    #: how many of the invited were there, once that is kept
    attended: int = 0

    @property
    def is_ahead(self) -> bool:
        return self.status == GuidanceStatus.PLANNED and self.starts_at >= clock.now()

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self)


#: What of a row stands in the session itself, by the names of both.
OF_SESSION = ("id", "topic", "kind", "mode", "place", "starts_at", "ends_at", "status")

_ahead = and_(GuidanceSession.status == GuidanceStatus.PLANNED, GuidanceSession.starts_at >= NOW)

#: Name of an order → its keys; the id comes last. No key is ever empty.
SORTS: Mapping[str, Order] = {
    # What is to come, the nearest first; then what was, the latest first.
    "near": (
        case((_ahead, 0), else_=1),
        case((_ahead, GuidanceSession.starts_at)).asc().nulls_last(),
        GuidanceSession.starts_at.desc(),
    ),
    "when": (GuidanceSession.starts_at.asc(),),
    "-when": (GuidanceSession.starts_at.desc(),),
    "topic": (func.lower(GuidanceSession.topic).asc(),),
    "-topic": (func.lower(GuidanceSession.topic).desc(),),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    """One page of sessions, as GuidanceRows."""
    page = paginate(_listed(filters, SORTS[sort]), number, scalars=False)
    beside = _beside([row.id for row in page.items])
    return replace(page, items=[GuidanceRow(*row, *beside.get(row.id, ())) for row in page.items])


@prepared
def _listed(filters: Filters, order: Order) -> Rows:
    return (
        select(*(getattr(GuidanceSession, name) for name in OF_SESSION), Cluster.short_name, Cluster.timezone)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(*_chosen(filters))
        .order_by(*order, GuidanceSession.id.desc())
    )


def _beside(guidance_ids: Sequence[int]) -> dict[int, tuple[Answers, tuple[str, ...], int]]:
    """What a line tells beside its session: the answers, who speaks, and how many were there."""
    rows = db.session.execute(*_invited(tuple(guidance_ids)))
    given: dict[int, tuple[list[Answer], list[str]]] = {}
    there: Counter[int] = Counter()
    for guidance_id, answer, role, attended, name in rows:
        answers, speakers = given.setdefault(guidance_id, ([], []))
        answers.append(answer)
        there[guidance_id] += attended is True
        if role == InvitationRole.SPEAKER and name is not None:
            speakers.append(name)
    return {
        number: (Answers.of(answers), tuple(speakers), there[number])
        for number, (answers, speakers) in given.items()
    }


@prepared
def _invited(guidance_ids: tuple[int, ...]) -> Rows:
    return (
        select(Invitation.guidance_id, Invitation.answer, Invitation.role, Invitation.attended, Contact.name)
        .outerjoin(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .where(Invitation.guidance_id.in_(guidance_ids), Invitation.uninvited_at.is_(None))
        .order_by(Invitation.id)
    )


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    criteria = [~live(GuidanceSession) if filters.archived else live(GuidanceSession)]
    if filters.typed:
        criteria.append(
            or_(
                matching(GuidanceSession, filters.typed),
                _with(Affiliation.partner_id.in_(found(Partner, filters.typed))),
                _with(Affiliation.contact_id.in_(found(Contact, filters.typed))),
            )
        )
    if filters.partner_id is not None:
        theirs = Affiliation.partner_id == filters.partner_id
        criteria.append(or_(_with(theirs), GuidanceSession.partner_id == filters.partner_id))
    wanted = {
        GuidanceSession.status: filters.status,
        GuidanceSession.kind: filters.kind,
        GuidanceSession.cluster_id: filters.cluster_id,
    }
    return criteria + [column == value for column, value in wanted.items() if value is not None]


def _with(invited: ColumnElement[bool]) -> ColumnElement[bool]:
    """Somebody at such an affiliation is invited."""
    return exists().where(
        Invitation.guidance_id == GuidanceSession.id,
        Invitation.uninvited_at.is_(None),
        Affiliation.id == Invitation.affiliation_id,
        invited,
    )
