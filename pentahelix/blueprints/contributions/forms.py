"""The forms of a contribution: making and changing it, its steps, the school's confirmation."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from pentahelix import clock, presentation
from pentahelix.blueprints.chosen import own
from pentahelix.blueprints.contributions.origin import Origin
from pentahelix.blueprints.fields import (
    DayField,
    EntitiesField,
    EntityField,
    LongTextField,
    Required,
    RupiahField,
    TextField,
    WordField,
    Written,
)
from pentahelix.blueprints.forms import Form
from pentahelix.extensions import db
from pentahelix.models import Contribution, GuidanceSession, School, User
from pentahelix.presentation import date_short, with_position
from pentahelix.principal import signed_in
from pentahelix.queries import contribution_form as queries, guidance_form, meeting_form
from pentahelix.queries.contribution_page import school_ids_of
from pentahelix.queries.meeting_form import ClusterChoice
from pentahelix.services.contributions import STAGES, ContributionWish
from pentahelix.vocabulary import ContributionForm, ContributionKind, ContributionStage

NOT_CHOSEN = _l("Belum dipilih")
#: A billion of anything is a slip of the finger.
MOST = Decimal(1_000_000_000)


class QuantityField(Written):
    """A number of at most three places, written as the reader's language writes it: "1.250,5".

    Where the other sign stands before other than three digits it can mean but one thing, and is read so.
    """

    data: Decimal | None
    attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def read(self, text: str) -> Decimal:
        point = presentation.number(Decimal("1.5"))[1]
        comma = "." if point == "," else ","
        plain = re.sub(rf"(?<=\d)[ {re.escape(comma)}](?=\d{{3}}(?!\d))", "", text)
        plain = plain.replace(point, ".").replace(comma, ".")
        if not re.fullmatch(r"\d+(\.\d{1,3})?", plain, re.ASCII):
            raise ValueError(_("Tulis angka saja, paling banyak tiga desimal, misalnya 12,5."))
        value = Decimal(plain)
        if value >= MOST:
            raise ValueError(_("Angka ini terlalu besar; periksa banyaknya angka nol."))
        return value

    def write(self, value: Decimal) -> str:
        return presentation.number(value)


class DetailForm(Form):
    """What a contribution is, its cluster and stage aside."""

    title = TextField(_l("Apa yang diberikan"), [Required()], longest=1000)
    partner_id = EntityField(_l("Mitra pemberi"), [Required()])
    kind = WordField(_l("Jenis"), [Required()], vocabulary=ContributionKind)
    form = WordField(
        _l("Bentuk"), [Required()], vocabulary=ContributionForm, cards=True, default=ContributionForm.IN_KIND
    )
    delivered_on = DayField(_l("Tanggal penyerahan"))
    quantity = QuantityField(_l("Jumlah"))
    unit = TextField(_l("Satuan"))
    hours = QuantityField(_l("Jam"))
    value = RupiahField(_l("Nilai"))
    valuation_basis = TextField(_l("Dasar penilaian"), longest=2000)
    school_ids = EntitiesField(_l("Sekolah penerima"))
    product_id = EntityField(_l("Produk yang dibantu"), blank=NOT_CHOSEN)
    guidance_id = EntityField(_l("Bimbingan asalnya"), blank=NOT_CHOSEN)
    agreement_id = EntityField(_l("Kerja sama yang mendasari"), blank=NOT_CHOSEN)
    description = LongTextField(_l("Keterangan"))

    cluster: ClusterChoice

    def offer_of(self, cluster: ClusterChoice, before: Contribution | None = None) -> None:
        """Fill in what may be chosen in `cluster`; what stands in the record `before` may stay."""
        self.cluster = cluster
        self.partner_id.offer(queries.partners(cluster.id, before.partner_id if before else None))
        self.product_id.offer(queries.products(cluster.id, before.product_id if before else None))
        self.guidance_id.offer(
            queries.sessions(cluster.id, before.guidance_id if before else None),
            lambda one: _dated(one, cluster),
        )
        agreements = queries.agreements(cluster.id, before.agreement_id if before else None)
        names = {agreement.id: name for agreement, name in agreements}
        self.agreement_id.offer(
            (agreement for agreement, _name in agreements), lambda one: f"{names[one.id]}: {one.title}"
        )
        self.school_ids.offer(guidance_form.schools(cluster.id, school_ids_of(before.id) if before else ()))

    @property
    def schools(self) -> list[School]:
        return list(self.school_ids.rows.values())

    def wish(self) -> ContributionWish:
        same = (
            "title", "kind", "form", "delivered_on", "quantity", "unit", "hours", "value", "valuation_basis",
            "product_id", "guidance_id", "agreement_id", "description",
        )  # fmt: skip
        return ContributionWish(
            cluster_id=self.cluster.id,
            partner_id=self.partner_id.data or 0,
            school_ids=tuple(self.school_ids.data),
            stage=self.stage_wished,
            **{name: self[name].data for name in same},
        )

    @property
    def stage_wished(self) -> ContributionStage:
        return ContributionStage.PROPOSED


class NewForm(DetailForm):
    cluster_id = EntityField(_l("Klaster"), [Required()], blank=None)
    stage = WordField(
        _l("Tahap sekarang"), [Required()], vocabulary=ContributionStage, only=STAGES, blank=None,
        default=ContributionStage.PROPOSED,
    )  # fmt: skip

    clusters: list[ClusterChoice]

    def offer(self, wanted: frozenset[int] | None) -> Self:
        """Fill in what may be chosen; the cluster is the first of those that the address speaks of."""
        self.clusters = own(meeting_form.clusters(signed_in()))
        self.cluster_id.offer(self.clusters)
        fitting = [one for one in self.clusters if wanted is None or one.id in wanted]
        cluster: ClusterChoice = self.cluster_id.row or (fitting or self.clusters)[0]
        # Another one that was posted stays, and is refused.
        self.cluster_id.data = self.cluster_id.data or cluster.id
        self.offer_of(cluster)
        self.acted = request.form.get("act") == "cluster"
        if self.acted:
            self._leave_behind()
        return self

    def preset(self, origin: Origin) -> Self:
        """Fill in what the address tells: whom it is of, and what it came from."""
        given = {
            "partner_id": origin.partner_id,
            "product_id": origin.product_id,
            "agreement_id": origin.agreement_id,
            "guidance_id": origin.guidance and origin.guidance.id,
        }
        for name, number in given.items():
            self[name].data = number if str(number) in self[name].rows else None
        if origin.guidance is not None:
            begun = clock.local(origin.guidance.starts_at, self.cluster.timezone).date()
            self.delivered_on.data = begun
            self.school_ids.data = [n for n in origin.school_ids if str(n) in self.school_ids.rows]
            if begun <= clock.today(self.cluster.timezone):
                self.stage.data = ContributionStage.DELIVERED
        return self

    @property
    def stage_wished(self) -> ContributionStage:
        return ContributionStage(self.stage.data or ContributionStage.PROPOSED)

    def _leave_behind(self) -> None:
        """What belongs to the cluster before."""
        for field in (self.partner_id, self.product_id, self.guidance_id, self.agreement_id):
            field.data = field.data if field.row else None
        self.school_ids.data = [school.id for school in self.school_ids.chosen]


class EditForm(DetailForm):
    obj: Contribution

    def offer(self) -> Self:
        self.offer_of(meeting_form.cluster(self.obj.cluster_id), self.obj)
        return self

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        return type(self)(formdata=None, obj=self.obj, school_ids=school_ids_of(self.obj.id)).offer()


class StepForm(Form):
    """The step forward; delivering asks for the day."""

    to = HiddenField()
    delivered_on = DayField(_l("Tanggal penyerahan"))

    def validate_to(self, field: HiddenField) -> None:
        if field.data not in set(STAGES):
            raise ValidationError(_("Pilih dari daftar."))

    def stage(self) -> ContributionStage:
        return ContributionStage(str(self.to.data))


class ReasonForm(Form):
    """A step back, or out."""

    reason = LongTextField(_l("Alasan"), [Required()], longest=2000)


class ConfirmForm(Form):
    """Which colleague of the schools says that they received it."""

    user_id = EntityField(_l("Rekan yang mengonfirmasi"), [Required()])

    def offer(self, colleagues: Iterable[User]) -> Self:
        self.user_id.offer(colleagues, lambda user: with_position(user.name, user.position))
        return self


def _dated(guidance: GuidanceSession, cluster: ClusterChoice) -> str:
    return f"{date_short(guidance.starts_at, cluster.timezone)}: {guidance.topic}"
