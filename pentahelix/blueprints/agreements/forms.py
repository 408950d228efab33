"""The forms of an agreement: what it shall be, what each step asks for, what it owes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Self

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import BooleanField, Form as RowForm, FormField, HiddenField
from wtforms.validators import ValidationError

from pentahelix import clock, presentation
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.choices import EntitiesField
from pentahelix.blueprints.chosen import own
from pentahelix.blueprints.fields import (
    DayField,
    EntityField,
    IntegerField,
    LongTextField,
    NameField,
    Required,
    TextField,
    WordField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.redrawn import PartnersForm, RowsField
from pentahelix.extensions import db
from pentahelix.models import Agreement, Obligation
from pentahelix.principal import signed_in
from pentahelix.queries import agreement_form, meeting_form
from pentahelix.queries.agreement_form import SchoolChoice
from pentahelix.queries.agreement_page import Party
from pentahelix.queries.meeting_form import ClusterChoice
from pentahelix.services import agreements, settings
from pentahelix.services.agreement_states import changeable
from pentahelix.services.agreement_steps import Signatory, SigningWish
from pentahelix.services.agreement_terms import ABOVE, COLUMNS
from pentahelix.services.agreements import AgreementWish, PartyWish
from pentahelix.services.obligations import ObligationWish
from pentahelix.vocabulary import AgreementKind, ContributionKind, ObligationStatus, PartySide

NONE = _l("Tidak ada")
#: Those of the form that make up the parties.
PARTIES = ("office", "school_ids", "partner_ids", "partner_query")
SHORT = {AgreementKind.MOU: "MoU", AgreementKind.PKS: "PKS", AgreementKind.IA: "IA"}
#: The kind that usually follows below one.
BELOW = {above: kind for kind, above in ABOVE.items()}


class KindsField(EntitiesField):
    """Any number of kinds of contribution."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [(kind.value, kind.label) for kind in ContributionKind]
        self.rows = {kind.value: kind for kind in ContributionKind}

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(dict.fromkeys(value for value in valuelist if value))


def period_fields(*validators: Any) -> tuple[DayField, DayField, BooleanField]:
    """When it starts, ends, whether it never does; made where they stand in a form, so that its errors are
    told in the order of the page."""
    return (
        DayField(_l("Tanggal mulai"), validators),
        DayField(_l("Tanggal berakhir")),
        BooleanField(_l("Tanpa batas waktu")),
    )


class PeriodForm(Form):
    def validate_ends_on(self, field: Any) -> None:
        begins = self.starts_on.data
        if field.data and begins and field.data < begins:
            start = presentation.date_short(begins)
            raise ValidationError(_("Harus sesudah tanggal mulai (%(start)s).", start=start))


class AgreementForm(PartnersForm, PeriodForm):
    """A draft, or what its state lets be changed. Pressing "Cari" (`act`) only looks for a partner."""

    title = TextField(_l("Judul"), [Required()], longest=1000)
    kind = WordField(_l("Jenis"), [Required()], vocabulary=AgreementKind, blank=None)
    partner_ids = EntitiesField(_l("Mitra"))
    partner_query = TextField(_l("Cari mitra"))
    office = TextField(_l("Kantor provinsi"), description=_l("Bila provinsi menjadi pihak, nama kantornya."))
    school_ids = EntitiesField(_l("Sekolah yang menjadi pihak"))
    cluster_ids = EntitiesField(
        _l("Klaster yang tercakup"), [Required(_l("Pilih paling sedikit satu klaster."))]
    )
    signed_on = DayField(_l("Tanggal tanda tangan"), [Required()])
    starts_on, ends_on, is_open_ended = period_fields()
    term_months = IntegerField(_l("Jangka waktu"), least=1, most=600)
    parent_id = EntityField(_l("Di bawah kerja sama"), blank=NONE)
    number_first = TextField(_l("Nomor Pihak Kesatu"))
    number_second = TextField(_l("Nomor Pihak Kedua"))
    objective = LongTextField(_l("Tujuan"))
    kinds = KindsField(_l("Yang diberikan"))
    scope_text = LongTextField(_l("Ruang lingkup dengan kata-kata naskah"))
    funding = LongTextField(_l("Pembiayaan"))
    note = LongTextField(_l("Catatan"))

    obj: Agreement | None
    clusters: list[ClusterChoice]
    schools: list[SchoolChoice]

    def offer(self) -> Self:
        """Fill in what may be chosen, and leave out what may not be changed any more."""
        self.clusters = own(meeting_form.clusters(signed_in()))
        self._leave_out()
        if "cluster_ids" in self:
            self.cluster_ids.offer(self.clusters)
        self._offer_parents()
        self.acted = self.is_submitted() and self._act(request.form.get("act", ""))
        if "partner_ids" in self:
            self._offer_parties()
        return self

    def _leave_out(self) -> None:
        free = changeable(self.obj.status) if self.obj else None
        for name in [field.name for field in self]:
            of = "parties" if name in PARTIES else "scope" if name == "kinds" else name
            known = of in AgreementWish.__dataclass_fields__
            if known and (of == "signed_on" if free is None else of not in free):
                del self[name]

    def _offer_parents(self) -> None:
        if "parent_id" in self:
            this = self.obj
            choices = agreement_form.parents(this.id if this else None, this.parent_id if this else None)
            self.parent_id.offer(choices, lambda one: f"{SHORT[one.kind]}: {one.title}")

    def _offer_parties(self) -> None:
        self.schools = agreement_form.schools(also=self.school_ids.data if self.obj else ())
        self.school_ids.offer(self.schools)
        self.offer_partners()

    def preset(self, asked: Any) -> Self:
        """?cluster= ?partner= ?parent= fill in what is known; a parent gives its parties too."""
        self.office.data = settings.province().name
        first = number(asked.get("cluster"))
        self.cluster_ids.data = (
            [first] if first and str(first) in self.cluster_ids.rows else [self.clusters[0].id]
        )
        self.partner_ids.data = [n for n in (number(asked.get("partner")),) if n]
        self.parent_id.data = number(asked.get("parent"))
        parent = db.session.get(Agreement, self.parent_id.data) if self.parent_id.row else None
        if parent is None:
            self.parent_id.data = None
        else:
            self.kind.data = BELOW.get(parent.kind, AgreementKind.IA)
            drawn = as_drawn(parent)
            for name in ("cluster_ids", "office", "school_ids", "partner_ids"):
                self[name].data = drawn[name] or self[name].data
        self._offer_parties()
        self.partner_ids.data = [partner.id for partner in self.partners]
        return self

    def _act(self, act: str) -> bool:
        return "partner_ids" in self and super()._act(act)

    def validate_partner_ids(self, field: EntitiesField) -> None:
        if not field.data and not self.partner_query.data and self.obj is None:
            raise ValidationError(_("Pilih paling sedikit satu mitra."))

    def validate_office(self, field: TextField) -> None:
        if not field.data and not field.errors and not self.school_ids.data:
            raise ValidationError(_("Kedua pihak harus terisi."))

    def refuse(self, field: str | None, message: Any) -> None:
        super().refuse({"parties": "partner_ids", "scope": "kinds"}.get(field or "", field), message)

    # ── what is wished ──────────────────────────────────────────────────────────────────────────────────

    def wish(self) -> AgreementWish:
        """What is not in the form stays as it is."""
        told: dict[str, Any] = {name: self[name].data for name in (*COLUMNS, "signed_on") if name in self}
        if "cluster_ids" in self:
            told["cluster_ids"] = tuple(self.cluster_ids.data)
        if "kinds" in self:
            told["scope"] = tuple(ContributionKind(str(value)) for value in self.kinds.data)
        before = agreements.wish_of(self.obj) if self.obj else None
        if "partner_ids" in self:
            told["parties"] = self._parties(before.parties if before else ())
        return AgreementWish(**told) if before is None else replace(before, **told)

    def _parties(self, before: Iterable[PartyWish]) -> tuple[PartyWish, ...]:
        """Who is there already keeps who signs for them."""
        wanted = [PartyWish(PartySide.FIRST, office=self.office.data)] if self.office.data else []
        wanted += [PartyWish(PartySide.FIRST, school_id=one) for one in self.school_ids.data]
        wanted += [PartyWish(PartySide.SECOND, partner_id=one) for one in self.partner_ids.data]
        known = {party.who: party for party in before}
        return tuple(
            replace(known[one.who], side=one.side, office=one.office) if one.who in known else one
            for one in wanted
        )

    def as_stored(self) -> Self:
        assert self.obj is not None
        db.session.refresh(self.obj)
        stored = type(self)(formdata=None, obj=self.obj, **as_drawn(self.obj)).offer()
        if "partner_query" in stored:
            del stored.partner_query
        return stored


def as_drawn(agreement: Agreement) -> dict[str, Any]:
    """The values of a form that are not columns of its agreement."""
    wish = agreements.wish_of(agreement)
    return {
        "cluster_ids": wish.cluster_ids,
        "kinds": [kind.value for kind in wish.scope],
        "office": next((party.office for party in wish.parties if party.office), None),
        "school_ids": [party.school_id for party in wish.parties if party.school_id],
        "partner_ids": [party.partner_id for party in wish.parties if party.partner_id],
    }


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────


class StepForm(Form):
    """A step is taken from the page that shows what it is about: not once somebody else has changed that."""

    def __init__(self, *args: Any, about: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, version=about.version, **kwargs)
        self.about = about

    def _show_theirs(self) -> None:
        super()._show_theirs()
        self.version.data = str(self.about.version)


class CommentForm(StepForm):
    comment = LongTextField(_l("Catatan"), longest=2000)


class ReasonForm(StepForm):
    reason = LongTextField(_l("Alasan"), [Required()], longest=2000)


class TerminateForm(ReasonForm):
    on = DayField(_l("Dihentikan pada"), [Required()], default=clock.today)


class SignatoryRow(RowForm):
    """Who signs for one party."""

    party_id = HiddenField()
    name = NameField(_l("Nama penanda tangan"))
    position = TextField(_l("Jabatan"))
    authority = TextField(_l("Dasar kewenangan"))


class SignForm(StepForm, PeriodForm):
    signed_on = DayField(_l("Tanggal tanda tangan"), [Required()], default=clock.today)
    starts_on, ends_on, is_open_ended = period_fields(Required())
    number_first = TextField(_l("Nomor Pihak Kesatu"))
    number_second = TextField(_l("Nomor Pihak Kedua"))
    signatories = RowsField(FormField(SignatoryRow), _l("Penanda tangan"))

    parties: dict[str, Party]

    def offer(self, parties: Iterable[Party]) -> Self:
        self.parties = {str(party.row.id): party for party in parties}
        return self

    def signs_alone(self, party: Party) -> bool:
        """Whether nobody else is there to sign for its side."""
        return [one.row.side for one in self.parties.values()].count(party.row.side) == 1

    def party_of(self, row: SignatoryRow) -> Party | None:
        return self.parties.get(row.party_id.data or "")

    def validate(self, extra_validators: Any = None) -> bool:
        """Somebody of each side; asked at the first of a side that has nobody."""
        valid: bool = super().validate(extra_validators)
        for side in PartySide:
            rows = [row.form for row in self.signatories if self._is_of(row.form, side)]
            if rows and not any(row.name.data or row.name.errors for row in rows):
                rows[0].name.errors = [_("Tulis siapa yang menandatangani untuk %(side)s.", side=side.label)]
                self.signatories.errors = [row.errors for row in self.signatories]
                valid = False
        return valid

    def _is_of(self, row: SignatoryRow, side: PartySide) -> bool:
        party = self.party_of(row)
        return party is not None and party.row.side == side

    def wish(self) -> SigningWish:
        assert self.signed_on.data is not None
        assert self.starts_on.data is not None
        return SigningWish(
            self.signed_on.data,
            self.starts_on.data,
            self.ends_on.data,
            self.is_open_ended.data,
            tuple(
                Signatory(
                    party.row.id, row.form.name.data or "", row.form.position.data, row.form.authority.data
                )
                for row in self.signatories
                if (party := self.party_of(row.form)) is not None
            ),
            self.number_first.data,
            self.number_second.data,
        )


def signatories_of(parties: Iterable[Party]) -> list[dict[str, Any]]:
    """The rows of the form as it is first drawn."""
    return [
        {
            "party_id": str(party.row.id),
            "name": party.row.signatory_name,
            "position": party.row.signatory_position,
            "authority": party.row.signatory_authority,
        }
        for party in parties
    ]


# ── what is owed ────────────────────────────────────────────────────────────────────────────────────────────


class ObligationForm(Form):
    title = TextField(_l("Yang wajib diberikan"), [Required()], longest=1000)
    side = WordField(_l("Oleh"), [Required()], vocabulary=PartySide, cards=True, default=PartySide.SECOND)
    due_on = DayField(_l("Tenggat"), [Required()])
    kind = WordField(_l("Jenis kontribusi"), vocabulary=ContributionKind, blank=_l("Belum dipilih"))
    note = LongTextField(_l("Catatan"))

    def wish(self) -> ObligationWish:
        assert self.due_on.data is not None
        return ObligationWish(
            self.title.data or "", self.side.data, self.due_on.data, self.kind.data, self.note.data
        )


class MarkForm(Form):
    """How much of it is done; without a day it is today."""

    how_far = WordField(_l("Keadaan"), [Required()], vocabulary=ObligationStatus, cards=True)
    on = DayField(_l("Terpenuhi pada"))

    def as_stored(self) -> Self:
        assert self.obj is not None
        db.session.refresh(self.obj)
        return type(self)(formdata=None, obj=self.obj, **marked(self.obj))


def marked(obligation: Obligation) -> dict[str, Any]:
    return {"how_far": obligation.status, "on": obligation.fulfilled_on or clock.today()}
