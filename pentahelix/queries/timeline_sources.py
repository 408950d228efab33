"""Where the entries of a timeline come from: one small select a source, all with the same columns."""

from datetime import date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Function,
    Integer,
    Select,
    String,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from pentahelix.columns import UtcDateTime
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementParty,
    AgreementStep,
    Attendance,
    Cluster,
    ClusterPartner,
    Contact,
    ContactLog,
    Contribution,
    FollowUp,
    GuidanceSession,
    Invitation,
    Meeting,
    MeetingPartner,
    OutboxMessage,
    Partner,
    User,
)
from pentahelix.scope import live
from pentahelix.search_index import noun
from pentahelix.vocabulary import ContributionStage, FollowUpStatus, OutboxState


class Source(IntEnum):
    """The higher number stands first where two entries have the same time."""

    BEGAN = 1
    JOINED = 2
    AGREEMENT = 3
    CONTRIBUTION = 4
    MAIL = 5
    FOLLOW_UP = 6
    GUIDANCE = 7
    MEETING = 8
    LOG = 9
    LEFT = 10
    ENDED = 11


#: Dated by a calendar day, not by an instant.
DAYS = frozenset(
    {
        Source.BEGAN,
        Source.JOINED,
        Source.CONTRIBUTION,
        Source.FOLLOW_UP,
        Source.LOG,
        Source.LEFT,
        Source.ENDED,
    }
)

#: What each entry may tell beside its source, id and time; what it does not tell is NULL.
TOLD: dict[str, Any] = {
    "title": Text,
    "text": Text,
    "word": String,
    "ref": Integer,
    "cluster": String,
    "zone": String,
    "user_id": Integer,
    "user": String,
    "contact_id": Integer,
    "contact": String,
    "number": BigInteger,
    "thousandths": BigInteger,
}

Sources = dict[Source, Select[Any]]


class noon(Function[datetime]):  # noqa: N801
    """Noon of a day in UTC, which is the evening of the same day all over Indonesia.

    So what is dated by its day alone stands above what had an hour on that day.
    """

    inherit_cache = True

    def __init__(self, day: Any) -> None:
        super().__init__("noon", day, type_=UtcDateTime())


@compiles(noon, "sqlite")
def _sqlite(element: noon, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} || ' 12:00:00.000000')"


@compiles(noon, "postgresql")
def _postgresql(element: noon, compiler: SQLCompiler, **kw: Any) -> str:
    day = compiler.process(element.clauses, **kw)
    return f"(CAST({day} AS TIMESTAMP) AT TIME ZONE 'UTC' + INTERVAL '12 hours')"


def of_partner(partner_id: int, today: date) -> Sources:
    invited = (
        select(Invitation.guidance_id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .where(Affiliation.partner_id == partner_id)
    )
    people = select(Affiliation.contact_id).where(Affiliation.partner_id == partner_id)
    here = Affiliation.partner_id == partner_id
    involved = ClusterPartner.partner_id == partner_id
    return {
        Source.MEETING: _meetings(
            select(MeetingPartner.meeting_id).where(MeetingPartner.partner_id == partner_id)
        ),
        Source.GUIDANCE: _guidance(
            or_(GuidanceSession.partner_id == partner_id, GuidanceSession.id.in_(invited))
        ),
        Source.AGREEMENT: _agreement_steps(partner_id),
        Source.CONTRIBUTION: _contributions(Contribution.partner_id == partner_id, today),
        Source.FOLLOW_UP: _follow_ups_done(partner_id),
        Source.LOG: _contact_log(ContactLog.partner_id == partner_id),
        Source.MAIL: _mails(OutboxMessage.recipient_contact_id.in_(people)),
        Source.JOINED: _affiliations(Source.JOINED, Affiliation.begins, here, Contact),
        Source.LEFT: _affiliations(Source.LEFT, Affiliation.ends, here, Contact),
        Source.BEGAN: _involvements(Source.BEGAN, ClusterPartner.since, involved),
        Source.ENDED: _involvements(Source.ENDED, ClusterPartner.ended_on, involved),
    }


def of_contact(contact_id: int, today: date) -> Sources:
    def through(link: Any, column: Any) -> Select[tuple[int]]:
        return (
            select(column)
            .join(Affiliation, Affiliation.id == link.affiliation_id)
            .where(Affiliation.contact_id == contact_id)
        )

    theirs = Affiliation.contact_id == contact_id
    return {
        Source.MEETING: _meetings(through(Attendance, Attendance.meeting_id)),
        Source.GUIDANCE: _guidance(GuidanceSession.id.in_(through(Invitation, Invitation.guidance_id))),
        Source.CONTRIBUTION: _contributions(Contribution.giver_contact_id == contact_id, today),
        Source.LOG: _contact_log(ContactLog.contact_id == contact_id),
        Source.MAIL: _mails(OutboxMessage.recipient_contact_id == contact_id),
        Source.JOINED: _affiliations(Source.JOINED, Affiliation.begins, theirs, Partner),
        Source.LEFT: _affiliations(Source.LEFT, Affiliation.ends, theirs, Partner),
    }


# ---------------------------------------------------------------------------------------------------------


def _entries(source: Source, entity: Any, at: Any, **told: Any) -> Select[Any]:
    columns = [literal(int(source)).label("source"), entity.id.label("id"), at.label("at")]
    columns += [told.get(name, cast(null(), kind)).label(name) for name, kind in TOLD.items()]
    return select(*columns).select_from(entity)


def _word(column: Any) -> ColumnElement[str]:
    # Vocabularies differ from source to source: the union carries the stored word.
    return type_coerce(column, String)


def _meetings(found: Select[Any]) -> Select[Any]:
    return (
        _entries(
            Source.MEETING,
            Meeting,
            Meeting.starts_at,
            title=Meeting.title,
            text=Meeting.decisions,
            word=_word(Meeting.status),
            ref=Meeting.id,
            cluster=Cluster.short_name,
            zone=Cluster.timezone,
        )
        .join(Cluster, Cluster.id == Meeting.cluster_id)
        .where(live(Meeting), Meeting.id.in_(found))
    )


def _guidance(found: ColumnElement[bool]) -> Select[Any]:
    return (
        _entries(
            Source.GUIDANCE,
            GuidanceSession,
            GuidanceSession.starts_at,
            title=GuidanceSession.topic,
            text=GuidanceSession.outcome,
            word=_word(GuidanceSession.status),
            ref=GuidanceSession.id,
            cluster=Cluster.short_name,
            zone=Cluster.timezone,
            number=GuidanceSession.students,
            thousandths=type_coerce(GuidanceSession.rating, BigInteger),
        )
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(live(GuidanceSession), found)
    )


def _agreement_steps(partner_id: int) -> Select[Any]:
    return (
        _entries(
            Source.AGREEMENT,
            AgreementStep,
            AgreementStep.taken_at,
            title=Agreement.title,
            text=AgreementStep.comment,
            word=_word(AgreementStep.to_status),
            ref=Agreement.id,
            user_id=User.id,
            user=User.name,
        )
        .join(Agreement, Agreement.id == AgreementStep.agreement_id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .outerjoin(User, User.id == AgreementStep.user_id)
        .where(live(Agreement), AgreementParty.partner_id == partner_id)
    )


def _contributions(found: ColumnElement[bool], today: date) -> Select[Any]:
    """What was given, and what is expected; what was expected before today and did not come is no event."""
    given = Contribution.stage.in_((ContributionStage.DELIVERED, ContributionStage.ADOPTED))
    expected = and_(Contribution.stage != ContributionStage.DROPPED, Contribution.delivered_on > today)
    return (
        _entries(
            Source.CONTRIBUTION,
            Contribution,
            noon(Contribution.delivered_on),
            title=Contribution.title,
            text=Contribution.description,
            word=_word(Contribution.stage),
            ref=Contribution.id,
            cluster=Cluster.short_name,
            number=Contribution.value,
            thousandths=type_coerce(Contribution.hours, BigInteger),
        )
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .where(live(Contribution), Contribution.delivered_on.is_not(None), or_(given, expected), found)
    )


def _follow_ups_done(partner_id: int) -> Select[Any]:
    return (
        _entries(
            Source.FOLLOW_UP,
            FollowUp,
            noon(FollowUp.completed_on),
            title=FollowUp.title,
            text=FollowUp.result,
            ref=FollowUp.id,
            cluster=Cluster.short_name,
            user_id=User.id,
            user=User.name,
        )
        .join(Cluster, Cluster.id == FollowUp.cluster_id)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(live(FollowUp), FollowUp.partner_id == partner_id, FollowUp.status == FollowUpStatus.DONE)
    )


def _contact_log(found: ColumnElement[bool]) -> Select[Any]:
    return (
        _entries(
            Source.LOG,
            ContactLog,
            noon(ContactLog.contacted_on),
            title=Partner.name,
            text=ContactLog.line,
            word=_word(ContactLog.channel),
            ref=Partner.id,
            cluster=Cluster.short_name,
            user_id=User.id,
            user=User.name,
            contact_id=Contact.id,
            contact=Contact.name,
        )
        .join(Cluster, Cluster.id == ContactLog.cluster_id)
        .join(Partner, Partner.id == ContactLog.partner_id)
        .join(User, User.id == ContactLog.user_id)
        .outerjoin(Contact, Contact.id == ContactLog.contact_id)
        .where(live(ContactLog), found)
    )


def _mails(found: ColumnElement[bool]) -> Select[Any]:
    """Only of what the reader may see: mails themselves belong to no cluster."""
    spoken_of = {
        GuidanceSession: select(GuidanceSession.id),
        Invitation: select(Invitation.id),
        Meeting: select(Meeting.id),
        Agreement: select(Agreement.id),
    }
    return (
        _entries(
            Source.MAIL,
            OutboxMessage,
            func.coalesce(OutboxMessage.sent_at, OutboxMessage.made_at, type_=UtcDateTime()),
            title=OutboxMessage.subject,
            word=_word(OutboxMessage.state),
            contact_id=Contact.id,
            contact=Contact.name,
        )
        .join(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .where(
            OutboxMessage.is_secret.is_(False),
            OutboxMessage.state != OutboxState.OBSOLETE,
            or_(
                *(
                    and_(OutboxMessage.object_noun == noun(entity), OutboxMessage.object_id.in_(ids))
                    for entity, ids in spoken_of.items()
                )
            ),
            found,
        )
    )


def _affiliations(source: Source, day: Any, found: ColumnElement[bool], named: Any) -> Select[Any]:
    """`named`: the other side, whose name the entry bears."""
    return (
        _entries(source, Affiliation, noon(day), title=named.name, text=Affiliation.position, ref=named.id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(day.is_not(None), found)
    )


def _involvements(source: Source, day: Any, found: ColumnElement[bool]) -> Select[Any]:
    return (
        _entries(
            source,
            ClusterPartner,
            noon(day),
            title=Cluster.name,
            word=_word(ClusterPartner.role),
            ref=Cluster.id,
            cluster=Cluster.short_name,
        )
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .where(day.is_not(None), found)
    )
