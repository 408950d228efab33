"""In which of their clusters somebody notes a contact with a partner."""

from dataclasses import dataclass

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner, Partner
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries.page import Rows
from pentahelix.scope import live


@dataclass(frozen=True)
class LogCluster:
    id: int
    name: str
    timezone: str


def clusters_of(partner: Partner, by: Principal) -> list[LogCluster]:
    """Those of `by` that the partner works with: the chosen one first, then the ones it still works with."""
    rows = db.session.execute(*_clusters_of(partner.id, by.chosen_cluster_id or 0))
    return [LogCluster(*row) for row in rows]


@prepared
def _clusters_of(partner_id: int, first_id: int) -> Rows:
    return (
        select(Cluster.id, Cluster.short_name, Cluster.timezone)
        .join(ClusterPartner, ClusterPartner.cluster_id == Cluster.id)
        .where(ClusterPartner.partner_id == partner_id, live(Cluster))
        .order_by(
            Cluster.id != first_id,
            ClusterPartner.ended_on.is_not(None),
            Cluster.begins,
            Cluster.id,
        )
    )
