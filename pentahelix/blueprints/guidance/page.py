"""What the page of a session shows beyond the record: what was checked, and what each act would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pentahelix import clock, holidays
from pentahelix.blueprints.guidance.warnings import DayOff, day_off, overlapping
from pentahelix.extensions import db
from pentahelix.models import GuidanceSession
from pentahelix.queries import guidance as queries, outbox
from pentahelix.queries.guidance import GuidancePage, Invited
from pentahelix.services import clashes, invitations, reminders
from pentahelix.services.clashes import Clash
from pentahelix.services.guidance import takes_answers
from pentahelix.services.reminders import Upcoming
from pentahelix.vocabulary import GuidanceStatus

Times = tuple[datetime, datetime]


@dataclass(frozen=True)
class Proposal:
    """Another time that somebody proposes, what stands against it, and how many would be asked again."""

    by: Invited
    starts_at: datetime
    ends_at: datetime
    off: DayOff | None
    clashes: Sequence[Clash]
    asked_again: int

    @property
    def is_past(self) -> bool:
        return self.starts_at <= clock.now()


@dataclass(frozen=True)
class Shown:
    """One session as its page shows it; at most eighteen statements, however many are invited."""

    page: GuidancePage
    proposals: Sequence[Proposal]
    clashes: Sequence[Clash]
    #: contacts whose present address was refused for good
    undelivered: frozenset[int]
    #: the silent who may be reminded now
    may_be_nudged: frozenset[int]
    #: what will go out by itself
    reminders: Sequence[Upcoming]

    @property
    def guidance(self) -> GuidanceSession:
        return self.page.guidance

    @property
    def takes_answers(self) -> bool:
        return takes_answers(self.guidance)

    @property
    def may_be_recorded(self) -> bool:
        return self.guidance.status == GuidanceStatus.HELD or (
            self.guidance.status == GuidanceStatus.PLANNED and self.page.has_begun
        )

    def was_refused(self, one: Invited) -> bool:
        """Mail does not reach them any more."""
        return one.is_undelivered or (one.contact is not None and one.contact.id in self.undelivered)


def of(guidance_id: int) -> Shown:
    page = queries.one(guidance_id)
    guidance, invited = page.guidance, page.invited
    is_open = takes_answers(guidance)
    proposals = [(one, one.proposal) for one in invited if is_open and one.proposal]
    now = (guidance.starts_at, guidance.ends_at)
    found = _clashes(page, [now, *(times for _one, times in proposals)]) if is_open else []
    return Shown(
        page,
        _proposals(page, proposals, found),
        overlapping(found, *now),
        frozenset(outbox.undelivered([one.contact.id for one in invited if one.contact])),
        frozenset(
            one.invitation.id
            for one in invited
            if is_open and one.contact and invitations.may_be_nudged(one.invitation)
        ),
        reminders.upcoming(guidance),
    )


def _clashes(page: GuidancePage, times: Sequence[Times]) -> list[Clash]:
    """What those invited and the schools do from the first to the last of these times, asked once."""
    return clashes.find(
        page.guidance.cluster_id,
        min(starts_at for starts_at, _ends_at in times),
        max(ends_at for _starts_at, ends_at in times),
        [one.invitation.affiliation_id for one in page.invited],
        [school.id for school in page.schools],
        but=page.guidance.id,
    )


def _proposals(
    page: GuidancePage, proposals: Sequence[tuple[Invited, Times]], found: Sequence[Clash]
) -> list[Proposal]:
    if not proposals:
        return []
    calendar = holidays.calendar(db.session())
    return [
        Proposal(
            one,
            *times,
            day_off(clock.local(times[0], page.zone).date(), calendar),
            overlapping(found, *times),
            sum(other.proposal != times for other in page.invited),
        )
        for one, times in proposals
    ]
