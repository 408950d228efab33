"""Everything that happened with a partner or a person, newest first; what is still to come stands above it.

One UNION ALL of small selects finds the entries with what they tell, and counts them by kind; a second
statement names who was there. Pages follow one another by (time, source, id), so that an entry which comes in
between shifts nothing. Each select is narrowed to the reader's clusters like any other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Attendance, Contact, Invitation, Partner
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.queries import timeline_sources
from pentahelix.queries.timeline_columns import DAYS, Source, Sources
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    Channel,
    ContributionStage,
    GuidanceStatus,
    InvolvementRole,
    MailKind,
    MeetingStatus,
    OutboxState,
    Word,
)

SIZE = 20
#: More than anybody has.
WHOLE = 100_000


class Kind(Word):
    """What a reader may narrow a timeline to, in the order of the chips."""

    MEETING = "meeting", _l("Rapat")
    GUIDANCE = "guidance", _l("Bimbingan")
    AGREEMENT = "agreement", _l("Kerja sama")
    CONTRIBUTION = "contribution", _l("Kontribusi")
    FOLLOW_UP = "follow_up", _l("Tindak lanjut")
    LOG = "log", _l("Kontak")
    MAIL = "mail", _l("Surel")
    INVOLVEMENT = "involvement", _l("Keterlibatan")


KINDS = {
    Source.MEETING: Kind.MEETING,
    Source.GUIDANCE: Kind.GUIDANCE,
    Source.AGREEMENT: Kind.AGREEMENT,
    Source.CONTRIBUTION: Kind.CONTRIBUTION,
    Source.FOLLOW_UP: Kind.FOLLOW_UP,
    Source.LOG: Kind.LOG,
    Source.MAIL: Kind.MAIL,
    Source.ANSWER: Kind.GUIDANCE,
    Source.WHATSAPP: Kind.LOG,
    Source.JOINED: Kind.INVOLVEMENT,
    Source.LEFT: Kind.INVOLVEMENT,
    Source.BEGAN: Kind.INVOLVEMENT,
    Source.ENDED: Kind.INVOLVEMENT,
}

#: The vocabulary of a source's word.
WORDS: dict[Source, type[Word]] = {
    Source.MEETING: MeetingStatus,
    Source.GUIDANCE: GuidanceStatus,
    Source.AGREEMENT: AgreementStatus,
    Source.CONTRIBUTION: ContributionStage,
    Source.LOG: Channel,
    Source.MAIL: OutboxState,
    Source.ANSWER: Answer,
    Source.BEGAN: InvolvementRole,
    Source.ENDED: InvolvementRole,
}

CURSOR = re.compile(r"(\d{8}T\d{12})-(\d{1,2})-(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Present:
    """Somebody of the partner who was at a meeting, or was invited to a session with this answer."""

    name: str
    organisation: str
    answer: Answer | None
    attended: bool | None
    note: str | None
    delegate: str | None


@dataclass(frozen=True)
class Entry:
    """What happened. `ref` is the id of what the title leads to; see `timeline_columns.TOLD`."""

    source: Source
    id: int
    at: datetime
    title: str
    text: str | None
    word: Any
    ref: int | None
    cluster: str | None
    zone: str
    user_id: int | None
    user: str | None
    contact_id: int | None
    contact: str | None
    #: students of a session, rupiah of a contribution
    number: int | None
    #: the rating of a session, the hours of a contribution
    thousandths: int | None
    #: the kind of a mail, who comes instead, the form of a contribution
    detail: str | None
    #: that a mail is written in
    language: str | None
    #: the time that was proposed
    other_at: datetime | None
    present: tuple[Present, ...] = ()

    @property
    def kind(self) -> Kind:
        return KINDS[self.source]

    @property
    def mail_kind(self) -> MailKind | None:
        return MailKind(self.detail) if self.source == Source.MAIL and self.detail else None

    @property
    def day(self) -> date:
        return clock.local(self.at, self.zone).date()

    @property
    def has_hour(self) -> bool:
        return self.source not in DAYS

    @property
    def is_coming(self) -> bool:
        return self.at > clock.now() if self.has_hour else self.day > clock.today(self.zone)

    @property
    def cursor(self) -> str:
        return f"{self.at:%Y%m%dT%H%M%S%f}-{self.source:d}-{self.id}"


@dataclass(frozen=True)
class TimelinePage:
    """Twenty entries. `older` is how many follow, `next` where they begin (`?before=`)."""

    entries: Sequence[Entry]
    #: whose it is: "partner" or "contact"
    whose: str
    #: the kinds that occur, with how many entries each has
    kinds: dict[Kind, int]
    chosen: frozenset[Kind]
    is_first: bool
    older: int
    #: entries name their cluster where there are several
    has_several_clusters: bool

    @property
    def next(self) -> str | None:
        return self.entries[-1].cursor if self.older else None


def of_partner(partner: Partner, kinds: Iterable[str] = (), before: str | None = None) -> TimelinePage:
    """The entries of `kinds` (all of them, if none is known) that come after `before` on the page."""
    return _page(_Whose.PARTNER, partner.id, kinds, _cursor(before))


def of_contact(contact: Contact, kinds: Iterable[str] = (), before: str | None = None) -> TimelinePage:
    """The same of a person: what they took part in, wherever they were employed."""
    return _page(_Whose.CONTACT, contact.id, kinds, _cursor(before))


def whole_of_contact(contact: Contact) -> list[Entry]:
    """All entries of a person, the latest first, without who else was there; one statement."""
    found = db.session.execute(*_told(_Whose.CONTACT, contact.id, frozenset(Source), None, WHOLE)).all()
    rows = sorted((row for row in found if row.id is not None), key=_place_of, reverse=True)
    return [_entry(row, ()) for row in rows]


# ---------------------------------------------------------------------------------------------------------


class _Whose(StrEnum):
    PARTNER = "partner"
    CONTACT = "contact"


@dataclass(frozen=True)
class _Place:
    """Of an entry in the order of the page."""

    at: datetime
    source: int
    id: int


def _page(whose: _Whose, whose_id: int, asked: Iterable[str], last: _Place | None) -> TimelinePage:
    chosen = frozenset(Kind(word) for word in asked if word in set(Kind))
    wanted = frozenset(source for source in Source if not chosen or KINDS[source] in chosen)
    found = db.session.execute(*_told(whose, whose_id, wanted, last, SIZE)).all()
    counts = {Source(row.source): (row.number, row.ref) for row in found if row.id is None}
    rows = sorted((row for row in found if row.id is not None), key=_place_of, reverse=True)
    present = _present(whose, whose_id, [(row.source, row.id) for row in rows])
    entries = [_entry(row, present.get((row.source, row.id), ())) for row in rows]
    kinds = {kind: sum(n for s, (n, _) in counts.items() if KINDS[s] == kind) for kind in Kind}
    return TimelinePage(
        entries=entries,
        whose=whose,
        kinds={kind: number for kind, number in kinds.items() if number},
        chosen=chosen,
        is_first=last is None,
        older=sum(counts[source][1] for source in wanted if source in counts) - len(entries),
        has_several_clusters=len({entry.cluster for entry in entries if entry.cluster}) > 1,
    )


@prepared
def _told(
    whose: _Whose, whose_id: int, wanted: frozenset[Source], last: _Place | None, size: int
) -> CompoundSelect[Any]:
    """The entries of a page of that size in no order; and of each source that has any one row without an id.

    That one tells how many there are (`number`), and how many of them come after `last` (`ref`).
    """
    table = union_all(*_sources(whose, whose_id).values()).cte("told")
    such = true() if len(wanted) == len(Source) else table.c.source.in_([literal(int(s)) for s in wanted])
    after = _after(table, last) if last else true()
    shown = (
        select(table)
        .where(such, after)
        .order_by(table.c.at.desc(), table.c.source.desc(), table.c.id.desc())
        .limit(size)
        .subquery()
    )
    counted = {"source": table.c.source, "number": func.count(), "ref": func.count(case((after, 1)))}
    counts = [counted.get(column.name, cast(null(), column.type)).label(column.name) for column in table.c]
    return union_all(select(shown), select(*counts).group_by(table.c.source))


def _place_of(row: Any) -> tuple[datetime, int, int]:
    return row.at, row.source, row.id


def _sources(whose: _Whose, whose_id: int) -> Sources:
    of = {_Whose.PARTNER: timeline_sources.of_partner, _Whose.CONTACT: timeline_sources.of_contact}
    return of[whose](whose_id)


def _after(table: CTE, last: _Place) -> ColumnElement[bool]:
    return tuple_(table.c.at, table.c.source, table.c.id) < tuple_(last.at, last.source, last.id)


def _entry(row: Any, present: Iterable[Present]) -> Entry:
    told = dict(row._mapping)
    source = Source(told["source"])
    word = WORDS[source](told["word"]) if told["word"] is not None else None
    zone = told["zone"] or clock.PROVINCE_ZONE
    return Entry(**(told | {"source": source, "word": word, "zone": zone, "present": tuple(present)}))


def _cursor(text: str | None) -> _Place | None:
    """Where a page begins; what is no such place is the beginning."""
    written = CURSOR.fullmatch(text or "")
    if not written:
        return None
    try:
        at = datetime.strptime(written[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return _Place(at, int(written[2]), int(written[3]))


def _present(
    whose: _Whose, whose_id: int, rows: list[tuple[int, int]]
) -> dict[tuple[int, int], list[Present]]:
    """Who of theirs was at the meetings among `rows` or is invited to the sessions."""
    meetings = [number for source, number in rows if source == Source.MEETING]
    sessions = [number for source, number in rows if source == Source.GUIDANCE]
    people: dict[tuple[int, int], list[Present]] = {}
    if meetings or sessions:
        found = db.session.execute(*_people(whose, whose_id, meetings or [0], sessions or [0]))
        for source, number, name, organisation, answer, was_there, note, delegate in found:
            somebody = Present(name, organisation, answer and Answer(answer), was_there, note, delegate)
            people.setdefault((source, number), []).append(somebody)
    return people


@prepared
def _people(whose: _Whose, whose_id: int, meetings: list[int], sessions: list[int]) -> CompoundSelect[Any]:
    """Of meetings and sessions in sight. What an affiliation in sight joins comes from its tables."""
    where = Affiliation.partner_id if whose is _Whose.PARTNER else Affiliation.contact_id
    contact, partner = table(Contact), table(Partner)
    attendance, invitation = table(Attendance).c, table(Invitation).c

    def of(source: Source, link: Any, *more: Any) -> Select[Any]:
        return (
            select(literal(int(source)), *more)
            .join(Affiliation, Affiliation.id == link.affiliation_id)
            .join(contact, contact.c.id == Affiliation.contact_id)
            .join(partner, partner.c.id == Affiliation.partner_id)
            .where(where == whose_id)
        )

    nothing, names = cast(null(), String), (contact.c.name, partner.c.name)
    attended = of(
        Source.MEETING,
        attendance,
        attendance.meeting_id,
        *names,
        nothing,
        cast(null(), Boolean),
        nothing,
        nothing,
    )
    answer = type_coerce(invitation.answer, String)
    invited = of(
        Source.GUIDANCE,
        invitation,
        invitation.guidance_id,
        *names,
        answer,
        invitation.attended,
        invitation.note,
        invitation.delegate_name,
    )
    return union_all(
        attended.where(attendance.meeting_id.in_(meetings)),
        invited.where(invitation.guidance_id.in_(sessions), invitation.uninvited_at.is_(None)),
    )
