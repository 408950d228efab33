"""Whom an empty cell of the coverage matrix could be filled with."""

from dataclasses import dataclass

from sqlalchemy import Select, select

from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner, Partner
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import everything, live
from pentahelix.vocabulary import Helix

#: Partners that an empty cell names.
CANDIDATES = 3


@dataclass(frozen=True)
class Candidate:
    """All that is told about a partner, be it of another cluster: that there is one of this name."""

    id: int
    name: str
    #: it is in the reader's own clusters and may be opened
    is_own: bool


def candidates(cluster: Cluster, helix: Helix) -> list[Candidate]:
    """At most CANDIDATES partners of that side in the cluster's regency that never worked with it.

    This sees across clusters. Of a partner outside those of whoever asks it reveals the name, nothing else.
    """
    with everything() as session:
        found = session.execute(*_never_involved(cluster.id, helix, cluster.regency.value)).all()
    own = set(db.session.scalars(*_in_sight([row.id for row in found])))
    return [Candidate(row.id, row.name, row.id in own) for row in found]


@prepared
def _never_involved(cluster_id: int, helix: Helix, regency: str) -> Rows:
    involved = select(ClusterPartner.partner_id).where(ClusterPartner.cluster_id == cluster_id)
    return (
        select(Partner.id, Partner.name)
        .where(
            Partner.helix == helix,
            Partner.area_code.startswith(regency),
            Partner.id.not_in(involved),
            live(Partner),
        )
        .order_by(Partner.sort_name, Partner.id)
        .limit(CANDIDATES)
    )


@prepared
def _in_sight(partner_ids: list[int]) -> Select[int]:
    return select(Partner.id).where(Partner.id.in_(partner_ids))
