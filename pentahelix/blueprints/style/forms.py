"""A form with one field of each kind, in its three states."""

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from pentahelix.blueprints.forms import Form
from pentahelix.vocabulary import Helix


class SampleForm(Form):
    name = StringField(_l("Nama mitra"), [InputRequired()], default="Forum UMKM Ciberang")
    helix = RadioField(_l("Unsur"), choices=[SelectChoice(h.value, h.label) for h in Helix], default=Helix.COMMUNITY)
    present = SelectMultipleField(
        _l("Yang hadir"),
        choices=[SelectChoice(name, name) for name in ("Dr. Yusuf Maulana", "Anda", "Ratna Dewi")],
        default=["Dr. Yusuf Maulana", "Anda"],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    kind = SelectField(
        _l("Jenis"),
        [InputRequired()],
        choices=[SelectChoice("pks", "PKS"), SelectChoice("mou", _l("Nota Kesepahaman"))],
    )
    ends = DateField(_l("Tanggal berakhir"), [InputRequired()])
    value = StringField(_l("Nilai setara"), description=_l("Perkiraan wajar bila jasa ini dibeli."))
    notes = TextAreaField(_l("Keputusan"), default=_l("Kraf untuk 500 bungkus pertama."))
    send = BooleanField(_l("Kirim notula kepada yang hadir"))
    answer = RadioField(
        _l("Jawaban"),
        choices=[
            SelectChoice("attending", _l("Hadir")),
            SelectChoice("proposed", _l("Usulkan waktu lain")),
            SelectChoice("declined", _l("Tidak dapat hadir")),
        ],
        default="proposed",
    )

    @classmethod
    def refused(cls) -> Self:
        form = cls(prefix="refused-", meta={"csrf": False})
        form.ends.raw_data = ["30 Nopember"]
        form.ends.errors = [_l("Bukan tanggal. Tulis seperti 30/11/2026 (hh/bb/tttt).")]
        form.value.data = "empat juta-an"
        form.value.errors = [_l("Tulis angka saja, misalnya 4.500.000.")]
        return form

    @classmethod
    def in_conflict(cls) -> Self:
        form = cls(prefix="conflict-", meta={"csrf": False})
        form.theirs = {form.notes.name: str(_l("Kraf berjendela untuk 1.000 bungkus, mulai Januari."))}
        return form
