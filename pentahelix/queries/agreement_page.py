"""One agreement with everything that its page tells: parties, steps, tree, obligations, what is under it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, and_, cast, func, select, union
from sqlalchemy.orm import load_only

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    AgreementScope,
    AgreementStep,
    Cluster,
    Obligation,
    Partner,
    School,
    User,
)
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.queries import agreements
from pentahelix.queries.agreement_under import Line, Under, under_of
from pentahelix.queries.agreements import Standing
from pentahelix.queries.page import Rows
from pentahelix.scope import or_404
from pentahelix.services import settings
from pentahelix.vocabulary import (
    AgreementStatus,
    ContributionKind,
    ObligationStatus,
    PartySide,
)


@dataclass(frozen=True)
class Party:
    """Who stands on a side; a partner without a record is out of the reader's sight."""

    row: AgreementParty
    partner: Partner | None
    school: School | None

    @property
    def name(self) -> str | None:
        if self.partner is not None:
            return self.partner.name
        return self.school.name if self.school is not None else self.row.office


class StepTaken(NamedTuple):
    """A step of its lifecycle: values only, so that what is drawn of it may be kept."""

    from_status: AgreementStatus | None
    to_status: AgreementStatus
    taken_at: datetime
    comment: str | None
    by_id: int | None
    by: str | None


@dataclass(frozen=True)
class Relative:
    """Another agreement of the tree, or the one before or after."""

    agreement: Agreement
    standing: Standing


@dataclass(frozen=True)
class Tree:
    """What stands above and below, the highest first, and the agreements before and after."""

    above: Sequence[Relative] = ()
    below: Sequence[tuple[int, Relative]] = ()
    before: Relative | None = None
    #: the live one, where several were begun
    after: Relative | None = None

    def __bool__(self) -> bool:
        return bool(self.above or self.below or self.before or self.after)


@dataclass(frozen=True)
class AgreementPage:
    agreement: Agreement
    standing: Standing
    clusters: Sequence[Cluster]
    scope: Sequence[ContributionKind]
    parties: Sequence[Party]
    #: the latest first
    steps: Sequence[StepTaken]
    #: by their days
    obligations: Sequence[Obligation]
    tree: Tree
    #: one that renews it was begun, in sight or not
    is_followed: bool
    under: dict[Under, list[Line]] = field(default_factory=dict)

    @property
    def partners(self) -> list[Partner]:
        return [party.partner for party in self.parties if party.partner is not None]

    @property
    def sides(self) -> list[tuple[PartySide, list[Party]]]:
        return [(side, [p for p in self.parties if p.row.side == side]) for side in PartySide]

    @property
    def owed(self) -> list[Obligation]:
        return [one for one in self.obligations if not one.is_archived]

    @property
    def put_away(self) -> list[Obligation]:
        return [one for one in self.obligations if one.is_archived]

    @property
    def fulfilled(self) -> int:
        return sum(one.status == ObligationStatus.FULFILLED for one in self.owed)

    @property
    def next_owed(self) -> Obligation | None:
        return next((one for one in self.owed if one.status != ObligationStatus.FULFILLED), None)

    @property
    def submitted_by(self) -> StepTaken | None:
        """Who submitted what waits for its decision."""
        reviewed = (one for one in self.steps if one.to_status == AgreementStatus.LEGAL_REVIEW)
        return next(reviewed, None)

    @property
    def is_of_archived_clusters(self) -> bool:
        return all(cluster.is_archived for cluster in self.clusters)

    @property
    def gap_before(self) -> int | None:
        return gap_days(self.tree.before.agreement, self.agreement) if self.tree.before else None

    @property
    def gap_after(self) -> int | None:
        return gap_days(self.agreement, self.tree.after.agreement) if self.tree.after else None

    @property
    def outlives(self) -> Agreement | None:
        """Its parent, where that ends before it."""
        parent = self.tree.above[-1].agreement if self.tree.above else None
        return parent if parent is not None and ends_after(self.agreement, parent) else None

    @property
    def outlived_by(self) -> list[Agreement]:
        """Those right below that end after it."""
        return [
            one.agreement
            for depth, one in self.tree.below
            if depth == 1 and ends_after(one.agreement, self.agreement)
        ]


def gap_days(before: Agreement, after: Agreement) -> int | None:
    """On which neither holds: 0 where one follows the other, negative where they overlap.

    None as long as one of the two dates is not known.
    """
    if before.ends_on is None or after.starts_on is None:
        return None
    return (after.starts_on - before.ends_on).days - 1


def ends_after(child: Agreement, parent: Agreement) -> bool:
    if parent.ends_on is None:
        return False
    return child.is_open_ended or (child.ends_on is not None and child.ends_on > parent.ends_on)


def one(agreement_id: int) -> AgreementPage:
    """An agreement that one may see, in five statements; else 404."""
    province, today = settings.province(), clock.today()
    rows = db.session.execute(*_head(agreement_id)).all()
    found: dict[int, Relative] = {}
    for row in rows:
        other: Agreement = row.Agreement
        derived = agreements.standing_of(other, row.has_successor, today, province.ending_days)
        found[other.id] = Relative(other, derived)
    this = or_404(found.get(agreement_id))
    kinds = {kind for row in rows if row.scope for kind in row.scope.split(",")}
    parties = [Party(row.AgreementParty, row.Partner, row.School) for row in rows if row.AgreementParty]
    return AgreementPage(
        agreement=this.agreement,
        standing=this.standing,
        clusters=list(dict.fromkeys(row.Cluster for row in rows if row.Cluster)),
        scope=[kind for kind in ContributionKind if kind.value in kinds],
        parties=_in_order(dict.fromkeys(parties)),
        steps=_steps(agreement_id),
        obligations=db.session.scalars(*_obligations(agreement_id)).all(),
        tree=_tree(this.agreement, found),
        is_followed=any(row.is_followed for row in rows if row.Agreement is this.agreement),
        under=under_of(agreement_id),
    )


def parties_of(agreement_id: int) -> list[Party]:
    return _in_order(Party(*row) for row in db.session.execute(*_parties(agreement_id)))


@prepared
def _parties(agreement_id: int) -> Rows:
    return (
        select(AgreementParty, Partner, School)
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .outerjoin(School, School.id == AgreementParty.school_id)
        .where(AgreementParty.agreement_id == agreement_id)
        .options(*_names())
    )


def obligation(obligation_id: int) -> tuple[Obligation, Agreement]:
    """An obligation of an agreement that one may see; else 404."""
    row = or_404(db.session.execute(*_obligation(obligation_id)).first())
    return row[0], row[1]


@prepared
def _obligation(obligation_id: int) -> Rows:
    return (
        select(Obligation, Agreement)
        .join(Agreement, Agreement.id == Obligation.agreement_id)
        .where(Obligation.id == obligation_id)
    )


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@prepared
def _head(agreement_id: int) -> Select[Any]:
    """The agreement for each cluster beside each party, and what it is related to: a handful of rows."""
    is_it = Agreement.id == agreement_id
    scope = select(func.aggregate_strings(cast(AgreementScope.kind, String), ",")).where(
        AgreementScope.agreement_id == Agreement.id, is_it
    )
    return (
        select(
            Agreement,
            Cluster,
            AgreementParty,
            Partner,
            School,
            agreements.has_successor().label("has_successor"),
            agreements.is_followed().label("is_followed"),
            scope.correlate(Agreement).scalar_subquery().label("scope"),
        )
        .outerjoin(AgreementCluster, and_(AgreementCluster.agreement_id == Agreement.id, is_it))
        .outerjoin(Cluster, Cluster.id == AgreementCluster.cluster_id)
        .outerjoin(AgreementParty, and_(AgreementParty.agreement_id == Agreement.id, is_it))
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .outerjoin(School, School.id == AgreementParty.school_id)
        .where(Agreement.id.in_(_related(agreement_id)))
        .order_by(Cluster.begins, Cluster.id)
        .options(*_names())
    )


def _related(agreement_id: int) -> Any:
    """Their ids: two steps up and down the tree, one step back and ahead, and its own.

    An MoU, a PKS and an IA are three levels. A union reads by the keys; an OR would read the whole table. No
    scope narrows it: which of them are in sight is asked of the agreements themselves.
    """
    this, above, child, other = (
        table(Agreement).alias(name).c for name in ("this", "above", "child", "other")
    )
    ids = union(
        select(this.id).where(this.id == agreement_id),
        select(this.parent_id).where(this.id == agreement_id),
        select(above.parent_id).where(this.parent_id == above.id, this.id == agreement_id),
        select(this.renews_id).where(this.id == agreement_id),
        select(child.id).where(child.parent_id == agreement_id),
        select(other.id).where(child.id == other.parent_id, child.parent_id == agreement_id),
        select(other.id).where(other.renews_id == agreement_id),
    ).subquery("related")
    return select(ids.c[0])


def _in_order(parties: Iterable[Party]) -> list[Party]:
    """The first side before the second; the office, then schools and partners by name."""
    sides = list(PartySide)

    def place(party: Party) -> tuple[int, bool, str, int]:
        named = party.school or party.partner
        return sides.index(party.row.side), named is not None, named.sort_name if named else "", party.row.id

    return sorted(parties, key=place)


def _steps(agreement_id: int) -> list[StepTaken]:
    return [StepTaken._make(row) for row in db.session.execute(*_taken(agreement_id))]


@prepared
def _taken(agreement_id: int) -> Rows:
    return (
        select(
            AgreementStep.from_status,
            AgreementStep.to_status,
            AgreementStep.taken_at,
            AgreementStep.comment,
            User.id,
            User.name,
        )
        .outerjoin(User, User.id == AgreementStep.user_id)
        .where(AgreementStep.agreement_id == agreement_id)
        .order_by(AgreementStep.id.desc())
    )


@prepared
def _obligations(agreement_id: int) -> Select[Obligation]:
    return (
        select(Obligation)
        .where(Obligation.agreement_id == agreement_id)
        .order_by(Obligation.due_on, Obligation.id)
    )


def _tree(agreement: Agreement, found: dict[int, Relative]) -> Tree:
    above: list[Relative] = []
    upper = found.get(agreement.parent_id or 0)
    while upper is not None and upper not in above:
        above.insert(0, upper)
        upper = found.get(upper.agreement.parent_id or 0)
    below: list[tuple[int, Relative]] = []
    for child in _children(agreement.id, found.values()):
        below.append((1, child))
        below.extend((2, one) for one in _children(child.agreement.id, found.values()))
    after = [
        one
        for one in found.values()
        if one.agreement.renews_id == agreement.id
        and not one.agreement.is_archived
        and one.agreement.status != AgreementStatus.ABANDONED
    ]
    return Tree(
        above=above,
        below=below,
        before=found.get(agreement.renews_id or 0),
        after=max(after, key=lambda one: one.agreement.id, default=None),
    )


def _children(agreement_id: int, found: Iterable[Relative]) -> list[Relative]:
    theirs = [
        one for one in found if one.agreement.parent_id == agreement_id and not one.agreement.is_archived
    ]
    return sorted(theirs, key=lambda one: (one.agreement.starts_on or date.max, one.agreement.id))


def _names() -> tuple[Any, ...]:
    """What is read of the parties of an agreement."""
    return load_only(Partner.name, Partner.sort_name, Partner.helix), load_only(School.name, School.sort_name)
