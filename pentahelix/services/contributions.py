"""Contributions: what a partner gives to a cluster, from the proposal to its use, and what proves it.

Which contributions somebody may change is a matter of scope and permissions. A step that the present stage
does not allow raises WrongState, a rule's no Refused at the field of the form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import Select, exists, or_, select

from pentahelix import clock
from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    Contribution,
    ContributionSchool,
    GuidanceSession,
    Invitation,
    Product,
    School,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.presentation import day_long
from pentahelix.queries.colleagues import works_in
from pentahelix.queries.days import zone_of
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import live
from pentahelix.services.involvements import must_be_involved, refresh_last_contact
from pentahelix.transitions import CONTRIBUTION, possible
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ContributionForm,
    ContributionKind,
    ContributionStage,
)

#: From the proposal to the use, each one step from the next; dropped stands beside them.
STAGES = tuple(stage for stage in ContributionStage if stage != ContributionStage.DROPPED)


@dataclass(frozen=True)
class ContributionWish:
    """What a contribution shall be. Its cluster, stage and reason are read when it is made, never after.

    `value` is in whole rupiah; none means that nobody valued it, which is not nought.
    """

    cluster_id: int
    partner_id: int
    kind: ContributionKind
    form: ContributionForm
    title: str
    stage: ContributionStage = ContributionStage.PROPOSED
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    hours: Decimal | None = None
    value: int | None = None
    valuation_basis: str | None = None
    #: the day it was given, or is expected
    delivered_on: date | None = None
    product_id: int | None = None
    guidance_id: int | None = None
    agreement_id: int | None = None
    school_ids: tuple[int, ...] = ()
    stage_reason: str | None = None


def must_not_be_archived(contribution: Contribution) -> None:
    if contribution.is_archived:
        raise WrongState(_("Kontribusi ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def must_be_given(contribution: Contribution) -> None:
    must_not_be_archived(contribution)
    if not contribution.is_given:
        raise WrongState(_("Kontribusi ini belum diserahkan, jadi belum dapat dikonfirmasi."))


def must_allow(contribution: Contribution, to: ContributionStage | None) -> ContributionStage:
    """The stage `to`, if one step leads there."""
    must_not_be_archived(contribution)
    if to is None or to not in possible(CONTRIBUTION, contribution.stage):
        raise WrongState(_("Kontribusi ini sudah bertahap “%(stage)s”.", stage=contribution.stage.label))
    return to


def is_forward(contribution: Contribution, to: ContributionStage) -> bool:
    return to in STAGES and STAGES.index(to) > STAGES.index(contribution.stage)


def next_stage(contribution: Contribution) -> ContributionStage | None:
    """The stage that follows if all goes well."""
    onward = possible(CONTRIBUTION, contribution.stage)
    return next((stage for stage in onward if is_forward(contribution, stage)), None)


def stage_before(contribution: Contribution) -> ContributionStage | None:
    back = possible(CONTRIBUTION, contribution.stage)
    return next((stage for stage in back if stage in STAGES and not is_forward(contribution, stage)), None)


def make(wish: ContributionWish) -> Contribution:
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == wish.cluster_id)).one()
    if cluster.is_archived:
        raise WrongState(_("Klaster ini diarsipkan; kontribusi baru tidak dapat dicatat."))
    if wish.stage == ContributionStage.DROPPED and not wish.stage_reason:
        raise Refused("stage_reason", _("Tulis alasannya."))
    contribution = Contribution(
        cluster_id=wish.cluster_id, stage=wish.stage, stage_reason=wish.stage_reason or None
    )
    _fill(contribution, wish)
    db.session.add(contribution)
    db.session.flush()
    _set_schools(contribution, wish.school_ids)
    _keep(contribution)
    return contribution


def edit(contribution: Contribution, wish: ContributionWish) -> None:
    """Change all but cluster and stage. Who gave it stays once somebody confirmed it."""
    must_not_be_archived(contribution)
    before = contribution.partner_id
    if wish.partner_id != before and _is_confirmed(contribution):
        raise Refused("partner_id", _("Sesudah dikonfirmasi, mitranya tidak dapat diganti."))
    _fill(contribution, wish)
    _set_schools(contribution, wish.school_ids)
    touch(contribution)
    _keep(contribution, before)


def advance(
    contribution: Contribution,
    to: ContributionStage,
    reason: str | None = None,
    on: date | None = None,
) -> None:
    """Take one step: forward, where delivering needs the day `on`; back or out, which needs a reason.

    What is no longer delivered is no longer confirmed either.
    """
    must_allow(contribution, to)
    onward = is_forward(contribution, to)
    if not onward and not reason:
        raise Refused("reason", _("Tulis alasannya."))
    if to == ContributionStage.DELIVERED and onward:
        day = on or contribution.delivered_on
        _must_be_past(contribution, day)
        contribution.delivered_on = day
    contribution.stage = to
    contribution.stage_reason = None if onward else reason
    if to not in GIVEN_CONTRIBUTIONS:
        contribution.giver_contact_id = contribution.giver_confirmed_at = None
        contribution.school_user_id = contribution.school_confirmed_at = None
    _keep(contribution)


def confirm_by_school(contribution: Contribution, user_id: int) -> None:
    """Note that a colleague of the schools says they received it."""
    must_be_given(contribution)
    if contribution.school_confirmed_at is not None:
        raise WrongState(_("Sekolah sudah mengonfirmasi kontribusi ini."))
    if user_id not in {user.id for user in colleagues_of(contribution.cluster_id)}:
        raise Refused("user_id", _("Pilih rekan dari klaster ini."))
    contribution.school_user_id = user_id
    contribution.school_confirmed_at = clock.now()
    db.session.flush()


def unconfirm_by_school(contribution: Contribution) -> None:
    must_not_be_archived(contribution)
    if contribution.school_confirmed_at is None:
        raise WrongState(_("Sekolah belum mengonfirmasi kontribusi ini."))
    contribution.school_user_id = contribution.school_confirmed_at = None
    db.session.flush()


def confirm_by_giver(contribution: Contribution, contact_id: int) -> None:
    """Note that somebody of the partner says they gave it; it counts as a contact with them."""
    must_be_given(contribution)
    works_there = select(Affiliation.id).where(
        Affiliation.partner_id == contribution.partner_id, Affiliation.contact_id == contact_id
    )
    if db.session.scalar(works_there.limit(1)) is None:
        raise Refused("contact_id", _("Pilih dari daftar."))
    contribution.giver_contact_id = contact_id
    contribution.giver_confirmed_at = clock.now()
    _keep(contribution)


def archive(contribution: Contribution) -> None:
    must_not_be_archived(contribution)
    contribution.archived_at = clock.now()
    _keep(contribution)


def restore(contribution: Contribution) -> None:
    contribution.archived_at = None
    _keep(contribution)


def colleagues_of(cluster_id: int) -> list[User]:
    """Who can say for the schools of a cluster that they received something: its members, by name."""
    return list(db.session.scalars(*_colleagues_of(cluster_id)))


@prepared
def _colleagues_of(cluster_id: int) -> Select[User]:
    return select(User).where(works_in(cluster_id)).order_by(User.sort_name, User.id)


# ---------------------------------------------------------------------------------------------------------


def _fill(contribution: Contribution, wish: ContributionWish) -> None:
    if contribution.is_given:
        _must_be_past(contribution, wish.delivered_on)
    if wish.quantity is not None and not wish.unit:
        raise Refused("unit", _("Tulis satuannya, misalnya kg atau orang."))
    if wish.value is not None and not wish.valuation_basis:
        raise Refused("valuation_basis", _("Tulis dari mana nilainya, misalnya harga pasar atau nota."))
    is_other = wish.partner_id != contribution.partner_id
    if is_other:
        must_be_involved(contribution.cluster_id, [wish.partner_id], "partner_id")
    if wish.product_id != contribution.product_id:
        _must_be_of_cluster(wish.product_id, contribution.cluster_id)
    if is_other or wish.guidance_id != contribution.guidance_id:
        _must_be_shared_session(wish.guidance_id, contribution.cluster_id, wish.partner_id)
    if is_other or wish.agreement_id != contribution.agreement_id:
        _must_be_shared_agreement(wish.agreement_id, contribution.cluster_id, wish.partner_id)
    contribution.partner_id = wish.partner_id
    contribution.kind, contribution.form = wish.kind, wish.form
    contribution.title, contribution.description = wish.title, wish.description
    contribution.quantity, contribution.unit = wish.quantity, wish.unit
    contribution.hours = wish.hours
    contribution.value, contribution.valuation_basis = wish.value, wish.valuation_basis
    contribution.delivered_on = wish.delivered_on
    contribution.product_id, contribution.guidance_id = wish.product_id, wish.guidance_id
    contribution.agreement_id = wish.agreement_id


def _must_be_past(contribution: Contribution, day: date | None) -> None:
    today = clock.today(zone_of(contribution.cluster_id))
    if day is None:
        raise Refused("delivered_on", _("Isi tanggal penyerahannya."))
    if day > today:
        raise Refused("delivered_on", _("Paling lambat hari ini (%(day)s).", day=day_long(today)))


def _must_be_of_cluster(product_id: int | None, cluster_id: int) -> None:
    made_here = select(Product.id).where(
        Product.id == product_id, Product.cluster_id == cluster_id, live(Product)
    )
    if product_id is not None and db.session.scalar(made_here) is None:
        raise Refused("product_id", _("Pilih produk dari klaster ini."))


def _must_be_shared_session(guidance_id: int | None, cluster_id: int, partner_id: int) -> None:
    """The partner gives the session, or somebody of it is invited."""
    invited = exists().where(
        Invitation.guidance_id == GuidanceSession.id,
        Invitation.affiliation_id == Affiliation.id,
        Affiliation.partner_id == partner_id,
    )
    shared = select(GuidanceSession.id).where(
        GuidanceSession.id == guidance_id,
        GuidanceSession.cluster_id == cluster_id,
        live(GuidanceSession),
        or_(GuidanceSession.partner_id == partner_id, invited),
    )
    if guidance_id is not None and db.session.scalar(shared) is None:
        raise Refused("guidance_id", _("Pilih bimbingan klaster ini yang diikuti mitra itu."))


def _must_be_shared_agreement(agreement_id: int | None, cluster_id: int, partner_id: int) -> None:
    """The agreement covers the cluster, and the partner is a party to it."""
    shared = (
        select(Agreement.id)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(
            Agreement.id == agreement_id,
            AgreementCluster.cluster_id == cluster_id,
            AgreementParty.partner_id == partner_id,
            live(Agreement),
        )
    )
    if agreement_id is not None and db.session.scalar(shared) is None:
        raise Refused("agreement_id", _("Pilih kerja sama mitra itu yang mencakup klaster ini."))


def _set_schools(contribution: Contribution, wanted: Iterable[int]) -> None:
    of_it = select(ContributionSchool).where(ContributionSchool.contribution_id == contribution.id)
    rows = {row.school_id: row for row in db.session.scalars(of_it)}
    new = set(wanted) - rows.keys()
    known = select(School.id).where(
        School.id.in_(new), School.cluster_id == contribution.cluster_id, live(School)
    )
    if new - set(db.session.scalars(known)):
        raise Refused("school_ids", _("Pilih sekolah dari klaster ini."))
    for school_id in rows.keys() - set(wanted):
        db.session.delete(rows[school_id])
    for school_id in sorted(new):
        db.session.add(ContributionSchool(contribution_id=contribution.id, school_id=school_id))


def _is_confirmed(contribution: Contribution) -> bool:
    return bool(contribution.giver_confirmed_at or contribution.school_confirmed_at)


def _keep(contribution: Contribution, partner_before: int | None = None) -> None:
    db.session.flush()
    partners = {contribution.partner_id, partner_before or contribution.partner_id}
    refresh_last_contact(contribution.cluster_id, partners)
