"""What the page of a session shows beyond the record: what was checked, and what each act would do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pentahelix import clock, holidays, rules
from pentahelix.blueprints.guidance.warnings import DayOff, day_off, overlapping
from pentahelix.extensions import db
from pentahelix.holidays import Calendar
from pentahelix.models import GuidanceSession
from pentahelix.queries import guidance as queries
from pentahelix.queries.guidance import GuidancePage
from pentahelix.queries.invited import Invited
from pentahelix.services import clashes, invitations, reminders
from pentahelix.services.clashes import Clash
from pentahelix.services.guidance import takes_answers
from pentahelix.services.reminders import Upcoming
from pentahelix.vocabulary import Answer, GuidanceStatus

Times = tuple[datetime, datetime]


@dataclass(frozen=True)
class Proposal:
    """Another time that somebody proposes, what stands against it, and how many would be asked again."""

    by: Invited
    starts_at: datetime
    ends_at: datetime
    off: DayOff | None
    clashes: tuple[Clash, ...]
    asked_again: int

    @property
    def is_past(self) -> bool:
        return self.starts_at <= clock.now()


@dataclass(frozen=True)
class Shown:
    """One session as its page shows it; at most seven statements, however many are invited."""

    page: GuidancePage
    proposals: Sequence[Proposal]
    clashes: Sequence[Clash]
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


def of(guidance_id: int) -> Shown:
    page = queries.one(guidance_id)
    guidance, invited = page.guidance, page.invited
    is_open = takes_answers(guidance)
    length = guidance.ends_at - guidance.starts_at
    proposals = [
        (one, (one.proposed_starts_at, one.proposed_starts_at + length))
        for one in invited
        if is_open and one.answer == Answer.PROPOSED and one.proposed_starts_at
    ]
    now = (guidance.starts_at, guidance.ends_at)
    found = _clashes(page, [now, *(times for _one, times in proposals)]) if is_open else []
    calendar = holidays.calendar(db.session()) if is_open else Calendar()
    return Shown(
        page,
        _proposals(page, proposals, found, calendar),
        overlapping(found, *now),
        frozenset(one.id for one in invited if is_open and _may_be_nudged(one)),
        reminders.upcoming(guidance, calendar),
    )


def _may_be_nudged(one: Invited) -> bool:
    return one.email is not None and rules.may_be_contacted(one) and invitations.is_silent(one)


def _clashes(page: GuidancePage, times: Sequence[Times]) -> list[Clash]:
    """What those invited and the schools do from the first to the last of these times, asked once."""
    return clashes.of_these(
        page.zone,
        min(starts_at for starts_at, _ends_at in times),
        max(ends_at for _starts_at, ends_at in times),
        {one.contact_id: one.name for one in page.invited if one.contact_id},
        {school.id: school.name for school in page.schools},
        but=page.guidance.id,
    )


def _proposals(
    page: GuidancePage,
    proposals: Sequence[tuple[Invited, Times]],
    found: Sequence[Clash],
    calendar: Calendar,
) -> list[Proposal]:
    invited, agreed = len(page.invited), Counter(times for _one, times in proposals)
    return [
        Proposal(
            one,
            *times,
            day_off(clock.local(times[0], page.zone).date(), calendar),
            tuple(overlapping(found, *times)),
            invited - agreed[times],
        )
        for one, times in proposals
    ]
