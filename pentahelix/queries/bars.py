"""What the bars of every page show of the database, in one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries import waiting
from pentahelix.scope import live


@dataclass(frozen=True)
class Bars:
    """`cluster`: the one last chosen, if it may still be seen; else the oldest in sight; None without any."""

    cluster: Cluster | None
    #: how many things wait for the person
    waiting: int


def of(person: Principal) -> Bars:
    found = db.session.execute(*_bars(person, person.chosen_cluster_id or 0)).first()
    return Bars(*found) if found else Bars(None, waiting.count(person))


@prepared
def _bars(person: Principal, chosen_id: int) -> Select[Any]:
    return (
        select(Cluster, waiting.number_of(person).scalar_subquery())
        .where(live(Cluster))
        .order_by(Cluster.id != chosen_id, Cluster.begins, Cluster.id)
        .limit(1)
    )
