"""Who works with a cluster, as a criterion beside a user."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from pentahelix.models import Membership, User
from pentahelix.scope import live
from pentahelix.vocabulary import Role


def works_in(cluster_id: Any) -> ColumnElement[bool]:
    """Its members whose account is open."""
    return and_(User.deactivated_at.is_(None), _is_member(cluster_id))


def answers_for(cluster_id: Any) -> ColumnElement[bool]:
    """These, and the Kabid."""
    return and_(User.deactivated_at.is_(None), or_(_is_member(cluster_id), User.role == Role.KABID))


def _is_member(cluster_id: Any) -> ColumnElement[bool]:
    return exists().where(
        Membership.user_id == User.id, Membership.cluster_id == cluster_id, live(Membership)
    )
