"""The list of contributions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import case, func, select

from pentahelix.extensions import db
from pentahelix.models import Cluster, Contribution, Partner, Product
from pentahelix.prepared import prepared
from pentahelix.queries.contribution_filters import (
    BARE,
    CONFIRMED,
    Filters,
    beyond_totals,
    has_evidence,
    within_totals,
)
from pentahelix.queries.page import REACH, SIZE, Order, Page, Rows, within
from pentahelix.scope import live
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    Helix,
)


@dataclass(frozen=True)
class ContributionRow:
    contribution: Contribution
    partner: Partner
    cluster: Cluster
    product: Product | None
    has_evidence: bool

    @property
    def is_bare(self) -> bool:
        """Delivered, and nothing shows it."""
        return self.contribution.is_given and not self.has_evidence


class Listed(NamedTuple):
    """A contribution in the list: values only, so that what is drawn of it may be kept."""

    id: int
    title: str
    kind: ContributionKind
    form: ContributionForm
    stage: ContributionStage
    delivered_on: date | None
    quantity: Decimal | None
    unit: str | None
    value: int | None
    is_archived: bool
    #: the giver and the school both said so
    is_proven: bool
    #: delivered, and nothing shows it
    is_bare: bool
    partner: str
    helix: Helix
    #: by its short name
    cluster: str
    product: str | None

    @property
    def is_given(self) -> bool:
        return self.stage in GIVEN_CONTRIBUTIONS


_stage = case({stage: place for place, stage in enumerate(ContributionStage)}, value=Contribution.stage)
#: Name of an order → its keys; the id comes last. Whatever is empty stands at the end.
SORTS: Mapping[str, Order] = {
    "when": (Contribution.delivered_on.asc().nulls_last(),),
    "-when": (Contribution.delivered_on.desc().nulls_last(),),
    "title": (func.lower(Contribution.title).asc(),),
    "-title": (func.lower(Contribution.title).desc(),),
    "partner": (Partner.sort_name.asc(), Contribution.delivered_on.desc().nulls_last()),
    "-partner": (Partner.sort_name.desc(), Contribution.delivered_on.desc().nulls_last()),
    "value": (Contribution.value.asc().nulls_last(),),
    "-value": (Contribution.value.desc().nulls_last(),),
    "stage": (_stage.asc(), Contribution.delivered_on.desc().nulls_last()),
    "-stage": (_stage.desc(), Contribution.delivered_on.desc().nulls_last()),
}


def index(filters: Filters, sort: str, number: int, found: int) -> Page:
    """Page `number` of the `found` contributions that the totals count, in one statement."""
    total = min(found, REACH)
    number = within(number, total)
    rows = db.session.execute(*_listed(filters, SORTS[sort], (number - 1) * SIZE))
    return Page([Listed._make(row) for row in rows], number, total, found <= REACH)


def export(filters: Filters, sort: str) -> list[ContributionRow]:
    """The whole list, in one statement."""
    return [ContributionRow(*row) for row in db.session.execute(*_sorted(filters, SORTS[sort]))]


@prepared
def _sorted(filters: Filters, order: Order) -> Rows:
    return _in_order(select(Contribution, Partner, Cluster, Product, has_evidence()), filters, order)


@prepared
def _listed(filters: Filters, order: Order, offset: int) -> Rows:
    """What Listed is made of."""
    shown = select(
        Contribution.id,
        Contribution.title,
        Contribution.kind,
        Contribution.form,
        Contribution.stage,
        Contribution.delivered_on,
        Contribution.quantity,
        Contribution.unit,
        Contribution.value,
        ~live(Contribution),
        CONFIRMED,
        BARE,
        Partner.name,
        Partner.helix,
        Cluster.short_name,
        Product.name,
    )
    return _in_order(shown, filters, order).limit(SIZE).offset(offset)


def _in_order(shown: Rows, filters: Filters, order: Order) -> Rows:
    rows = (
        shown.join(Partner, Partner.id == Contribution.partner_id)
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .outerjoin(Product, Product.id == Contribution.product_id)
        .where(*beyond_totals(filters), *within_totals(filters))
    )
    return rows.order_by(*order, Contribution.id.desc())
