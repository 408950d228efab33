"""The meetings of the demo, and what came of them: follow-ups of meetings and of guidance sessions."""

from collections.abc import Mapping
from datetime import date, time
from functools import partial
from typing import Any

from pentahelix.demo import agreements
from pentahelix.demo.books import Books, Row
from pentahelix.models import Agreement, Contribution, GuidanceSession, Meeting
from pentahelix.services import followups, meetings
from pentahelix.vocabulary import (
    FollowUpSource,
    FollowUpStatus,
    GuidanceStatus,
    Helix,
    MeetingKind,
    MeetingMode,
    MeetingStatus,
    Priority,
)

Source = Meeting | GuidanceSession | Agreement | Contribution

#: A follow-up that no meeting made is made so many days before it is due.
LEAD = 14


class Meetings:
    def __init__(self, books: Books) -> None:
        self.books = books

    def plan(self) -> None:
        self._meetings()
        self._follow_ups()

    def _meetings(self) -> None:
        for row in self.books.rows("meetings"):
            day = self.books.working_day(int(row["offset_days"]))
            enter = partial(self._enter_meeting, row, day)
            if row["status"] == MeetingStatus.HELD:
                self.books.plan_at(day, time.fromisoformat(row["end_time"]), enter)
            else:
                self.books.plan(-1, enter)

    def _follow_ups(self) -> None:
        held = {row["meeting_key"]: int(row["offset_days"]) for row in self.books.rows("meetings")} | {
            row["session_key"]: int(row["offset_days"])
            for row in self.books.rows("guidance_sessions")
            if row["status"] != GuidanceStatus.PLANNED
        }
        agreed = {row["agreement_key"]: agreements.made_on(row) for row in self.books.rows("agreements")}
        for row in self.books.rows("followups"):
            due = int(row["due_offset_days"])
            closed = int(row["completed_offset_days"] or due)
            made = held.get(row["source_key"], min(due, closed, 0) - LEAD)
            day = self.books.working_day(made)
            if row["source_key"] in agreed:
                day = max(day, self.books.day(str(agreed[row["source_key"]])))
            self.books.plan_at(day, time(15), partial(self._enter_follow_up, row))
            if row["status"] in (FollowUpStatus.DONE, FollowUpStatus.CANCELLED):
                self.books.plan(closed, partial(self._close, row), time(16))

    def _enter_meeting(self, row: Row, day: date) -> None:
        present = [key for key in row["attendee_keys"].split("|") if key]
        wish = meetings.MeetingWish(
            cluster_id=self._home_of(row["minute_taker_staff_key"]),
            day=day,
            starts=time.fromisoformat(row["start_time"]),
            ends=time.fromisoformat(row["end_time"]),
            title=row["title"],
            kind=MeetingKind(row["type"]),
            mode=MeetingMode(row["mode"]),
            place=row["location"] or None,
            chair_user_id=self.books.users[row["chair_staff_key"]].id,
            minute_taker_user_id=self.books.users[row["minute_taker_staff_key"]].id,
            agenda=_lines(row["agenda"]),
            notes=row["notes"] or None,
            decisions=_lines(row["decisions"]),
            affiliation_ids=tuple(
                self.books.affiliations[key].id for key in present if key in self.books.affiliations
            ),
            user_ids=tuple(
                self.books.users[key].id
                for key in dict.fromkeys([*present, row["chair_staff_key"], row["minute_taker_staff_key"]])
                if key in self.books.users
            ),
        )
        with self.books.by(row["minute_taker_staff_key"]) as person:
            was_held = row["status"] == MeetingStatus.HELD
            meeting = meetings.record(wish, person) if was_held else meetings.plan(wish)
            self.books.belongs_to(meeting, row["agreement_key"])
        self.books.meetings[row["meeting_key"]] = meeting

    def _enter_follow_up(self, row: Row) -> None:
        partner = self.books.partners.get(row["partner_key"])
        owner = self.books.users[row["assignee_staff_key"]]
        source = FollowUpSource(row["source_type"] or "none")
        with self.books.by(row["assignee_staff_key"]) as person:
            follow_up = followups.make(
                followups.FollowUpWish(
                    cluster_id=self._home_of(row["assignee_staff_key"]),
                    title=row["title"],
                    owner_user_id=owner.id,
                    due_on=self.books.day(row["due_offset_days"]),
                    partner_id=partner.id if partner else None,
                    priority=Priority(row["priority"]),
                    source_kind=source,
                    **self._came_of(source, row["source_key"]),
                ),
                person,
            )
            if row["status"] == "in_progress":
                followups.begin(follow_up)
                follow_up.result = row["result"] or None
        self.books.follow_ups[row["followup_key"]] = follow_up

    def _close(self, row: Row) -> None:
        follow_up = self.books.follow_ups[row["followup_key"]]
        with self.books.by(row["assignee_staff_key"]):
            if row["status"] == "cancelled":
                followups.cancel(follow_up, row["result"])
            else:
                followups.done(follow_up, row["result"] or None)

    def _home_of(self, user_key: str) -> int:
        return self.books.clusters[self.books.home_of[user_key]].id

    def _came_of(self, source: FollowUpSource, key: str) -> dict[str, Any]:
        if source == FollowUpSource.CELL:
            return {"helix": Helix(key)}
        entered: dict[FollowUpSource, Mapping[str, Source]] = {
            FollowUpSource.MEETING: self.books.meetings,
            FollowUpSource.GUIDANCE: self.books.guidance,
            FollowUpSource.AGREEMENT: self.books.agreements,
            FollowUpSource.CONTRIBUTION: self.books.contributions,
        }
        return {f"{source}_id": entered[source][key].id} if source in entered else {}


def _lines(text: str) -> str | None:
    return text.replace("|", "\n") or None
