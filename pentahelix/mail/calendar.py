"""The calendar entry of a guidance session (RFC 5545), as mail carries it (RFC 5546, 6047).

One entry a session through all its moves: the UID is the session's random id and nothing else, SEQUENCE is
the session's. Instants are in UTC, so that no program needs to know our zones. An answer given in a calendar
program goes to the organiser's mailbox, where a person reads it; without such a mailbox nobody is asked, and
the entry is only published.
"""

from email.utils import parseaddr

from flask import current_app
from flask_babel import force_locale, gettext as _

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.mail.compose import CalendarPart
from pentahelix.mail.recipients import Recipient, on_the_wire
from pentahelix.models import GuidanceSession
from pentahelix.vocabulary import Answer, GuidanceStatus

PRODUCT = "-//Pentahelix//Bimbingan teknis//ID"

#: What a calendar program is told of an answer; who has not answered is asked.
PARTICIPATION = {
    Answer.ATTENDING: "ACCEPTED",
    Answer.REPRESENTED: "ACCEPTED",
    Answer.DECLINED: "DECLINED",
    Answer.PROPOSED: "TENTATIVE",
}


def request(guidance: GuidanceSession, to: Recipient, answer: Answer) -> CalendarPart:
    """The entry as it stands now, for `to`, who answered so; whoever did not answer is asked by it."""
    method = "REQUEST" if _settings().mail_reply_to else "PUBLISH"
    return CalendarPart(_entry(guidance, method, to, answer), method)


def cancellation(guidance: GuidanceSession, to: Recipient) -> CalendarPart:
    """The entry goes, from the calendar of `to`: the session was called off, or they are un-invited."""
    method = "CANCEL" if _settings().mail_reply_to else "PUBLISH"
    return CalendarPart(_entry(guidance, method, to, None), method)


def published(guidance: GuidanceSession) -> str:
    """The entry for a download: it asks nothing."""
    return _entry(guidance, "PUBLISH", None, Answer.NONE)


def _entry(guidance: GuidanceSession, method: str, to: Recipient | None, answer: Answer | None) -> str:
    """`answer` is none where the entry is taken away."""
    # The library takes a while to import: most pages and mails have no calendar.
    from icalendar import Calendar, Event, vCalAddress, vText, vUri

    gone = answer is None or guidance.status == GuidanceStatus.CANCELLED
    settings = _settings()
    entry = Event()
    entry.add("uid", str(guidance.uid))
    entry.add("sequence", guidance.sequence)
    entry.add("dtstamp", clock.now())
    entry.add("dtstart", guidance.starts_at)
    entry.add("dtend", guidance.ends_at)
    entry.add("summary", guidance.topic)
    entry.add("status", "CANCELLED" if gone else "CONFIRMED")
    if guidance.place or guidance.link:
        entry.add("location", guidance.place or guidance.link)
    if text := _description(guidance, to, gone=gone):
        entry.add("description", text)
    if guidance.link:
        entry["url"] = vUri(guidance.link)
    organiser = vCalAddress(f"mailto:{parseaddr(settings.mail_reply_to or settings.mail_from)[1]}")
    organiser.params["CN"] = vText("Pentahelix")
    entry["organizer"] = organiser
    if to is not None and method != "PUBLISH":
        attendee = vCalAddress(f"mailto:{on_the_wire(to.email)}")
        attendee.params["CN"] = vText(to.name)
        attendee.params["CUTYPE"] = vText("INDIVIDUAL")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        asked = answer not in PARTICIPATION
        attendee.params["PARTSTAT"] = vText(
            "NEEDS-ACTION" if answer is None else PARTICIPATION.get(answer, "NEEDS-ACTION")
        )
        if asked and not gone:
            attendee.params["RSVP"] = vText("TRUE")
        entry.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    whole: bytes = calendar.to_ical()
    return whole.decode()


def _description(guidance: GuidanceSession, to: Recipient | None, *, gone: bool) -> str:
    """In the words of the reader; the personal link stands in the mail alone."""
    lines = [guidance.description, guidance.link if guidance.place else None]
    if to is not None and not gone:
        with force_locale(to.language):
            lines.append(
                _("Jawaban yang dihitung hanya yang dikirim melalui tautan di dalam surel undangan.")
            )
    return "\n\n".join(line for line in lines if line)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
