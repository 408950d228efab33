"""The guidance session that a cluster has before it, and how its invitations stand."""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Cluster, Contact, GuidanceSession, Invitation
from pentahelix.paths import table
from pentahelix.prepared import NOW, prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import live
from pentahelix.services.invitations import BETWEEN_NUDGES
from pentahelix.services.settings import Province
from pentahelix.vocabulary import Answer, GuidanceStatus


class NextGuidance(NamedTuple):
    id: int
    topic: str
    place: str | None
    starts_at: datetime
    ends_at: datetime
    attending: int  #: also those who are represented
    declined: int
    proposed: int
    silent: int
    #: of the silent, those who have an address and were not reminded by hand for a day
    to_nudge: int
    #: that of its beginning, where the cluster is
    day: date


def of(cluster: Cluster, day: date, province: Province) -> NextGuidance | None:
    """The next one of `cluster`, until its end, from some days before `day` on; one statement."""
    horizon = clock.at(day + timedelta(days=province.upcoming_days + 1), time.min, cluster.timezone)
    row = db.session.execute(*_coming(cluster.id, horizon, clock.now() - BETWEEN_NUDGES)).first()
    if row is None:
        return None
    return NextGuidance._make((*row, clock.local(row.starts_at, cluster.timezone).date()))


@prepared
def _coming(cluster_id: int, horizon: datetime, nudged_by: datetime) -> Rows:
    coming = (
        select(
            *(GuidanceSession.id, GuidanceSession.topic, GuidanceSession.place),
            *(GuidanceSession.starts_at, GuidanceSession.ends_at),
        )
        .where(
            GuidanceSession.cluster_id == cluster_id,
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.ends_at > NOW,
            GuidanceSession.starts_at < horizon,
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at, GuidanceSession.id)
        .limit(1)
        .subquery()
    )
    # Who is invited to a session in sight is counted, in sight or not; who can be reminded is in sight.
    invitation, contact = table(Invitation), table(Contact)
    invited, person = invitation.c, contact.c

    def answered(*answers: Answer) -> Any:
        return func.count(case((invited.answer.in_(answers), 1)))

    # In SQL what `invitations.may_be_nudged` says of one person.
    may_be_nudged = and_(
        invited.answer == Answer.NONE,
        coming.c.starts_at > NOW,
        or_(invited.nudged_at.is_(None), invited.nudged_at <= nudged_by),
        person.email.is_not(None),
        rules.contactable(person),
    )
    return (
        select(
            *coming.c,
            answered(Answer.ATTENDING, Answer.REPRESENTED),
            answered(Answer.DECLINED),
            answered(Answer.PROPOSED),
            answered(Answer.NONE),
            func.count(case((may_be_nudged, 1))),
        )
        .select_from(coming)
        .outerjoin(
            table(Invitation), and_(invited.guidance_id == coming.c.id, invited.uninvited_at.is_(None))
        )
        .outerjoin(Affiliation, Affiliation.id == invited.affiliation_id)
        .outerjoin(contact, person.id == Affiliation.contact_id)
        .group_by(*coming.c)
    )
