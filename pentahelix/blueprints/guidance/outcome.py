"""The forms at the end of a session: it is called off, or what came of it is recorded."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms.validators import ValidationError

from pentahelix import presentation
from pentahelix.blueprints.fields import EntitiesField, IntegerField, LongTextField, Written
from pentahelix.blueprints.forms import Form
from pentahelix.extensions import db
from pentahelix.queries import invited as queries
from pentahelix.queries.invited import Invited
from pentahelix.services.guidance import OutcomeWish

LOWEST, HIGHEST = 1, 5


class CancelForm(Form):
    reason = LongTextField(_l("Alasan"), longest=2000)


class RatingField(Written):
    """From 1 to 5, with a comma or a point."""

    attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def read(self, text: str) -> Decimal:
        is_number = re.fullmatch(r"\d(?:[.,]\d{1,2})?", text, re.ASCII)
        rating = Decimal(text.replace(",", ".")) if is_number else Decimal(0)
        if not LOWEST <= rating <= HIGHEST:
            raise ValueError(_("Tulis angka dari 1,0 sampai 5,0, misalnya 4,5."))
        return rating

    def write(self, value: Decimal) -> str:
        return presentation.number(value)


class RecordForm(Form):
    """What came of a session: who came, how many, what for, how it was liked."""

    attended_ids = EntitiesField(_l("Yang hadir dari undangan"))
    teachers = IntegerField(_l("Guru yang ikut"), most=100_000)
    students = IntegerField(_l("Siswa yang ikut"), most=100_000)
    outcome = LongTextField(_l("Hasil"))
    rating = RatingField(_l("Nilai dari peserta"))
    raters = IntegerField(_l("Jumlah penilai"), least=1, most=100_000)
    note = LongTextField(_l("Catatan"))

    #: who may have come
    invited: list[Invited]

    def offer(self, everybody: Iterable[Invited]) -> Self:
        self.invited = [one for one in everybody if one.is_invited or one.attended]
        self.attended_ids.rows = {str(one.id): one for one in self.invited}
        self.attended_ids.choices = [(number, one.name) for number, one in self.attended_ids.rows.items()]
        return self

    def validate_raters(self, field: Any) -> None:
        broken = field.errors or self.rating.errors
        if not broken and (field.data is None) != (self.rating.data is None):
            raise ValidationError(_("Isi nilai dan jumlah penilai, atau kosongkan keduanya."))

    def wish(self) -> OutcomeWish:
        columns = ("teachers", "students", "outcome", "rating", "raters", "note")
        return OutcomeWish(
            attended_ids=frozenset(self.attended_ids.data), **{name: self[name].data for name in columns}
        )

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        everybody = queries.everybody_of(self.obj.id)
        return type(self)(formdata=None, obj=self.obj, attended_ids=came(everybody)).offer(everybody)


def came(everybody: Iterable[Invited]) -> list[int]:
    return [one.id for one in everybody if one.came]
