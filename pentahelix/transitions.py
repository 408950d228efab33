"""Which state may follow which.

A table tells, for each state, the states that may follow, in the order in which buttons are drawn. Who may
take a step is a matter of permissions.py; what it asks for (date, reason) of the service.
"""

from collections.abc import Mapping
from typing import TypeVar

from pentahelix.vocabulary import (
    AgreementStatus,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    MeetingStatus,
    Word,
)

State = TypeVar("State", bound=Word)
Transitions = Mapping[State, tuple[State, ...]]

AGREEMENT: Transitions[AgreementStatus] = {
    AgreementStatus.DRAFT: (AgreementStatus.IN_DISCUSSION, AgreementStatus.ABANDONED),
    AgreementStatus.IN_DISCUSSION: (AgreementStatus.LEGAL_REVIEW, AgreementStatus.ABANDONED),
    AgreementStatus.LEGAL_REVIEW: (
        AgreementStatus.AWAITING_SIGNATURE,
        AgreementStatus.IN_DISCUSSION,
        AgreementStatus.ABANDONED,
    ),
    AgreementStatus.AWAITING_SIGNATURE: (AgreementStatus.SIGNED, AgreementStatus.ABANDONED),
    AgreementStatus.SIGNED: (
        AgreementStatus.COMPLETED,
        AgreementStatus.TERMINATED,
        AgreementStatus.RENEWED,
    ),
}

CONTRIBUTION: Transitions[ContributionStage] = {
    ContributionStage.PROPOSED: (ContributionStage.AGREED, ContributionStage.DROPPED),
    ContributionStage.AGREED: (
        ContributionStage.IN_PROGRESS,
        ContributionStage.PROPOSED,
        ContributionStage.DROPPED,
    ),
    ContributionStage.IN_PROGRESS: (
        ContributionStage.DELIVERED,
        ContributionStage.AGREED,
        ContributionStage.DROPPED,
    ),
    ContributionStage.DELIVERED: (ContributionStage.ADOPTED, ContributionStage.IN_PROGRESS),
    ContributionStage.ADOPTED: (ContributionStage.DELIVERED,),
}

FOLLOW_UP: Transitions[FollowUpStatus] = {
    FollowUpStatus.NOT_STARTED: (
        FollowUpStatus.DONE,
        FollowUpStatus.IN_PROGRESS,
        FollowUpStatus.CANCELLED,
    ),
    FollowUpStatus.IN_PROGRESS: (
        FollowUpStatus.DONE,
        FollowUpStatus.NOT_STARTED,
        FollowUpStatus.CANCELLED,
    ),
    FollowUpStatus.DONE: (FollowUpStatus.IN_PROGRESS, FollowUpStatus.NOT_STARTED),
    FollowUpStatus.CANCELLED: (FollowUpStatus.IN_PROGRESS, FollowUpStatus.NOT_STARTED),
}

MEETING: Transitions[MeetingStatus] = {
    MeetingStatus.PLANNED: (MeetingStatus.HELD, MeetingStatus.CANCELLED),
}

GUIDANCE: Transitions[GuidanceStatus] = {
    GuidanceStatus.PLANNED: (GuidanceStatus.HELD, GuidanceStatus.CANCELLED),
}


class IllegalStep(Exception):
    """A step that the table does not know: whoever calls asks for the state before, and refuses in words."""

    def __init__(self, state: Word, wanted: Word) -> None:
        super().__init__(f"{type(state).__name__}: no step from {state} to {wanted}")
        self.state = state
        self.wanted = wanted


def possible(table: Transitions[State], state: State) -> tuple[State, ...]:
    return table.get(state, ())


def advance(table: Transitions[State], state: State, wanted: State) -> State:
    """The wanted state, if the table lets it follow."""
    if wanted not in possible(table, state):
        raise IllegalStep(state, wanted)
    return wanted
