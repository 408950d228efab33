"""What holds now of an invitation, for the page behind its link."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Self

from flask import abort

from pentahelix import clock
from pentahelix.models import Contact, GuidanceSession, Invitation, Partner
from pentahelix.queries import reply
from pentahelix.queries.reply import Speaker
from pentahelix.services.guidance_states import takes_answers
from pentahelix.vocabulary import Answer, GuidanceStatus


class Standing(StrEnum):
    """`open` takes answers; the others say why not."""

    OPEN = "open"
    UNINVITED = "uninvited"
    CANCELLED = "cancelled"
    RUNNING = "running"
    OVER = "over"
    #: put away before it began
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Page:
    invitation: Invitation
    speakers: list[Speaker]
    #: when it was to begin as the link was made, where that has changed
    moved_from: datetime | None

    @classmethod
    def of(cls, invitation_id: int, since: datetime) -> Self:
        """Of the invitation, as seen by a link that was made at `since`."""
        found = reply.shown(invitation_id, since)
        if found is None:
            abort(404)
        invitation, moved_from = found
        return cls(invitation, reply.speakers(invitation.guidance_id, but=invitation.id), moved_from)

    @property
    def guidance(self) -> GuidanceSession:
        return self.invitation.guidance

    @property
    def contact(self) -> Contact:
        return self.invitation.affiliation.contact

    @property
    def partner(self) -> Partner:
        return self.invitation.affiliation.partner

    @property
    def zone(self) -> str:
        return self.guidance.cluster.timezone

    @property
    def is_answered(self) -> bool:
        return self.invitation.answer != Answer.NONE

    @cached_property
    def standing(self) -> Standing:
        guidance, now = self.guidance, clock.now()
        if self.invitation.uninvited_at is not None:
            return Standing.UNINVITED
        if guidance.status == GuidanceStatus.CANCELLED:
            return Standing.CANCELLED
        if takes_answers(guidance):
            return Standing.OPEN
        if guidance.status == GuidanceStatus.HELD or guidance.ends_at <= now:
            return Standing.OVER
        return Standing.RUNNING if guidance.starts_at <= now else Standing.ARCHIVED

    @property
    def takes_answers(self) -> bool:
        return self.standing == Standing.OPEN
