"""What the form of an agreement offers: schools of one's clusters, partners, what it may stand under."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from pentahelix.extensions import db
from pentahelix.models import Agreement, Cluster, School
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
    rows = db.session.execute(
        select(School.id, School.name, Cluster.short_name)
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(live(Cluster) & live(School) | School.id.in_(also))
        .order_by(Cluster.begins, Cluster.id, School.sort_name, School.id)
    )
    return [SchoolChoice(*row) for row in rows]


def parents(but: int | None, also: int | None) -> list[ParentChoice]:
    """MoUs before PKSs, by title; `but` is the agreement itself, `also` the one that it stands under now."""
    still = live(Agreement) & (Agreement.status != AgreementStatus.ABANDONED)
    rows = db.session.execute(
        select(Agreement.id, Agreement.kind, Agreement.title)
        .where(
            Agreement.kind.in_(ABOVE.values()),
            or_(still, Agreement.id == (also or 0)),
            Agreement.id != (but or 0),
        )
        .order_by(Agreement.id != (also or 0), Agreement.kind, Agreement.title, Agreement.id)
        .limit(MOST_PARENTS)
    )
    return [ParentChoice(*row) for row in rows]
