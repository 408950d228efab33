"""What a new contribution comes from, as its address names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pentahelix.blueprints.asked import named
from pentahelix.models import Agreement, Cluster, GuidanceSession, Partner, Product
from pentahelix.queries import contribution_form as queries, guidance as sessions


@dataclass(frozen=True)
class Origin:
    """What a new contribution comes from, by the query of its address."""

    #: where it can belong; any, where nothing is named
    cluster_ids: frozenset[int] | None
    partner_id: int | None
    product_id: int | None
    agreement_id: int | None
    guidance: GuidanceSession | None
    #: that took part in the session
    school_ids: Sequence[int] = ()


def read(args: Mapping[str, str]) -> Origin:
    """?cluster= ?partner= ?product= ?guidance= ?agreement=; out of sight is a 404."""
    cluster, partner = named(args, Cluster, "cluster"), named(args, Partner, "partner")
    product, guidance = named(args, Product, "product"), named(args, GuidanceSession, "guidance")
    agreement = named(args, Agreement, "agreement")
    agreement_id = agreement.id if agreement else guidance.agreement_id if guidance else None
    partner_id = partner.id if partner else guidance.partner_id if guidance else None
    cluster_id = cluster.id if cluster else next((one.cluster_id for one in (guidance, product) if one), None)
    return Origin(
        cluster_ids=frozenset({cluster_id}) if cluster_id else queries.homes(partner_id, agreement_id),
        partner_id=partner_id or (queries.only_party(agreement.id) if agreement else None),
        product_id=product.id if product else None,
        agreement_id=agreement_id,
        guidance=guidance,
        school_ids=[school.id for school in sessions.schools_of(guidance.id)] if guidance else (),
    )
