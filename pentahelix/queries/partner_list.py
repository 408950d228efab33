"""Which partners a list shows, and in which order: filters, states, sorts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CTE, ColumnElement, String, and_, case, cast, func, or_, select, true

from pentahelix import rules
from pentahelix.models import (
    Affiliation,
    Cluster,
    ClusterPartner,
    Contact,
    FollowUp,
    Partner,
    PartnerTag,
    Tag,
)
from pentahelix.paths import table
from pentahelix.queries.days import days_before, today_in
from pentahelix.queries.words import found, matching
from pentahelix.scope import live
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, Helix, InvolvementRole, Regency, Word

PARTNER = table(Partner)


class Status(Word):
    """What a list may be narrowed to; without one it shows whoever is involved today."""

    PARTNER = "partner", _l("Mitra")
    PROSPECT = "prospect", _l("Calon mitra")
    ATTENTION = "attention", _l("Perlu perhatian")
    COLD = "cold", _l("Mulai dingin")
    ENDED = "ended", _l("Keterlibatan berakhir")
    ARCHIVED = "archived", _l("Diarsipkan")


class Sort(StrEnum):
    """A minus turns it round. Contact counts days: "-contact" is longest ago first."""

    LONGEST_AGO = "-contact"
    LATEST = "contact"
    NAME = "name"
    NAME_DOWN = "-name"
    STEP = "step"
    STEP_DOWN = "-step"
    HELIX = "helix"
    HELIX_DOWN = "-helix"


@dataclass(frozen=True)
class Filters:
    typed: str = ""
    helix: Helix | None = None
    #: none: all that are in sight
    cluster_id: int | None = None
    regency: Regency | None = None
    status: Status | None = None
    tag: str | None = None
    sort: Sort = Sort.LONGEST_AGO

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.helix or self.regency or self.status or self.tag)


def involved_today() -> ColumnElement[bool]:
    """The involvement holds today; with an archived cluster none does. Needs a join to the cluster."""
    return and_(
        rules.not_ended(today_in(Cluster.timezone)),
        live(Cluster),
    )


def in_cluster(cluster_id: int | None, column: Any) -> ColumnElement[bool]:
    return true() if cluster_id is None else column == cluster_id


def is_open(step: Any) -> ColumnElement[bool]:
    return and_(step.status.in_(OPEN_FOLLOW_UPS), live(step))


def listed_by(filters: Filters, cold_days: int) -> CTE:
    """One row a partner that is in sight and matches all but helix and status.

    Who is involved in sight is in sight: the partners themselves are taken from their table.
    """
    involved, steps = _involved(filters.cluster_id, cold_days), _steps(filters.cluster_id)
    return (
        select(
            PARTNER.c.id,
            PARTNER.c.helix,
            PARTNER.c.sort_name,
            PARTNER.c.archived_at,
            involved.c.last_contact_on,
            involved.c.since,
            involved.c.is_live,
            involved.c.is_partner,
            func.coalesce(involved.c.is_cold, 0).label("is_cold"),
            steps.c.due_on,
            func.coalesce(steps.c.is_late, 0).label("is_late"),
        )
        .join(involved, involved.c.partner_id == PARTNER.c.id)
        .outerjoin(steps, steps.c.partner_id == PARTNER.c.id)
        .where(*_narrowed(filters))
        .cte("listed")
    )


def of_helix(listed: CTE, helix: Helix | None) -> ColumnElement[bool]:
    return true() if helix is None else listed.c.helix == helix


def of_status(listed: CTE, status: Status | None) -> ColumnElement[bool]:
    if status == Status.ARCHIVED:
        return listed.c.archived_at.is_not(None)
    kept = listed.c.archived_at.is_(None)
    if status == Status.ENDED:
        return and_(kept, listed.c.is_live == 0)
    narrower = {
        Status.PARTNER: listed.c.is_partner == 1,
        Status.PROSPECT: listed.c.is_partner == 0,
        Status.ATTENTION: or_(listed.c.is_late == 1, listed.c.is_cold == 1),
        Status.COLD: listed.c.is_cold == 1,
    }
    return and_(kept, listed.c.is_live == 1, narrower[status] if status else true())


def order_of(listed: Any, sort: Sort) -> list[ColumnElement[Any]]:
    """The id is always the last key; nobody is lost or doubled between two pages."""
    places = {helix.value: place for place, helix in enumerate(Helix)}
    by_helix = case(places, value=cast(listed.c.helix, String))
    name, spoke, due = listed.c.sort_name, listed.c.last_contact_on, listed.c.due_on
    keys: dict[Sort, list[ColumnElement[Any]]] = {
        # Never spoken to is longer ago than any day.
        Sort.LONGEST_AGO: [spoke.asc().nulls_first(), name],
        Sort.LATEST: [spoke.desc().nulls_last(), name],
        Sort.NAME: [name],
        Sort.NAME_DOWN: [name.desc()],
        Sort.STEP: [due.asc().nulls_last(), name],
        Sort.STEP_DOWN: [due.desc().nulls_last(), name],
        Sort.HELIX: [by_helix, name],
        Sort.HELIX_DOWN: [by_helix.desc(), name],
    }
    return [*keys[sort], listed.c.id]


def _involved(cluster_id: int | None, cold_days: int) -> Any:
    holds = involved_today()
    today = today_in(Cluster.timezone)
    own_days: Any = Cluster.cold_after_days
    # What the province says is the same of all clusters: the database reckons it once.
    warm_from = case((own_days.is_(None), days_before(today, cold_days)), else_=days_before(today, own_days))
    is_cold = rules.cold(today, warm_from)
    # With one cluster a partner has one involvement: there is nothing to bring together.
    is_one = cluster_id is not None
    latest, earliest = (_itself, _itself) if is_one else (func.max, func.min)
    found = (
        select(
            ClusterPartner.partner_id,
            latest(ClusterPartner.last_contact_on).label("last_contact_on"),
            earliest(ClusterPartner.since).label("since"),
            latest(case((holds, 1), else_=0)).label("is_live"),
            latest(case((and_(holds, ClusterPartner.role == InvolvementRole.PARTNER), 1), else_=0)).label(
                "is_partner"
            ),
            # In several clusters, who is spoken to in one of them is not cold.
            earliest(case((holds, case((is_cold, 1), else_=0)))).label("is_cold"),
        )
        .join(Cluster)
        .where(in_cluster(cluster_id, ClusterPartner.cluster_id))
    )
    return (found if is_one else found.group_by(ClusterPartner.partner_id)).subquery("involved")


def _itself(column: Any) -> Any:
    return column


def _steps(cluster_id: int | None) -> Any:
    return (
        select(
            FollowUp.partner_id,
            func.min(FollowUp.due_on).label("due_on"),
            func.max(case((rules.late(today_in(Cluster.timezone)), 1), else_=0)).label("is_late"),
        )
        .join(Cluster)
        .where(is_open(FollowUp), FollowUp.partner_id.is_not(None))
        .where(in_cluster(cluster_id, FollowUp.cluster_id))
        .group_by(FollowUp.partner_id)
        .subquery("steps")
    )


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if filters.typed:
        employers = select(Affiliation.partner_id).where(
            Affiliation.contact_id.in_(found(Contact, filters.typed)), Affiliation.ends.is_(None)
        )
        criteria.append(or_(matching(Partner, filters.typed), Partner.id.in_(employers)))
    if filters.regency:
        criteria.append(Partner.area_code.startswith(filters.regency.value, autoescape=True))
    if filters.tag:
        tagged = select(PartnerTag.partner_id).join(Tag).where(Tag.name == filters.tag)
        criteria.append(Partner.id.in_(tagged))
    return criteria
