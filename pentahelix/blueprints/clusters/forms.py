"""The form of a cluster, and the button that chooses one."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from pentahelix import clock
from pentahelix.blueprints.choices import ChoiceField, WordField
from pentahelix.blueprints.fields import (
    DayField,
    IntegerField,
    LongTextField,
    NameField,
    Required,
    TextField,
)
from pentahelix.blueprints.forms import ButtonForm, Form
from pentahelix.presentation import ZONES
from pentahelix.services.clusters import ClusterWish
from pentahelix.vocabulary import Regency


class ClusterForm(Form):
    name = NameField(
        _l("Nama klaster"),
        [Required()],
        description=_l("Lengkap, seperti tertulis di naskah: “Klaster Teaching Factory Kuliner Lebak”."),
    )
    short_name = NameField(
        _l("Nama singkat"), [Required()], longest=60, description=_l("Untuk daftar: “Kuliner Lebak”.")
    )
    regency = WordField(_l("Kabupaten/kota"), [Required()], vocabulary=Regency)
    begins = DayField(_l("Mulai"), [Required()], default=clock.today)
    focus = LongTextField(_l("Fokus"), description=_l("Apa yang dibuat bersama, dalam satu dua kalimat."))
    owner_unit = TextField(_l("Penanggung jawab"), description=_l("Bidang atau unit di Dinas."))
    is_pilot = BooleanField(_l("Klaster percontohan"))
    timezone = ChoiceField(
        _l("Zona waktu"),
        [Required()],
        blank=None,
        default=clock.PROVINCE_ZONE,
    )
    cold_after_days = IntegerField(
        _l("Mitra mulai dingin setelah"),
        least=1,
        most=3650,
        description=_l("Hari tanpa kontak. Bila kosong, berlaku batas provinsi."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.timezone.choices = list(ZONES.items())
        if self.obj is not None and self.obj.timezone not in ZONES:
            self.timezone.choices.append((self.obj.timezone, self.obj.timezone))

    def wish(self) -> ClusterWish:
        assert self.begins.data is not None
        return ClusterWish(
            name=str(self.name.data),
            short_name=str(self.short_name.data),
            regency=self.regency.data,
            begins=self.begins.data,
            focus=self.focus.data,
            owner_unit=self.owner_unit.data,
            is_pilot=bool(self.is_pilot.data),
            timezone=str(self.timezone.data),
            cold_after_days=self.cold_after_days.data,
        )


class ChoiceForm(ButtonForm):
    """Which cluster to look at, and where to go on."""

    cluster_id = HiddenField(validators=[Required()])
    next = HiddenField()


class MemberForm(ButtonForm):
    user_id = HiddenField(validators=[Required()])
