"""Which contributions an address asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pentahelix.blueprints.asked import number, word
from pentahelix.queries import contribution_list as lists
from pentahelix.queries.contribution_filters import Filters, Proof
from pentahelix.queries.contribution_totals import By, Totals
from pentahelix.vocabulary import ContributionForm, ContributionKind, ContributionStage, Helix

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


def offered(totals: Totals) -> dict[str, Iterable[Any]]:
    """What the selects of the list offer: only what there is, the words of the sides and forms aside."""
    return {
        "cluster": tuple(totals.clusters.items()),
        "year": tuple((year, year) for year in totals.years),
        "helix": Helix,
        "kind": tuple(totals.kinds),
        "form": ContributionForm,
    }
