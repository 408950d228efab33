"""Products of the teaching factories: the list, and one of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, case, select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.models import Cluster, Product, School
from pentahelix.prepared import prepared
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import matching
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import ProductStage


@dataclass(frozen=True)
class Filters:
    """Which products a list shows; archived ones alone or not at all."""

    typed: str = ""
    cluster_id: int | None = None
    stage: ProductStage | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.cluster_id or self.stage or self.archived)


@dataclass(frozen=True)
class ProductRow:
    product: Product
    cluster: Cluster
    school: School | None


_stage = case({stage: place for place, stage in enumerate(ProductStage)}, value=Product.stage)

#: Name of an order → its keys; the id comes last. A product without a price stands at the end.
SORTS: Mapping[str, Order] = {
    "name": (Product.sort_name.asc(),),
    "-name": (Product.sort_name.desc(),),
    "stage": (_stage.asc(), Product.sort_name.asc()),
    "-stage": (_stage.desc(), Product.sort_name.asc()),
    "price": (Product.price.asc().nulls_last(), Product.sort_name.asc()),
    "-price": (Product.price.desc().nulls_last(), Product.sort_name.asc()),
    "cluster": (Cluster.sort_name.asc(), Product.sort_name.asc()),
    "-cluster": (Cluster.sort_name.desc(), Product.sort_name.asc()),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    page = paginate(_listed(filters, SORTS[sort]), number, scalars=False)
    return Page([ProductRow(*row) for row in page.items], page.number, page.total, page.total_is_exact)


@prepared
def _listed(filters: Filters, order: Order) -> Rows:
    statement: Rows = (
        select(Product, Cluster, School)
        .join(Cluster, Cluster.id == Product.cluster_id)
        .outerjoin(School, School.id == Product.lead_school_id)
        .where(~live(Product) if filters.archived else live(Product))
        .order_by(*order, Product.id)
    )
    if filters.typed:
        statement = statement.where(matching(Product, filters.typed))
    if filters.cluster_id is not None:
        statement = statement.where(Product.cluster_id == filters.cluster_id)
    if filters.stage is not None:
        statement = statement.where(Product.stage == filters.stage)
    return statement


def one(product_id: int) -> Product:
    """A product that one may see, with its cluster and the school that leads it; else 404."""
    found: Product | None = db.session.scalars(*_one(product_id)).first()
    return or_404(found)


@prepared
def _one(product_id: int) -> Select[Product]:
    return (
        select(Product)
        .where(Product.id == product_id)
        .options(joinedload(Product.cluster), joinedload(Product.lead_school))
    )
