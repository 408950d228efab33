"""What the page of an agreement shows beyond the record: which steps are open to whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pentahelix.blueprints.agreements.forms import CommentForm
from pentahelix.models import Agreement
from pentahelix.principal import Principal, signed_in
from pentahelix.queries import agreement_page, documents
from pentahelix.queries.agreement_page import AgreementPage
from pentahelix.services.agreement_states import may_be_renewed
from pentahelix.services.agreement_steps import open_to
from pentahelix.vocabulary import AgreementStatus


@dataclass(frozen=True)
class Shown:
    """One agreement as its page shows it; at most ten statements, whatever stands under it."""

    page: AgreementPage
    steps: tuple[AgreementStatus, ...]
    documents: Sequence[Any]
    #: what the Kabid fills in, where there is something to decide
    decision: CommentForm | None
    may_edit: bool

    @property
    def agreement(self) -> Agreement:
        return self.page.agreement

    @property
    def may_be_renewed(self) -> bool:
        """In force or expired, of a cluster that is not archived, and nothing follows it yet."""
        page = self.page
        is_open = not (page.is_followed or page.is_of_archived_clusters)
        return self.may_edit and may_be_renewed(self.agreement) and is_open

    @property
    def may_be_submitted(self) -> bool:
        return self.may_edit and self.agreement.status in (
            AgreementStatus.DRAFT,
            AgreementStatus.IN_DISCUSSION,
        )

    def may(self, step: str) -> bool:
        return step in self.steps


def of(agreement_id: int, decision: CommentForm | None = None) -> Shown:
    person = signed_in()
    page = agreement_page.one(agreement_id)
    steps = open_to(page.agreement, person)
    may_decide = AgreementStatus.AWAITING_SIGNATURE in steps
    return Shown(
        page=page,
        steps=steps,
        documents=documents.of(page.agreement),
        decision=(decision or CommentForm(about=page.agreement)) if may_decide else None,
        may_edit=_may_edit(page.agreement, person),
    )


def _may_edit(agreement: Agreement, person: Principal) -> bool:
    return person.may("agreement.edit") and not agreement.is_archived
