"""The form of a school."""

from typing import Any, Self

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms.validators import ValidationError

from pentahelix import areas
from pentahelix.blueprints.choices import ChoiceField
from pentahelix.blueprints.fields import LongTextField, NameField, NpsnField, Required, TextField
from pentahelix.blueprints.forms import Form
from pentahelix.services.clusters import SchoolWish
from pentahelix.vocabulary import Regency


class SchoolForm(Form):
    """Where the districts of the cluster's regency are known by name one chooses; elsewhere one writes."""

    name = NameField(_l("Nama sekolah"), [Required()])
    npsn = NpsnField(_l("NPSN"), description=_l("Nomor pokok sekolah nasional, 8 angka."))
    district_code = ChoiceField(_l("Kecamatan"))
    district = TextField(_l("Kecamatan"))
    role_in_cluster = LongTextField(
        _l("Peran di klaster"), description=_l("Misalnya produksi, pengemasan, atau pemasaran.")
    )

    is_listed = False

    def __init__(self, *, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(obj=obj, **kwargs)
        if obj is not None and obj.district_code and not self.district.raw_data:
            # The name comes with the code.
            self.district.data = None

    def offer(self, regency: Regency) -> Self:
        """Let one choose among the districts of `regency`, and keep what was chosen elsewhere before."""
        self.district_code.choices = list(areas.districts_of(regency))
        self.is_listed = bool(self.district_code.choices)
        stored = self.obj.district_code if self.obj is not None else None
        if stored and stored not in dict(self.district_code.choices):
            self.district_code.choices.append((stored, self.obj.district or stored))
            self.is_listed = True
        if self.is_listed:
            self.district.label.text = _("Kecamatan lain")
        return self

    def validate_district(self, field: TextField) -> None:
        if field.data and self.district_code.data:
            raise ValidationError(_("Pilih dari daftar atau tulis di sini, jangan keduanya."))

    def wish(self) -> SchoolWish:
        return SchoolWish(
            name=str(self.name.data),
            npsn=self.npsn.data,
            district_code=self.district_code.data,
            district=self.district.data,
            role_in_cluster=self.role_in_cluster.data,
        )
