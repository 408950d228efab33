"""The paths from each entity to its clusters, to a personal link, to a contact in the portal.

`scope` narrows every statement by them. They are written on Core tables, so that no criterion meets itself.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Table, and_, or_, select

from pentahelix import models as m
from pentahelix.extensions import Entity
from pentahelix.prepared import TODAY
from pentahelix.vocabulary import SINCE_SIGNED

#: placeholders for the ids of clusters
Ids = Any
Id = BindParameter[int]
Criterion = Callable[[Ids], ColumnElement[bool]]
#: the same for one holder: a contact, an invitation
OwnCriterion = Callable[[Id], ColumnElement[bool]]


def table(entity: type[Entity]) -> Table:
    found = entity.__table__
    assert isinstance(found, Table)
    return found


def _own(entity: type[Entity], column: str = "cluster_id") -> Criterion:
    """`entity` names its cluster itself."""
    return lambda ids: table(entity).c[column].in_(ids)


def _linked(entity: type[Entity], link: type[Entity], column: str) -> Criterion:
    """Some row of `link` that is in scope names `entity` in `column`."""
    return lambda ids: table(entity).c.id.in_(select(table(link).c[column]).where(PATHS[link](ids)))


def _child(entity: type[Entity], column: str, parent: type[Entity]) -> Criterion:
    """`entity` hangs in `column` on a row of `parent` that is in scope."""
    return lambda ids: table(entity).c[column].in_(select(table(parent).c.id).where(PATHS[parent](ids)))


def _beside(entity: type[Entity], column: str, link: type[Entity]) -> Criterion:
    """`entity` and a row of `link` that is in scope name the same thing in `column`."""
    return lambda ids: table(entity).c[column].in_(select(table(link).c[column]).where(PATHS[link](ids)))


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
    m.ReminderRule: _any(_own(m.ReminderRule), lambda _ids: table(m.ReminderRule).c.cluster_id.is_(None)),
    m.Reminder: _own(m.Reminder),
    m.CoverageTarget: _own(m.CoverageTarget),
    m.CoverageSnapshot: _own(m.CoverageSnapshot),
}


def _around_invitations(own: Callable[[Id], Select[Any]]) -> dict[type[Entity], OwnCriterion]:
    """What the invited see of the invitations whose ids `own` selects."""
    invitation, guidance = table(m.Invitation), table(m.GuidanceSession)
    school, affiliation = table(m.GuidanceSchool), table(m.Affiliation)

    def of(column: Any) -> Callable[[Id], Select[Any]]:
        return lambda holder: select(column).where(invitation.c.id.in_(own(holder)))

    sessions, affiliations = of(invitation.c.guidance_id), of(invitation.c.affiliation_id)
    return {
        m.Invitation: lambda holder: invitation.c.id.in_(own(holder)),
        m.InvitationAnswer: lambda holder: table(m.InvitationAnswer).c.invitation_id.in_(own(holder)),
        m.GuidanceSession: lambda holder: guidance.c.id.in_(sessions(holder)),
        m.GuidanceSchool: lambda holder: school.c.guidance_id.in_(sessions(holder)),
        m.School: lambda holder: table(m.School).c.id.in_(
            select(school.c.school_id).where(school.c.guidance_id.in_(sessions(holder)))
        ),
        m.Cluster: lambda holder: table(m.Cluster).c.id.in_(
            select(guidance.c.cluster_id).where(guidance.c.id.in_(sessions(holder)))
        ),
        m.Affiliation: lambda holder: affiliation.c.id.in_(affiliations(holder)),
        m.Contact: lambda holder: table(m.Contact).c.id.in_(
            select(affiliation.c.contact_id).where(affiliation.c.id.in_(affiliations(holder)))
        ),
        m.Partner: lambda holder: table(m.Partner).c.id.in_(
            select(affiliation.c.partner_id).where(affiliation.c.id.in_(affiliations(holder)))
        ),
    }


def _of_contact(column: str) -> Callable[[Id], Select[Any]]:
    affiliation = table(m.Affiliation)
    return lambda contact_id: select(affiliation.c[column]).where(affiliation.c.contact_id == contact_id)


def _works_at(contact_id: Id) -> Select[Any]:
    """The organisations where a contact works today; who is about to begin there does not yet."""
    affiliation = table(m.Affiliation)
    return select(affiliation.c.partner_id).where(
        affiliation.c.contact_id == contact_id,
        or_(affiliation.c.begins.is_(None), affiliation.c.begins <= TODAY),
        or_(affiliation.c.ends.is_(None), affiliation.c.ends >= TODAY),
    )


def _signed_by(contact_id: Id) -> Select[Any]:
    agreement, party = table(m.Agreement), table(m.AgreementParty)
    return select(agreement.c.id).where(
        agreement.c.status.in_(SINCE_SIGNED),
        agreement.c.archived_at.is_(None),
        agreement.c.id.in_(select(party.c.agreement_id).where(party.c.partner_id.in_(_works_at(contact_id)))),
    )


def _given_by(contact_id: Id) -> ColumnElement[bool]:
    given = table(m.Contribution)
    return and_(given.c.partner_id.in_(_works_at(contact_id)), given.c.archived_at.is_(None))


#: What whoever holds a personal link sees; nothing else that is scoped.
OF_INVITATION = _around_invitations(lambda invitation_id: select(invitation_id))

_OF_OWN_INVITATIONS = _around_invitations(
    lambda contact_id: select(table(m.Invitation).c.id).where(
        table(m.Invitation).c.affiliation_id.in_(_of_contact("id")(contact_id))
    )
)

#: What a partner contact sees in the portal; nothing else that is scoped.
OF_CONTACT: dict[type[Entity], OwnCriterion] = {
    **_OF_OWN_INVITATIONS,
    m.Contact: lambda contact_id: table(m.Contact).c.id == contact_id,
    m.Affiliation: lambda contact_id: table(m.Affiliation).c.contact_id == contact_id,
    m.Partner: lambda contact_id: table(m.Partner).c.id.in_(_of_contact("partner_id")(contact_id)),
    m.Agreement: lambda contact_id: table(m.Agreement).c.id.in_(_signed_by(contact_id)),
    m.AgreementParty: lambda contact_id: table(m.AgreementParty).c.agreement_id.in_(_signed_by(contact_id)),
    m.Obligation: lambda contact_id: and_(
        table(m.Obligation).c.agreement_id.in_(_signed_by(contact_id)),
        table(m.Obligation).c.archived_at.is_(None),
    ),
    m.Contribution: _given_by,
    m.Cluster: lambda contact_id: or_(
        _OF_OWN_INVITATIONS[m.Cluster](contact_id),
        table(m.Cluster).c.id.in_(select(table(m.Contribution).c.cluster_id).where(_given_by(contact_id))),
    ),
}

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
