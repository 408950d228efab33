"""Everything that happened with a partner or a person, newest first; what is still to come stands above it.

One UNION ALL of small selects finds the entries with what they tell, a second statement counts them by kind,
a third names who was there. Pages follow one another by (time, source, id), so that an entry which comes in
between shifts nothing. Each select is narrowed to the reader's clusters like any other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.sql.selectable import Subquery

from pentahelix import clock
from pentahelix.columns import UtcDateTime
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Attendance, Contact, Invitation, Partner
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
    found = timeline_sources.of_partner(partner.id, clock.today())
    return _page("partner", found, Affiliation.partner_id == partner.id, kinds, before)


def of_contact(contact: Contact, kinds: Iterable[str] = (), before: str | None = None) -> TimelinePage:
    """The same of a person: what they took part in, wherever they were employed."""
    found = timeline_sources.of_contact(contact.id, clock.today())
    return _page("contact", found, Affiliation.contact_id == contact.id, kinds, before)


# ---------------------------------------------------------------------------------------------------------


def _page(
    whose: str, found: Sources, theirs: ColumnElement[bool], asked: Iterable[str], before: str | None
) -> TimelinePage:
    chosen = frozenset(Kind(word) for word in asked if word in set(Kind))
    last = _cursor(before)
    wanted = [source for source in found if not chosen or KINDS[source] in chosen]
    entries = _read(found, wanted, theirs, last)
    counts = _counts(found, last)
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


def _read(
    found: Sources, wanted: list[Source], theirs: ColumnElement[bool], last: tuple[Any, ...] | None
) -> list[Entry]:
    if not wanted:
        return []
    table = union_all(*(found[source] for source in wanted)).subquery()
    statement: Select[Any] = select(table).order_by(
        table.c.at.desc(), table.c.source.desc(), table.c.id.desc()
    )
    if last:
        statement = statement.where(_after(table, last))
    rows = db.session.execute(statement.limit(SIZE)).all()
    present = _present([(row.source, row.id) for row in rows], theirs)
    return [_entry(row, present.get((row.source, row.id), ())) for row in rows]


def _entry(row: Any, present: Iterable[Present]) -> Entry:
    told = dict(row._mapping)
    source = Source(told["source"])
    word = WORDS[source](told["word"]) if told["word"] is not None else None
    zone = told["zone"] or clock.PROVINCE_ZONE
    return Entry(**(told | {"source": source, "word": word, "zone": zone, "present": tuple(present)}))


def _counts(found: Sources, last: tuple[Any, ...] | None) -> dict[Source, tuple[int, int]]:
    """Of each source that has entries: how many, and how many of them come after `last`."""
    table = union_all(*found.values()).subquery()
    after = func.sum(case((_after(table, last), 1), else_=0)) if last else func.count()
    rows = db.session.execute(select(table.c.source, func.count(), after).group_by(table.c.source))
    return {Source(source): (number, int(rest)) for source, number, rest in rows}


def _after(table: Subquery, last: tuple[Any, ...]) -> ColumnElement[bool]:
    at, source, number = last
    return tuple_(table.c.at, table.c.source, table.c.id) < tuple_(
        literal(at, UtcDateTime()), literal(source), literal(number)
    )


def _cursor(text: str | None) -> tuple[datetime, int, int] | None:
    """Where a page begins; what is no such place is the beginning."""
    written = CURSOR.fullmatch(text or "")
    if not written:
        return None
    try:
        at = datetime.strptime(written[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at, int(written[2]), int(written[3])


def _present(
    rows: list[tuple[int, int]], theirs: ColumnElement[bool]
) -> dict[tuple[int, int], list[Present]]:
    """Who of theirs was at the meetings among `rows` or is invited to the sessions."""
    meetings = [number for source, number in rows if source == Source.MEETING]
    sessions = [number for source, number in rows if source == Source.GUIDANCE]
    if not meetings and not sessions:
        return {}
    nothing = cast(null(), String)
    attended = _people(
        Source.MEETING,
        Attendance,
        Attendance.meeting_id,
        meetings,
        theirs,
        [nothing, cast(null(), Boolean), nothing, nothing],
    )
    answers = [
        type_coerce(Invitation.answer, String),
        Invitation.attended,
        Invitation.note,
        Invitation.delegate_name,
    ]
    invited = _people(Source.GUIDANCE, Invitation, Invitation.guidance_id, sessions, theirs, answers).where(
        Invitation.uninvited_at.is_(None)
    )
    people: dict[tuple[int, int], list[Present]] = {}
    for source, number, name, organisation, answer, was_there, note, delegate in db.session.execute(
        union_all(attended, invited)
    ):
        somebody = Present(name, organisation, answer and Answer(answer), was_there, note, delegate)
        people.setdefault((source, number), []).append(somebody)
    return people


def _people(
    source: Source, link: Any, column: Any, ids: list[int], theirs: ColumnElement[bool], more: list[Any]
) -> Select[Any]:
    return (
        select(literal(int(source)), column, Contact.name, Partner.name, *more)
        .select_from(link)
        .join(Affiliation, Affiliation.id == link.affiliation_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(column.in_(ids), theirs)
    )
