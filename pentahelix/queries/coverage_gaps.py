"""What helps to fill the gaps of the coverage matrix: who could, and what is being done already."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from pentahelix.extensions import db
from pentahelix.models import FollowUp, Partner
from pentahelix.prepared import TODAY, prepared
from pentahelix.queries import coverage_rule, followups
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.page import Rows
from pentahelix.scope import everything, live
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, Helix, Regency

Candidates = dict[tuple[Helix, Regency], int]


def candidates() -> Candidates:
    """By side and regency, the partners there, of whichever cluster.

    This sees across clusters; it reveals numbers, no names.
    """
    with everything() as session:
        found = session.execute(*_by_side_and_regency()).all()
    return {(helix, Regency(area)): number for helix, area, number in found}


@prepared
def _by_side_and_regency() -> Select[Any]:
    regency = func.substr(Partner.area_code, 1, 5)
    return (
        select(Partner.helix, regency, func.count(Partner.id))
        .where(live(Partner), regency.in_(list(Regency)))
        .group_by(Partner.helix, regency)
    )


def begun(cluster_ids: Collection[int]) -> dict[tuple[int, Helix], FollowUpRow]:
    """By cell, the open follow-up that is due first: on a partner of it, or assigned from the cell itself."""
    found = db.session.execute(*_open(tuple(cluster_ids)))
    return {(row[0].cluster_id, Helix(row[-1])): FollowUpRow(*row[:-1]) for row in found}


@prepared
def _open(cluster_ids: Collection[int]) -> Rows:
    here = coverage_rule.partners_on(TODAY)
    helix = func.coalesce(FollowUp.helix, here.c.helix)
    on_partner = and_(here.c.cluster_id == FollowUp.cluster_id, here.c.partner_id == FollowUp.partner_id)
    return (
        followups.rows()
        .add_columns(helix)
        .outerjoin(here, on_partner)
        .where(
            FollowUp.cluster_id.in_(cluster_ids),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            live(FollowUp),
            or_(FollowUp.helix.is_not(None), here.c.helix.is_not(None)),
        )
        .order_by(FollowUp.due_on.desc(), FollowUp.id.desc())
    )
