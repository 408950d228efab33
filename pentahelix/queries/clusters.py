"""Which cluster a person looks at."""

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.principal import Principal


def chosen(person: Principal) -> Cluster | None:
    """The cluster last chosen, if it may still be seen; else the oldest of the person's; None without any."""
    return db.session.scalars(
        select(Cluster)
        .where(Cluster.archived_at.is_(None))
        .order_by(Cluster.id != (person.chosen_cluster_id or 0), Cluster.begins, Cluster.id)
        .limit(1)
    ).first()
