"""In which of their clusters somebody notes a contact with a partner."""

from dataclasses import dataclass

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner, Partner
from pentahelix.principal import Principal
from pentahelix.scope import live


@dataclass(frozen=True)
class LogCluster:
    id: int
    name: str
    timezone: str


def clusters_of(partner: Partner, by: Principal) -> list[LogCluster]:
    """Those of `by` that the partner works with: the chosen one first, then the ones it still works with."""
    rows = db.session.execute(
        select(Cluster.id, Cluster.short_name, Cluster.timezone)
        .join(ClusterPartner, ClusterPartner.cluster_id == Cluster.id)
        .where(ClusterPartner.partner_id == partner.id, live(Cluster))
        .order_by(
            Cluster.id != (by.chosen_cluster_id or 0),
            ClusterPartner.ended_on.is_not(None),
            Cluster.begins,
            Cluster.id,
        )
    )
    return [LogCluster(*row) for row in rows]
