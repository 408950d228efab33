"""Obligations: what a side of an agreement owes until when. Late is derived, never stored."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Agreement, Obligation
from pentahelix.refusals import WrongState
from pentahelix.services import agreement_states
from pentahelix.services.agreement_states import must_have_come
from pentahelix.vocabulary import AgreementStatus, ContributionKind, ObligationStatus, PartySide


@dataclass(frozen=True)
class ObligationWish:
    title: str
    #: the side that owes it
    side: PartySide
    due_on: date
    kind: ContributionKind | None = None
    note: str | None = None


def is_late(obligation: Obligation, today: date) -> bool:
    """`today` in the zone of the province; the due date itself is still in time."""
    return obligation.status != ObligationStatus.FULFILLED and obligation.due_on < today


def must_not_be_archived(obligation: Obligation) -> None:
    if obligation.is_archived:
        raise WrongState(_("Kewajiban ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def add(agreement: Agreement, wish: ObligationWish) -> Obligation:
    _must_bind(agreement)
    obligation = Obligation(agreement_id=agreement.id)
    _fill(obligation, wish)
    db.session.add(obligation)
    db.session.flush()
    return obligation


def edit(obligation: Obligation, wish: ObligationWish) -> None:
    _must_be_changeable(obligation)
    _fill(obligation, wish)
    db.session.flush()


def mark(obligation: Obligation, status: ObligationStatus, on: date | None) -> None:
    """How much of it is done. `on` is the day when all of it was, by default today; else it says nothing."""
    _must_be_changeable(obligation)
    if status == ObligationStatus.FULFILLED:
        day = on or clock.today()
        must_have_come(day, "on")
        obligation.fulfilled_on = day
    else:
        obligation.fulfilled_on = None
    obligation.status = status
    db.session.flush()


def archive(obligation: Obligation) -> None:
    must_not_be_archived(obligation)
    agreement_states.must_not_be_archived(_agreement(obligation))
    obligation.archived_at = clock.now()
    db.session.flush()


def restore(obligation: Obligation) -> None:
    agreement_states.must_not_be_archived(_agreement(obligation))
    obligation.archived_at = None
    db.session.flush()


# ---------------------------------------------------------------------------------------------------------


def _fill(obligation: Obligation, wish: ObligationWish) -> None:
    obligation.title, obligation.note = wish.title, wish.note
    obligation.side, obligation.kind = wish.side, wish.kind
    obligation.due_on = wish.due_on


def _must_be_changeable(obligation: Obligation) -> None:
    must_not_be_archived(obligation)
    _must_bind(_agreement(obligation))


def _must_bind(agreement: Agreement) -> None:
    agreement_states.must_not_be_archived(agreement)
    if agreement.status == AgreementStatus.ABANDONED:
        raise WrongState(_("Kerja sama ini dibatalkan; tidak ada kewajiban lagi."))


def _agreement(obligation: Obligation) -> Agreement:
    return db.session.scalars(select(Agreement).where(Agreement.id == obligation.agreement_id)).one()
