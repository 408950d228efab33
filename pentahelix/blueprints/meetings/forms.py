"""The forms of a meeting: recorded after it was held, or planned before; both are edited in them too.

All that a person enters stands in plain named inputs, so that what a browser sends, or keeps for later, is
the whole truth. Without JavaScript the buttons named `act` draw the form again with one more row or partner.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l, ngettext
from wtforms import Form as RowForm, FormField, HiddenField
from wtforms.validators import ValidationError

from pentahelix import clock, presentation
from pentahelix.blueprints.chosen import own
from pentahelix.blueprints.fields import (
    DayField,
    EntitiesField,
    EntityField,
    LocalTimeField,
    LongTextField,
    NameField,
    Required,
    TextField,
    WordField,
)
from pentahelix.blueprints.redrawn import PartnersForm, RowsField
from pentahelix.extensions import db
from pentahelix.models import Meeting
from pentahelix.principal import own_id, signed_in
from pentahelix.queries import contacts, meeting_form
from pentahelix.queries.contacts import ContactChoice
from pentahelix.queries.meeting_form import ClusterChoice, Colleague, Unfinished
from pentahelix.services.meetings import ActionItem, Guest, MeetingWish
from pentahelix.vocabulary import MeetingKind, MeetingMode, MeetingStatus

#: Until when an action item is due if nobody says otherwise, and what one press chooses instead, in days.
DUE_IN = 7
QUICK_DUE = (1, 3, 7, 14)

NOT_CHOSEN = _l("Belum dipilih")


class IdsField(EntitiesField):
    """Records as they were offered; which of them still hold when the form arrives, the service knows."""

    def pre_validate(self, form: Any) -> None:
        """Nothing is refused."""


class GuestRow(RowForm):
    name = NameField(_l("Nama tamu"))
    organisation = TextField(_l("Instansi"))


class ItemRow(RowForm):
    """Who does what until when; without a title it is none."""

    title = TextField(_l("Yang akan dikerjakan"), longest=1000)
    owner = EntityField(_l("Penanggung jawab"), blank=None)
    due = DayField(_l("Tenggat"))

    def validate_due(self, field: Any) -> None:
        if self.title.data and field.data is None and not field.errors:
            raise ValidationError(_("Wajib diisi."))


class MeetingForm(PartnersForm):
    """What planned and recorded meetings have in common. `offer` fills in what may be chosen."""

    is_record = False

    partner_query = TextField(_l("Cari mitra"))
    partner_ids = EntitiesField(_l("Dengan mitra"))
    affiliation_ids = EntitiesField(_l("Yang hadir"))
    user_ids = EntitiesField(_l("Rekan yang hadir"))
    guests = RowsField(FormField(GuestRow), _l("Tamu"), min_entries=1)
    cluster_id = EntityField(_l("Klaster"), [Required()], blank=None)
    day = DayField(_l("Tanggal"), [Required()])
    starts = LocalTimeField(_l("Mulai pukul"), [Required()])
    ends = LocalTimeField(_l("Sampai pukul"))
    mode = WordField(_l("Cara"), vocabulary=MeetingMode, cards=True, default=MeetingMode.IN_PERSON)
    kind = WordField(_l("Jenis"), vocabulary=MeetingKind, blank=None, default=MeetingKind.COORDINATION)
    place = TextField(_l("Tempat"))
    title = TextField(_l("Judul"), longest=1000)
    chair_user_id = EntityField(_l("Pimpinan rapat"), blank=NOT_CHOSEN)
    minute_taker_user_id = EntityField(_l("Notulis"), blank=NOT_CHOSEN)
    agenda = LongTextField(_l("Agenda rapat"))
    made_at = HiddenField()

    clusters: list[ClusterChoice]
    people: list[Colleague]
    #: whom one can meet at the chosen partners
    contacts: dict[int, list[ContactChoice]]

    # ── what may be chosen ──────────────────────────────────────────────────────────────────────────────

    def offer(self) -> Self:
        self.acted = self.is_submitted() and self._act(request.form.get("act", ""))
        self._offer_contacts()
        self._offer_people()
        return self

    def _offer_contacts(self) -> None:
        before = meeting_form.written_down(self.obj.id) if self.obj else []
        self.offer_partners(also=meeting_form.partners_of(self.affiliation_ids.data))
        today = contacts.of_partners(partner.id for partner in self.partners)
        offered = {choice.affiliation_id: choice for choice in (*before, *today)}
        self.contacts = {
            partner.id: [choice for choice in offered.values() if choice.partner_id == partner.id]
            for partner in self.partners
        }
        self.affiliation_ids.rows = {str(number): choice for number, choice in offered.items()}
        self.affiliation_ids.choices = [
            (number, row.name) for number, row in self.affiliation_ids.rows.items()
        ]

    def _offer_people(self) -> None:
        meeting: Meeting | None = self.obj
        if meeting:
            self.clusters = [meeting_form.cluster(meeting.cluster_id)]
            # Those whom the record names, not those whom somebody posts: else any number would tell a name.
            there = self.user_ids.object_data or ()
            also = {meeting.chair_user_id, meeting.minute_taker_user_id, *there} - {None}
        else:
            self.clusters, also = own(meeting_form.clusters(signed_in())), set()
        self.people = meeting_form.colleagues([cluster.id for cluster in self.clusters], also)
        self.cluster_id.offer(self.clusters)
        for field in (self.user_ids, self.chair_user_id, self.minute_taker_user_id):
            offer_people(field, self.people)

    @property
    def cluster(self) -> ClusterChoice:
        """The one that is chosen; before that the first one in which the first partner is."""
        if chosen := self.cluster_id.row:
            return chosen  # type: ignore[no-any-return]
        wanted = self.partners[0].cluster_ids if self.partners else frozenset()
        return next((cluster for cluster in self.clusters if cluster.id in wanted), self.clusters[0])

    @property
    def clusters_of(self) -> dict[int, list[int]]:
        """In which of the offered clusters each of ours is, so that JavaScript can follow the chosen one."""
        return {colleague.id: sorted(colleague.cluster_ids) for colleague in self.people}

    @property
    def zone_letters(self) -> str:
        return presentation.zone_letters(clock.now(), self.cluster.timezone)

    @staticmethod
    def empty_guest() -> GuestRow:
        """A row for JavaScript to copy; `__i__` stands where its number belongs."""
        return GuestRow(prefix="guests-__i__-")

    def preset(self) -> Self:
        """Fill in what is most likely: tomorrow at nine, with oneself."""
        self._preset(clock.today(self.cluster.timezone) + timedelta(days=1), time(9))
        return self

    def _preset(self, day: date, starts: time) -> None:
        self.cluster_id.data = self.cluster.id
        self.day.data, self.starts.data = day, starts
        self.user_ids.data = [own_id()]

    # ── the buttons that draw the form again ────────────────────────────────────────────────────────────

    def _act(self, act: str) -> bool:
        if act == "guest":
            self.guests.append_entry()
        return act == "guest" or super()._act(act)

    def _dropped(self, partner_id: int) -> None:
        gone = {choice.affiliation_id for choice in contacts.of_partners([partner_id])}
        self.affiliation_ids.data = [other for other in self.affiliation_ids.data if other not in gone]

    # ── what is wished ──────────────────────────────────────────────────────────────────────────────────

    def wish(self) -> MeetingWish:
        return MeetingWish(**self.wished())

    def wished(self) -> dict[str, Any]:
        meeting: Meeting | None = self.obj
        same = ("cluster_id", "day", "starts", "ends", "title", "place", "agenda")
        return {
            **{name: self[name].data for name in (*same, "chair_user_id", "minute_taker_user_id")},
            "kind": self.kind.data or MeetingKind.COORDINATION,
            "mode": self.mode.data or MeetingMode.IN_PERSON,
            "agreement_id": meeting.agreement_id if meeting else None,
            **{name: tuple(self[name].data) for name in ("partner_ids", "affiliation_ids", "user_ids")},
            "guests": tuple(
                Guest(row.form.name.data, row.form.organisation.data)
                for row in self.guests
                if row.form.name.data
            ),
            "made_at": _instant(self.made_at.data),
        }

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        stored = type(self)(formdata=None, obj=self.obj, **as_drawn(self.obj)).offer()
        # What each form enters afresh has no other text to stand beside.
        for name in ("partner_query", "made_at", "items", "done_ids"):
            if name in stored:
                del stored[name]
        return stored


class PlanForm(MeetingForm):
    """A meeting that is still to come."""

    affiliation_ids = EntitiesField(_l("Yang akan hadir"))


class RecordForm(MeetingForm):
    """A meeting that was held. `items` are new follow-ups; those that it has have their own pages."""

    is_record = True

    notes = LongTextField(_l("Apa yang dibicarakan"))
    decisions = LongTextField(_l("Keputusan"))
    items = RowsField(FormField(ItemRow), _l("Tindak lanjut"), min_entries=1)
    done_ids = IdsField(_l("Belum selesai dari rapat terakhir"))

    unfinished: list[Unfinished]

    def _offer_contacts(self) -> None:
        super()._offer_contacts()
        is_edited = self.obj is not None and self.obj.status == MeetingStatus.HELD
        self.unfinished = [] if is_edited else meeting_form.unfinished([p.id for p in self.partners])

    def _offer_people(self) -> None:
        super()._offer_people()
        for row in self.items:
            self._fill_in(row.form)

    def _fill_in(self, row: ItemRow) -> None:
        offer_people(row.owner, self.people)
        if not row.owner.raw_data:
            row.owner.data = own_id()
        if not row.due.raw_data:
            row.due.data = clock.today(self.cluster.timezone) + timedelta(days=DUE_IN)

    def empty_item(self) -> ItemRow:
        """As `empty_guest`."""
        row = ItemRow(prefix="items-__i__-")
        self._fill_in(row)
        return row

    def quick_dues(self) -> list[tuple[str, date]]:
        """What one press makes the due date of an item."""
        today = clock.today(self.cluster.timezone)
        return [
            (
                _("Besok") if days == 1 else ngettext("%(num)s hari", "%(num)s hari", days),
                today + timedelta(days=days),
            )
            for days in QUICK_DUE
        ]

    def preset(self) -> Self:
        """Fill in what is most likely: today, at the last half hour, with oneself, who takes the minutes."""
        now = clock.local(clock.now(), self.cluster.timezone)
        self._preset(now.date(), time(now.hour, now.minute // 30 * 30))
        self.minute_taker_user_id.data = own_id()
        return self

    def _act(self, act: str) -> bool:
        if act == "item":
            self.items.append_entry()
        return act == "item" or super()._act(act)

    def wished(self) -> dict[str, Any]:
        return {
            **super().wished(),
            "notes": self.notes.data,
            "decisions": self.decisions.data,
            "items": tuple(
                ActionItem(row.form.title.data, row.form.owner.data, row.form.due.data)
                for row in self.items
                if row.form.title.data
            ),
            "done_ids": tuple(self.done_ids.data),
        }


def offer_people(field: EntityField, people: Iterable[Colleague]) -> None:
    me = own_id()
    field.offer(
        sorted(people, key=lambda other: other.id != me),
        lambda other: _("Anda") if other.id == me else other.name,
    )


def as_drawn(meeting: Meeting) -> dict[str, Any]:
    """The values of a form that are not columns of its meeting."""
    zone = meeting_form.cluster(meeting.cluster_id).timezone
    there = meeting_form.who_was_there(meeting.id)
    return {
        "day": clock.local(meeting.starts_at, zone).date(),
        "starts": clock.local(meeting.starts_at, zone).time(),
        "ends": clock.local(meeting.ends_at, zone).time() if meeting.ends_at else None,
        "partner_ids": there.partner_ids,
        "affiliation_ids": there.affiliation_ids,
        "user_ids": there.user_ids,
        "guests": [{"name": name, "organisation": organisation} for name, organisation in there.guests],
    }


def _instant(text: str | None) -> datetime | None:
    """The instant that the phone names; none where it names none."""
    try:
        instant = datetime.fromisoformat(text or "")
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
