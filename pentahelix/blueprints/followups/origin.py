"""What a new follow-up is made from, as its address names it: a cluster, a partner, a source, a title."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import abort
from flask_babel import gettext as _

from pentahelix.blueprints.asked import named, word
from pentahelix.blueprints.chosen import chosen_cluster, own
from pentahelix.models import Agreement, Cluster, Contribution, FollowUp, GuidanceSession, Meeting, Partner
from pentahelix.navigation import page_of
from pentahelix.queries import followups as lists
from pentahelix.refusals import WrongState
from pentahelix.vocabulary import FollowUpSource, Helix

Source = Meeting | GuidanceSession | Agreement | Contribution

#: What a source is called in an address, with its entity; the first that is named counts.
NOUNS: Mapping[FollowUpSource, type[Source]] = {
    FollowUpSource.MEETING: Meeting,
    FollowUpSource.GUIDANCE: GuidanceSession,
    FollowUpSource.CONTRIBUTION: Contribution,
    FollowUpSource.AGREEMENT: Agreement,
}


@dataclass(frozen=True)
class Origin:
    """Where it comes from. `clusters` are those among which one may choose; a cell has its `helix` alone."""

    cluster: Cluster
    clusters: Sequence[Cluster]
    partner: Partner | None
    kind: FollowUpSource
    row: Source | None
    helix: Helix | None
    title: str

    @property
    def url(self) -> str | None:
        """The page of the source."""
        return _url(self.kind, self.row.id if self.row else None, self.cluster.id, self.helix)


def source_url(follow_up: FollowUp) -> str | None:
    """The page of what a follow-up came from."""
    source_id = (
        follow_up.meeting_id or follow_up.guidance_id or follow_up.agreement_id or follow_up.contribution_id
    )
    return _url(follow_up.source_kind, source_id, follow_up.cluster_id, follow_up.helix)


def _url(kind: FollowUpSource, source_id: int | None, cluster_id: int, helix: Helix | None) -> str | None:
    match kind:
        case FollowUpSource.MEETING:
            return page_of("meetings.show", meeting_id=source_id)
        case FollowUpSource.GUIDANCE:
            return page_of("guidance.show", guidance_id=source_id)
        case FollowUpSource.AGREEMENT:
            return page_of("agreements.show", agreement_id=source_id)
        case FollowUpSource.CONTRIBUTION:
            return page_of("contributions.show", contribution_id=source_id)
        case FollowUpSource.CELL:
            return page_of("coverage.cell", cluster_id=cluster_id, helix=helix)
        case _:
            return None


def read(args: Mapping[str, str]) -> Origin:
    """?cluster= ?partner= ?helix= ?title= and one of ?meeting= ?guidance= ?contribution= ?agreement=.

    What is named and out of sight is a 404, and so is a cluster that the source does not belong to. Where no
    cluster is named, it is the one that fits best.
    """
    wanted, partner = named(args, Cluster, "cluster"), named(args, Partner, "partner")
    kind, row = _source(args)
    helix = None if row else word(Helix, args.get("helix"))
    offered = own(lists.clusters())
    if wanted and wanted.is_archived:
        raise WrongState(_("Klaster ini diarsipkan; tindak lanjut baru tidak dapat dibuat."))
    if row is not None and row.is_archived:
        raise WrongState(_("Catatan ini diarsipkan; tindak lanjut baru tidak dapat dibuat."))
    if row is not None:
        possible = lists.clusters_of_source(row)
        if wanted and wanted.id not in possible:
            abort(404)
        offered = [cluster for cluster in offered if cluster.id in possible]
        if not offered:
            raise WrongState(_("Klaster ini diarsipkan; tindak lanjut baru tidak dapat dibuat."))
        partner = partner or lists.partner_of_source(row)
    cluster = wanted or _fitting(offered, lists.clusters_of(partner.id) if partner else ())
    return Origin(
        cluster=cluster,
        clusters=[cluster] if helix else offered,
        partner=partner,
        kind=FollowUpSource.CELL if helix else kind,
        row=row,
        helix=helix,
        title=args.get("title", "")[:1000],
    )


def _source(args: Mapping[str, str]) -> tuple[FollowUpSource, Source | None]:
    found = ((kind, named(args, entity, kind.value)) for kind, entity in NOUNS.items())
    return next(((kind, row) for kind, row in found if row), (FollowUpSource.NONE, None))


def _fitting(offered: Sequence[Cluster], liked: Collection[int]) -> Cluster:
    """Of those that the partner is in the one that the bar names, else the first."""
    left = [cluster for cluster in offered if cluster.id in liked] or offered
    named = chosen_cluster()
    return next((cluster for cluster in left if cluster == named), left[0])
