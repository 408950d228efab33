"""Where the entries of a timeline come from: one small select a source, all with the same columns."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
    type_coerce,
)

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
    InvitationAnswer,
    Meeting,
    MeetingPartner,
    OutboxMessage,
    Partner,
    User,
)
from pentahelix.paths import table
from pentahelix.prepared import TODAY
from pentahelix.queries.timeline_columns import Source, Sources, entries, noon, word
from pentahelix.scope import live
from pentahelix.vocabulary import GIVEN_CONTRIBUTIONS, ContributionStage, FollowUpStatus, OutboxState

#: In sight where what they hang on is: there they are read from their tables, which no scope narrows.
CONTACT, PARTNER, SEAT = table(Contact), table(Partner), table(Affiliation)
MET, ATTENDED, INVITED = table(MeetingPartner), table(Attendance), table(Invitation)
STEP, PARTY, ANSWER = table(AgreementStep), table(AgreementParty), table(InvitationAnswer)

#: To a session that they are not invited to any more, they do not go. That they were, their mails tell.
STILL = INVITED.c.uninvited_at.is_(None)

#: What several sources tell alike.
WHERE = {"cluster": Cluster.short_name, "zone": Cluster.timezone}
BY = {"user_id": User.id, "user": User.name}
WHO = {"contact_id": CONTACT.c.id, "contact": CONTACT.c.name}


def of_partner(partner_id: int) -> Sources:
    invited = (
        select(INVITED.c.guidance_id)
        .join(SEAT, SEAT.c.id == INVITED.c.affiliation_id)
        .where(SEAT.c.partner_id == partner_id, STILL)
    )
    people = select(SEAT.c.contact_id).where(SEAT.c.partner_id == partner_id)
    here = Affiliation.partner_id == partner_id
    involved = ClusterPartner.partner_id == partner_id
    return {
        Source.MEETING: _meetings(select(MET.c.meeting_id).where(MET.c.partner_id == partner_id)),
        Source.GUIDANCE: _guidance(
            or_(GuidanceSession.partner_id == partner_id, GuidanceSession.id.in_(invited))
        ),
        Source.AGREEMENT: _agreement_steps(partner_id),
        Source.CONTRIBUTION: _contributions(Contribution.partner_id == partner_id),
        Source.FOLLOW_UP: _follow_ups_done(partner_id),
        Source.LOG: _contact_log(ContactLog.partner_id == partner_id),
        Source.MAIL: _mails(OutboxMessage.recipient_contact_id.in_(people)),
        Source.ANSWER: _answers(here),
        Source.WHATSAPP: _whatsapp(here),
        Source.JOINED: _affiliations(Source.JOINED, Affiliation.begins, here, CONTACT),
        Source.LEFT: _affiliations(Source.LEFT, Affiliation.ends, here, CONTACT),
        Source.BEGAN: _involvements(Source.BEGAN, ClusterPartner.since, involved),
        Source.ENDED: _involvements(Source.ENDED, ClusterPartner.ended_on, involved),
    }


def of_contact(contact_id: int) -> Sources:
    def through(link: Any, column: Any) -> Select[tuple[int]]:
        return (
            select(column)
            .join(Affiliation, Affiliation.id == link.c.affiliation_id)
            .where(Affiliation.contact_id == contact_id)
        )

    theirs = Affiliation.contact_id == contact_id
    return {
        Source.MEETING: _meetings(through(ATTENDED, ATTENDED.c.meeting_id)),
        Source.GUIDANCE: _guidance(
            GuidanceSession.id.in_(through(INVITED, INVITED.c.guidance_id).where(STILL))
        ),
        Source.CONTRIBUTION: _contributions(Contribution.giver_contact_id == contact_id),
        Source.LOG: _contact_log(ContactLog.contact_id == contact_id),
        Source.MAIL: _mails(OutboxMessage.recipient_contact_id == contact_id),
        Source.ANSWER: _answers(theirs),
        Source.WHATSAPP: _whatsapp(theirs),
        Source.JOINED: _affiliations(Source.JOINED, Affiliation.begins, theirs, PARTNER),
        Source.LEFT: _affiliations(Source.LEFT, Affiliation.ends, theirs, PARTNER),
    }


# ---------------------------------------------------------------------------------------------------------


def _meetings(found: Select[Any]) -> Select[Any]:
    return (
        entries(
            Source.MEETING,
            Meeting.id,
            Meeting.starts_at,
            title=Meeting.title,
            text=Meeting.decisions,
            word=word(Meeting.status),
            ref=Meeting.id,
            **WHERE,
        )
        .join(Cluster, Cluster.id == Meeting.cluster_id)
        .where(live(Meeting), Meeting.id.in_(found))
    )


def _guidance(found: ColumnElement[bool]) -> Select[Any]:
    return (
        entries(
            Source.GUIDANCE,
            GuidanceSession.id,
            GuidanceSession.starts_at,
            title=GuidanceSession.topic,
            text=GuidanceSession.outcome,
            word=word(GuidanceSession.status),
            ref=GuidanceSession.id,
            **WHERE,
            number=GuidanceSession.students,
            thousandths=type_coerce(GuidanceSession.rating, BigInteger),
        )
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(live(GuidanceSession), found)
    )


def _agreement_steps(partner_id: int) -> Select[Any]:
    return (
        entries(
            Source.AGREEMENT,
            STEP.c.id,
            STEP.c.taken_at,
            title=Agreement.title,
            text=STEP.c.comment,
            word=word(STEP.c.to_status),
            ref=Agreement.id,
            **BY,
        )
        .join(Agreement, Agreement.id == STEP.c.agreement_id)
        .join(PARTY, PARTY.c.agreement_id == Agreement.id)
        .outerjoin(User, User.id == STEP.c.user_id)
        .where(live(Agreement), PARTY.c.partner_id == partner_id)
    )


def _contributions(found: ColumnElement[bool]) -> Select[Any]:
    """What was given, and what is expected; what was expected before today and did not come is no event."""
    given = Contribution.stage.in_(GIVEN_CONTRIBUTIONS)
    expected = and_(Contribution.stage != ContributionStage.DROPPED, Contribution.delivered_on > TODAY)
    return (
        entries(
            Source.CONTRIBUTION,
            Contribution.id,
            noon(Contribution.delivered_on),
            title=Contribution.title,
            text=Contribution.description,
            word=word(Contribution.stage),
            ref=Contribution.id,
            cluster=Cluster.short_name,
            number=Contribution.value,
            thousandths=type_coerce(Contribution.hours, BigInteger),
            detail=word(Contribution.form),
        )
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .where(live(Contribution), Contribution.delivered_on.is_not(None), or_(given, expected), found)
    )


def _follow_ups_done(partner_id: int) -> Select[Any]:
    return (
        entries(
            Source.FOLLOW_UP,
            FollowUp.id,
            noon(FollowUp.completed_on),
            title=FollowUp.title,
            text=FollowUp.result,
            ref=FollowUp.id,
            cluster=Cluster.short_name,
            **BY,
        )
        .join(Cluster, Cluster.id == FollowUp.cluster_id)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(live(FollowUp), FollowUp.partner_id == partner_id, FollowUp.status == FollowUpStatus.DONE)
    )


def _contact_log(found: ColumnElement[bool]) -> Select[Any]:
    return (
        entries(
            Source.LOG,
            ContactLog.id,
            noon(ContactLog.contacted_on),
            title=Partner.name,
            text=ContactLog.line,
            word=word(ContactLog.channel),
            ref=Partner.id,
            cluster=Cluster.short_name,
            **BY,
            contact_id=Contact.id,
            contact=Contact.name,
        )
        .join(Cluster, Cluster.id == ContactLog.cluster_id)
        .join(Partner, Partner.id == ContactLog.partner_id)
        .join(User, User.id == ContactLog.user_id)
        .outerjoin(Contact, Contact.id == ContactLog.contact_id)
        .where(live(ContactLog), found)
    )


def _answers(theirs: ColumnElement[bool]) -> Select[Any]:
    """Each answer as it was given, also one that another day has made void."""
    told = entries(
        Source.ANSWER,
        ANSWER.c.id,
        ANSWER.c.answered_at,
        title=GuidanceSession.topic,
        text=ANSWER.c.note,
        word=word(ANSWER.c.answer),
        ref=GuidanceSession.id,
        **WHERE,
        **BY,
        **WHO,
        detail=ANSWER.c.delegate_name,
        other_at=ANSWER.c.proposed_starts_at,
    ).join(INVITED, INVITED.c.id == ANSWER.c.invitation_id)
    return _of_invited(told, theirs).outerjoin(User, User.id == ANSWER.c.on_behalf_user_id)


def _whatsapp(theirs: ColumnElement[bool]) -> Select[Any]:
    """A message with a fresh link was prepared; whether it was sent only the coordinator knows."""
    told = entries(
        Source.WHATSAPP,
        INVITED.c.id,
        INVITED.c.whatsapp_at,
        title=GuidanceSession.topic,
        ref=GuidanceSession.id,
        **WHERE,
        **WHO,
    )
    return _of_invited(told, theirs).where(INVITED.c.whatsapp_at.is_not(None))


def _of_invited(told: Select[Any], theirs: ColumnElement[bool]) -> Select[Any]:
    return (
        told.join(GuidanceSession, GuidanceSession.id == INVITED.c.guidance_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .join(Affiliation, Affiliation.id == INVITED.c.affiliation_id)
        .join(CONTACT, CONTACT.c.id == Affiliation.contact_id)
        .where(live(GuidanceSession), theirs)
    )


def _mails(found: ColumnElement[bool]) -> Select[Any]:
    """Mails themselves are in no scope: they are shown with the cluster that they were written for."""
    return (
        entries(
            Source.MAIL,
            OutboxMessage.id,
            func.coalesce(OutboxMessage.sent_at, OutboxMessage.made_at, type_=UtcDateTime()),
            title=OutboxMessage.subject,
            word=word(OutboxMessage.state),
            ref=OutboxMessage.id,
            **WHERE,
            contact_id=Contact.id,
            contact=Contact.name,
            detail=OutboxMessage.kind,
            language=word(Contact.language),
        )
        .join(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .join(Cluster, Cluster.id == OutboxMessage.cluster_id)
        .where(OutboxMessage.is_secret.is_(False), OutboxMessage.state != OutboxState.OBSOLETE, found)
    )


def _affiliations(source: Source, day: Any, found: ColumnElement[bool], named: Any) -> Select[Any]:
    """`named`: the other side, whose name the entry bears."""
    return (
        entries(
            source, Affiliation.id, noon(day), title=named.c.name, text=Affiliation.position, ref=named.c.id
        )
        .join(CONTACT, CONTACT.c.id == Affiliation.contact_id)
        .join(PARTNER, PARTNER.c.id == Affiliation.partner_id)
        .where(day.is_not(None), found)
    )


def _involvements(source: Source, day: Any, found: ColumnElement[bool]) -> Select[Any]:
    return (
        entries(
            source,
            ClusterPartner.id,
            noon(day),
            title=Cluster.name,
            word=word(ClusterPartner.role),
            ref=Cluster.id,
            cluster=Cluster.short_name,
        )
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .where(day.is_not(None), found)
    )
