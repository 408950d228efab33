"""What the form of a contribution offers: the partners and schools of its cluster, and what it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from pentahelix import clock
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
    rows = db.session.execute(
        select(Partner.id, Partner.name)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(
            ClusterPartner.cluster_id == cluster_id,
            or_(live(Partner) & not_ended(clock.today()), Partner.id == also),
        )
        .order_by(Partner.sort_name, Partner.id)
    )
    return [Choice(*row) for row in rows]


def products(cluster_id: int, also: int | None = None) -> Sequence[Product]:
    return db.session.scalars(
        select(Product)
        .where(Product.cluster_id == cluster_id, live(Product) | (Product.id == also))
        .order_by(Product.sort_name, Product.id)
    ).all()


def sessions(cluster_id: int, also: int | None = None) -> Sequence[GuidanceSession]:
    """Those not cancelled, the latest first."""
    usable = live(GuidanceSession) & (GuidanceSession.status != GuidanceStatus.CANCELLED)
    return db.session.scalars(
        select(GuidanceSession)
        .where(GuidanceSession.cluster_id == cluster_id, usable | (GuidanceSession.id == also))
        .order_by(GuidanceSession.starts_at.desc(), GuidanceSession.id.desc())
        .limit(SESSIONS)
    ).all()


def agreements(cluster_id: int, also: int | None = None) -> list[tuple[Agreement, str]]:
    """Those that cover the cluster, each with the names of the partners that are parties to it."""
    rows = db.session.execute(
        select(Agreement, Partner.name)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .join(Partner, Partner.id == AgreementParty.partner_id)
        .where(AgreementCluster.cluster_id == cluster_id, live(Agreement) | (Agreement.id == also))
        .order_by(Partner.sort_name, Agreement.title, Agreement.id)
    )
    found: dict[int, tuple[Agreement, list[str]]] = {}
    for agreement, name in rows:
        found.setdefault(agreement.id, (agreement, []))[1].append(name)
    return [(agreement, ", ".join(names)) for agreement, names in found.values()]


def homes(partner_id: int | None, agreement_id: int | None) -> frozenset[int] | None:
    """The clusters that a partner is, or was, involved in, or that an agreement covers; None for neither."""
    if partner_id is not None:
        found = select(ClusterPartner.cluster_id).where(ClusterPartner.partner_id == partner_id)
    elif agreement_id is not None:
        found = select(AgreementCluster.cluster_id).where(AgreementCluster.agreement_id == agreement_id)
    else:
        return None
    return frozenset(db.session.scalars(found))


def only_party(agreement_id: int) -> int | None:
    """The partner of an agreement that has but one."""
    parties = select(AgreementParty.partner_id).where(
        AgreementParty.agreement_id == agreement_id, AgreementParty.partner_id.is_not(None)
    )
    partner_ids = db.session.scalars(parties).all()
    return partner_ids[0] if len(partner_ids) == 1 else None
