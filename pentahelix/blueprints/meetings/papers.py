"""Minutes of a meeting as a paper, in the language of the reader."""

import re

from flask import current_app
from flask_babel import gettext as _

from pentahelix import clock, presentation
from pentahelix.exports import pdf
from pentahelix.models import Meeting, User
from pentahelix.principal import signed_in
from pentahelix.queries.meetings import MeetingPage, Person

#: What no file system wants in a name.
UNWANTED = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST_NAME = 100


def minutes_of(page: MeetingPage) -> bytes:
    return pdf.minutes(data_of(page))


def data_of(page: MeetingPage) -> pdf.MinutesData:
    meeting = page.meeting
    zone = meeting.cluster.timezone
    people = [
        pdf.Attendee(person.name, person.position or "", person.organisation or "")
        for person in (*page.contacts, *(_of_the_house(person, meeting) for person in page.ours))
    ]
    return pdf.MinutesData(
        title=meeting.title,
        kind=str(meeting.kind.label),
        cluster=meeting.cluster.name,
        day=presentation.day(meeting.starts_at, zone),
        hours=_hours(meeting, zone),
        place=_place(meeting),
        chair=_signatory(meeting.chair),
        minute_taker=_signatory(meeting.minute_taker),
        attendees=people,
        agenda=meeting.agenda or "",
        notes=meeting.notes or "",
        decisions=meeting.decisions or "",
        actions=[
            pdf.Action(line.follow_up.title, line.owner.name, presentation.day_long(line.follow_up.due_on))
            for line in page.follow_ups
        ],
        footnote=_("Dicetak oleh %(name)s, %(when)s", name=signed_in().name, when=_now(zone)),
        banner=_("Data contoh") if current_app.extensions["settings"].env == "demo" else "",
    )


def file_name(meeting: Meeting) -> str:
    """Readable, whatever the title is made of: "Notula 2026-11-24 Rapat dengan CV Kemasindo.pdf" """
    day = clock.local(meeting.starts_at, meeting.cluster.timezone).date()
    title = " ".join(UNWANTED.sub(" ", meeting.title).split())[:LONGEST_NAME].strip(" .")
    minutes = _("Notula")
    return f"{minutes} {day.isoformat()} {title}.pdf"


def _of_the_house(person: Person, meeting: Meeting) -> Person:
    """Of a school, or of the office that the cluster belongs to."""
    office = meeting.cluster.owner_unit or meeting.cluster.name
    return Person(person.name, person.position, person.organisation or office)


def _place(meeting: Meeting) -> str:
    """As in "Aula SMKN 1 Kalanganyar, luring", but "Ruang rapat daring"."""
    place, mode = meeting.place or "", str(meeting.mode.label)
    if mode.lower() in place.lower():
        return place
    return f"{place}, {mode.lower()}" if place else mode


def _signatory(user: User | None) -> pdf.Signatory:
    return pdf.Signatory(user.name, user.position or "") if user else pdf.Signatory()


def _hours(meeting: Meeting, zone: str) -> str:
    if meeting.ends_at:
        return presentation.span(meeting.starts_at, meeting.ends_at, zone)
    return presentation.clock_time(meeting.starts_at, zone)


def _now(zone: str) -> str:
    return f"{presentation.day(clock.now(), zone)}, {presentation.clock_time(clock.now(), zone)}"
