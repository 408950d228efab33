"""Who could coordinate a cluster: a picker over accounts."""

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Membership, School, User
from pentahelix.prepared import prepared
from pentahelix.queries.cluster_page import Member
from pentahelix.queries.page import Rows
from pentahelix.queries.words import matching
from pentahelix.scope import live
from pentahelix.vocabulary import Role

#: A picker offers no more; one narrows it down by typing.
OFFERED = 10


def others(cluster_id: int, typed: str) -> list[Member]:
    """Coordinators with an open account who do not work in this cluster, by name."""
    return [Member(user, school) for user, school in db.session.execute(*_others(cluster_id, typed))]


@prepared
def _others(cluster_id: int, typed: str) -> Rows:
    own = select(Membership.user_id).where(Membership.cluster_id == cluster_id, live(Membership))
    statement: Rows = (
        select(User, School)
        .outerjoin(School, School.id == User.school_id)
        .where(User.role == Role.COORDINATOR, User.deactivated_at.is_(None), User.id.not_in(own))
        .order_by(User.sort_name, User.id)
        .limit(OFFERED)
    )
    return statement.where(matching(User, typed)) if typed else statement
