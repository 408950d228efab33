"""Which contributions an address asks for, and what a new one comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pentahelix.blueprints.asked import number, word
from pentahelix.extensions import Entity
from pentahelix.models import Agreement, Cluster, GuidanceSession, Partner, Product
from pentahelix.queries import contribution_form as queries, contribution_list as lists, guidance as sessions
from pentahelix.queries.contribution_list import By, Filters, Proof, Totals
from pentahelix.scope import get_or_404
from pentahelix.vocabulary import ContributionForm, ContributionKind, ContributionStage, Helix

E = TypeVar("E", bound=Entity)

ARCHIVED = "archived"


@dataclass(frozen=True)
class Listing:
    filters: Filters
    sort: str
    #: what the totals are told by
    by: By


def read_listing(args: Mapping[str, str]) -> Listing:
    """What is no filter that we know is none."""
    stage, sort = args.get("stage", ""), args.get("sort", "")
    filters = Filters(
        typed=args.get("q", "").strip(),
        cluster_id=number(args.get("cluster")),
        helix=word(Helix, args.get("helix")),
        kind=word(ContributionKind, args.get("kind")),
        form=word(ContributionForm, args.get("form")),
        stage=word(ContributionStage, stage),
        year=number(args.get("year")),
        partner_id=number(args.get("partner")),
        product_id=number(args.get("product")),
        proof=word(Proof, args.get("proof")),
        archived=stage == ARCHIVED,
    )
    return Listing(filters, sort if sort in lists.SORTS else "-when", word(By, args.get("by")) or By.HELIX)


def offered(totals: Totals) -> dict[str, list[tuple[int | str, Any]]]:
    """What the selects of the list offer: only what there is, the words of the sides and forms aside."""
    return {
        "cluster": list(totals.clusters.items()),
        "year": [(year, year) for year in totals.years],
        "helix": [(helix.value, helix.label) for helix in Helix],
        "kind": [(kind.value, kind.label) for kind in totals.kinds],
        "form": [(form.value, form.label) for form in ContributionForm],
    }


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


def read_origin(args: Mapping[str, str]) -> Origin:
    """?cluster_id= ?partner_id= ?product_id= ?guidance_id= ?agreement_id=; out of sight is a 404."""
    cluster, partner = _named(args, Cluster, "cluster_id"), _named(args, Partner, "partner_id")
    product, guidance = _named(args, Product, "product_id"), _named(args, GuidanceSession, "guidance_id")
    agreement = _named(args, Agreement, "agreement_id")
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


def _named(args: Mapping[str, str], entity: type[E], name: str) -> E | None:
    wanted = number(args.get(name))
    return None if wanted is None else get_or_404(entity, wanted)
