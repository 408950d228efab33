"""Agreements: who cooperates about what, in which clusters, until when.

The steps of their lifecycle stand in `agreement_steps`; what may still be changed on the way in
`agreement_states.changeable`; what of a wish is refused in `agreement_terms`.
"""

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.models import Agreement, AgreementCluster, AgreementScope, Cluster, Obligation
from pentahelix.principal import Principal
from pentahelix.queries import agreements as questions
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import everything, live
from pentahelix.services import agreement_terms as terms
from pentahelix.services.agreement_states import keep_step, may_be_renewed, must_not_be_archived
from pentahelix.services.agreement_terms import AgreementWish, PartyWish
from pentahelix.vocabulary import AgreementStatus, ObligationStatus

__all__ = [
    "AgreementWish",
    "PartyWish",
    "Stakes",
    "archive",
    "edit",
    "make",
    "renew",
    "restore",
    "stakes_of",
    "wish_of",
]


@dataclass(frozen=True)
class Stakes:
    """What still stands on an agreement that is about to be put away."""

    is_in_force: bool
    #: open ones, which nobody is reminded of any more
    obligations: int
    #: under it, not over and not archived
    children: tuple[Agreement, ...]

    def __bool__(self) -> bool:
        return self.is_in_force or bool(self.obligations or self.children)


def make(wish: AgreementWish, by: Principal) -> Agreement:
    """A draft."""
    terms.check(wish)
    terms.check_clusters(set(wish.cluster_ids), set())
    terms.check_new_parties(wish.parties, wish.cluster_ids)
    terms.check_parent(wish)
    if wish.signed_on is not None:
        raise Refused("signed_on", _("Tanggal tanda tangan dicatat saat kerja sama ditandatangani."))
    agreement = Agreement(
        **terms.columns(wish),
        status=AgreementStatus.DRAFT,
        clusters=[AgreementCluster(cluster_id=number) for number in dict.fromkeys(wish.cluster_ids)],
    )
    db.session.add(agreement)
    db.session.flush()
    terms.put_parties(agreement, wish.parties)
    terms.put_scope(agreement, wish.scope)
    keep_step(db.session(), agreement, AgreementStatus.DRAFT, user_id=by.user_id, is_first=True)
    return agreement


def wish_of(agreement: Agreement) -> AgreementWish:
    """What it is now, as far as it is in sight: `edit` with the same wish changes nothing."""
    scope = select(AgreementScope.kind).where(AgreementScope.agreement_id == agreement.id)
    return AgreementWish(
        **terms.columns(agreement),
        cluster_ids=tuple(sorted(terms.clusters_in_sight(agreement))),
        parties=tuple(terms.as_wish(party) for party in terms.parties_of(agreement)),
        scope=tuple(db.session.scalars(scope.order_by(AgreementScope.id))),
        signed_on=agreement.signed_on,
    )


def edit(agreement: Agreement, wish: AgreementWish) -> None:
    """Change what its state lets be changed; another end of a signed one is that of an addendum.

    Parties are known by who they are: the same one again keeps its row.
    """
    must_not_be_archived(agreement)
    before = wish_of(agreement)
    wish = replace(
        wish,
        parties=terms.with_hidden(wish.parties, before.parties),
        signed_on=wish.signed_on or before.signed_on,
    )
    terms.refuse_what_is_settled(agreement, before, wish)
    terms.check(wish)
    terms.check_clusters(set(wish.cluster_ids), set(before.cluster_ids))
    terms.check_left_clusters(agreement, set(before.cluster_ids) - set(wish.cluster_ids))
    known = {party.who for party in before.parties}
    terms.check_new_parties([party for party in wish.parties if party.who not in known], wish.cluster_ids)
    if (wish.parent_id, wish.kind) != (before.parent_id, before.kind):
        terms.check_parent(wish, agreement)
    if agreement.status == AgreementStatus.SIGNED:
        terms.check_signed(wish)
    for name, value in terms.columns(wish).items():
        setattr(agreement, name, value)
    agreement.signed_on = wish.signed_on
    touch(agreement)
    terms.put_clusters(agreement, wish.cluster_ids)
    terms.put_parties(agreement, wish.parties)
    terms.put_scope(agreement, wish.scope)


def renew(agreement: Agreement, by: Principal) -> Agreement:
    """A draft of what follows it: the same parties and terms, without dates, numbers and who signed.

    It covers the same clusters, those of others too, as far as they are not archived.
    """
    must_not_be_archived(agreement)
    if not may_be_renewed(agreement):
        raise WrongState(_("Hanya kerja sama yang berlaku atau kedaluwarsa yang dapat diperpanjang."))
    _must_have_no_successor(agreement.id)
    with everything() as session:
        covered = (
            select(AgreementCluster.cluster_id)
            .join(Cluster, Cluster.id == AgreementCluster.cluster_id)
            .where(AgreementCluster.agreement_id == agreement.id, live(Cluster))
        )
        cluster_ids = set(session.scalars(covered))
    now = wish_of(agreement)
    own = cluster_ids & set(now.cluster_ids)
    if not own:
        raise WrongState(_("Klaster kerja sama ini diarsipkan, jadi tidak ada yang dapat diperpanjang."))
    successor = Agreement(
        kind=agreement.kind,
        status=AgreementStatus.DRAFT,
        title=agreement.title,
        parent_id=agreement.parent_id,
        renews_id=agreement.id,
        term_months=agreement.term_months,
        objective=agreement.objective,
        scope_text=agreement.scope_text,
        funding=agreement.funding,
        clusters=[AgreementCluster(cluster_id=number) for number in sorted(own)],
    )
    db.session.add(successor)
    # Whoever renews it at the same moment finds that it was changed.
    touch(agreement)
    db.session.flush()
    with everything() as session:
        for number in sorted(cluster_ids - own):
            session.add(AgreementCluster(agreement_id=successor.id, cluster_id=number))
    terms.put_parties(successor, [party.unsigned for party in now.parties])
    terms.put_scope(successor, now.scope)
    keep_step(db.session(), successor, AgreementStatus.DRAFT, user_id=by.user_id, is_first=True)
    return successor


def stakes_of(agreement: Agreement) -> Stakes:
    """What putting it away touches."""
    in_force = select(Agreement.id).where(Agreement.id == agreement.id, questions.in_force(clock.today()))
    owed = select(Obligation.id).where(
        Obligation.agreement_id == agreement.id,
        Obligation.status != ObligationStatus.FULFILLED,
        live(Obligation),
    )
    children = select(Agreement).where(
        Agreement.parent_id == agreement.id,
        Agreement.status.in_((*questions.IN_PROCESS, *questions.BINDING)),
        live(Agreement),
    )
    return Stakes(
        db.session.scalar(in_force) is not None,
        len(db.session.scalars(owed).all()),
        tuple(db.session.scalars(children.order_by(Agreement.id))),
    )


def archive(agreement: Agreement, *, confirmed: bool = False) -> None:
    """Put it away. Where something still stands on it, only once that has been said and confirmed."""
    must_not_be_archived(agreement)
    if not confirmed and stakes_of(agreement):
        raise Refused(None, _("Kerja sama ini masih berjalan. Baca dahulu akibatnya."))
    agreement.archived_at = clock.now()
    db.session.flush()


def restore(agreement: Agreement) -> None:
    """Bring it back, unless another one has taken its place as the successor meanwhile."""
    if agreement.is_archived and agreement.renews_id is not None and agreement.status in questions.FOLLOWING:
        _must_have_no_successor(agreement.renews_id)
    agreement.archived_at = None
    db.session.flush()


# ---------------------------------------------------------------------------------------------------------


def _must_have_no_successor(agreement_id: int) -> None:
    """Asked in all clusters: the one that follows may have been moved to others."""
    with everything() as session:
        # Whoever makes or restores one at the same moment waits here, and then sees this one.
        session.execute(select(Agreement.id).where(Agreement.id == agreement_id).with_for_update())
        followed = select(Agreement.id).where(Agreement.id == agreement_id, questions.is_followed())
        if session.scalar(followed) is not None:
            raise WrongState(_("Perpanjangan kerja sama ini sudah ada."))
