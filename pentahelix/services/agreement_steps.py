"""The steps of an agreement, from its draft to its end.

Each is a step of `transitions.AGREEMENT`, taken by whoever may take it, and leaves an AgreementStep. A step
that the present state does not allow raises WrongState, a rule's no Refused at the field of the form.
Nobody decides about what they submitted themselves. What the Kabid decides is mailed at once.
"""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail import agreements as letters
from pentahelix.models import Agreement, AgreementParty, AgreementStep
from pentahelix.principal import Principal
from pentahelix.queries import agreements
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import everything
from pentahelix.services.agreement_states import (
    keep_step,
    must_be_a_period,
    must_have_an_end,
    must_have_come,
    must_not_be_archived,
    not_now,
)
from pentahelix.services.agreement_terms import parties_of
from pentahelix.transitions import AGREEMENT, possible
from pentahelix.vocabulary import AgreementStatus

#: Steps of the Kabid. The one to `renewed` is nobody's: the programme takes it.
_DECISIONS = frozenset(
    {
        (AgreementStatus.LEGAL_REVIEW, AgreementStatus.AWAITING_SIGNATURE),
        (AgreementStatus.LEGAL_REVIEW, AgreementStatus.IN_DISCUSSION),
        (AgreementStatus.SIGNED, AgreementStatus.TERMINATED),
    }
)
_SUBMITTED = {
    AgreementStatus.DRAFT: AgreementStatus.IN_DISCUSSION,
    AgreementStatus.IN_DISCUSSION: AgreementStatus.LEGAL_REVIEW,
}


@dataclass(frozen=True)
class Signatory:
    """Who signed for a party, as the paper says it."""

    party_id: int
    name: str
    position: str | None = None
    #: by office, or a power of attorney with its number
    authority: str | None = None


@dataclass(frozen=True)
class SigningWish:
    signed_on: date
    starts_on: date
    #: the last day; none where it is open-ended
    ends_on: date | None
    is_open_ended: bool
    signatories: tuple[Signatory, ...]
    #: none: as they are; they may follow later
    number_first: str | None = None
    number_second: str | None = None


def open_to(agreement: Agreement, by: Principal) -> tuple[AgreementStatus, ...]:
    """The steps that `by` may take now, in the order in which buttons are drawn."""
    if agreement.is_archived:
        return ()
    steps = tuple(to for to in possible(AGREEMENT, agreement.status) if _is_of_role(agreement.status, to, by))
    is_own = steps and by.may("agreement.decide") and submitted_by(agreement) == by.user_id
    return () if is_own else steps


def submitted_by(agreement: Agreement) -> int | None:
    """The user who brought it into the legal review, the last time that it went there."""
    return db.session.scalar(agreements.submitter(agreement.id))


# ── The coordinator ─────────────────────────────────────────────────────────────────────────────────────────


def submit(agreement: Agreement, by: Principal, comment: str | None = None) -> None:
    """A draft goes into discussion, what was discussed into the legal review."""
    _take(agreement, _SUBMITTED.get(agreement.status, AgreementStatus.LEGAL_REVIEW), by, comment)


def record_signing(agreement: Agreement, wish: SigningWish, by: Principal) -> None:
    """Both sides have signed. What it renews is renewed thereby, if nothing ended that before."""
    _must_be_open_to(agreement, AgreementStatus.SIGNED, by)
    must_have_come(wish.signed_on, "signed_on")
    must_be_a_period(wish.starts_on, wish.ends_on, wish.is_open_ended)
    must_have_an_end(wish.ends_on, wish.is_open_ended)
    parties = {party.id: party for party in parties_of(agreement)}
    _must_be_signed_by_both(parties, wish.signatories)
    agreement.signed_on = wish.signed_on
    agreement.starts_on, agreement.ends_on = wish.starts_on, wish.ends_on
    agreement.is_open_ended = wish.is_open_ended
    agreement.number_first = wish.number_first or agreement.number_first
    agreement.number_second = wish.number_second or agreement.number_second
    for signatory in wish.signatories:
        party = parties[signatory.party_id]
        party.signatory_name = signatory.name.strip() or None
        party.signatory_position = signatory.position
        party.signatory_authority = signatory.authority
    _take(agreement, AgreementStatus.SIGNED, by)
    if agreement.renews_id is not None:
        _renew(agreement.renews_id)


def complete(agreement: Agreement, by: Principal, comment: str | None = None) -> None:
    """What was agreed is done."""
    _take(agreement, AgreementStatus.COMPLETED, by, comment)


def abandon(agreement: Agreement, reason: str, by: Principal) -> None:
    """It will not come to a signature."""
    _must_be_open_to(agreement, AgreementStatus.ABANDONED, by)
    _must_be_said(reason, "reason", _("Tulis alasannya."))
    _take(agreement, AgreementStatus.ABANDONED, by, reason)


# ── The Kabid ───────────────────────────────────────────────────────────────────────────────────────────────


def approve(agreement: Agreement, by: Principal, comment: str | None = None) -> None:
    step = _take(agreement, AgreementStatus.AWAITING_SIGNATURE, by, comment)
    letters.decided(agreement, step, by)


def send_back(agreement: Agreement, by: Principal, comment: str) -> None:
    """Back into discussion; the comment says what is missing."""
    if agreement.status != AgreementStatus.LEGAL_REVIEW:
        raise not_now(agreement)
    _must_be_open_to(agreement, AgreementStatus.IN_DISCUSSION, by)
    _must_be_said(comment, "comment", _("Tulis apa yang perlu diperbaiki."))
    step = _take(agreement, AgreementStatus.IN_DISCUSSION, by, comment)
    letters.decided(agreement, step, by)


def terminate(agreement: Agreement, on: date, reason: str, by: Principal) -> None:
    """It ends before its time: on a day of its term that has come, or since its signing."""
    _must_be_open_to(agreement, AgreementStatus.TERMINATED, by)
    must_have_come(on, "on")
    assert agreement.signed_on is not None
    assert agreement.starts_on is not None
    has_begun = agreement.starts_on <= clock.today()
    if on < (agreement.starts_on if has_begun else agreement.signed_on):
        raise Refused("on", _("Tidak boleh sebelum kerja sama ini mulai."))
    if agreement.ends_on is not None and on > agreement.ends_on:
        raise Refused("on", _("Saat itu kerja sama ini sudah berakhir."))
    _must_be_said(reason, "reason", _("Tulis alasannya."))
    agreement.terminated_on = on
    keep_step(db.session(), agreement, AgreementStatus.TERMINATED, user_id=by.user_id, comment=reason.strip())


# ---------------------------------------------------------------------------------------------------------


def _is_of_role(status: AgreementStatus, to: AgreementStatus, by: Principal) -> bool:
    if to == AgreementStatus.RENEWED:
        return False
    return by.may("agreement.decide" if (status, to) in _DECISIONS else "agreement.edit")


def _must_be_open_to(agreement: Agreement, to: AgreementStatus, by: Principal) -> None:
    must_not_be_archived(agreement)
    if to in open_to(agreement, by):
        return
    if to not in possible(AGREEMENT, agreement.status):
        raise not_now(agreement)
    if not _is_of_role(agreement.status, to, by):
        raise WrongState(_("Langkah ini di luar tugas Anda."))
    raise WrongState(_("Anda sendiri yang mengajukannya; orang lain yang memutuskan."))


def _must_be_said(text: str | None, field: str, message: str) -> None:
    if not (text or "").strip():
        raise Refused(field, message)


def _take(
    agreement: Agreement, to: AgreementStatus, by: Principal, comment: str | None = None
) -> AgreementStep:
    _must_be_open_to(agreement, to, by)
    return keep_step(db.session(), agreement, to, user_id=by.user_id, comment=(comment or "").strip() or None)


def _must_be_signed_by_both(parties: dict[int, AgreementParty], signatories: tuple[Signatory, ...]) -> None:
    """Somebody of each side, by the names given now or known before."""
    names = {party.id: party.signatory_name for party in parties.values()}
    for signatory in signatories:
        if signatory.party_id not in parties:
            raise Refused("signatories", _("Pilih dari daftar."))
        names[signatory.party_id] = signatory.name.strip() or None
    unsigned = {party.side for party in parties.values()} - {
        parties[party_id].side for party_id, name in names.items() if name
    }
    if unsigned:
        side = min(unsigned)
        raise Refused("signatories", _("Tulis siapa yang menandatangani untuk %(side)s.", side=side.label))


def _renew(predecessor_id: int) -> None:
    """Its end is no worry any more. It may cover clusters of others only, so it is asked for in all."""
    with everything() as session:
        predecessor = session.get_one(Agreement, predecessor_id)
        if predecessor.status == AgreementStatus.SIGNED:
            keep_step(session, predecessor, AgreementStatus.RENEWED, user_id=None)
    # Whoever has read it before reads it again.
    for row in db.session():
        if isinstance(row, Agreement) and row.id == predecessor_id:
            db.session.expire(row)
