"""Schools: the list, and one of them with its products and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.models import Cluster, Product, School, User
from pentahelix.prepared import prepared
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import matching
from pentahelix.scope import live, or_404


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
SORTS: Mapping[str, Order] = {
    "name": (School.sort_name.asc(),),
    "-name": (School.sort_name.desc(),),
    "district": (func.lower(School.district).asc().nulls_last(), School.sort_name.asc()),
    "-district": (func.lower(School.district).desc().nulls_last(), School.sort_name.asc()),
    "cluster": (Cluster.sort_name.asc(), School.sort_name.asc()),
    "-cluster": (Cluster.sort_name.desc(), School.sort_name.asc()),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    page = paginate(_listed(filters, SORTS[sort]), number, scalars=False)
    return Page([SchoolRow(*row) for row in page.items], page.number, page.total, page.total_is_exact)


@prepared
def _listed(filters: Filters, order: Order) -> Rows:
    statement: Rows = (
        select(School, Cluster)
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(~live(School) if filters.archived else live(School))
        .order_by(*order, School.id)
    )
    if filters.typed:
        statement = statement.where(matching(School, filters.typed))
    if filters.cluster_id is not None:
        statement = statement.where(School.cluster_id == filters.cluster_id)
    return statement


def one(school_id: int) -> SchoolPage:
    """A school that one may see, in three statements; else 404."""
    school = or_404(db.session.scalars(*_one(school_id)).first())
    return SchoolPage(
        school=school,
        cluster=school.cluster,
        products=db.session.scalars(*_products(school_id)).all(),
        people=db.session.scalars(*_people(school_id)).all(),
    )


@prepared
def _one(school_id: int) -> Select[School]:
    return select(School).where(School.id == school_id).options(joinedload(School.cluster))


@prepared
def _products(school_id: int) -> Select[Product]:
    return (
        select(Product)
        .where(Product.lead_school_id == school_id, live(Product))
        .order_by(Product.sort_name, Product.id)
    )


@prepared
def _people(school_id: int) -> Select[User]:
    return (
        select(User)
        .where(User.school_id == school_id, User.deactivated_at.is_(None))
        .order_by(User.sort_name, User.id)
    )


def of_cluster(cluster_id: int, also: int | None = None) -> list[School]:
    """What may lead a product of a cluster: its live schools, and the one that does so far."""
    return list(db.session.scalars(*_of_cluster(cluster_id, also or 0)))


@prepared
def _of_cluster(cluster_id: int, also: int) -> Select[School]:
    return (
        select(School)
        .where(School.cluster_id == cluster_id, live(School) | (School.id == also))
        .order_by(School.sort_name, School.id)
    )
