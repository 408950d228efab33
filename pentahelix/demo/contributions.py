"""The contributions of the demo: from the proposal to the day when they were given, and what proves them."""

from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial

from pentahelix.demo import agreements, guidance, papers
from pentahelix.demo.books import Books, Row
from pentahelix.services import contributions, documents
from pentahelix.services.contributions import ContributionWish
from pentahelix.services.documents import DocumentWish
from pentahelix.vocabulary import ContributionForm, ContributionKind, ContributionStage, DocumentKind

#: A contribution is proposed so many days before it is given, and in use so many days after.
LEAD = 21
USED = 10

#: Up to the day when it is given, in equal steps.
ON_THE_WAY = (ContributionStage.AGREED, ContributionStage.IN_PROGRESS)

HOURS = "jam"


class Contributions:
    def __init__(self, books: Books) -> None:
        self.books = books
        self.agreements = {row["agreement_key"]: row for row in books.rows("agreements")}
        self.sessions = {row["session_key"]: row for row in books.rows("guidance_sessions")}
        self.since = {row["partner_key"]: row["since_offset_days"] for row in books.rows("partners")}
        # The first of a school and of a partner speaks for it.
        self.recipients = {row["school_key"]: row["staff_key"] for row in reversed(books.rows("staff"))}
        self.givers = {row["partner_key"]: row["contact_key"] for row in reversed(books.rows("contacts"))}

    def plan(self) -> None:
        for row in self.books.rows("contributions"):
            self._plan_stages(row)

    def _plan_stages(self, row: Row) -> None:
        day = self.books.working_day(int(row["offset_days"]))
        made = self._proposed_on(row, day)
        last = ContributionStage(row["stage"])
        self.books.plan_at(made, time(12), partial(self._make, row, day))
        for number, stage in enumerate(ON_THE_WAY, 1):
            if last in (ContributionStage.PROPOSED, *ON_THE_WAY[: number - 1]):
                return
            step = made + (day - made) * number / (len(ON_THE_WAY) + 1)
            self.books.plan_at(step, time(13), partial(self._advance, row, stage))
        if last == ContributionStage.DROPPED:
            self.books.plan_at(day, time(14), partial(self._advance, row, last))
        elif last not in ON_THE_WAY:
            self.books.plan_at(day, time(14), partial(self._advance, row, ContributionStage.DELIVERED))
            self.books.plan_at(day, time(15), partial(self._confirm, row))
        self.books.plan_at(day, time(16), partial(self._prove, row))
        if last == ContributionStage.ADOPTED:
            self.books.plan_at(day + timedelta(days=USED), time(9), partial(self._advance, row, last))

    def _proposed_on(self, row: Row, day: date) -> date:
        """Not before there is what it belongs to."""
        earliest = [self.books.day(self.since[row["partner_key"]])]
        if row["agreement_key"]:
            made = agreements.made_on(self.agreements[row["agreement_key"]])
            earliest.append(self.books.day(str(made)))
        if row["session_key"]:
            planned = int(self.sessions[row["session_key"]]["offset_days"]) - guidance.LEAD
            earliest.append(self.books.day(str(planned)))
        return max(day - timedelta(days=LEAD), *earliest)

    def _make(self, row: Row, day: date) -> None:
        agreement = self.books.agreements.get(row["agreement_key"])
        session = self.books.guidance.get(row["session_key"])
        quantity = Decimal(row["quantity"]) if row["quantity"] else None
        wish = ContributionWish(
            cluster_id=self.books.clusters[self._cluster(row)].id,
            partner_id=self.books.partners[row["partner_key"]].id,
            kind=ContributionKind(row["kind"]),
            form=ContributionForm(row["form"]),
            title=row["title"],
            quantity=quantity,
            unit=row["unit"] or None,
            hours=quantity if row["unit"] == HOURS else None,
            value=int(row["value_rp"]) if row["value_rp"] else None,
            valuation_basis=row["valuation_basis"] or None,
            delivered_on=day,
            guidance_id=session.id if session else None,
            agreement_id=agreement.id if agreement else None,
            school_ids=tuple(self.books.schools[key].id for key in row["school_keys"].split("|")),
        )
        with self.books.by(self._coordinator(row)):
            self.books.contributions[row["contribution_key"]] = contributions.make(wish)

    def _advance(self, row: Row, stage: ContributionStage) -> None:
        contribution = self.books.contributions[row["contribution_key"]]
        with self.books.by(self._coordinator(row)):
            contributions.advance(contribution, stage, reason=row["dropped_reason"] or None)

    def _confirm(self, row: Row) -> None:
        contribution = self.books.contributions[row["contribution_key"]]
        with self.books.by(self._coordinator(row)):
            if row["confirmed_by_giver"] == "yes":
                giver = self.books.contacts[self.givers[row["partner_key"]]]
                contributions.confirm_by_giver(contribution, giver.id)
            if row["confirmed_by_school"] == "yes":
                recipient = self._recipient(row)
                contributions.confirm_by_school(contribution, recipient)

    def _prove(self, row: Row) -> None:
        contribution = self.books.contributions[row["contribution_key"]]
        with self.books.by(self._coordinator(row)) as person:
            for name in papers.names(row):
                documents.attach(
                    contribution,
                    self.books.papers[row["contribution_key"], name],
                    DocumentWish(DocumentKind.EVIDENCE, papers.title(name)),
                    person,
                )

    def _cluster(self, row: Row) -> str:
        return self.books.cluster_of[row["partner_key"]]

    def _coordinator(self, row: Row) -> str:
        return self.books.coordinators[self._cluster(row)]

    def _recipient(self, row: Row) -> int:
        first = row["school_keys"].split("|")[0]
        return self.books.users[self.recipients.get(first, self._coordinator(row))].id
