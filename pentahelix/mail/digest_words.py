"""A morning in words, in the language and by the clocks of its reader: sections of lines with their pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _, ngettext

from pentahelix import clock, presentation
from pentahelix.mail.links import absolute
from pentahelix.models import Agreement, GuidanceSession
from pentahelix.queries.coverage_rule import Reason
from pentahelix.queries.digest import SHOWN, Answered, Appointment, AtRisk, Morning
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.outbox import Mail
from pentahelix.queries.waiting import Proposal
from pentahelix.services.reminding.book import Book
from pentahelix.services.reminding.items import Item
from pentahelix.services.reminding.readers import Reader
from pentahelix.vocabulary import ReminderKind


@dataclass(frozen=True)
class Line:
    text: str
    #: what to know about it, in a few words
    detail: str
    url: str | None


@dataclass(frozen=True)
class Section:
    title: str
    lines: Sequence[Line]
    total: int
    #: where the rest stands
    url: str | None = None

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


def sections(book: Book, reader: Reader, morning: Morning) -> list[Section]:
    """In the order of the rule; empty ones are left out."""
    words = _Words(book, reader)
    waiting = [
        *map(words.proposal, morning.proposals),
        *map(words.agreement, morning.agreements),
        *map(words.assigned, morning.assigned),
    ]
    today = [*map(words.appointment, morning.appointments), *map(words.due, morning.due)]
    found = (
        (_("Menunggu keputusan Anda"), waiting, "home.waiting"),
        (_("Terlambat"), [*map(words.late, morning.late)], "followups.index"),
        (_("Hari ini dan besok"), today, "home.agenda"),
        (_("Jawaban sejak ringkasan terakhir"), [*map(words.answer, morning.answers)], "guidance.index"),
        (_("Pengingat"), [*map(words.item, morning.reminders)], "home.today"),
        (_("Surel yang tidak sampai"), [*map(words.mail, morning.undelivered)], "outbox.index"),
        (_("Lama terlambat, disampaikan kepada Kabid"), [*map(words.item, morning.escalations)], None),
        (_("Sisi kemitraan yang baru berisiko"), [*map(words.at_risk, morning.at_risk)], "coverage.index"),
    )
    return [
        Section(title, lines[:SHOWN], len(lines), page(endpoint) if endpoint else None)
        for title, lines, endpoint in found
        if lines
    ]


def page(endpoint: str, **values: Any) -> str | None:
    """The address of a page, once there is one."""
    return absolute(endpoint, **values) if endpoint in current_app.view_functions else None


def _when(instant: datetime, zone: str) -> str:
    return f"{presentation.day_short(instant, zone)}, {presentation.clock_time(instant, zone)}"


class _Words:
    def __init__(self, book: Book, reader: Reader) -> None:
        self.book = book
        #: whoever works in one cluster knows which one is meant
        self.names_clusters = len(reader.cluster_ids) != 1

    def _details(self, cluster_id: int | None, *parts: str | None) -> str:
        where = self.book.names.get(cluster_id or 0) if self.names_clusters else None
        return " · ".join(str(part) for part in (*parts, where) if part)

    def proposal(self, found: Proposal) -> Line:
        when = _when(found.starts_at, found.zone)
        return Line(
            _("%(name)s mengusulkan %(when)s", name=found.contact, when=when),
            self._details(found.cluster_id, found.topic, found.partner),
            page("guidance.show", guidance_id=found.guidance_id),
        )

    def agreement(self, found: Agreement) -> Line:
        return Line(
            found.title,
            f"{found.kind.label} · {found.status.label}",
            page("agreements.show", agreement_id=found.id),
        )

    def assigned(self, row: FollowUpRow) -> Line:
        return self._follow_up(row, _("tugas baru, tenggat %(day)s", day=self._day(row)))

    def late(self, row: FollowUpRow) -> Line:
        return self._follow_up(
            row, presentation.days_late(row.follow_up.due_on, row.cluster.timezone).lower()
        )

    def due(self, row: FollowUpRow) -> Line:
        return self._follow_up(row, _("tenggat %(day)s", day=self._day(row)))

    def _day(self, row: FollowUpRow) -> str:
        return presentation.day_short(row.follow_up.due_on)

    def _follow_up(self, row: FollowUpRow, when: str) -> Line:
        return Line(
            row.follow_up.title,
            self._details(row.cluster.id, when, row.partner.name if row.partner else None),
            page("followups.show", followup_id=row.follow_up.id),
        )

    def appointment(self, found: Appointment) -> Line:
        event, zone = found.event, found.zone
        when = _when(event.starts_at, zone)
        if isinstance(event, GuidanceSession):
            address = page("guidance.show", guidance_id=event.id)
            return Line(event.topic, self._details(event.cluster_id, when, event.place), address)
        address = page("meetings.show", meeting_id=event.id)
        return Line(event.title, self._details(event.cluster_id, when, event.place), address)

    def answer(self, found: Answered) -> Line:
        said = found.invitation.answer.label.lower()
        if found.invitation.delegate_name:
            said = _("diwakili %(name)s", name=found.invitation.delegate_name)
        return Line(
            f"{found.contact.name}: {said}",
            self._details(found.guidance.cluster_id, found.guidance.topic, found.partner.name),
            page("guidance.show", guidance_id=found.guidance.id),
        )

    def mail(self, found: Mail) -> Line:
        return Line(
            found.name or found.message.recipient,
            self._details(found.message.cluster_id, found.kind.label, found.message.state.label.lower()),
            page("outbox.show", message_id=found.message.id),
        )

    def item(self, item: Item) -> Line:
        detail, address = TOLD[item.kind](self, item)
        return Line(item.title, self._details(item.cluster_id, detail), address)

    def _ends(self, item: Item) -> tuple[str, str | None]:
        end = presentation.day_long(item.day)
        left = (item.day - clock.today()).days
        if left == 0:
            told = _("berakhir hari ini")
        else:
            told = ngettext(
                "berakhir %(num)s hari lagi, %(day)s", "berakhir %(num)s hari lagi, %(day)s", left, day=end
            )
        return told, page("agreements.show", agreement_id=item.object_id)

    def _falls_due(self, item: Item) -> tuple[str, str | None]:
        day = presentation.day_long(item.day)
        if item.day < clock.today():
            told = _("kewajiban lewat tenggat %(day)s", day=day)
        else:
            told = _("kewajiban jatuh tempo %(day)s", day=day)
        return told, page("agreements.show", agreement_id=item.agreement_id)

    def _silent(self, item: Item) -> tuple[str, str | None]:
        days = (clock.today() - item.day).days
        told = ngettext("%(num)s hari tanpa kontak", "%(num)s hari tanpa kontak", days)
        return told, page("partners.show", partner_id=item.partner_id)

    def _escalated(self, item: Item) -> tuple[str, str | None]:
        late = presentation.days_late(item.day).lower()
        return " · ".join(filter(None, (late, item.owner))), page(
            "followups.show", followup_id=item.object_id
        )

    def at_risk(self, found: AtRisk) -> Line:
        """A cell of the matrix, with the number that makes it so."""
        cluster, cell = found.cluster, found.cell
        number = cell.number or 0
        if cell.reason is Reason.LATE:
            told = ngettext("%(num)s tindak lanjut terlambat", "%(num)s tindak lanjut terlambat", number)
        elif number:
            told = ngettext(
                "kerja sama habis %(num)s hari lagi", "kerja sama habis %(num)s hari lagi", number
            )
        else:
            told = _("kerja sama habis hari ini")
        return Line(
            f"{cluster.short_name} · {cell.helix.label}",
            told,
            page("coverage.cell", cluster_id=cluster.id, helix=cell.helix),
        )


#: How each kind of reminder is told: a few words, and the page that they lead to.
TOLD: dict[ReminderKind, Callable[[_Words, Item], tuple[str, str | None]]] = {
    ReminderKind.AGREEMENT_ENDS: _Words._ends,
    ReminderKind.OBLIGATION: _Words._falls_due,
    ReminderKind.PARTNER_SILENT: _Words._silent,
    ReminderKind.ESCALATION: _Words._escalated,
}
