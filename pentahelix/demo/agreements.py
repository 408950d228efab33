"""The agreements of the demo: their steps, the addendum that moved an end, and what they oblige to.

Each passes its steps on the day of its signing, and what is not signed yet some days ago.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from functools import partial

from pentahelix.demo.books import Books, Row
from pentahelix.mail import outbox
from pentahelix.services import agreement_steps, agreements, documents, obligations
from pentahelix.services.agreement_steps import SigningWish
from pentahelix.services.agreements import AgreementWish, PartyWish
from pentahelix.services.documents import DocumentWish
from pentahelix.services.obligations import ObligationWish
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    DocumentKind,
    ObligationStatus,
    PartySide,
)

IN_PROCESS = -10

#: Who approves, and what the first side signs by.
KABID = "kabid@dinas.example"
BY_OFFICE = "Jabatan"

#: The steps to a signature, each at an hour of the same day.
STEPS = {
    AgreementStatus.IN_DISCUSSION: time(9),
    AgreementStatus.LEGAL_REVIEW: time(10),
    AgreementStatus.AWAITING_SIGNATURE: time(11),
    AgreementStatus.SIGNED: time(14),
}

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def made_on(row: Row) -> int:
    """The offset of the day when an agreement is entered."""
    return int(row["signed_offset_days"] or IN_PROCESS)


class Agreements:
    def __init__(self, books: Books) -> None:
        self.books = books
        self.rows = {row["agreement_key"]: row for row in books.rows("agreements")}
        self.addenda = {row["agreement_key"]: row for row in books.rows("addenda")}
        self.scopes = {row["agreement_key"]: row["kinds"].split("|") for row in books.rows("scopes")}
        self.staff = {row["staff_key"]: row for row in books.rows("staff")}
        self.contacts = {row["contact_key"]: row for row in books.rows("contacts")}

    def plan(self) -> None:
        for row in self.rows.values():
            self._plan_steps(row)
        for key, row in self.addenda.items():
            self.books.plan(int(row["offset_days"]), partial(self._extend, self.rows[key], row))
        for row in self.books.rows("obligations"):
            made = made_on(self.rows[row["agreement_key"]])
            self.books.plan(made, partial(self._oblige, row), time(15))
            if row["marked_offset_days"]:
                self.books.plan(int(row["marked_offset_days"]), partial(self._mark, row))

    def _plan_steps(self, row: Row) -> None:
        made = made_on(row)
        self.books.plan(made, partial(self._make, row))
        for status in _passed(AgreementStatus(row["status"])):
            self.books.plan(made, partial(self._advance, row, status), STEPS[status])
        if row["status"] == AgreementStatus.COMPLETED:
            self.books.plan(int(row["end_offset_days"]), partial(self._complete, row))
        elif row["status"] == AgreementStatus.TERMINATED:
            self.books.plan(int(row["terminated_offset_days"]), partial(self._terminate, row))

    def _make(self, row: Row) -> None:
        with self.books.by(self._coordinator(row)) as person:
            self.books.agreed(row["agreement_key"], agreements.make(self._wish(row), person))

    def _advance(self, row: Row, status: AgreementStatus) -> None:
        agreement = self.books.agreements[row["agreement_key"]]
        is_approved = status == AgreementStatus.AWAITING_SIGNATURE
        with self.books.by(KABID if is_approved else self._coordinator(row)) as person, outbox.quiet():
            if is_approved:
                agreement_steps.approve(agreement, person)
            elif status == AgreementStatus.SIGNED:
                agreement_steps.record_signing(agreement, self._signing(row), person)
            else:
                agreement_steps.submit(agreement, person)

    def _complete(self, row: Row) -> None:
        with self.books.by(self._coordinator(row)) as person:
            agreement_steps.complete(self.books.agreements[row["agreement_key"]], person)

    def _terminate(self, row: Row) -> None:
        with self.books.by(KABID) as person, outbox.quiet():
            agreement_steps.terminate(
                self.books.agreements[row["agreement_key"]],
                self.books.day(row["terminated_offset_days"]),
                row["note"],
                person,
            )

    def _extend(self, row: Row, addendum: Row) -> None:
        agreement = self.books.agreements[row["agreement_key"]]
        wish = replace(
            agreements.wish_of(agreement),
            term_months=int(row["duration_months"]),
            ends_on=self.books.day(row["end_offset_days"]),
        )
        with self.books.by(self._coordinator(row)) as person:
            agreements.edit(agreement, wish)
            documents.attach(
                agreement,
                self.books.papers[row["agreement_key"], addendum["title"]],
                DocumentWish(DocumentKind.ADDENDUM, addendum["title"]),
                person,
            )

    def _oblige(self, row: Row) -> None:
        agreement = self.rows[row["agreement_key"]]
        wish = ObligationWish(
            title=row["title"],
            side=PartySide(row["side"]),
            due_on=self.books.day(row["due_offset_days"]),
            kind=ContributionKind(row["kind"]) if row["kind"] else None,
            note=row["note"] or None,
        )
        with self.books.by(self._coordinator(agreement)):
            obligation = obligations.add(self.books.agreements[row["agreement_key"]], wish)
        if row["marked_offset_days"]:
            self.books.obligations[row["agreement_key"], row["title"]] = obligation

    def _mark(self, row: Row) -> None:
        obligation = self.books.obligations[row["agreement_key"], row["title"]]
        with self.books.by(self._coordinator(self.rows[row["agreement_key"]])):
            obligations.mark(obligation, ObligationStatus(row["status"]), None)

    # ── what the rows say ────────────────────────────────────────────────────────────────────────────────

    def _wish(self, row: Row) -> AgreementWish:
        addendum = self.addenda.get(row["agreement_key"])
        parent = self.books.agreements.get(row["parent_agreement_key"])
        months = addendum["former_duration_months"] if addendum else row["duration_months"]
        return AgreementWish(
            kind=AgreementKind(row["kind"]),
            title=row["title"],
            cluster_ids=(self.books.clusters[self._cluster(row)].id,),
            parties=(*self._first_side(row), self._second_side(row)),
            scope=tuple(ContributionKind(kind) for kind in self.scopes[row["agreement_key"]]),
            parent_id=parent.id if parent else None,
            number_first=self._number(row, "number_party1"),
            number_second=self._number(row, "number_party2"),
            term_months=int(months),
            objective=row["objective"] or None,
            scope_text=row["scope"] or None,
            funding=row["funding"] or None,
            note=row["note"] or None,
        )

    def _signing(self, row: Row) -> SigningWish:
        addendum = self.addenda.get(row["agreement_key"])
        end = addendum["former_end_offset_days"] if addendum else row["end_offset_days"]
        return SigningWish(
            signed_on=self.books.day(row["signed_offset_days"]),
            starts_on=self.books.day(row["start_offset_days"]),
            ends_on=self.books.day(end),
            is_open_ended=False,
            # as they were named in the draft
            signatories=(),
        )

    def _first_side(self, row: Row) -> Iterator[PartyWish]:
        """The schools. Who signs for them signs for the own school, or else for the office of the cluster."""
        signatory = self.staff[row["signatory_party1_staff_key"]]
        for key in row["school_keys"].split("|"):
            school = self.books.schools[key]
            if key == signatory["school_key"]:
                yield self._signed_by(PartyWish(PartySide.FIRST, school_id=school.id), signatory)
            else:
                yield PartyWish(PartySide.FIRST, school_id=school.id)
        if not signatory["school_key"]:
            office = self.books.clusters[self._cluster(row)].owner_unit
            yield self._signed_by(PartyWish(PartySide.FIRST, office=office), signatory)

    def _second_side(self, row: Row) -> PartyWish:
        partner = self.books.partners[row["partner_key"]]
        signatory = self.contacts[row["signatory_party2_contact_key"]]
        return self._signed_by(PartyWish(PartySide.SECOND, partner_id=partner.id), signatory)

    def _signed_by(self, party: PartyWish, person: Row) -> PartyWish:
        return replace(
            party,
            signatory_name=person["name"],
            signatory_position=person["position"],
            signatory_authority=BY_OFFICE,
        )

    def _number(self, row: Row, column: str) -> str | None:
        day = self.books.today + timedelta(days=made_on(row))
        return row[column].replace("{rm}", ROMAN[day.month - 1]).replace("{yyyy}", str(day.year)) or None

    def _cluster(self, row: Row) -> str:
        return self.books.cluster_of[row["partner_key"]]

    def _coordinator(self, row: Row) -> str:
        return self.books.coordinators[self._cluster(row)]


def _passed(status: AgreementStatus) -> list[AgreementStatus]:
    """The steps that lead to it, or to the signature of what is over."""
    steps = list(STEPS)
    if status == AgreementStatus.DRAFT:
        return []
    return steps[: steps.index(status) + 1] if status in STEPS else steps
