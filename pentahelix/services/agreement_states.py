"""What the state of an agreement allows, and how a step of its lifecycle is kept."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.models import Agreement, AgreementStep
from pentahelix.refusals import Refused, WrongState
from pentahelix.vocabulary import AgreementStatus

#: How it stands in our own books: never a term that the parties agreed on.
FILING = frozenset({"number_first", "number_second", "note", "parent_id"})
#: What an addendum can move, and what can have been copied wrongly from the paper.
BY_ADDENDUM = FILING | {
    "title",
    "cluster_ids",
    "scope",
    "term_months",
    "signed_on",
    "starts_on",
    "ends_on",
    "is_open_ended",
    "objective",
    "scope_text",
    "funding",
}
#: As long as the text is being written.
ALL_TERMS = BY_ADDENDUM - {"signed_on"} | {"kind", "parties"}


def changeable(status: AgreementStatus) -> frozenset[str]:
    """The fields of an AgreementWish that may still be changed.

    What is being reviewed, or was approved, is not changed under the eyes of whoever decides: it is returned
    first. Once signed, an addendum moves all but the kind and who stands on which side; each move is in the
    trail. What is over is filed only. Who signs for a party is typed text and may be corrected always.
    """
    if status in (AgreementStatus.DRAFT, AgreementStatus.IN_DISCUSSION):
        return ALL_TERMS
    return BY_ADDENDUM if status == AgreementStatus.SIGNED else FILING


def must_not_be_archived(agreement: Agreement) -> None:
    if agreement.is_archived:
        raise WrongState(_("Kerja sama ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def may_be_renewed(agreement: Agreement) -> bool:
    """In force or expired."""
    has_begun = agreement.starts_on is not None and agreement.starts_on <= clock.today()
    return agreement.status == AgreementStatus.SIGNED and has_begun


def not_now(agreement: Agreement) -> WrongState:
    return WrongState(
        _(
            "Kerja sama ini berstatus “%(status)s”; langkah itu tidak tersedia.",
            status=agreement.status.label,
        )
    )


def must_be_a_period(starts_on: date | None, ends_on: date | None, is_open_ended: bool) -> None:
    if is_open_ended and ends_on:
        raise Refused("ends_on", _("Kosongkan tanggal berakhir, atau hapus pilihan “tanpa batas waktu”."))
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused("ends_on", _("Tidak boleh sebelum tanggal mulai."))


def must_have_an_end(ends_on: date | None, is_open_ended: bool) -> None:
    if ends_on is None and not is_open_ended:
        raise Refused("ends_on", _("Isi tanggal berakhir, atau pilih “tanpa batas waktu”."))


def must_have_come(day: date, field: str) -> None:
    if day > clock.today():
        raise Refused(field, _("Tidak boleh sesudah hari ini."))


def keep_step(
    session: Session,
    agreement: Agreement,
    to: AgreementStatus,
    *,
    user_id: int | None,
    comment: str | None = None,
    is_first: bool = False,
) -> AgreementStep:
    """Let it be `to` from now on, and remember who took the step, when, and what they said."""
    step = AgreementStep(
        agreement_id=agreement.id,
        user_id=user_id,
        from_status=None if is_first else agreement.status,
        to_status=to,
        taken_at=clock.now(),
        comment=comment,
    )
    agreement.status = to
    session.add(step)
    session.flush()
    return step
