"""What the form of an agreement offers: schools of one's clusters, partners, what it may stand under."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from pentahelix.extensions import db
from pentahelix.models import Agreement, Cluster, School
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import live
from pentahelix.services.agreement_terms import ABOVE
from pentahelix.vocabulary import AgreementKind, AgreementStatus

#: More than any province keeps at once, and a bound for the list.
MOST_PARENTS = 300


@dataclass(frozen=True)
class ParentChoice:
    id: int
    kind: AgreementKind
    title: str


@dataclass(frozen=True)
class SchoolChoice:
    id: int
    name: str
    cluster: str


def schools(also: Sequence[int] = ()) -> list[SchoolChoice]:
    """Those of all clusters in sight; `also` what an agreement names already."""
    return [SchoolChoice(*row) for row in db.session.execute(*_schools(tuple(also)))]


@prepared
def _schools(also: Sequence[int]) -> Rows:
    return (
        select(School.id, School.name, Cluster.short_name)
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(live(Cluster) & live(School) | School.id.in_(also))
        .order_by(Cluster.begins, Cluster.id, School.sort_name, School.id)
    )


def parents(but: int | None, also: int | None) -> list[ParentChoice]:
    """MoUs before PKSs, by title; `but` is the agreement itself, `also` the one that it stands under now."""
    return [ParentChoice(*row) for row in db.session.execute(*_parents(but or 0, also or 0))]


@prepared
def _parents(but: int, also: int) -> Rows:
    still = live(Agreement) & (Agreement.status != AgreementStatus.ABANDONED)
    return (
        select(Agreement.id, Agreement.kind, Agreement.title)
        .where(Agreement.kind.in_(ABOVE.values()), or_(still, Agreement.id == also), Agreement.id != but)
        .order_by(Agreement.id != also, Agreement.kind, Agreement.title, Agreement.id)
        .limit(MOST_PARENTS)
    )
