"""A form with a field of each kind, as it is drawn at first, when refused, and in a conflict."""

from typing import Self

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from pentahelix.blueprints.choices import ChoiceField
from pentahelix.blueprints.fields import DayField, LongTextField, NameField, Required, RupiahField, WordField
from pentahelix.blueprints.forms import Form
from pentahelix.vocabulary import Helix, MeetingMode


class SampleForm(Form):
    name = NameField(_l("Nama mitra"), [Required()])
    helix = WordField(_l("Unsur"), [Required()], vocabulary=Helix, cards=True)
    mode = WordField(_l("Cara"), [Required()], vocabulary=MeetingMode)
    ends = DayField(_l("Tanggal berakhir"), [Required()])
    value = RupiahField(_l("Nilai setara"), description=_l("Perkiraan wajar bila jasa ini dibeli."))
    decision = LongTextField(_l("Keputusan"))
    send = BooleanField(_l("Kirim notula kepada yang hadir"))
    answer = ChoiceField(_l("Jawaban"), [Required()], cards=True)

    def __init__(self, formdata: MultiDict[str, str] | None = None, prefix: str = "") -> None:
        super().__init__(
            formdata,
            prefix=prefix,
            meta={"csrf": False},
            data={
                "name": "Forum UMKM Ciberang",
                "helix": Helix.COMMUNITY,
                "decision": _l("Kraf untuk 500 bungkus pertama."),
                "answer": "proposed",
            },
        )
        self.answer.choices = [
            ("attending", _l("Hadir")),
            ("proposed", _l("Usulkan waktu lain")),
            ("declined", _l("Tidak dapat hadir")),
        ]

    @classmethod
    def refused(cls) -> Self:
        typed = {"name": "Forum UMKM Ciberang", "ends": "30 Nopember", "value": "empat juta-an"}
        chosen = {"helix": Helix.COMMUNITY, "mode": MeetingMode.IN_PERSON, "answer": "attending"}
        form = cls(
            MultiDict({f"refused-{name}": text for name, text in (typed | chosen).items()}), "refused-"
        )
        form.validate()
        return form

    @classmethod
    def in_conflict(cls) -> Self:
        form = cls(prefix="conflict-")
        form.theirs = {form.decision.name: str(_l("Kraf berjendela untuk 1.000 bungkus, mulai Januari."))}
        return form
