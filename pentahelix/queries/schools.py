"""Schools: the list, and one of them with its products and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.models import Cluster, Product, School, User
from pentahelix.queries.page import Page, paginate
from pentahelix.queries.words import matching
from pentahelix.scope import get_or_404, live


@dataclass(frozen=True)
class Filters:
    """Which schools a list shows; archived ones alone or not at all."""

    typed: str = ""
    cluster_id: int | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.cluster_id or self.archived)


@dataclass(frozen=True)
class SchoolRow:
    school: School
    cluster: Cluster


@dataclass(frozen=True)
class SchoolPage:
    """A school with its cluster, the products that it leads, and who works there."""

    school: School
    cluster: Cluster
    products: Sequence[Product]
    people: Sequence[User]


#: Name of an order → its keys; the id comes last. A school without a district stands at the end.
SORTS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "name": (School.sort_name.asc(),),
    "-name": (School.sort_name.desc(),),
    "district": (func.lower(School.district).asc().nulls_last(), School.sort_name.asc()),
    "-district": (func.lower(School.district).desc().nulls_last(), School.sort_name.asc()),
    "cluster": (Cluster.sort_name.asc(), School.sort_name.asc()),
    "-cluster": (Cluster.sort_name.desc(), School.sort_name.asc()),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    statement: Any = (
        select(School, Cluster)
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(~live(School) if filters.archived else live(School))
        .order_by(*SORTS[sort], School.id)
    )
    if filters.typed:
        statement = statement.where(matching(School, filters.typed))
    if filters.cluster_id is not None:
        statement = statement.where(School.cluster_id == filters.cluster_id)
    page = paginate(statement, number, scalars=False)
    return Page([SchoolRow(*row) for row in page.items], page.number, page.total, page.total_is_exact)


def one(school_id: int) -> SchoolPage:
    """A school that one may see, in three statements; else 404."""
    school = get_or_404(School, school_id, joinedload(School.cluster))
    return SchoolPage(
        school=school,
        cluster=school.cluster,
        products=db.session.scalars(
            select(Product)
            .where(Product.lead_school_id == school_id, live(Product))
            .order_by(Product.sort_name, Product.id)
        ).all(),
        people=db.session.scalars(
            select(User)
            .where(User.school_id == school_id, User.deactivated_at.is_(None))
            .order_by(User.sort_name, User.id)
        ).all(),
    )


def of_cluster(cluster_id: int, also: int | None = None) -> list[School]:
    """What may lead a product of a cluster: its live schools, and the one that does so far."""
    return list(
        db.session.scalars(
            select(School)
            .where(School.cluster_id == cluster_id, live(School) | (School.id == (also or 0)))
            .order_by(School.sort_name, School.id)
        )
    )
