"""One cell of the coverage matrix: what makes its state, whom it is made of, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.prepared import prepared
from pentahelix.queries import coverage_next, coverage_parts as parts, coverage_rule
from pentahelix.queries.coverage_candidates import Candidate, candidates
from pentahelix.queries.coverage_next import NextStep
from pentahelix.queries.coverage_parts import Activity, CellAgreement, CellPartner, SidePartner
from pentahelix.queries.coverage_rule import Cell
from pentahelix.queries.followups import FollowUpRow
from pentahelix.scope import live, or_404
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.vocabulary import CellState, Helix


@dataclass(frozen=True)
class CellPage:
    cluster: Cluster
    province: Province
    day: date
    cell: Cell
    #: those bound first
    partners: Sequence[CellPartner]
    #: those that end first come first
    agreements: Sequence[CellAgreement]
    #: open ones on these partners, those due first
    follow_ups: Sequence[FollowUpRow]
    #: of these, those that make the cell at risk
    late: Sequence[FollowUpRow]
    #: of the partners that are bound, where some are
    activity: Activity | None
    #: what comes first, and what the state alone asks for
    next_step: NextStep | None
    state_step: NextStep | None
    candidates: Sequence[Candidate]

    @property
    def ending(self) -> Sequence[CellAgreement]:
        """The agreements that make the cell at risk."""
        return [each for each in self.agreements if each.is_ending]

    @property
    def in_process(self) -> Sequence[CellAgreement]:
        """The furthest first."""
        return coverage_next.in_process(self.agreements)


def cell(cluster_id: int, helix: Helix) -> CellPage:
    """A cell of a cluster that one may see, in seven statements, one more if it is empty; else 404."""
    cluster = or_404(db.session.scalars(*_live_cluster(cluster_id)).first())
    day, province = clock.today(), settings.province()
    found = coverage_rule.cells_on(day, province, cluster_id).get((cluster_id, helix)) or Cell(
        cluster_id, helix
    )
    partners = {
        row.id: SidePartner(*row) for row in db.session.execute(*parts.of_side(day, cluster_id, helix))
    }
    follow_ups = [FollowUpRow(*row) for row in db.session.execute(*parts.open_steps(day, cluster_id, helix))]
    agreed = parts.agreements_of(day, province, cluster_id, helix, partners)
    here = parts.partners_of(partners, agreed, follow_ups)
    state_step = coverage_next.state_step(found, here, agreed)
    return CellPage(
        cluster=cluster,
        province=province,
        day=day,
        cell=found,
        partners=here,
        agreements=agreed,
        follow_ups=follow_ups,
        late=[row for row in follow_ups if (day - row.follow_up.due_on).days > province.late_days],
        activity=parts.last_activity(day, cluster, here),
        next_step=coverage_next.next_step(found, agreed, follow_ups) or state_step,
        state_step=state_step,
        candidates=candidates(cluster, helix) if found.state == CellState.EMPTY else [],
    )


@prepared
def _live_cluster(cluster_id: int) -> Select[Cluster]:
    return select(Cluster).where(Cluster.id == cluster_id, live(Cluster))
