"""The forms of a guidance session: planning and moving it, its details, who is invited.

Those with a time look at it once more before they go through (`warnings`): what is then said for the first
time has to be read before the second press.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from functools import cached_property
from typing import Any, Self

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from pentahelix import clock, editing, presentation
from pentahelix.blueprints.chosen import own
from pentahelix.blueprints.fields import (
    DayField,
    EntitiesField,
    EntityField,
    IntegerField,
    LinkField,
    LocalTimeField,
    LongTextField,
    Required,
    TextField,
    WordField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.guidance.warnings import Plan, Warnings, next_working_day, of_added, undelivered
from pentahelix.extensions import db
from pentahelix.models import GuidanceSession, School
from pentahelix.principal import signed_in
from pentahelix.queries import guidance_form, meeting_form
from pentahelix.queries.guidance_form import Named, PartnerChoice, PersonChoice
from pentahelix.queries.invited import Invited
from pentahelix.queries.meeting_form import ClusterChoice
from pentahelix.services.guidance import DetailsWish, GuidanceWish
from pentahelix.vocabulary import GuidanceKind, MeetingMode

NOT_CHOSEN = _l("Belum dipilih")


class Cautious(Form):
    """Shows what may be a mistake, once; `look` finds it. `seen` is what was on the screen before."""

    seen = HiddenField(default="")

    warnings = Warnings()
    #: it was held up, by nothing but what had not been shown yet
    is_warned = False

    def look(self) -> Warnings:
        return Warnings()

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        before = set((self.seen.data or "").split())
        self.show_warnings()
        unseen = bool(self.warnings.keys - before)
        self.is_warned = valid and unseen and not editing.was_sent(self._key())
        return valid and not self.is_warned

    def show_warnings(self) -> None:
        self.warnings = self.look()
        self.seen.data = " ".join(sorted(self.warnings.keys))

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        stored = type(self)(formdata=None, obj=self.obj, **as_drawn(self.obj)).offer()
        del stored.seen
        return stored  # type: ignore[no-any-return]


class TimeFields(Form):
    day = DayField(_l("Tanggal"), [Required()])
    starts = LocalTimeField(_l("Mulai pukul"), [Required()])
    ends = LocalTimeField(_l("Selesai pukul"), [Required()])

    def validate_ends(self, field: Any) -> None:
        if field.data and self.starts.data and field.data <= self.starts.data:
            start = presentation.hour_of(self.starts.data)
            raise ValidationError(_("Harus sesudah jam mulai (%(start)s).", start=start))

    def times(self) -> tuple[date, time, time]:
        """Of a form that is valid."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        assert day is not None
        assert starts is not None
        assert ends is not None
        return day, starts, ends

    def to_next_working_day(self) -> None:
        """Fill in the next day that is worked, and leave the rest as it was typed."""
        if self.day.data:
            self.day.data = next_working_day(self.day.data)


class DetailFields(Form):
    topic = TextField(_l("Topik"), [Required()], longest=1000)
    kind = WordField(_l("Jenis"), vocabulary=GuidanceKind, blank=None, default=GuidanceKind.TECHNICAL)
    mode = WordField(_l("Cara"), vocabulary=MeetingMode, cards=True, default=MeetingMode.IN_PERSON)
    place = TextField(_l("Tempat"))
    link = LinkField(_l("Tautan pertemuan daring"))
    school_ids = EntitiesField(_l("Sekolah yang ikut"))
    partner_id = EntityField(_l("Mitra pemberi bimbingan"), blank=NOT_CHOSEN)
    capacity = IntegerField(_l("Kapasitas"), least=1, most=100_000)
    description = LongTextField(_l("Keterangan"))

    partners: list[PartnerChoice]
    schools: Sequence[School]

    def details(self) -> dict[str, Any]:
        same = ("topic", "place", "link", "description", "capacity", "partner_id")
        return {
            **{name: self[name].data for name in same},
            "kind": self.kind.data or GuidanceKind.TECHNICAL,
            "mode": self.mode.data or MeetingMode.IN_PERSON,
            "school_ids": tuple(self.school_ids.data),
        }


class PeopleFields(Form):
    """One list of people; who is ticked as a speaker is invited as such, ticked as invited or not."""

    participant_ids = EntitiesField(_l("Yang diundang"))
    speaker_ids = EntitiesField(_l("Narasumber"))

    #: contacts whose address was refused for good
    dead: frozenset[int]

    def offer_people(self, partners: Iterable[PartnerChoice]) -> None:
        people = [person for partner in partners for person in partner.people]
        for field in (self.participant_ids, self.speaker_ids):
            field.offer(people)
        self.dead = frozenset(person.contact_id for person in undelivered(people))

    @property
    def chosen(self) -> list[PersonChoice]:
        known: dict[str, PersonChoice] = self.participant_ids.rows
        wanted = dict.fromkeys([*self.speaker_ids.data, *self.participant_ids.data])
        return [known[str(number)] for number in wanted if str(number) in known]

    def people(self) -> dict[str, Any]:
        speakers = tuple(self.speaker_ids.data)
        return {
            "speaker_ids": speakers,
            "participant_ids": tuple(n for n in self.participant_ids.data if n not in speakers),
        }


class PlanForm(Cautious, TimeFields, DetailFields, PeopleFields):
    cluster_id = EntityField(_l("Klaster"), [Required()], blank=None)

    clusters: list[ClusterChoice]

    def offer(self, wanted: int | None = None) -> Self:
        """Fill in what may be chosen; `wanted` is the cluster that the address names."""
        self.clusters = own(meeting_form.clusters(signed_in()))
        self.cluster_id.offer(self.clusters)
        if self.cluster_id.data is None:
            self.cluster_id.data = wanted
        self.partners = guidance_form.partners(self.cluster.id)
        self.schools = guidance_form.schools(self.cluster.id)
        self.partner_id.offer(self.partners)
        self.school_ids.offer(self.schools)
        self.offer_people(self.partners)
        self._act(request.form.get("act", ""))
        return self

    @property
    def cluster(self) -> ClusterChoice:
        return self.cluster_id.row or self.clusters[0]

    @property
    def zone_letters(self) -> str:
        return presentation.zone_letters(clock.now(), self.cluster.timezone)

    def preset(self, partner_id: int | None = None) -> Self:
        """Fill in what is most likely: the next working day, in the morning, with the partner's people."""
        self.cluster_id.data = self.cluster.id
        self.day.data = next_working_day(clock.today(self.cluster.timezone))
        self.starts.data, self.ends.data = time(9), time(11)
        theirs = next((partner for partner in self.partners if partner.id == partner_id), None)
        self.participant_ids.data = [person.id for person in theirs.people[:1]] if theirs else []
        return self

    def _act(self, act: str) -> None:
        self.acted = act in ("cluster", "next_day")
        if act == "cluster":
            # What belongs to the cluster before stays behind.
            for field in (self.school_ids, self.participant_ids, self.speaker_ids):
                field.data = [number for number in field.data if str(number) in field.rows]
            self.partner_id.data = self.partner_id.data if self.partner_id.row else None
        elif act == "next_day":
            self.to_next_working_day()
        if self.acted:
            self.show_warnings()

    def look(self) -> Warnings:
        return Plan(
            self.cluster, self.day.data, self.starts.data, self.ends.data, self.chosen, self.school_ids.data
        ).warnings()

    def wish(self) -> GuidanceWish:
        day, starts, ends = self.times()
        return GuidanceWish(
            cluster_id=self.cluster.id,
            day=day,
            starts=starts,
            ends=ends,
            **self.details(),
            **self.people(),
        )


class OfSession(Cautious):
    """A form about a session that there is already."""

    obj: GuidanceSession

    @cached_property
    def cluster(self) -> ClusterChoice:
        return meeting_form.cluster(self.obj.cluster_id)

    @cached_property
    def named(self) -> Named:
        """Whom and what the session names before the form changes it."""
        return guidance_form.named(self.obj.id)


class RescheduleForm(OfSession, TimeFields):
    def offer(self) -> Self:
        self.acted = request.form.get("act") == "next_day"
        if self.acted:
            self.to_next_working_day()
        if self.acted or not self.is_submitted():
            self.show_warnings()
        return self

    @property
    def zone_letters(self) -> str:
        return presentation.zone_letters(self.obj.starts_at, self.cluster.timezone)

    def look(self) -> Warnings:
        people = guidance_form.people(self.obj.cluster_id, self.named.people)
        return Plan(
            self.cluster, self.day.data, self.starts.data, self.ends.data, people, self.named.school_ids,
            but=self.obj.id,
        ).warnings()  # fmt: skip


class EditForm(OfSession, DetailFields):
    """Everything but the time and who takes part; a speaker is invited here, or taken back."""

    speaker_ids = EntitiesField(_l("Narasumber"))

    def offer(self) -> Self:
        guidance, named = self.obj, self.named
        self.partners = guidance_form.partners(guidance.cluster_id, also=named.speaker_ids)
        self.schools = guidance_form.schools(guidance.cluster_id, also=named.school_ids)
        self.partner_id.offer(self.partners)
        if guidance.partner_id and str(guidance.partner_id) not in self.partner_id.rows:
            # One that has left the cluster since.
            self.partner_id.offer([*self.partners, *meeting_form.partners([guidance.partner_id])])
        self.school_ids.offer(self.schools)
        people = [person for partner in self.partners for person in partner.people]
        self.speaker_ids.offer(people)
        self.dead = frozenset(person.contact_id for person in undelivered(people))
        return self

    dead: frozenset[int]

    def look(self) -> Warnings:
        """Of the speakers and schools that are new here."""
        people = [person for person in self.speaker_ids.chosen if person.id not in self.named.people]
        schools = [number for number in self.school_ids.data if number not in self.named.school_ids]
        return of_added(self.cluster, self.obj, people, schools)

    def wish(self) -> DetailsWish:
        return DetailsWish(
            agreement_id=self.obj.agreement_id, speaker_ids=tuple(self.speaker_ids.data), **self.details()
        )


class InviteForm(OfSession, PeopleFields):
    """More people; those who take part already are not offered, those who declined are."""

    partners: list[PartnerChoice]

    def offer(self, everybody: Iterable[Invited]) -> Self:
        taking_part = {one.affiliation_id for one in everybody if one.takes_part}
        self.partners = [
            replace(partner, people=[person for person in partner.people if person.id not in taking_part])
            for partner in guidance_form.partners(self.obj.cluster_id)
        ]
        self.offer_people(self.partners)
        return self

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        stored = type(self)(formdata=None, obj=self.obj)
        # Nobody is chosen in the record itself: there is no other text to set beside.
        for name in ("seen", "participant_ids", "speaker_ids"):
            del stored[name]
        return stored

    def validate_participant_ids(self, field: Any) -> None:
        if not field.data and not self.speaker_ids.data:
            raise ValidationError(_("Pilih paling sedikit satu orang."))

    def look(self) -> Warnings:
        return of_added(self.cluster, self.obj, self.chosen)


def as_drawn(guidance: GuidanceSession) -> dict[str, Any]:
    """The values of a form that are not columns of its session."""
    zone = meeting_form.cluster(guidance.cluster_id).timezone
    starts, ends = (clock.local(moment, zone) for moment in (guidance.starts_at, guidance.ends_at))
    named = guidance_form.named(guidance.id)
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "school_ids": named.school_ids,
        "speaker_ids": named.speaker_ids,
    }
