"""What the form of a contribution offers: the partners and schools of its cluster, and what it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    ClusterPartner,
    GuidanceSession,
    Partner,
    Product,
)
from pentahelix.prepared import TODAY, prepared
from pentahelix.queries.page import Rows
from pentahelix.rules import not_ended
from pentahelix.scope import live
from pentahelix.vocabulary import GuidanceStatus

#: Sessions are offered from the latest on, so many.
SESSIONS = 100


@dataclass(frozen=True)
class Choice:
    id: int
    name: str


def partners(cluster_id: int, also: int | None = None) -> list[Choice]:
    """Who is involved today, by name; `also` is whoever gave it, whatever has become of them."""
    return [Choice(*row) for row in db.session.execute(*_partners(cluster_id, also))]


@prepared
def _partners(cluster_id: int, also: int | None) -> Rows:
    return (
        select(Partner.id, Partner.name)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(
            ClusterPartner.cluster_id == cluster_id,
            or_(live(Partner) & not_ended(TODAY), Partner.id == also),
        )
        .order_by(Partner.sort_name, Partner.id)
    )


def products(cluster_id: int, also: int | None = None) -> Sequence[Product]:
    return db.session.scalars(*_products(cluster_id, also)).all()


@prepared
def _products(cluster_id: int, also: int | None) -> Select[Product]:
    return (
        select(Product)
        .where(Product.cluster_id == cluster_id, live(Product) | (Product.id == also))
        .order_by(Product.sort_name, Product.id)
    )


def sessions(cluster_id: int, also: int | None = None) -> Sequence[GuidanceSession]:
    """Those not cancelled, the latest first."""
    return db.session.scalars(*_sessions(cluster_id, also)).all()


@prepared
def _sessions(cluster_id: int, also: int | None) -> Select[GuidanceSession]:
    usable = live(GuidanceSession) & (GuidanceSession.status != GuidanceStatus.CANCELLED)
    return (
        select(GuidanceSession)
        .where(GuidanceSession.cluster_id == cluster_id, usable | (GuidanceSession.id == also))
        .order_by(GuidanceSession.starts_at.desc(), GuidanceSession.id.desc())
        .limit(SESSIONS)
    )


def agreements(cluster_id: int, also: int | None = None) -> list[tuple[Agreement, str]]:
    """Those that cover the cluster, each with the names of the partners that are parties to it."""
    found: dict[int, tuple[Agreement, list[str]]] = {}
    for agreement, name in db.session.execute(*_agreements(cluster_id, also)):
        found.setdefault(agreement.id, (agreement, []))[1].append(name)
    return [(agreement, ", ".join(names)) for agreement, names in found.values()]


@prepared
def _agreements(cluster_id: int, also: int | None) -> Rows:
    return (
        select(Agreement, Partner.name)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .join(Partner, Partner.id == AgreementParty.partner_id)
        .where(AgreementCluster.cluster_id == cluster_id, live(Agreement) | (Agreement.id == also))
        .order_by(Partner.sort_name, Agreement.title, Agreement.id)
    )


def homes(partner_id: int | None, agreement_id: int | None) -> frozenset[int] | None:
    """The clusters that a partner is, or was, involved in, or that an agreement covers; None for neither."""
    if partner_id is None and agreement_id is None:
        return None
    return frozenset(db.session.scalars(*_homes(partner_id, agreement_id)))


@prepared
def _homes(partner_id: int | None, agreement_id: int | None) -> Select[int]:
    if partner_id is not None:
        return select(ClusterPartner.cluster_id).where(ClusterPartner.partner_id == partner_id)
    return select(AgreementCluster.cluster_id).where(AgreementCluster.agreement_id == agreement_id)


def only_party(agreement_id: int) -> int | None:
    """The partner of an agreement that has but one."""
    partner_ids = db.session.scalars(*_parties(agreement_id)).all()
    return partner_ids[0] if len(partner_ids) == 1 else None


@prepared
def _parties(agreement_id: int) -> Select[int | None]:
    return select(AgreementParty.partner_id).where(
        AgreementParty.agreement_id == agreement_id, AgreementParty.partner_id.is_not(None)
    )
